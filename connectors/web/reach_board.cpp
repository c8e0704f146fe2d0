#include "connectors/web/reach_board.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include "connectors/web/reach_limits.hpp"
#include "connectors/web/reach_text.hpp"

namespace connectors::web {

using engine::Failure;
using engine::Result;
using engine::Sequence;

ReachBoard::ReachBoard(engine::Outbox* outbox, const engine::Places& places,
                       const engine::Clock& clock)
    : outbox_(outbox), places_(places), clock_(clock) {}

/// Nor of a time to come, should the clock have been set back.
bool ReachBoard::fresh(const Entry& entry) const {
  const engine::Time now = clock_.now();
  return entry.text && entry.at <= now && now - entry.at < limits::kReachFresh;
}

void ReachBoard::make_room() {
  if (entries_.size() < limits::kReachKept) return;
  std::erase_if(entries_,
                [&](const auto& one) { return one.second.waiting.empty() && !fresh(one.second); });
  // So many fresh ones are asked for again sooner than was promised to nobody.
  for (auto at = entries_.begin(); at != entries_.end() && entries_.size() >= limits::kReachKept;) {
    at = at->second.waiting.empty() ? entries_.erase(at) : std::next(at);
  }
}

void ReachBoard::ask(Sequence sequence, Hears hears) {
  Text known;
  bool full = false, asks = false;
  if (outbox_ == nullptr) {
    return hears(std::make_shared<const std::string>(reach_members(std::nullopt, places_)));
  }
  {
    const std::lock_guard lock(mutex_);
    if (!entries_.contains(sequence)) make_room();
    Entry& entry = entries_[sequence];
    if (fresh(entry)) {
      known = entry.text;
    } else if (waiting_ >= limits::kReachWaiting) {
      full = true;
      if (entry.waiting.empty()) entries_.erase(sequence);
    } else {
      const bool first = entry.waiting.empty();
      entry.waiting.push_back(std::move(hears));
      ++waiting_;
      asks = first && asked_ < limits::kReachAsked;
      if (asks) ++asked_;
      if (first && !asks) line_.push_back(sequence);
    }
  }
  if (known) return hears(std::move(known));
  if (full) return hears(Failure{"too many want to know who was reached; try again"});
  if (asks) put_question(sequence);
}

void ReachBoard::put_question(Sequence sequence) {
  outbox_->reach(sequence, [this, sequence](Result<std::optional<engine::OutboxReach>> reach) {
    if (!reach) return answered(sequence, reach.error());
    answered(sequence, std::make_shared<const std::string>(reach_members(*reach, places_)));
  });
}

void ReachBoard::answered(Sequence sequence, const Result<Text>& text) {
  std::vector<Hears> waiting;
  std::optional<Sequence> next;
  {
    const std::lock_guard lock(mutex_);
    Entry& entry = entries_[sequence];
    waiting = std::exchange(entry.waiting, {});
    waiting_ -= waiting.size();
    entry.text = text ? *text : nullptr;
    entry.at = clock_.now();
    if (line_.empty()) {
      --asked_;
    } else {
      next = line_.front();
      line_.pop_front();
    }
  }
  for (Hears& hears : waiting) hears(text);
  if (next) put_question(*next);
}

}  // namespace connectors::web
