#pragma once
// Files named on the command line: read whole and bounded, written so that a reader sees the old
// one or the new one and never half of either.
#include <filesystem>
#include <string>
#include <string_view>

#include "ops/cli/outcome.hpp"

namespace ops::cli {

/// `-` is standard input. More than `bytes_max` is a trouble.
Outcome<std::string> read_file(const std::string& file, std::size_t bytes_max);

/// A secret of one line: refused where others may read the file.
Outcome<std::string> read_token(const std::string& file);

/// Beside the file, synced, then renamed over it. Mode 0644 as the umask leaves it, or
/// for nobody else.
enum class Readers { everybody, owner };
Outcome<void> write_file(const std::filesystem::path& file, std::string_view bytes,
                         Readers readers = Readers::everybody);

/// What belongs to a draft and lies beside it: "fire.xml" has "fire.signed". A name that does not
/// end in .xml stays whole, so that no two drafts share such a file.
std::string beside(const std::string& draft, std::string_view ending);
inline constexpr std::string_view kSignedEnding = ".signed";
inline constexpr std::string_view kCorrectionEnding = ".cancel.xml";

inline constexpr std::size_t kTrustBytesMax = 16UL << 20;
inline constexpr std::size_t kTokenBytesMax = 4096;
inline constexpr std::size_t kAlertBytesMax = 4UL << 20;

}  // namespace ops::cli
