#include "engine/directory/own_words.hpp"

#include <algorithm>

namespace engine {
namespace {

/// The contact that this one is, if it is one that is known and its address is the same.
const Contact* known_as(const Contact& wanted, const Profile& before) {
  const auto found = std::find_if(
      before.contacts.begin(), before.contacts.end(),
      [&](const Contact& one) { return one.way == wanted.way && one.address == wanted.address; });
  return found == before.contacts.end() ? nullptr : &*found;
}

bool numbered(const Profile& profile, std::uint32_t number) {
  return std::any_of(profile.contacts.begin(), profile.contacts.end(),
                     [&](const Contact& one) { return one.number == number; });
}

}  // namespace

Result<Profile> own_words(Profile wanted, const Profile& before) {
  for (Contact& contact : wanted.contacts) {
    if (contact.number != 0 && !numbered(before, contact.number)) {
      return Failure{"there is no contact of the number ", std::to_string(contact.number),
                     "; leave out the number of a new one"};
    }
    const Contact* known = known_as(contact, before);
    if (known == nullptr && contact.way == Way::webhook) {
      return Failure{"a new webhook is entered by whoever runs this engine"};
    }
    Contact kept = known != nullptr ? *known : Contact{};
    kept.way = contact.way;
    kept.address = contact.address;
    kept.consents = kept.consents && contact.consents;
    kept.fallback = contact.fallback;
    kept.hours = contact.hours;
    contact = std::move(kept);
  }
  return wanted;
}

}  // namespace engine
