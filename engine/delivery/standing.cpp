#include "engine/delivery/standing.hpp"

#include <algorithm>

#include "engine/delivery/retry.hpp"
#include "engine/delivery/words.hpp"

namespace engine::delivery {
namespace {

constexpr std::uint8_t kPartsMax = 64;  // as many as there are bits

Standing settled(Standing standing, State state, Time now) {
  standing.state = state;
  standing.changed = now;
  standing.again.reset();
  return standing;
}

std::uint64_t all_parts(std::uint8_t parts) {
  return parts >= kPartsMax ? ~std::uint64_t{0} : (std::uint64_t{1} << parts) - 1;
}

/// A delivery that was not sent is tried again, or is over for one of three reasons.
Standing not_sent(Standing standing, const Terms& terms, const Outcome& outcome, Time now) {
  if (terms.ended) return settled(std::move(standing), State::replaced, now);
  standing.again = next_attempt(terms.id, standing.attempts, now, terms.expires, outcome);
  standing.changed = now;
  if (standing.again) return standing;
  const bool tried_enough = standing.attempts >= kAttempts;
  return settled(std::move(standing), tried_enough ? State::failed : State::expired, now);
}

/// What was not tried keeps its attempts: a crowd before it is nothing that went wrong with it.
Standing put_off(Standing standing, const Terms& terms, const Outcome& outcome, Time now) {
  if (terms.ended) return settled(std::move(standing), State::replaced, now);
  standing.words = kept_words(outcome.why);
  standing.changed = now;
  standing.again = next_turn(terms.id, standing.attempts, now, terms.expires,
                             outcome.not_before.value_or(kShortestWait));
  return standing.again ? standing : settled(std::move(standing), State::expired, now);
}

}  // namespace

bool is_over(const Standing& standing) { return standing.state != State::owed; }

bool may_have_arrived(const Standing& standing) {
  return standing.state == State::sent || standing.state == State::delivered || standing.uncertain;
}

Standing after_attempt(Standing before, const Terms& terms, const Attempted& attempted, Time now) {
  if (attempted.put_off) {
    return is_over(before) ? before : put_off(std::move(before), terms, attempted.outcome, now);
  }
  ++before.attempts;
  before.uncertain = before.uncertain || attempted.uncertain;
  before.parts = std::clamp<std::uint8_t>(attempted.parts, 1, kPartsMax);
  before.words = kept_words(attempted.outcome.why);
  if (is_over(before)) return before;  // a report was faster
  switch (attempted.outcome.fate) {
    case Fate::sent: {
      const bool arrived = terms.way == Way::webhook && attempted.names.empty();
      return settled(std::move(before), arrived ? State::delivered : State::sent, now);
    }
    case Fate::permanent:
      return settled(std::move(before), State::failed, now);
    case Fate::later:
      break;
  }
  return not_sent(std::move(before), terms, attempted.outcome, now);
}

Standing after_crash(Standing before, Time now) {
  ++before.attempts;
  before.uncertain = true;
  before.changed = now;
  before.again.reset();
  return before;
}

Standing after_report(Standing before, const Report& report, std::optional<std::uint8_t> part,
                      Time now) {
  if (before.state == State::delivered) return before;
  if (!report.why.empty()) before.words = kept_words(report.why);
  switch (report.kind) {
    case Report::Kind::delayed:
      return before;
    case Report::Kind::delivered:
      before.parts_delivered |= part ? std::uint64_t{1} << std::min<unsigned>(*part, kPartsMax - 1)
                                     : all_parts(before.parts);
      if ((before.parts_delivered & all_parts(before.parts)) != all_parts(before.parts)) {
        return before;
      }
      return settled(std::move(before), State::delivered, now);
    case Report::Kind::failed:
      if (report.contact_dead) before.uncertain = false;  // no attempt has arrived
      if (before.state == State::sent || (before.state == State::owed && report.contact_dead)) {
        return settled(std::move(before), State::failed, now);
      }
      before.uncertain = false;
      return before;
  }
  return before;
}

Standing after_end(Standing before, Time now) {
  return is_over(before) ? before : settled(std::move(before), State::replaced, now);
}

Standing after_expiry(Standing before, Time now) {
  return is_over(before) ? before : settled(std::move(before), State::expired, now);
}

}  // namespace engine::delivery
