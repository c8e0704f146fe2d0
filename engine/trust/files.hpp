#pragma once
// Small files read whole and written so that they survive power loss. Blocks; start-up and the
// commands use it, never a shard.
#include <sys/types.h>

#include <filesystem>

#include "engine/base/bytes.hpp"
#include "engine/base/result.hpp"

namespace engine::trust {

struct FileContents {
  Bytes bytes;
  mode_t mode = 0;
};

/// A regular file of at most `size_max` octets.
Result<FileContents> read_file(const std::filesystem::path& file, std::size_t size_max);

/// Writes a file that is not there yet, with exactly that mode; leaves none behind when it fails.
Result<void> create_file(const std::filesystem::path& file, BytesView bytes, mode_t mode);

/// Replaces a file by one with these bytes: after a power loss there is the old one or the new one,
/// whole. When it returns, it is the new one.
Result<void> replace_file(const std::filesystem::path& file, BytesView bytes, mode_t mode);

}  // namespace engine::trust
