#include "engine/delivery/escalation.hpp"

#include <algorithm>

#include "engine/base/uk_time.hpp"

namespace engine::delivery {

namespace {

using std::chrono::minutes;

constexpr minutes kDay{24 * 60};

/// May be sent to at all, now or at another hour.
bool contactable(const Contact& contact) { return contact.consents && !contact.dead; }

/// The contacts as they are tried: everybody in the organisation's order, then the fallbacks.
std::vector<std::size_t> in_turn(const std::vector<Contact>& contacts) {
  std::vector<std::size_t> order(contacts.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_partition(order.begin(), order.end(),
                        [&](std::size_t i) { return !contacts[i].fallback; });
  return order;
}

bool any(const std::vector<Contact>& contacts, Reached reached) {
  return std::any_of(contacts.begin(), contacts.end(),
                     [&](const Contact& contact) { return contact.reached == reached; });
}

bool any_tried(const std::vector<Contact>& contacts) {
  return !std::all_of(contacts.begin(), contacts.end(),
                      [](const Contact& contact) { return contact.reached == Reached::untried; });
}

/// When the youngest attempt that is still under way has had its time.
std::optional<Time> under_way_until(const Case& one, std::chrono::seconds patience) {
  std::optional<Time> until;
  for (const Contact& contact : one.contacts) {
    if (contact.reached != Reached::trying) continue;
    until = std::max(until.value_or(contact.since + patience), contact.since + patience);
  }
  return until;
}

Step step_to(const Case& one, const Contact& contact) {
  if (contact.fallback) return Step::fallback;
  return any_tried(one.contacts) ? Step::another : Step::first;
}

/// Who comes next, now that nothing is under way that may still be waited for.
Plan next_contact(const Case& one, std::chrono::seconds patience, Time now) {
  std::optional<Time> opens;
  bool anybody = false;
  for (const std::size_t place : in_turn(one.contacts)) {
    const Contact& contact = one.contacts[place];
    if (!contactable(contact)) continue;
    anybody = true;
    if (contact.reached != Reached::untried) continue;
    if (wakes_everybody(one.severity) || open_at(contact.hours, now)) {
      return {step_to(one, contact), place, std::min(now + patience, one.expires)};
    }
    const Time opening = next_open(contact.hours, now);
    opens = std::min(opens.value_or(opening), opening);
  }
  if (opens) return {Step::wait_for_hours, std::nullopt, std::min(*opens, one.expires)};
  const bool tried = anybody || any_tried(one.contacts);
  return {tried ? Step::nobody_left : Step::nobody_contactable, std::nullopt, std::nullopt};
}

/// The moments at which hours may begin: on the clock of today and of the days after, read as
/// either of the two offsets, and the change of the clock itself, which may jump into them.
std::optional<Time> first_opening(const Hours& hours, Time time, Time midnight) {
  std::optional<Time> first;
  const auto consider = [&](Time at) {
    if (at >= time && open_at(hours, at)) first = std::min(first.value_or(at), at);
  };
  consider(midnight + hours.from);
  consider(midnight + hours.from - std::chrono::hours{1});
  for (Time at = midnight; at < midnight + kDay; at += std::chrono::hours{1}) {
    if (uk_offset(at) != uk_offset(at - Duration{1})) consider(at);
  }
  return first;
}

}  // namespace

bool wakes_everybody(cap::Severity severity) {
  return cap::rank(severity) == cap::rank(cap::Severity::extreme);
}

bool open_at(const Hours& hours, Time time) {
  const minutes now{uk_minute_of_day(time)};
  if (hours.from == hours.until) return true;
  if (hours.from < hours.until) return now >= hours.from && now < hours.until;
  return now >= hours.from || now < hours.until;
}

Time next_open(const Hours& hours, Time time) {
  if (open_at(hours, time)) return time;
  Time midnight = std::chrono::floor<std::chrono::days>(time);
  // A window that the clock jumps over whole is there again the next day.
  for (int day = 0; day < 4; ++day, midnight += kDay) {
    if (const auto opening = first_opening(hours, time, midnight)) return *opening;
  }
  return time + kDay;  // hours that never are: asked again in a day
}

std::string_view sentence(Step step) {
  switch (step) {
    case Step::first:
      return "Nobody has acknowledged on the dashboard: the first contact is being sent a message.";
    case Step::another:
      return "The message has not been delivered: the next contact is being sent one.";
    case Step::fallback:
      return "Nobody else could be reached: the fallback contact is being sent a message.";
    case Step::wait_for_acknowledgement:
      return "Waiting for somebody to acknowledge on the dashboard.";
    case Step::wait_for_delivery:
      return "Waiting for the message to be delivered.";
    case Step::wait_for_hours:
      return "Waiting for the hours in which a contact may be disturbed.";
    case Step::acknowledged:
      return "Somebody has acknowledged: nobody else is sent a message.";
    case Step::delivered:
      return "A message has been delivered: nobody else is sent one.";
    case Step::expired:
      return "The alert is over: nobody is sent a message any more.";
    case Step::nobody_left:
      return "Everybody was tried and nobody was reached.";
    case Step::nobody_contactable:
      return "There is no contact that may be sent a message.";
  }
  return "";
}

Plan plan(const Case& one, const Rules& rules, Time now) {
  if (one.acknowledged) return {Step::acknowledged, std::nullopt, std::nullopt};
  if (now >= one.expires) return {Step::expired, std::nullopt, std::nullopt};
  if (any(one.contacts, Reached::delivered)) return {Step::delivered, std::nullopt, std::nullopt};
  const Patience& patience = rules.patience[static_cast<std::size_t>(cap::rank(one.severity)) - 1];
  if (const Time first = one.since + patience.acknowledged; now < first) {
    return {Step::wait_for_acknowledgement, std::nullopt, std::min(first, one.expires)};
  }
  if (const auto until = under_way_until(one, patience.delivered); until && now < *until) {
    return {Step::wait_for_delivery, std::nullopt, std::min(*until, one.expires)};
  }
  return next_contact(one, patience.delivered, now);
}

}  // namespace engine::delivery
