#include "engine/cap/replacing.hpp"

namespace engine::cap {

bool same_status(const Outline& one, const Outline& other) {
  return !one.reaches.empty() && !other.reaches.empty() &&
         one.reaches.front().status == other.reaches.front().status;
}

bool replaces(const Outline& update, const Outline& named) {
  return same_status(update, named) && covers(update.audience, named.audience);
}

}  // namespace engine::cap
