#include "tests/unit/web/damaged_profile.hpp"

#include <doctest/doctest.h>

#include "engine/directory/entries.hpp"
#include "engine/directory/profiles.hpp"
#include "engine/store/store.hpp"

namespace tests {

using engine::DirectoryTable;
using engine::Store;

void damage_profile(const std::filesystem::path& folder, std::string_view organisation) {
  engine::StoreOptions options;
  options.tables = DirectoryTable::kNames;
  options.directory = folder;
  const auto store = std::move(Store::open(options).value());
  auto row = engine::decode_profile_row(
      store->get(DirectoryTable::profiles, organisation).value().value());
  REQUIRE(row.has_value());
  row->contacts.back() = static_cast<char>(row->contacts.back() ^ 1);
  auto change = store->change();
  change.put(DirectoryTable::profiles, organisation, engine::encode(*row));
  REQUIRE(store->commit(std::move(change), engine::Durability::synced) == Store::Commit::done);
}

}  // namespace tests
