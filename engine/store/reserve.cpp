#include "engine/store/reserve.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace engine {

Reserve::Reserve(std::filesystem::path file, std::uint64_t bytes)
    : file_(std::move(file)), bytes_(bytes) {
  if (bytes_ == 0) return;
  descriptor_ = ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  struct stat found {};
  if (descriptor_ < 0 || ::fstat(descriptor_, &found) != 0) return;
  // What an earlier process held is held still; a file with holes in it holds less than it says.
  const auto held = std::min(static_cast<std::uint64_t>(found.st_size),
                             static_cast<std::uint64_t>(found.st_blocks) * 512);
  held_ = std::min(held, bytes_);
}

Reserve::~Reserve() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool Reserve::give(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (descriptor_ < 0 || held_ == 0) return false;
  const std::uint64_t left = held_ - std::min<std::uint64_t>(held_, std::max(bytes, kStepBytes));
  if (::ftruncate(descriptor_, static_cast<off_t>(left)) != 0) return false;
  held_ = left;
  return true;
}

void Reserve::refill(std::uint64_t free_bytes, std::uint64_t others_bytes) {
  const std::lock_guard lock(mutex_);
  if (descriptor_ < 0 || held_ >= bytes_) return;
  if (free_bytes < others_bytes || free_bytes - others_bytes < bytes_ - held_) return;
  const auto from = static_cast<off_t>(held_.load());
  if (::fallocate(descriptor_, 0, from, static_cast<off_t>(bytes_) - from) == 0) held_ = bytes_;
}

}  // namespace engine
