#pragma once
// From the log to what is owed: every bulletin that people are told of is noted at once, and then
// planned for in pieces, what is most urgent first. Part of a turn; on the courier's thread.
#include <map>

#include "engine/delivery/cases.hpp"
#include "engine/delivery/stories.hpp"

namespace engine::delivery {

class Planner {
 public:
  Planner(Desk& desk, Stories& stories) : desk_(desk), cases_(desk), stories_(stories) {}

  /// Notes a bulletin, where it concerns anybody or somebody was told of what it names. What it
  /// replaces or cancels is over from then on: nothing of it is planned or sent any more. Fails
  /// where the log cannot be read; then nothing was noted.
  Result<void> note(const Record& record);
  /// The next pieces. What cannot be read of the log now is left for later.
  void plan_some();

 private:
  /// How many organisations it has looked at, `most` at most.
  Result<std::size_t> plan_piece(Sequence sequence, std::size_t most);
  bool concerns_anybody(const Record& record);
  void take_over(AlertRow& cancel);
  void end(const AlertRow& alert, Sequence by);
  Result<bool> ends(const cap::Outline& outline, Sequence named);
  Result<bool> in_force(const Record& record);
  /// Whether something of that alert was unreadable for so long that others wait no more for it.
  bool given_up(Sequence sequence);
  Result<std::vector<Sequence>> known(const cap::Outline& outline);
  std::size_t follow_piece(Sequence sequence, AlertRow& alert, std::size_t most);
  Result<std::size_t> concerned_piece(Sequence sequence, AlertRow& alert, std::size_t most);
  void advance(AlertRow& alert);

  Desk& desk_;
  Cases cases_;
  Stories& stories_;
  std::map<Sequence, Time> unread_;  // what noting waits for or gave up, and since when
};

}  // namespace engine::delivery
