#pragma once
// Who of an organisation is to be reached next, and by which way, while nobody there has said that
// the alert was seen. Rules without memory: what has happened so far goes in, what is due now and
// when to look again comes out. Pure; any thread.
#include <array>
#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/time.hpp"
#include "engine/cap/alert.hpp"
#include "engine/way.hpp"

namespace engine::delivery {

/// Whether nobody's hours hold for it.
bool wakes_everybody(cap::Severity severity);
bool open_at(const Hours& hours, Time time);
/// The first moment at or after `time` that is within the hours.
Time next_open(const Hours& hours, Time time);

/// How far the attempts to reach somebody have come.
enum class Reached : std::uint8_t {
  untried,
  trying,
  delivered,
  failed,
  unknown,  // not tried any more, and nobody knows how an attempt ended: it may have arrived
};

/// One way to one person of an organisation, and what has come of it.
struct Contact {
  Way way = Way::sms;
  bool consents = false;  // without it nothing is sent, however severe
  bool dead = false;      // marked by a permanent failure before
  bool fallback = false;  // comes after everybody who is none
  Hours hours = {};       // do not hold for Extreme, nor for Unknown, which counts as Extreme
  Reached reached = Reached::untried;
  Time since = {};  // of its first attempt, where it was tried
};

/// How long is waited before the next step.
struct Patience {
  std::chrono::seconds acknowledged;  // for somebody to acknowledge on the dashboard
  std::chrono::seconds delivered;     // for a message to be delivered before somebody else gets one
};

/// By severity, as cap::rank counts it: [0] Minor to [3] Extreme. Defaults.
struct Rules {
  std::array<Patience, 4> patience = {{
      {std::chrono::minutes{10}, std::chrono::minutes{10}},
      {std::chrono::minutes{2}, std::chrono::minutes{5}},
      {std::chrono::seconds{30}, std::chrono::seconds{60}},
      {std::chrono::seconds{30}, std::chrono::seconds{60}},
  }};
};

/// One organisation and one alert.
struct Case {
  cap::Severity severity = cap::Severity::unknown;
  Time since = {};  // when the alert was handed to the organisation's dashboards
  Time expires = {};
  bool acknowledged = false;      // by anybody there, by any way
  std::vector<Contact> contacts;  // in the organisation's own order
};

enum class Step : std::uint8_t {
  first,     // the first contact, since nobody acknowledged
  another,   // the next one, since the one before did not get it
  fallback,  // the last resort
  wait_for_acknowledgement,
  wait_for_delivery,
  wait_for_hours,
  // What ends it:
  acknowledged,
  delivered,
  expired,
  nobody_left,         // everybody was tried
  nobody_contactable,  // there was nobody to try
};

/// For people: what is being done and why, as a sentence.
std::string_view sentence(Step step);

struct Plan {
  Step step = Step::nobody_contactable;
  std::optional<std::size_t> contact;  // who is to be reached now, by place in Case::contacts
  std::optional<Time> look_again;      // nothing: this has come to its end, unless the case changes
};

Plan plan(const Case& one, const Rules& rules, Time now);

}  // namespace engine::delivery
