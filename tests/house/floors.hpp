#pragma once
// The floors of the house (engine/README.md): include downward, or sideways inside your own folder;
// of a neighbour on the same floor only its lobby headers. And foreign headers only in the rooms
// they were let into. Pure.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/house/source_tree.hpp"

namespace house {

/// Where a file stands: its room, that room's floor, and whether it is in the lobby.
struct Place {
  std::string room;  // "engine/trust", "connectors/web", "ops", "tests", "bench"
  int floor = 0;
  bool lobby = false;
  bool operator==(const Place&) const = default;
};

/// Nothing for a path that belongs to no room: then the table in floors.cpp wants a line.
std::optional<Place> place_of(std::string_view path);

/// Every include of `file` that its place does not allow, one sentence each.
std::vector<std::string> broken_floors(const SourceFile& file);
std::vector<std::string> strange_headers(const SourceFile& file);

}  // namespace house
