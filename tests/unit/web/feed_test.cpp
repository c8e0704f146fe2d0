#include "connectors/web/feed.hpp"

#include <doctest/doctest.h>

#include "engine/limits.hpp"
#include "tests/support/alert_builder.hpp"

using namespace connectors::web;
namespace limits = engine::limits;

namespace {

engine::Record record(std::uint64_t sequence, std::string payload = "<alert/>") {
  auto bulletin = std::make_shared<engine::Bulletin>();
  bulletin->envelope.payload = std::move(payload);
  return {engine::Sequence{sequence}, engine::Time{}, bulletin};
}

std::string alert_saying(const std::string& headline, const std::string& status) {
  return "<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"><status>" + status +
         "</status><info><headline>" + headline + "</headline></info></alert>";
}

}  // namespace

TEST_CASE("what stands in a text is a text in XML") {
  CHECK(xml_text("<a b=\"c\" d='e'>&amp;") == "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;amp;");
  CHECK(xml_text(std::string_view("a\0\x1f\tb", 5)) == "a\uFFFD\uFFFD\tb");
}

TEST_CASE("what XML cannot hold is replaced and nothing else") {
  CHECK(xml_text("a\xEF\xBF\xBE\xEF\xBF\xBF z") == "a\uFFFD\uFFFD z");
  CHECK(xml_text("a\xFF\xC3 z") == "a\uFFFD\uFFFD z");
  CHECK(xml_text("\xED\xA0\x80") == "\uFFFD\uFFFD\uFFFD");
  CHECK(xml_text("\u20AC \U0001F6A8 \uFFFD") == "\u20AC \U0001F6A8 \uFFFD");
}

TEST_CASE("a feed has its newest entry first and that one's time") {
  FeedHead head;
  head.system = "exercise-gb";
  head.epoch = "0123456789abcdef";
  head.kind = FeedHead::Kind::exercise;
  FeedGathering gathering(std::make_shared<Briefs>());
  gathering.add(record(1, alert_saying("One", "Exercise")));
  auto second = record(2, alert_saying("Two &amp; three", "Actual"));
  second.at = *engine::parse_time("2026-11-21T19:30:00Z");
  gathering.add(second);
  const std::string xml = feed_xml(head, gathering.entries());
  const auto one = xml.find("<title>Exercise: One</title>");
  const auto two = xml.find("<title>Two &amp; three</title>");
  REQUIRE(one != std::string::npos);
  REQUIRE(two != std::string::npos);
  CHECK(two < one);
  CHECK(xml.find("<updated>2026-11-21T19:30:00Z</updated>") < two);
  CHECK(xml.find("<title>EXERCISE: Active alerts of exercise-gb</title>") != std::string::npos);
  CHECK(xml == feed_xml(head, gathering.entries()));
}

TEST_CASE("a document that cannot be read is named and not guessed at") {
  FeedGathering gathering(std::make_shared<Briefs>());
  gathering.add(record(1, "<alert/>"));
  CHECK(gathering.entries().front().brief.title == "See the signed document");
}

TEST_CASE("a feed has kFeedEntries and of one more the newest") {
  FeedGathering gathering(std::make_shared<Briefs>());
  for (std::size_t i = 1; i <= limits::kFeedEntries; ++i) gathering.add(record(i));
  CHECK(gathering.entries().size() == limits::kFeedEntries);
  CHECK(gathering.entries().front().sequence == engine::Sequence{1});
  gathering.add(record(limits::kFeedEntries + 1));
  CHECK(gathering.entries().size() == limits::kFeedEntries);
  CHECK(gathering.entries().front().sequence == engine::Sequence{2});
}

TEST_CASE("a document of more than kFeedBytesHeld is read at once and not held") {
  for (const std::size_t more : {0, 1}) {
    auto large = record(1, std::string(limits::kFeedBytesHeld + more, 'x'));
    const std::weak_ptr<const engine::Bulletin> bulletin = large.bulletin;
    FeedGathering gathering(std::make_shared<Briefs>());
    gathering.add(large);
    large = {};
    CHECK(bulletin.expired() == (more == 1));
    CHECK(gathering.entries().front().brief.title == "See the signed document");
  }
}

TEST_CASE("a document is read once until kFeedBriefs others were and then again") {
  Briefs briefs;
  const auto first = record(1, alert_saying("One", "Actual"));
  const auto changed = record(1, alert_saying("Other", "Actual"));
  CHECK(briefs.of(first).title == "One");
  for (std::size_t i = 2; i <= limits::kFeedBriefs; ++i) briefs.of(record(i));
  CHECK(briefs.of(changed).title == "One");
  briefs.of(record(limits::kFeedBriefs + 1));
  CHECK(briefs.of(changed).title == "Other");
}
