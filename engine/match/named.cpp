#include "engine/match/named.hpp"

namespace engine {
namespace {

std::uint16_t number_of(const Place& place, const Places& places) {
  return static_cast<std::uint16_t>(&place - places.all().data());
}

}  // namespace

Containment::Containment(const Places& places) : within_(places.all().size()) {
  for (const Place& place : places.all()) {
    const std::uint16_t number = number_of(place, places);
    within_[number].push_back(number);
    for (const std::string& parent : place.parents) {
      if (const Place* around = places.find(parent)) {
        within_[number_of(*around, places)].push_back(number);
      }
    }
  }
}

Named::Named(const cap::Reach& reach, const Places& places, const Containment& containment)
    : flags_(containment.size()) {
  for (const std::string& code : reach.codes) {
    const Place* place = places.find(code);
    if (place == nullptr) continue;
    any_ = true;
    for (const std::uint16_t inner : containment.within(number_of(*place, places))) {
      flags_[inner] |= kNames;
    }
  }
  for (const std::string& code : reach.met) {
    if (const Place* place = places.find(code)) flags_[number_of(*place, places)] |= kMeets;
  }
}

}  // namespace engine
