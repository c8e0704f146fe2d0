#pragma once
// Whom an alert would reach, and whom it has: what the engine counts, read. Organisations are
// counted once each and anonymous readers apart, and never added up.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/bulletin.hpp"
#include "ops/cli/commands.hpp"

namespace ops::cli {

struct Counts {
  std::uint64_t connected = 0, displayed = 0, acknowledged = 0, answered = 0;
  bool operator==(const Counts&) const = default;
};

/// A way other than streams: SMS, e-mail, webhooks.
struct Channel {
  std::string name;
  std::uint64_t delivered = 0, waiting = 0, failed = 0;
  bool operator==(const Channel&) const = default;
};

/// GET /v1/alerts/<seq>/reach.
struct Reach {
  Counts organisations, anonymous;
  std::vector<Channel> channels;
  bool operator==(const Reach&) const = default;
};
engine::Result<Reach> parse_reach(std::string_view body);
/// Where the counts are only for those who may read the alert, `next` says how to sign in.
Outcome<Reach> ask_reach(Session& session, std::uint64_t sequence, engine::Duration timeout);

/// POST /v1/alerts?dry_run=1.
struct DryRun {
  struct Streams {
    std::string channel;
    std::uint64_t organisations = 0, anonymous = 0;
  };
  std::vector<Streams> reach;  // by channel
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

/// "3 organisations and 12 anonymous readers".
std::string readers_text(std::uint64_t organisations, std::uint64_t anonymous);

}  // namespace ops::cli
