#pragma once
// Whom the outbox would have to tell of an alert that is not sent yet, and by which ways it could.
#include <array>
#include <cstddef>
#include <optional>

#include "engine/bulletin.hpp"
#include "engine/directory.hpp"
#include "engine/way.hpp"

namespace engine {

/// Organisations, each counted once unless it is said otherwise. Whom the alert concerns is counted
/// whole, from memory; contacts lie sealed on the disk, so they are looked at of some of these,
/// spread evenly over them: all of them where they are few.
struct Forecast {
  std::size_t matched = 0;
  std::size_t looked_at = 0;
  // Of those looked at; nobody who could be told now is in the last two.
  std::array<std::size_t, kWays> by_way{};  // who could be told by it now: one may be in several
  std::size_t later = 0;                    // somebody could, within their hours
  std::size_t not_contactable = 0;
  bool operator==(const Forecast&) const = default;
};

/// Nothing where the outbox would look for nobody: of what ends others it tells whoever was told of
/// those. A contact counts who consents, is not dead and is within their hours, which an Extreme
/// alert does not ask, by one of `ways`. Whether a message would arrive nobody knows before. Takes
/// some ten milliseconds; on a thread that may wait for the disk.
std::optional<Forecast> forecast(const Directory& directory, const Bulletin& bulletin,
                                 const std::array<bool, kWays>& ways, Time now);

}  // namespace engine
