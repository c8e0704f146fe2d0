#pragma once
// Who asks: an organisation that signed in, or anybody. Immutable; any thread.
#include <cstdint>
#include <string>
#include <vector>

#include "engine/cap/outline.hpp"

namespace engine {

/// A signed-in organisation, as far as it decides what it may read. Nobody's name: anonymous.
struct Member {
  std::string organisation;         // its key in the directory; empty: not signed in
  std::vector<std::string> groups;  // sorted, each once
  // Which of its secrets it signed in with, and as of which change of the organisation: by these
  // the directory knows later whether this still holds.
  std::uint64_t credential = 0;
  std::uint64_t revision = 0;

  bool signed_in() const { return !organisation.empty(); }
  bool operator==(const Member&) const = default;
};

/// Public is for everyone, Restricted for members of a group it names, Private for the
/// organisations it names.
bool is_for(const cap::Audience& audience, const Member& member);

/// Whether a document may be handed to this reader at all, whatever it asked for: it is shown to
/// readers, and one of its reaches (its own audience, where it has none) is for them.
bool may_read(const cap::Outline& outline, const Member& member);

}  // namespace engine
