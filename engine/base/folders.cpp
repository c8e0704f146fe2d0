#include "engine/base/folders.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <vector>

namespace engine {
namespace {

/// The folders that get a new entry when `directory` is made.
std::vector<std::filesystem::path> folders_to_change(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> changed;
  std::error_code error;
  auto path = std::filesystem::absolute(directory, error);
  while (path.has_relative_path() && !std::filesystem::exists(path, error)) {
    path = path.parent_path();
    changed.push_back(path);
  }
  return changed;
}

}  // namespace

Result<void> make_folder(const std::filesystem::path& directory) {
  std::error_code error;
  const auto changed = folders_to_change(directory);
  std::filesystem::create_directories(directory, error);
  if (error) {
    return Failure{"cannot make the folder ", directory.string(), ": ", error.message()};
  }
  for (const auto& folder : changed) sync_folder(folder);
  return {};
}

void sync_folder(const std::filesystem::path& directory) {
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace engine
