// Any bytes as a document that is shown as JSON and in the Atom feed. Whatever admission takes is
// shown as JSON that a strict reader takes, with the same words in it, and in a feed that an XML
// reader takes, with one entry that says the same; no octet of control goes out in either, and
// nothing in an alert makes a drill look like the real thing.
#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "connectors/web/feed.hpp"
#include "engine/base/ensure.hpp"
#include "engine/cap/document.hpp"
#include "engine/cap/judge.hpp"
#include "engine/cap/rendition.hpp"
#include "engine/cap/text.hpp"
#include "engine/cap/utf8.hpp"
#include "engine/limits.hpp"
#include "engine/trust/strict_json.hpp"

namespace {

using namespace engine;
using connectors::web::FeedGathering;

bool has_raw_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet == 0x7f || (octet < 0x20 && c != '\n');
  });
}

/// The entry's elements by CAP's own names; a text that is there once.
std::string_view text_at(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                : std::string_view{};
}

void check_rendition(std::string_view json, const cap::Alert& alert) {
  ENSURE(!has_raw_control(json) && json.find('\n') == std::string_view::npos);
  const auto read = trust::parse_strict_json(json);
  ENSURE(read.has_value() && read->is_object());
  const boost::json::object& shown = read->get_object();
  ENSURE(text_at(shown, "identifier") == alert.identifier);
  ENSURE(text_at(shown, "sender") == alert.sender);
  ENSURE(text_at(shown, "status") == cap::text(alert.status));
  const auto* infos = shown.if_contains("info");
  ENSURE((infos == nullptr) == alert.infos.empty());
  if (infos == nullptr) return;
  ENSURE(infos->is_array() && infos->get_array().size() == alert.infos.size());
  for (std::size_t i = 0; i < alert.infos.size(); ++i) {
    const auto& info = infos->get_array()[i].as_object();
    ENSURE(text_at(info, "headline") == cap::trim(alert.infos[i].headline));
    const auto* areas = info.if_contains("area");
    ENSURE((areas == nullptr ? 0 : areas->as_array().size()) == alert.infos[i].areas.size());
  }
}

void check_brief(const cap::Brief& brief) {
  for (const std::string* text : {&brief.title, &brief.status}) {
    ENSURE(!has_raw_control(*text) && text->find('\n') == std::string::npos);
    ENSURE(!cap::first_not_utf8(*text) && !cap::find_control(*text));
    ENSURE(!cap::find_bidi_control(*text));
  }
}

/// Any words at all in a feed; what the XML reader finds there again is what was put in.
std::string feed_of(const Record& record, std::string_view system) {
  FeedGathering gathering(std::make_shared<connectors::web::Briefs>());
  gathering.add(record);
  connectors::web::FeedHead head;
  head.system = system;
  head.node = "node \"1\" <&>";
  head.epoch = "0123456789abcdef";
  head.kind = connectors::web::FeedHead::Kind::exercise;
  return connectors::web::feed_xml(head, gathering.entries());
}

const xmlNode* child_of(const xmlNode* parent, std::string_view name) {
  const xmlNode* node = parent->children;
  while (node != nullptr && cap::name_of(node) != name) node = node->next;
  ENSURE(node != nullptr);
  return node;
}

void check_feed(std::string_view xml, std::string_view title, std::string_view sender) {
  ENSURE(!has_raw_control(xml) && !cap::first_not_utf8(xml));
  cap::Findings findings(1);
  const cap::Document document = cap::read_document(xml, cap::Encoding::utf8_only, findings);
  ENSURE(document != nullptr);
  const xmlNode* feed = xmlDocGetRootElement(document.get());
  ENSURE(cap::name_of(feed) == "feed");
  int entries = 0;
  for (const xmlNode* node = feed->children; node != nullptr; node = node->next) {
    if (cap::name_of(node) != "entry") continue;
    ++entries;
    ENSURE(cap::text_of(child_of(node, "title")) == title);
    ENSURE(cap::text_of(child_of(child_of(node, "author"), "name")) == sender);
  }
  ENSURE(entries == 1);
}

Record record_of(std::string_view payload, const cap::Alert& alert) {
  auto bulletin = std::make_shared<Bulletin>();
  bulletin->envelope.payload = payload;
  bulletin->outline.identity = alert.identity();
  return {Sequence{1}, Time{}, std::move(bulletin)};
}

void check_shown(std::string_view xml, const cap::Alert& alert) {
  const auto json = cap::rendition(xml);
  ENSURE(json.has_value());
  check_rendition(*json, alert);
  const auto brief = cap::brief(xml);
  ENSURE(brief.has_value() && brief->status == cap::text(alert.status));
  check_brief(*brief);
  const std::string title =
      brief->status == "Actual" ? brief->title : brief->status + ": " + brief->title;
  check_feed(feed_of(record_of(xml, alert), "exercise-gb"), title, alert.sender);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view xml(reinterpret_cast<const char*>(data), size);
  const auto shown = cap::rendition(xml);
  const auto brief = cap::brief(xml);
  ENSURE(shown.has_value() == brief.has_value());
  if (shown) {
    ENSURE(trust::parse_strict_json(*shown).has_value());
    check_brief(*brief);
  } else {
    ENSURE(shown.error().what.ends_with('.'));
  }
  // The bytes as the name of a system and of a sender, whatever they are.
  if (!cap::first_not_utf8(xml)) {
    cap::Alert named;
    named.sender = std::string(xml);
    const std::string feed = feed_of(record_of("", named), xml);
    cap::Findings findings(1);
    ENSURE(cap::read_document(feed, cap::Encoding::utf8_only, findings) != nullptr);
    ENSURE(!has_raw_control(connectors::web::xml_text(xml)) ||
           xml.find_first_of("\t\r\x7f") != std::string_view::npos);
  }
  cap::Profile profile;
  profile.vertices_max = 1'000'000;
  const cap::Judgement judgement = cap::judge(xml, profile);
  if (judgement.alert) check_shown(xml, *judgement.alert);
  return 0;
}
