#pragma once
// What of its profile an organisation changes by itself, and what it cannot: it does not make us
// send to an address that nobody has confirmed. Pure; any thread.
#include "engine/base/result.hpp"
#include "engine/profile.hpp"

namespace engine {

/// What is kept of `wanted` beside what is known. Of a contact that is known, by its number or else
/// by its way and address, the organisation says order, fallback and hours, and it takes consent
/// away; a new one, or one whose address has changed, has a number to come and is sent nothing
/// until a code that was sent there is typed in again. A webhook that is not known is refused: no
/// person reads there.
Result<Profile> own_words(Profile wanted, const Profile& before);

}  // namespace engine
