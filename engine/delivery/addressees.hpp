#pragma once
// Those who can be told, out of the directory.
#include "engine/directory.hpp"
#include "engine/outbox.hpp"

namespace engine::delivery {

/// The directory outlives what is returned. Of one record at a time the list of whom it concerns is
/// kept, while it is asked for piece by piece.
Addressees addressees_of(Directory& directory);

}  // namespace engine::delivery
