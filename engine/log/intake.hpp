#pragma once
// Questions 13 to 15 of admission, and what follows from a yes: the place, the completed outline,
// what is ended by it. Decides on what the store holds and on what the same change is about to
// write, so repeats and conflicts within one commit are decided as between two. On the log's writer
// thread.
#include <optional>
#include <string>
#include <unordered_map>

#include "engine/log.hpp"
#include "engine/log/active_set.hpp"
#include "engine/log/precedents.hpp"
#include "engine/log/rate_window.hpp"
#include "engine/store/store.hpp"

namespace engine {

/// The answer to a candidate, and the record it makes where it is admitted.
struct Decision {
  AppendAnswer answer;
  std::optional<Record> record;
  bool counts = false;  // towards its sender's rate
};

/// What holds for all candidates of one commit.
struct Conditions {
  Time now;  // for rates
  Time at;   // for records; never before the last one's
  Store::State state = Store::State::open;
  Store::Room room;
  std::uint64_t working_bytes = 0;  // that only Cancels may use
};

class Intake {
 public:
  /// `store` and `active` must outlive the intake; `head` is the newest record's place.
  Intake(const Store& store, ActiveSet& active, Sequence head);

  void begin(const Conditions& conditions);

  /// Decides one candidate; where it is admitted, everything it means is in `change`.
  Decision decide(const Candidate& candidate, Store::Change& change);

  /// A record whose place, the next one, is decided already: what it means is in `change`. Given
  /// back as it stands in this log: with what those it names reached.
  Result<Record> adopt(const Agreed& agreed, Store::Change& change);
  /// Whether there is room for one.
  bool has_room(const Record& record) const;

  Sequence head() const { return head_; }

  /// The commit was not done: what was decided since `head` does not count.
  void take_back(Sequence head);

 private:
  Result<std::optional<Refusal>> over_rate(const Candidate& candidate, Store::Change& change);
  std::optional<Refusal> no_room(const Bulletin& bulletin, std::size_t size) const;
  Result<RateWindow*> window_of(const std::string& sender);
  Result<Decision> try_decide(const Candidate& candidate, Store::Change& change);
  void spend(const Record& record, Time now, Store::Change& change);
  void admit(const Record& record, BytesView bytes, const Effects& effects, Store::Change& change);
  void end_named(const Record& record, const Effects& effects, Store::Change& change);

  const Store& store_;
  ActiveSet& active_;
  Sequence head_;
  Conditions conditions_;
  std::uint64_t bytes_taken_ = 0;                        // of this commit
  std::unordered_map<std::string, RateWindow> windows_;  // of the senders heard since the start
};

}  // namespace engine
