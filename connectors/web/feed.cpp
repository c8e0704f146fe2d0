#include "connectors/web/feed.hpp"

#include <fmt/format.h>

#include "engine/cap/utf8.hpp"
#include "engine/limits.hpp"

namespace connectors::web {

namespace limits = engine::limits;

namespace {

/// Char of XML 1.0 section 2.2; what was no UTF-8 comes as U+FFFD.
bool is_xml_character(char32_t code) {
  if (code < 0x20) return code == '\t' || code == '\n' || code == '\r';
  return code < 0xFFFD || code > 0xFFFF;
}

}  // namespace

std::string xml_text(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (engine::cap::Utf8 scan(text); !scan.finished();) {
    const auto [code, octets] = scan.next();
    if (code == '&') {
      safe += "&amp;";
    } else if (code == '<') {
      safe += "&lt;";
    } else if (code == '>') {
      safe += "&gt;";
    } else if (code == '"') {
      safe += "&quot;";
    } else if (code == '\'') {
      safe += "&#39;";
    } else {
      safe += is_xml_character(code) ? octets : "\uFFFD";
    }
  }
  return safe;
}

namespace {

/// A drill never looks like the real thing, however the news reader shows its titles.
std::string title_of(const engine::cap::Brief& brief) {
  return brief.status == "Actual" ? brief.title : brief.status + ": " + brief.title;
}

std::string entry_xml(const FeedEntry& entry) {
  const std::string href = fmt::format("/v1/alerts/{}", number(entry.sequence));
  return fmt::format(
      "<entry>\n"
      "<id>tag:tocsin,2026:alert/{}</id>\n"
      "<title>{}</title>\n"
      "<updated>{}</updated>\n"
      "<published>{}</published>\n"
      "<author><name>{}</name></author>\n"
      "<link rel=\"alternate\" type=\"application/cap+xml\" href=\"{}.xml\"/>\n"
      "<link rel=\"related\" type=\"application/json\" href=\"{}.json\"/>\n"
      "<category scheme=\"urn:oasis:names:tc:emergency:cap:1.2#status\" term=\"{}\"/>\n"
      "</entry>\n",
      engine::to_hex(engine::view(entry.id)), xml_text(title_of(entry.brief)),
      engine::format_time(entry.at), engine::format_time(entry.sent), xml_text(entry.sender), href,
      href, xml_text(entry.brief.status));
}

}  // namespace

std::string feed_xml(const FeedHead& head, const std::deque<FeedEntry>& oldest_first) {
  const engine::Time updated = oldest_first.empty() ? head.since : oldest_first.back().at;
  std::string xml = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<feed xmlns=\"http://www.w3.org/2005/Atom\">\n"
      "<id>tag:tocsin,2026:feed/{}</id>\n"
      "<title>{}Active alerts of {}</title>\n"
      "<subtitle>Not signed. Each entry links to the document that its officers signed."
      "</subtitle>\n"
      "<updated>{}</updated>\n"
      "<generator>Tocsin</generator>\n"
      "<author><name>{}</name></author>\n"
      "<link rel=\"self\" type=\"application/atom+xml\" href=\"/v1/feed.atom\"/>\n"
      "<link rel=\"alternate\" type=\"text/html\" href=\"/\"/>\n",
      head.epoch, head.kind == FeedHead::Kind::exercise ? "EXERCISE: " : "", xml_text(head.system),
      engine::format_time(updated), xml_text(head.node));
  for (auto entry = oldest_first.rbegin(); entry != oldest_first.rend(); ++entry) {
    xml += entry_xml(*entry);
  }
  return xml + "</feed>\n";
}

const engine::cap::Brief& Briefs::of(const engine::Record& record) {
  const auto known = by_sequence_.find(number(record.sequence));
  if (known != by_sequence_.end()) return known->second;
  if (by_sequence_.size() >= limits::kFeedBriefs) by_sequence_.erase(by_sequence_.begin());
  auto brief = engine::cap::brief(record.bulletin->envelope.payload);
  return by_sequence_
      .emplace(number(record.sequence),
               brief ? std::move(*brief) : engine::cap::Brief{"See the signed document", "Unknown"})
      .first->second;
}

void FeedGathering::add(const engine::Record& record) {
  const auto& identity = record.bulletin->outline.identity;
  Newest newest{record, {}};
  newest.entry = {record.sequence, record.bulletin->id, record.at,
                  identity.sent,   identity.sender,     {}};
  if (record.bulletin->envelope.payload.size() > limits::kFeedBytesHeld) {
    newest.entry.brief = briefs_->of(record);
    newest.record.bulletin.reset();
  }
  newest_.push_back(std::move(newest));
  if (newest_.size() > limits::kFeedEntries) newest_.pop_front();
}

std::deque<FeedEntry> FeedGathering::entries() const {
  std::deque<FeedEntry> entries;
  for (const Newest& newest : newest_) {
    entries.push_back(newest.entry);
    if (newest.record.bulletin) entries.back().brief = briefs_->of(newest.record);
  }
  return entries;
}

}  // namespace connectors::web
