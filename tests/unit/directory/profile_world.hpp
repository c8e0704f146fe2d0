#pragma once
// A directory on the disk with its key beside the data folder, and organisations with profiles.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "engine/directory.hpp"
#include "engine/trust/signature.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/temp_dir.hpp"

namespace tests {

inline engine::Contact contact(engine::Way way, std::string address) {
  engine::Contact made;
  made.way = way;
  made.address = std::move(address);
  made.consents = true;
  return made;
}

inline engine::Result<void> mark_dead(engine::Directory& directory, std::string key,
                                      std::uint32_t number) {
  const std::pair one{std::move(key), number};
  return directory.mark_dead({&one, 1});
}

inline engine::Registration registration(std::string key, std::vector<engine::Contact> contacts,
                                         std::vector<engine::Premises> premises = {}) {
  engine::Registration made;
  made.organisation.key = std::move(key);
  made.organisation.name = "The " + made.organisation.key;
  made.profile.premises = std::move(premises);
  made.profile.contacts = std::move(contacts);
  return made;
}

struct ProfileWorld {
  ProfileWorld() {
    REQUIRE(engine::trust::start_crypto());
    options.directory = data() / "directory";
    REQUIRE(open() == "");
  }
  std::filesystem::path data() const { return folder.path() / "data"; }
  std::filesystem::path key_file() const { return folder.path() / "data.key"; }

  /// Anew; the sentence where it does not.
  std::string open() {
    directory.reset();
    auto opened = engine::Directory::open(options, clock);
    if (!opened) return opened.error().what;
    directory = *std::move(opened);
    return "";
  }
  std::string put(const engine::Registration& one) {
    const auto done = directory->put({&one, 1});
    return done ? "" : done.error().what;
  }
  engine::Profile profile(std::string_view key) const {
    const auto profile = directory->profile(key);
    REQUIRE(profile.has_value());
    REQUIRE(profile->has_value());
    return **profile;
  }
  std::uint32_t number(std::string_view key, std::size_t place) const {
    return profile(key).contacts.at(place).number;
  }

  /// Whether some file of the data folder holds these octets.
  bool holds(std::string_view octets) const {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(data())) {
      if (!entry.is_regular_file()) continue;
      std::ifstream stream(entry.path(), std::ios::binary);
      const std::string text{std::istreambuf_iterator<char>(stream), {}};
      if (text.find(octets) != std::string::npos) return true;
    }
    return false;
  }

  ManualClock clock;
  TempDir folder;
  engine::DirectoryOptions options;
  std::unique_ptr<engine::Directory> directory;
};

}  // namespace tests
