#pragma once
// Those who are connected: a subscriber is what its shard knows of a stream, an outlet is where its
// frames go. Both live on one shard's thread.
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/close_reason.hpp"
#include "engine/filter.hpp"
#include "engine/frame.hpp"
#include "engine/limits.hpp"
#include "engine/position.hpp"

namespace engine {

/// The way out to one reader: a socket after its upgrade.
class Outlet {
 public:
  virtual ~Outlet() = default;

  /// Hands frames over, in order, and returns how many were taken; fewer than given (none, while
  /// it is full already) means full, and then Shard::writable() is called once there is room, and
  /// Shard::progressed() when some of it went.
  /// Never calls back into the shard from here.
  virtual std::size_t offer(std::span<const Wire> frames) = 0;

  /// Whether some of what was taken has not gone out yet; then Shard::writable() follows.
  virtual bool waiting() const = 0;

  /// Says goodbye and closes, within limits::kCloseMax. `text` goes into the close frame.
  virtual void close(CloseReason reason, std::string_view text) = 0;
};

/// Where a stream begins.
struct FromNow {};
struct FromActive {};
using Start = std::variant<FromNow, FromActive, Position>;  // a position: the last one settled

/// How far a reader has come with what is in the log but no longer, or not yet, live. What of a
/// page its outlet did not take is read again: a reader that waits holds nothing but its place.
struct CatchUp {
  enum class Phase { active, log } phase = Phase::log;
  enum class Ending { announced, silent } ending = Ending::announced;  // `live` at the end or not
  Sequence active_until = Sequence::none;
  Sequence cursor = Sequence::none;  // of the phase `active`: handed over up to here
  bool reading = false;              // in line for a page, or it is on its way
  std::size_t page_bytes = limits::kPageBytes;
  std::size_t held_bytes = 0;  // what its outlet keeps of a page, as the line of pages counts it
};

struct FilterGroup;

/// A connected reader. While it is live and its outlet has room, it has been offered everything up
/// to what its shard fanned out last; `through` counts only otherwise, and where it is further.
struct Subscriber {
  std::uint64_t id = 0;
  Outlet* outlet = nullptr;
  FilterGroup* group = nullptr;
  std::size_t place_in_group = 0;
  Sequence through =
      Sequence::none;              // everything up to here was handed over or does not concern it
  Sequence last = Sequence::none;  // what its beats say
  std::unique_ptr<CatchUp> catch_up;  // null: live
  bool full = false;
  bool closing = false;
  bool live_owed = false;   // `live` is said when nobody can have newer alerts
  int seconds_full = 0;     // in a row
  int seconds_stalled = 0;  // of those, since the outlet last took anything
};

/// Readers with one filter: one decision for all of them. Of its shard's thread alone, but for the
/// filter, which the log's reader's thread asks too: it never changes once somebody reads with it.
struct FilterGroup {
  Filter filter;
  std::size_t place = 0;  // among its shard's groups
  std::vector<Subscriber*> members;
  std::vector<Wire> frames;  // of this turn, those concerned
  std::vector<Sequence> sequences;
};

}  // namespace engine
