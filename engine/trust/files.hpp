#pragma once
// Small files read whole and written so that they survive power loss. Blocks; start-up and the
// commands use it, never a shard.
#include <sys/types.h>

#include <filesystem>
#include <string>

#include "engine/base/bytes.hpp"
#include "engine/base/result.hpp"

namespace engine::trust {

struct FileContents {
  Bytes bytes;
  mode_t mode = 0;
};

/// Why a file was not written: a sentence, and the system's number for it.
struct NotWritten {
  std::string what;
  int error = 0;
};
[[noreturn]] inline void throw_exception_from_error(const NotWritten& why,
                                                    const boost::source_location&) {
  throw std::runtime_error(why.what);
}
using Written = boost::system::result<void, NotWritten>;

/// A regular file of at most `size_max` octets.
Result<FileContents> read_file(const std::filesystem::path& file, std::size_t size_max);

/// One with a secret: not where others than its owner may read it. What is said says nothing of it.
Result<Bytes> read_private(const std::filesystem::path& file, std::size_t size_max);

/// A password or a key that somebody has put into such a file, without the line ends behind it. It
/// is not empty, and no C string that reads it stops earlier.
inline constexpr std::size_t kSecretFileBytes = 16UL << 10;
Result<Bytes> read_secret(const std::filesystem::path& file);

/// Writes a file that is not there yet, with exactly that mode; leaves none behind when it fails.
Written create_file(const std::filesystem::path& file, BytesView bytes, mode_t mode);

/// Replaces a file by one with these bytes: after a power loss there is the old one or the new one,
/// whole. When it returns, it is the new one.
Written replace_file(const std::filesystem::path& file, BytesView bytes, mode_t mode);

}  // namespace engine::trust
