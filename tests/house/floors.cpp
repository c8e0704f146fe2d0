#include "tests/house/floors.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "tests/house/code_text.hpp"

namespace house {

namespace {

struct Room {
  std::string_view folder;
  int floor;
};

constexpr std::array kRooms = {
    Room{"engine/base", 0},     Room{"engine/store", 1},     Room{"engine/cap", 1},
    Room{"engine/trust", 2},    Room{"engine/directory", 2}, Room{"engine/receipts", 2},
    Room{"engine/log", 2},      Room{"engine/match", 2},     Room{"engine/shard", 3},
    Room{"engine/delivery", 3}, Room{"engine", 4},
};

/// The lobby: each header stands on the floor of the room that implements it.
constexpr auto kLobby = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"position", "engine/base"},
    {"limits", "engine/base"},
    {"check_code", "engine/base"},
    {"way", "engine/base"},
    {"feed", "engine/base"},
    {"grouping", "engine/base"},
    {"close_reason", "engine/base"},
    {"bulletin", "engine/trust"},
    {"refusal", "engine/trust"},
    {"secrets", "engine/trust"},
    {"sealing", "engine/trust"},
    {"admission", "engine/trust"},
    {"log", "engine/log"},
    {"order", "engine/log"},
    {"member", "engine/match"},
    {"directory", "engine/directory"},
    {"profile", "engine/directory"},
    {"receipts", "engine/receipts"},
    {"answer", "engine/receipts"},
    {"delivery", "engine/delivery"},
    {"channel", "engine/delivery"},
    {"outbox", "engine/delivery"},
    {"links", "engine/delivery"},
    {"forecast", "engine/delivery"},
    {"places", "engine/match"},
    {"filter", "engine/match"},
    {"target", "engine/match"},
    {"nearby", "engine/match"},
    {"subject", "engine/match"},
    {"frame", "engine/shard"},
    {"subscriber", "engine/shard"},
    {"ring", "engine/shard"},
    {"shard", "engine/shard"},
    {"trace", "engine/base"},
    {"config", "engine"},
    {"dry_run", "engine"},
    {"admitted", "engine"},
    {"reporting", "engine"},
    {"engine", "engine"},
});

struct Foreign {
  std::string_view header;                // begins with
  std::vector<std::string_view> allowed;  // paths that begin with one of these
};

const std::vector<Foreign>& foreign_headers() {
  static const std::vector<Foreign> table = {
      {"sodium", {"engine/trust/", "tests/unit/trust/"}},
      {"libxml/", {"engine/cap/"}},
      {"rocksdb/",
       {"engine/store/", "tests/unit/log/", "tests/support/scales.hpp", "tests/faults/", "bench/"}},
      {"boost/beast", {"connectors/web/", "ops/cli/", "bench/"}},
      {"openssl/",
       {"engine/trust/sha256.cpp", "connectors/web/", "connectors/email/", "connectors/sms/",
        "ops/cli/", "bench/", "tests/unit/web/", "tests/unit/email/"}},
      {"boost/asio",
       {"engine/shard/", "engine/delivery/", "connectors/", "ops/", "tests/", "bench/"}},
      {"nats",
       {"connectors/nats/library.hpp", "connectors/nats/connection.cpp",
        "connectors/nats/link.cpp"}},
      {"curl/", {"connectors/transfer/", "connectors/email/", "connectors/webhook/", "bench/"}},
      {"CLI/", {"ops/", "tests/support/", "bench/"}},
      {"toml++/", {"ops/"}},
      {"doctest", {"tests/"}},
  };
  return table;
}

bool starts_with_any(std::string_view path, const std::vector<std::string_view>& beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](std::string_view beginning) { return path.starts_with(beginning); });
}

std::optional<Place> room_of(std::string_view folder) {
  for (const Room& room : kRooms) {
    if (room.folder == folder) return Place{std::string(folder), room.floor, false};
  }
  return std::nullopt;
}

std::optional<Place> lobby_place(std::string_view name) {
  for (const auto& [header, room] : kLobby) {
    if (header != name) continue;
    std::optional<Place> place = room_of(room);
    if (place) place->lobby = true;
    return place;
  }
  return std::nullopt;
}

std::string_view without_ending(std::string_view name) { return name.substr(0, name.find('.')); }

std::string said(const SourceFile& file, const Include& include, std::string_view why) {
  return file.path + ":" + std::to_string(include.line) + ": " + include.path + ": " +
         std::string(why);
}

/// The dashboard is files alone, and the web is what serves them.
bool served(const Place& from, const Place& to) {
  return from.room == "connectors/web" && to.room == "connectors/dashboard";
}

bool allowed(const Place& from, const Place& to) {
  if (served(from, to)) return true;
  if (to.room == from.room) return true;
  if (to.floor < from.floor) return true;
  return to.floor == from.floor && to.lobby;
}

}  // namespace

std::optional<Place> place_of(std::string_view path) {
  for (const char* top : {"ops", "bench", "tests"}) {
    if (path.starts_with(std::string(top) + "/")) return Place{top, 6, false};
  }
  const std::size_t first = path.find('/');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = path.find('/', first + 1);
  if (path.starts_with("connectors/transfer/")) return Place{"connectors/transfer", 4, false};
  if (path.starts_with("connectors/")) {
    if (second == std::string_view::npos) return std::nullopt;
    return Place{std::string(path.substr(0, second)), 5, false};
  }
  if (!path.starts_with("engine/")) return std::nullopt;
  if (second == std::string_view::npos) return lobby_place(without_ending(path.substr(first + 1)));
  return room_of(path.substr(0, second));
}

std::vector<std::string> broken_floors(const SourceFile& file) {
  std::vector<std::string> found;
  const std::optional<Place> from = place_of(file.path);
  if (!from) return {file.path + ": belongs to no room; give it a line in tests/house/floors.cpp"};
  for (const Include& include : includes_of(file.text)) {
    if (!include.quoted || include.path.starts_with("embedded/")) continue;
    const std::optional<Place> to = place_of(include.path);
    if (!to) {
      found.push_back(said(file, include, "name it from the top of the repository, in a room"));
    } else if (to->floor == 6 && from->room != to->room && to->room != "ops" &&
               !(from->room == "bench" && to->room == "tests")) {
      found.push_back(said(file, include, "nothing stands on the tests"));
    } else if (to->floor == 5 && from->floor == 5 && from->room != to->room &&
               !served(*from, *to)) {
      found.push_back(said(file, include, "no connector includes another"));
    } else if (to->floor > from->floor) {
      found.push_back(said(file, include, "include downward"));
    } else if (to->floor < 6 && !allowed(*from, *to)) {
      found.push_back(said(file, include, "of a neighbour include only its lobby header"));
    }
  }
  return found;
}

std::vector<std::string> strange_headers(const SourceFile& file) {
  std::vector<std::string> found;
  for (const Include& include : includes_of(file.text)) {
    if (include.quoted) continue;
    for (const Foreign& foreign : foreign_headers()) {
      if (include.path.starts_with(foreign.header) &&
          !starts_with_any(file.path, foreign.allowed)) {
        found.push_back(said(file, include, "this foreign header has a room of its own"));
      }
    }
  }
  return found;
}

}  // namespace house
