#include "engine/directory/vault.hpp"

#include <fmt/format.h>

#include "engine/base/octet_io.hpp"
#include "engine/directory/entries.hpp"

namespace engine {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMarkKey = "key_mark";  // which key it is
constexpr std::string_view kFileKey = "key_file";  // where it is, unless it is where all look

/// Where sealed octets belong: what they are, and whose.
Bytes context(std::string_view what, std::string_view organisation) {
  OctetWriter out;
  out.put_text("tocsin directory 1");
  out.put_text(what);
  out.put_text(organisation);
  return out.take();
}

/// As an absolute path without links, so that engine and commands mean the same file whatever they
/// were told.
Result<fs::path> resolved(const fs::path& path) {
  std::error_code error;
  fs::path whole = fs::weakly_canonical(fs::absolute(path, error), error);
  if (error) return Failure{"cannot find ", path.string(), ": ", error.message()};
  return whole.has_filename() ? whole : whole.parent_path();
}

bool lies_in(const fs::path& file, const fs::path& folder) {
  const fs::path way = file.lexically_relative(folder);
  return !way.empty() && *way.begin() != "..";
}

Failure damaged(std::string_view organisation) {
  return Failure{
      fmt::format("the profile of {} cannot be opened: it is damaged, or was moved here "
                  "from elsewhere. Restore the folder from a copy",
                  organisation)};
}

/// The row with another profile.
Bytes seal_under(const trust::SealingKey& key, std::string_view organisation,
                 const Profile& profile, ProfileRow row) {
  Bytes plain = encode_whereabouts(profile);
  row.whereabouts = key.seal(plain, context("whereabouts", organisation));
  trust::wipe(plain);
  plain = encode_contacts(profile);
  row.contacts = key.seal(plain, context("contacts", organisation));
  trust::wipe(plain);
  return encode(row);
}

}  // namespace

Result<fs::path> Vault::file_beside() const {
  auto data = resolved(options_.data);
  if (!data) return data.error();
  return data->parent_path() / (data->filename().string() + ".key");
}

/// Where the key lies, or is to lie.
Result<fs::path> Vault::file_of(const Store& store) const {
  auto file = file_beside();
  if (!file) return file;
  if (!options_.file.empty()) {
    file = resolved(options_.file);
  } else {
    const auto noted = store.get(DirectoryTable::meta, kFileKey);
    if (!noted) return noted.error();
    if (*noted) file = fs::path(**noted);
  }
  const auto data = resolved(options_.data);
  if (!data) return data.error();
  if (!file || !lies_in(*file, *data)) return file;
  return Failure{
      fmt::format("the directory's key {} lies in the data folder, where every copy of "
                  "the folder would hold it too; name a place outside",
                  file->string())};
}

void Vault::keep(trust::WrappingKey key) {
  key_.set(std::make_shared<const trust::WrappingKey>(std::move(key)));
}

Result<void> Vault::open(const Store& store) {
  if (is_open()) return {};
  if (options_.data.empty()) {
    keep(trust::WrappingKey::draw());
    return {};
  }
  const auto mark = store.get(DirectoryTable::meta, kMarkKey);
  if (!mark) return mark.error();
  if (!*mark) return {};
  const auto file = file_of(store);
  if (!file) return file.error();
  auto key = trust::WrappingKey::read(*file);
  if (!key) {
    return Failure{
        fmt::format("the directory's contacts are sealed, and their key cannot be had. {} "
                    "Put it there, or say by directory_key_file where it is",
                    key.error().what)};
  }
  if (!key->made(**mark)) {
    return Failure{
        fmt::format("{} is not the key that the directory's contacts were sealed with; "
                    "put that one there",
                    file->string())};
  }
  keep(*std::move(key));
  return {};
}

std::optional<Octets<32>> Vault::keyed_hash(BytesView purpose, BytesView text) const {
  const auto key = key_.get();
  if (!key) return std::nullopt;
  return key->keyed_hash(purpose, text);
}

Result<void> Vault::ready(Store& store) {
  if (is_open()) return {};
  const auto file = file_of(store);
  if (!file) return file.error();
  std::error_code error;
  // One that is there already was made before the power went, or by the operator.
  const bool there = fs::exists(*file, error);
  Result<trust::WrappingKey> key = trust::WrappingKey::draw();
  if (there) key = trust::WrappingKey::read(*file);
  if (!key) return key.error();
  if (!there) {
    if (auto written = key->write(*file); !written) {
      return Failure{
          fmt::format("the key of the directory's contacts cannot be kept. {} Say by "
                      "directory_key_file in the configuration where it may be",
                      written.error().what)};
    }
  }
  auto change = store.change();
  change.put(DirectoryTable::meta, kMarkKey, key->mark());
  const auto beside = file_beside();
  if (beside && *beside != *file) change.put(DirectoryTable::meta, kFileKey, file->string());
  if (store.commit(std::move(change), Durability::synced) != Store::Commit::done) {
    return Failure{"the directory could not be written; is the disk full?"};
  }
  keep(*std::move(key));
  return {};
}

Result<trust::SealingKey> Vault::key_of(std::string_view organisation,
                                        const ProfileRow& row) const {
  const auto wrapping = key_.get();
  if (!wrapping) return damaged(organisation);
  auto key = wrapping->unwrap(row.wrapped_key, context("key", organisation));
  if (!key) return damaged(organisation);
  return *std::move(key);
}

Result<Bytes> Vault::seal(std::string_view organisation, const Profile& profile,
                          const ProfileRow* before) const {
  if (before != nullptr) {
    const auto known = key_of(organisation, *before);
    if (!known) return known.error();
    return seal_under(*known, organisation, profile, *before);
  }
  const trust::SealingKey key = trust::SealingKey::draw();
  ProfileRow row;
  row.wrapped_key = key_.get()->wrap(key, context("key", organisation));
  return seal_under(key, organisation, profile, std::move(row));
}

Result<Bytes> Vault::seal_codes(std::string_view organisation, ProfileRow row,
                                std::span<const SentCode> codes) const {
  const auto key = key_of(organisation, row);
  if (!key) return key.error();
  Bytes plain = encode(codes);
  row.codes = key->seal(plain, context("codes", organisation));
  trust::wipe(plain);
  return encode(row);
}

Result<std::vector<SentCode>> Vault::open_codes(std::string_view organisation,
                                                const ProfileRow& row) const {
  std::vector<SentCode> codes;
  if (row.codes.empty()) return codes;
  const auto key = key_of(organisation, row);
  if (!key) return key.error();
  const auto opened = key->open(row.codes, context("codes", organisation));
  if (!opened || !decode_codes(opened->view(), codes)) return damaged(organisation);
  return codes;
}

Result<Profile> Vault::open(std::string_view organisation, const ProfileRow& row, Part part) const {
  const auto key = key_of(organisation, row);
  if (!key) return key.error();
  Profile profile;
  const auto whereabouts = key->open(row.whereabouts, context("whereabouts", organisation));
  if (!whereabouts || !decode_whereabouts(whereabouts->view(), profile)) {
    return damaged(organisation);
  }
  if (part == Part::whereabouts) return profile;
  const auto contacts = key->open(row.contacts, context("contacts", organisation));
  if (!contacts || !decode_contacts(contacts->view(), profile)) return damaged(organisation);
  return profile;
}

}  // namespace engine
