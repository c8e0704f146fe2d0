#pragma once
// Where a reader of the stream stands: which position it comes back with, whether it is live, and
// what it has to be told. Pure; no socket, no clock of its own.
#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/time.hpp"

namespace ops::cli {

/// No beat for so long: not live, whatever the connection looks like.
inline constexpr engine::Duration kSilenceMax = std::chrono::seconds{40};

/// Whether a text is an epoch: 16 lower-case hexadecimal digits. Nothing else is taken for one.
bool is_epoch(std::string_view text);

class Following {
 public:
  /// `after` as typed: empty for "from now on".
  explicit Following(std::string after) : after_(std::move(after)) {}

  /// What an object of the stream means for the reader.
  enum class Step {
    nothing,
    show,       // an alert not seen before
    went_live,  // catching up is over
    gap,        // the position asked for is none of this log
    missed,     // a beat names an alert that never came: come back with the position
  };
  Step take(const boost::json::object& object);

  /// `after=` for the next connection; empty only while nothing is known.
  std::string after() const;

  /// Whether the object taken last shows that the stream is alive: from `live` on nothing but a
  /// beat does, before it anything.
  bool heard() const { return heard_; }

  /// The connection is gone, or silent for too long.
  void lost() { live_ = greeted_ = false; }
  bool live() const { return live_; }
  std::uint64_t sequence() const { return sequence_; }
  const std::string& system() const { return system_; }
  const std::string& kind() const { return kind_; }
  const std::string& epoch() const { return epoch_; }

 private:
  void start(const boost::json::object& hello);

  std::string after_;
  std::string epoch_, system_, kind_;
  std::uint64_t sequence_ = 0;
  bool live_ = false;
  bool greeted_ = false;  // a connection has one hello; a second one is none
  bool heard_ = false;
  bool positioned_ = false;  // sequence_ means something in epoch_
};

/// How to go on after a connection ended.
struct Comeback {
  std::optional<engine::Duration> wait;  // absent: never, it would end the same way
};
/// `code` and `reason` of the Close (0: the connection broke), after so many failures in a row;
/// `chance` is 0 to 1.
Comeback comeback_after(int code, std::string_view reason, int failures, double chance);

}  // namespace ops::cli
