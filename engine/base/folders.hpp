#pragma once
// Folders that survive a power loss once they are made. Any thread.
#include <filesystem>

#include "engine/base/result.hpp"

namespace engine {

/// Makes a folder and those around it where they are missing, and syncs what got a new entry.
Result<void> make_folder(const std::filesystem::path& directory);

/// Makes new entries of a folder survive a power loss.
void sync_folder(const std::filesystem::path& directory);

}  // namespace engine
