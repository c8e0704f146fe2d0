#pragma once
// Which gateway the next message goes to. Pure: told how the gateways are, it names one. It belongs
// to one channel.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace connectors::sms {

/// How a gateway is at this moment.
struct GatewayNow {
  bool up = false;       // bound
  bool resting = false;  // it said that it had enough, and is left alone for a while
  std::size_t room = 0;  // messages that it takes
};

/// Messages are shared out by weight among those that have room: over any stretch in which the same
/// ones have, each gets its share, and turns are spread evenly. One that is full, resting or down
/// leaves its turns to the others. A gateway of weight 0 is a stand-by: it is asked where every
/// other one is down or resting, not where they are merely full.
class Routing {
 public:
  explicit Routing(std::vector<std::size_t> weights);

  /// The one that takes the next message; nothing where none has room.
  std::optional<std::size_t> next(std::span<const GatewayNow> now);

  /// One that is up, with room or without, for a message that should not wait to be asked for
  /// again; rather one that does not rest. Nothing where none is up.
  std::optional<std::size_t> any(std::span<const GatewayNow> now) const;

  /// Messages that next() would find a place for.
  std::size_t room(std::span<const GatewayNow> now) const;

 private:
  bool standing_by(std::span<const GatewayNow> now) const;
  bool counts(std::size_t gateway, const GatewayNow& state, bool standing_by) const;

  std::vector<std::size_t> weights_;
  std::vector<std::int64_t> credits_;
};

}  // namespace connectors::sms
