#pragma once
// A directory's folder in which the contacts of one organisation do not open any more.
#include <filesystem>
#include <string_view>

namespace tests {

/// One bit of what is sealed is another one. Nobody has the folder open.
void damage_profile(const std::filesystem::path& folder, std::string_view organisation);

}  // namespace tests
