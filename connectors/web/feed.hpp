#pragma once
// GET /v1/feed.atom: what is active, as an Atom feed (RFC 4287), each entry linked to its signed
// document. For readers of news; nothing in it is signed. What is written here is pure; any thread.
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "engine/bulletin.hpp"
#include "engine/cap/rendition.hpp"
#include "engine/engine.hpp"

namespace connectors::web {

/// One alert of the feed.
struct FeedEntry {
  engine::Sequence sequence = engine::Sequence::none;
  engine::BulletinId id{};
  engine::Time at;    // when it was admitted
  engine::Time sent;  // by its sender's clock
  std::string sender;
  engine::cap::Brief brief;
};

struct FeedHead {
  std::string node, system;
  engine::Epoch epoch;
  engine::Time since;  // of an empty feed: when there was nothing yet
  enum class Kind { live, exercise } kind = Kind::live;
};

/// The document, newest entry first. The same entries make the same bytes.
std::string feed_xml(const FeedHead& head, const std::deque<FeedEntry>& oldest_first);

/// `text` between tags or in an attribute; what XML 1.0 cannot hold becomes U+FFFD.
std::string xml_text(std::string_view text);

/// What documents say of themselves, read once each. Lives on the log's reader thread.
class Briefs {
 public:
  const engine::cap::Brief& of(const engine::Record& record);

 private:
  std::map<std::uint64_t, engine::cap::Brief> by_sequence_;  // the oldest is forgotten first
};

/// Gathers the newest limits::kFeedEntries of a walk. Their documents are read at the end, when it
/// is known which those are; large ones at once, so that few octets are held. Lives on the log's
/// reader thread.
class FeedGathering {
 public:
  explicit FeedGathering(std::shared_ptr<Briefs> briefs) : briefs_(std::move(briefs)) {}
  void add(const engine::Record& record);
  std::deque<FeedEntry> entries() const;

 private:
  struct Newest {
    engine::Record record;  // without a bulletin once it was read
    FeedEntry entry;
  };
  std::shared_ptr<Briefs> briefs_;
  std::deque<Newest> newest_;
};

}  // namespace connectors::web
