#pragma once
// Whom an alert would reach, and whom it has: what the engine counts, read. Organisations are
// counted once each and anonymous readers apart, and never added up.
#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/bulletin.hpp"
#include "ops/cli/commands.hpp"

namespace ops::cli {

struct Counts {
  std::uint64_t connected = 0, displayed = 0, acknowledged = 0, answered = 0;
  bool operator==(const Counts&) const = default;
};

/// A way other than streams: SMS, e-mail, webhooks. Messages, by what has become of them.
struct Channel {
  std::string name;
  std::uint64_t owed = 0, sent = 0, delivered = 0, failed = 0, replaced = 0, expired = 0;
  bool operator==(const Channel&) const = default;

  std::uint64_t waiting() const { return owed + sent; }
  std::uint64_t not_delivered() const { return failed + replaced + expired; }
  std::uint64_t whole() const { return waiting() + delivered + not_delivered(); }
};

/// Organisations; the first number is the sum of the others.
struct Sums {
  std::uint64_t matched = 0, reached = 0, trying = 0, failed = 0, not_contactable = 0;
  bool operator==(const Sums&) const = default;
};
struct Group {
  std::string name;  // for people
  Sums sums;
  bool operator==(const Group&) const = default;
};
/// Whom an alert concerns.
struct Concerned {
  Sums sums;
  bool planned = false;  // false: there may be more
  std::vector<Group> areas, sectors;
  Sums other_areas = {}, other_sectors = {};
  bool operator==(const Concerned&) const = default;
};

/// GET /v1/alerts/<seq>/reach.
struct Reach {
  Counts organisations, anonymous;
  std::vector<Channel> channels = {};       // by which there is a message
  std::optional<Concerned> concerned = {};  // nothing: nobody is told by those
  bool operator==(const Reach&) const = default;
};
engine::Result<Reach> parse_reach(std::string_view body);
/// The same as JSON, without areas and sectors.
boost::json::object channels_json(const Reach& reach);
boost::json::value concerned_json(const Reach& reach);

/// The counts of an alert named by its sequence or id, with the body that they came in. Where they
/// are only for those who may read the alert, `next` says how to sign in.
struct ReachAnswer {
  Reach reach;
  std::string body;
};
Outcome<ReachAnswer> ask_reach(Session& session, const std::string& alert,
                               engine::Duration timeout);

/// POST /v1/alerts?dry_run=1.
struct DryRun {
  struct Streams {
    std::string channel;
    std::uint64_t organisations = 0, anonymous = 0;
  };
  std::vector<Streams> reach;  // by channel
  /// Organisations, connected or not. Whose contacts were looked at is a part of them, and what
  /// follows is of that part.
  struct Others {
    std::uint64_t matched = 0, looked_at = 0, later = 0, not_contactable = 0;
    std::vector<std::pair<std::string, std::uint64_t>> channels;  // who could be told now, by name
    std::uint64_t contactable() const {
      return looked_at - std::min(looked_at, later + not_contactable);
    }
  };
  std::optional<Others> others;  // nothing: nobody would be looked for
  struct Missing {
    std::uint64_t have = 0, need = 0;
    std::vector<std::string> could;
  };
  std::optional<Missing> missing;
  std::vector<std::string> warnings;
  std::optional<std::uint64_t> repeat;  // the sequence it has already
  std::string body;                     // as it came

  /// Organisations and anonymous readers connected now.
  Streams streams() const;
};
engine::Result<DryRun> parse_dry_run(std::string_view body);
Outcome<DryRun> ask_dry_run(Session& session, const engine::Envelope& envelope);

/// "1200 organisations are concerned, connected or not; of 1000 of them that were looked at 940
/// could be told now by SMS, e-mail or webhook"
std::string others_text(const DryRun::Others& others);

/// "3 organisations and 12 anonymous readers".
std::string readers_text(std::uint64_t organisations, std::uint64_t anonymous);

}  // namespace ops::cli
