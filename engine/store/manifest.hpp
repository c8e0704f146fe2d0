#pragma once
// The end of RocksDB's list of files, its MANIFEST, after a power loss. What was being added and
// never synced can be anything, and RocksDB refuses all of it; here it is told from damage, and cut
// off. On the thread that opens the store, beside notes made by whoever syncs.
#include <cstdint>
#include <filesystem>
#include <string>

#include "engine/base/bytes.hpp"
#include "engine/base/result.hpp"

namespace engine {

/// How far a list of files can be read, by RocksDB's log format: blocks of 32 KiB; in each, pieces
/// of a record with 7 octets before them: CRC-32C (masked, little-endian), length (2, little-
/// endian), kind (1 whole, 2 first, 3 middle, 4 last). A piece does not cross a block.
struct ManifestEnd {
  std::size_t whole = 0;        // where the last whole record ends, before the first fault
  bool anything_after = false;  // octets
  bool records_after = false;   // a piece that is valid, at whatever place
};
ManifestEnd scan_manifest(BytesView manifest);

/// Notes how much of a list of files is synced, beside it. Not synced itself: after a power loss it
/// may lag behind, and is never ahead.
void note_manifest(const std::filesystem::path& manifest, std::uint64_t synced_bytes) noexcept;

/// Cuts an end off that was never synced. True if there was one: then the store can be opened
/// again. What was synced is left as it is, damaged or not.
Result<bool> mend_manifest(const std::filesystem::path& directory);

/// Tables without RocksDB's entry to them: it would take the folder for a new one and empty it.
Result<void> entry_is_there(const std::filesystem::path& directory);

}  // namespace engine
