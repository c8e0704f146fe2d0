// Who was reached, as everybody may ask it: sums that balance, groups that give nobody away, and a
// stream of changes that costs little.
#include "connectors/web/reach_limits.hpp"
#include "connectors/web/reach_text.hpp"
#include "engine/limits.hpp"
#include "tests/unit/web/reach_world.hpp"

using namespace tests;
using connectors::web::shown_groups;
using connectors::web::ShownGroups;
using engine::OutboxReach;
using engine::OutboxSums;
namespace web_limits = connectors::web::limits;

namespace {

using Groups = std::vector<OutboxReach::Group>;

OutboxReach::Group group(const std::string& name, std::uint64_t matched) {
  return {name, {matched, matched, 0, 0, 0}};
}

/// "name matched" of each, then of the others.
std::string text_of(const ShownGroups& shown) {
  std::string text;
  for (const auto& [name, sums] : shown.groups)
    text += name + " " + std::to_string(sums.matched) + " ";
  return text + "others " + std::to_string(shown.others.matched);
}

/// Once everybody is planned for.
ShownGroups shown(Groups groups) { return shown_groups(std::move(groups), true); }

std::string sums(std::uint64_t matched) {
  return "\"matched\":" + std::to_string(matched) + ",\"reached\":0,\"trying\":0,\"failed\":0," +
         "\"not_contactable\":" + std::to_string(matched);
}

}  // namespace

TEST_CASE("a group below kReachGroup is not shown, nor what could be worked out from the rest") {
  static_assert(web_limits::kReachGroup == 10);
  CHECK(text_of(shown({})) == "others 0");
  CHECK(text_of(shown({group("a", 10)})) == "a 10 others 0");
  CHECK(text_of(shown({group("a", 9)})) == "others 9");
  CHECK(text_of(shown({group("a", 10), group("b", 20)})) == "b 20 a 10 others 0");
  // Nine who are left over would be known by name of their area: one more area joins them.
  CHECK(text_of(shown({group("a", 10), group("b", 20), group("c", 9)})) == "b 20 others 19");
  CHECK(text_of(shown({group("a", 10), group("b", 4), group("c", 6)})) == "a 10 others 10");
  CHECK(text_of(shown({group("", 50), group("a", 10)})) == "a 10 others 50");
  CHECK(text_of(shown({group("", 1), group("a", 10)})) == "others 11");
}

TEST_CASE(
    "nobody is worked out from how groups grow, since none is shown before all are planned for") {
  // Of nine in c: a had joined them when it was the smallest, b did when a had outgrown it, and
  // b's own number had been shown before.
  CHECK(text_of(shown({group("a", 12), group("b", 13), group("c", 9)})) == "b 13 others 21");
  CHECK(text_of(shown({group("a", 14), group("b", 13), group("c", 9)})) == "a 14 others 22");
  CHECK(text_of(shown_groups({group("a", 12), group("b", 13), group("c", 9)}, false)) ==
        "others 34");
}

TEST_CASE("kReachGroups groups are shown, those with the most organisations, and all are counted") {
  Groups groups;
  std::uint64_t all = 0;
  for (std::size_t i = 0; i <= web_limits::kReachGroups; ++i) {
    groups.push_back(group("area" + std::to_string(i), 10 + i));
    all += 10 + i;
  }
  const ShownGroups told_of = shown(groups);
  REQUIRE(told_of.groups.size() == web_limits::kReachGroups);
  CHECK(told_of.groups.front().name == "area100");
  CHECK(told_of.others.matched == 10);
  std::uint64_t told = told_of.others.matched;
  for (const auto& one : told_of.groups) told += one.sums.matched;
  CHECK(told == all);
}

