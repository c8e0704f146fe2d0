#pragma once
// What an Update takes the place of. Pure; any thread.
#include "engine/cap/outline.hpp"

namespace engine::cap {

/// All ways of one Alert or Update have its own status.
bool same_status(const Outline& one, const Outline& other);

/// Whether an Update replaces an alert that it names. It does where all who were told of that one
/// will be told of the Update: for the others an alert that vanished would be worse than one that
/// is out of date. And a test, which one officer may send, takes no alert away that is meant.
bool replaces(const Outline& update, const Outline& named);

}  // namespace engine::cap
