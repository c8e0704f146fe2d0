#pragma once
// Several machines, one log: what says which record comes next. One machine alone has none, and its
// disk decides. Whatever it rests on may forget; the logs of the machines are what counts.
#include <span>
#include <string>
#include <vector>

#include "engine/bulletin.hpp"

namespace engine {

/// A record in the place that all machines give it, and whether it counts towards its sender's rate
/// (question 14), which they cannot see from the record alone.
struct Agreed {
  Record record;
  bool counts = true;
};

class Order {
 public:
  virtual ~Order() = default;

  enum class Said {
    agreed,      // in this place for ever, with a majority of the machines that keep the order
    behind,      // others were first; what they have appended comes by Log::adopt
    unavailable  // not known: it may come by Log::adopt yet
  };
  /// Asks for the places right behind `after`, the head of this log, whose id is `last`. On the
  /// log's writer thread, which waits: two seconds at most.
  virtual Said propose(Sequence after, const BulletinId& last, std::span<const Agreed> records) = 0;

  /// Where an alert would be taken in now, for whoever heard "unavailable": a sentence, or nothing.
  virtual std::string elsewhere() const = 0;

  /// False while it is not known whether there are newer records than those here. Any thread.
  virtual bool current() const = 0;

  /// True where nothing is appended but what others have: a candidate is refused at once. For ever
  /// the same.
  virtual bool only_follows() const noexcept { return false; }
};

}  // namespace engine