TEST_CASE("reach says whom an alert concerns by area and sector, and that nobody is told") {
  ReachWorld world;
  world.settle_down(12, "E09000007", "retail");
  world.settle_down(3, "E09000033", "food \"and\" drink");
  world.settle_down(8, "", "retail");
  append(world, cap_document("Flood"));
  const std::string zeros =
      R"({"owed":0,"sent":0,"delivered":0,"failed":0,"replaced":0,"expired":0})";
  CHECK(world.counts() ==
        R"({"seq":1,"organisations":{"connected":0,"displayed":0,"acknowledged":0,"answered":0},)"
        R"("anonymous":{"connected":0,"displayed":0,"acknowledged":0,"answered":0},)"
        R"("channels":{"sms":)" +
            zeros + R"(,"email":)" + zeros + R"(,"webhook":)" + zeros + R"(},"concerned":{)" +
            sums(23) + R"(,"planned":true,)" + R"("areas":[{"area":"E09000007","name":"Camden",)" +
            sums(12) + R"(}],"other_areas":{)" + sums(11) + R"(},"sectors":[],"other_sectors":{)" +
            sums(23) + "}}}");
  world.settle_down(7, "E09000033", "food \"and\" drink");
  append(world, cap_document("Fire"));
  CHECK(holds(world.counts("2"), R"("sectors":[{"sector":"retail",)" + sums(20) +
                                     "},"
                                     R"({"sector":"food \"and\" drink",)" +
                                     sums(10) + "}]"));
}

TEST_CASE("of an alert that nobody is told of there is nothing to count") {
  WebWorld alone;
  append(alone, cap_document("Flood"));
  CHECK(answer_to(alone, {.path = "/v1/alerts/1/reach"})
            .body.ends_with(R"("channels":{},"concerned":null})"));
}

TEST_CASE("the outbox is asked again after kReachFresh and not before") {
  ReachWorld world;
  world.settle_down(10, "E09000007", "retail");
  const std::string none = R"("concerned":null)";
  append(world, cap_document("Flood"));
  const std::string first = world.counts();
  CHECK(holds(first, R"("matched":10)"));
  world.clock.advance(web_limits::kReachFresh - std::chrono::milliseconds{1});
  CHECK(world.counts() == first);
  // Over by then, and pruned: what is told is what was true a moment ago, and then what is.
  world.clock.advance(std::chrono::hours{24 * 91});
  CHECK(holds(world.counts(), none));
}

