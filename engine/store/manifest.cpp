#include "engine/store/manifest.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <optional>

#include "engine/base/crc32c.hpp"
#include "engine/base/octet_io.hpp"
#include "engine/base/trace.hpp"

namespace engine {
namespace {

constexpr std::size_t kBlockBytes = 32UL << 10;
constexpr std::size_t kHeaderBytes = 7;
constexpr std::size_t kNoteBytes = 8 + 8 + 4;  // number of the list, octets synced, CRC-32C of both
constexpr std::string_view kPrefix = "MANIFEST-";

enum class Piece : std::uint8_t { none, whole = 1, first = 2, middle = 3, last = 4 };

std::uint32_t octet(BytesView bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

/// RocksDB stores the CRC of kind and content turned by 15 bits and with a constant added.
std::uint32_t masked(std::uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8U; }

/// The kind of the piece that begins at `at`, and its size with the header; none if it is not
/// valid.
Piece piece_at(BytesView manifest, std::size_t at, std::size_t& size) {
  const std::size_t block_end = std::min(manifest.size(), (at / kBlockBytes + 1) * kBlockBytes);
  if (block_end - at < kHeaderBytes) return Piece::none;
  const std::uint32_t kind = octet(manifest, at + 6);
  size = kHeaderBytes + (octet(manifest, at + 4) | octet(manifest, at + 5) << 8);
  if (kind < 1 || kind > 4 || size > block_end - at) return Piece::none;
  std::uint32_t stored = 0;
  for (std::size_t i = 0; i < 4; ++i) stored |= octet(manifest, at + i) << (8 * i);
  const BytesView covered = manifest.substr(at + 6, size - 6);
  return masked(crc32c(covered)) == stored ? static_cast<Piece>(kind) : Piece::none;
}

/// Fewer octets than a header are left at the end of a block; zeros stand there.
std::size_t skip_rest_of_block(std::size_t at) {
  const std::size_t left = kBlockBytes - at % kBlockBytes;
  return left < kHeaderBytes ? at + left : at;
}

std::uint64_t number_of(const std::filesystem::path& manifest) {
  return std::strtoull(manifest.filename().c_str() + kPrefix.size(), nullptr, 10);
}

std::filesystem::path note_path(const std::filesystem::path& directory) {
  return directory / "synced_manifest";
}

Bytes note_of(std::uint64_t number, std::uint64_t synced_bytes) {
  OctetWriter out;
  out.put(number);
  out.put(synced_bytes);
  out.put(crc32c(out.bytes()));
  return out.take();
}

Bytes content(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// How much of that list was synced at least, if there is a note about it.
std::optional<std::uint64_t> noted(const std::filesystem::path& manifest) {
  const Bytes note = content(note_path(manifest.parent_path()));
  if (note.size() != kNoteBytes) return std::nullopt;
  OctetReader in(note);
  const auto number = in.number<std::uint64_t>();
  const auto synced_bytes = in.number<std::uint64_t>();
  if (number != number_of(manifest) || note != note_of(number, synced_bytes)) return std::nullopt;
  return synced_bytes;
}

Result<void> cut(const std::filesystem::path& path, std::size_t size) {
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  const bool done =
      file >= 0 && ::ftruncate(file, static_cast<off_t>(size)) == 0 && ::fsync(file) == 0;
  if (file >= 0) ::close(file);
  if (!done) return Failure{"the torn end of " + path.string() + " could not be cut off"};
  return {};
}

/// A table, a journal with something in it, or a list of files: of a store that was there before.
/// Not the first list of all: it names no table, and is written just before CURRENT when a store is
/// made, so a making that was cut short leaves it.
bool holds_something(const std::filesystem::directory_entry& file) {
  std::error_code error;
  const auto& path = file.path();
  if (path.filename().native().rfind(kPrefix, 0) == 0) return number_of(path) > 1;
  return path.extension() == ".sst" || (path.extension() == ".log" && file.file_size(error) > 0);
}

}  // namespace

ManifestEnd scan_manifest(BytesView manifest) {
  ManifestEnd end;
  std::size_t at = 0;
  bool inside = false;
  while ((at = skip_rest_of_block(at)) < manifest.size()) {
    std::size_t size = 0;
    const Piece piece = piece_at(manifest, at, size);
    const bool begins = piece == Piece::whole || piece == Piece::first;
    if (piece == Piece::none || begins == inside) break;
    at += size;
    inside = piece == Piece::first || piece == Piece::middle;
    if (!inside) end.whole = at;
  }
  end.anything_after = end.whole < manifest.size();
  // Pieces of the record that was being read are valid, and the record is not.
  for (std::size_t place = at; place < manifest.size() && !end.records_after; ++place) {
    std::size_t size = 0;
    end.records_after = piece_at(manifest, place, size) != Piece::none;
  }
  return end;
}

void note_manifest(const std::filesystem::path& manifest, std::uint64_t synced_bytes) noexcept {
  if (manifest.filename().native().rfind(kPrefix, 0) != 0) return;
  const std::filesystem::path path = note_path(manifest.parent_path());
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return;  // the next opening is told less
  const Bytes note = note_of(number_of(manifest), synced_bytes);
  [[maybe_unused]] const auto written = ::pwrite(file, note.data(), note.size(), 0);
  ::close(file);
}

Result<bool> mend_manifest(const std::filesystem::path& directory) {
  Bytes name = content(directory / "CURRENT");
  if (name.rfind(kPrefix, 0) != 0 || name.back() != '\n') return false;
  name.pop_back();
  const std::filesystem::path path = directory / name;
  const Bytes manifest = content(path);
  const ManifestEnd end = scan_manifest(manifest);
  if (end.whole == 0 || !end.anything_after) return false;
  const auto synced_bytes = noted(path);
  if (synced_bytes ? end.whole < *synced_bytes : end.records_after) return false;
  if (auto done = cut(path, end.whole); !done) return done.error();
  trace(Level::warning, "log_manifest_cut",
        {{"file", path.string()},
         {"octets", std::to_string(manifest.size() - end.whole)},
         {"why", "they were being written when the power went and were never synced"}});
  return true;
}

Result<void> entry_is_there(const std::filesystem::path& directory) {
  std::error_code error;
  if (std::filesystem::exists(directory / "CURRENT", error)) return {};
  std::filesystem::directory_iterator file(directory, error);
  for (; !error && file != std::filesystem::directory_iterator(); file.increment(error)) {
    if (!holds_something(*file)) continue;
    return Failure{"the file CURRENT is missing beside " + file->path().filename().string()};
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return Failure{"the folder " + directory.string() + " cannot be read: " + error.message()};
  }
  return {};
}

}  // namespace engine
