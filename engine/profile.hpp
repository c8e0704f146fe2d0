#pragma once
// Where an organisation is and whom of it to reach: what the directory keeps sealed beside its
// name. Plain data; it holds personal data, so it is read when it is needed and kept nowhere.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/time.hpp"
#include "engine/cap/alert.hpp"
#include "engine/way.hpp"

namespace engine {

/// One way to reach somebody of an organisation.
struct Contact {
  std::uint32_t number = 0;  // its name in the organisation; never used again
  Way way = Way::sms;
  std::string address;            // E.164; name@example.org; https://…
  std::string secret;             // of a webhook: what its requests are signed with, whsec_…
  bool consents = false;          // without it nothing is sent, however severe
  bool fallback = false;          // comes after everybody who is none
  bool dead = false;              // the other side said that nothing will ever arrive there
  std::optional<Time> confirmed;  // by a code sent there; nothing: entered by the operator
  Hours hours;
  bool operator==(const Contact&) const = default;
};

/// One place of an organisation: by coordinates, by a GSS code, or by both.
struct Premises {
  std::optional<cap::Point> point;
  std::string ons;
  bool operator==(const Premises&) const = default;
};

struct Profile {
  std::vector<Premises> premises;
  std::vector<std::string> sectors;  // sorted, each once
  std::string language = "en";       // en or cy
  std::vector<Contact> contacts;     // in the order in which they are tried
  bool operator==(const Profile&) const = default;
};

}  // namespace engine