TEST_CASE("a stream of counts begins with them and says them again when they are others") {
  ReachWorld world;
  world.settle_down(10, "E09000007", "retail");
  append(world, cap_document("Flood"));
  auto [client, begin] = world.watch();
  CHECK(begin.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(holds(begin, "Content-Type: text/event-stream\r\n"));
  CHECK(holds(begin, "\r\n\r\nretry: "));
  CHECK(holds(begin, "\n\ndata: {\"seq\":1,"));
  CHECK(holds(begin, R"("concerned":{)" + sums(10)));
  CHECK(world.second(client).empty());
  answer_to(world, {.method = "POST",
                    .path = "/v1/receipts",
                    .body = R"({"type":"receipt","seq":1,"state":"displayed"})"});
  const std::string change = world.second(client);
  CHECK(change.starts_with("data: {\"seq\":1,"));
  CHECK(holds(change, R"("anonymous":{"connected":0,"displayed":1)"));
  CHECK(change.ends_with("}\n\n"));
  CHECK(world.second(client).empty());
}

TEST_CASE("a stream of counts without changes says every kReachBeat that it is there") {
  ReachWorld world;
  append(world, cap_document("Flood"));
  auto [client, begin] = world.watch();
  for (std::int64_t second = 1; second < web_limits::kReachBeat.count(); ++second) {
    CHECK(world.second(client).empty());
  }
  CHECK(world.second(client) == ":\n\n");
}

TEST_CASE("strangers watch up to kReachStrangers counts and members up to kReachWatchers") {
  ReachWorld world;
  const std::string signed_in = "Authorization: Bearer " + member(world, "acme") + "\r\n";
  append(world, cap_document("Flood"));
  std::vector<Client> watchers;
  const auto watch = [&](std::string_view status, const std::string& fields) {
    auto [client, answer] = world.watch("1", fields);
    REQUIRE(answer.starts_with(status));
    if (status == "HTTP/1.1 200 ") watchers.push_back(std::move(client));
    return answer;
  };
  while (watchers.size() < web_limits::kReachStrangers) watch("HTTP/1.1 200 ", "");
  CHECK(holds(watch("HTTP/1.1 429 ", ""), "Retry-After: 10\r\n"));
  while (watchers.size() < web_limits::kReachWatchers) watch("HTTP/1.1 200 ", signed_in);
  CHECK(holds(watch("HTTP/1.1 429 ", signed_in), "Retry-After: 10\r\n"));
  watchers.pop_back();
  world.pass(std::chrono::seconds{1});
  watch("HTTP/1.1 429 ", "");
  watch("HTTP/1.1 200 ", signed_in);
}

TEST_CASE("a stream of counts is for those who may read the alert, and only as long") {
  ReachWorld world;
  const std::string token = member(world, "acme");
  append(world, cap_document("for acme"), {engine::cap::Scope::private_, {"acme"}});
  CHECK(world.watch().second.starts_with("HTTP/1.1 401 "));
  CHECK(world.watch("7").second.starts_with("HTTP/1.1 404 "));
  auto [client, begin] = world.watch("1", "Authorization: Bearer " + token + "\r\n");
  REQUIRE(begin.starts_with("HTTP/1.1 200 "));
  REQUIRE(world.directory->revoke(token).has_value());
  const std::string end = world.second(client);
  CHECK(end.starts_with("event: close\n"));
  CHECK(holds(end, "\"code\":4401"));
  world.second(client);
  CHECK(client.ended());
}

TEST_CASE("an engine that stops tells those who watch counts when to come back") {
  ReachWorld world;
  append(world, cap_document("Flood"));
  auto [client, begin] = world.watch();
  world.web->drain();
  world.pump();
  client.wait();
  const std::string end = client.receive();
  CHECK(holds(end, "\"code\":1001,\"reconnect_ms\":"));
}

TEST_CASE("HEAD says how a stream of counts would begin and begins none") {
  ReachWorld world;
  append(world, cap_document("Flood"));
  Client client = world.connect();
  const std::string head = world.ask(client,
                                     "HEAD /v1/alerts/1/reach HTTP/1.1\r\nHost: localhost\r\n"
                                     "Accept: text/event-stream\r\n\r\n");
  CHECK(head.starts_with("HTTP/1.1 200 "));
  CHECK(holds(head, "text/event-stream"));
  CHECK_FALSE(holds(head, "data:"));
}

TEST_CASE("a reader of counts that takes nothing for kReachStalled is let go") {
  ReachWorld world;
  append(world, cap_document("Flood"));
  Client client = world.connect(1);
  client.send(get("/v1/alerts/1/reach", "Accept: text/event-stream\r\n"));
  world.pump();
  // Each second other counts, until its socket takes no more.
  std::int64_t seconds = 0;
  for (bool gone = false; !gone && seconds < 3000; ++seconds) {
    answer_to(world, {.method = "POST",
                      .path = "/v1/receipts",
                      .body = R"({"type":"receipt","seq":1,"state":"displayed"})"});
    world.clock.advance(std::chrono::seconds{1});
    world.pass(std::chrono::seconds{1});
    gone = world.web->timed() == 0;
  }
  CHECK(seconds > web_limits::kReachStalled.count());
  CHECK(world.web->timed() == 0);
}

TEST_CASE("a dry run says whom other ways would look for, and of what is in the log that it is") {
  ReachWorld world;
  engine::Registration acme;
  acme.organisation.key = "acme";
  acme.organisation.name = "Acme Ltd";
  acme.organisation.subscription = {{"status", "Exercise"}};
  acme.profile.premises = {{std::nullopt, "E09000033"}};
  acme.profile.contacts.emplace_back().address = "+447700900001";
  acme.profile.contacts.front().consents = true;
  REQUIRE(world.directory->put({&acme, 1}).has_value());
  const std::string signed_alert = AlertBuilder().signed_by({&world.trust.key("Ann")});
  const auto dry_run = [&world](const std::string& body) {
    const auto answer = answer_to(
        world, {.method = "POST", .path = "/v1/alerts", .query = {{"dry_run", "1"}}, .body = body});
    CHECK(answer.status == 200);
    CHECK_FALSE(holds(answer.body, "+447700900001"));
    return answer.body;
  };
  // The outbox of this world has no channel.
  CHECK(holds(dry_run(signed_alert),
              R"("concerned":{"matched":1,"looked_at":1,"channels":{"sms":0,"email":0,)"
              R"("webhook":0},"later":0,"not_contactable":1})"));
  const auto cancel = AlertBuilder().identifier("C-1").cancel(AlertBuilder().identity());
  CHECK(holds(dry_run(cancel.signed_by({&world.trust.key("Ann")})), R"("concerned":null)"));
  REQUIRE(answer_to(world, {.method = "POST", .path = "/v1/alerts", .body = signed_alert}).status ==
          201);
  const std::string again = dry_run(signed_alert);
  CHECK(holds(again, R"("concerned":null)"));
  CHECK(holds(again, R"("repeat":{"seq":1,)"));
}
