#pragma once
// What the directory keeps of organisations and secrets, its form on disk (schemas/organisations.md
// draws it), and which texts are in form. No I/O; any thread.
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/directory.hpp"
#include "engine/directory/whereabouts.hpp"
#include "engine/store/store.hpp"

namespace engine {

/// The tables of the directory's folder.
struct DirectoryTable {
  static constexpr Table meta{0}, organisations{1}, secrets{2}, profiles{3};
  static constexpr std::array<const char*, 4> kNames = {"default", "organisations", "secrets",
                                                        "profiles"};
  static constexpr std::size_t kAdded = 1;  // since format 1
};

/// A secret that is kept: whose, and which of theirs.
struct KeptSecret {
  std::string organisation;
  Credential credential;
};

/// An organisation with its secrets, as readers look it up.
struct Entry {
  Organisation organisation;
  std::uint64_t revision = 0;  // of the last change of what it may read or is shown
  struct Held {
    Bytes hash;
    Credential credential;
  };
  std::vector<Held> held;
  Located located;
};
using EntryPtr = std::shared_ptr<const Entry>;

/// Whether an organisation may be kept, or what is out of form and what would be in form.
Result<void> check(const Organisation& organisation);

Bytes encode(const Organisation& organisation);
std::optional<Organisation> decode_organisation(std::string_view key, BytesView value);
Bytes encode(const KeptSecret& secret);
std::optional<KeptSecret> decode_secret(BytesView value);

}  // namespace engine
