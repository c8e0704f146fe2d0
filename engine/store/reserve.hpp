#pragma once
// Room on the disk that is really held, as a file of that size, so that nobody else can fill it. It
// is given up piece by piece when the disk is full and taken again when there is room. Any thread.
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <mutex>

namespace engine {

class Reserve {
 public:
  /// Nothing is held before refill(). `bytes` of 0: there is no reserve.
  Reserve(std::filesystem::path file, std::uint64_t bytes);
  Reserve(const Reserve&) = delete;
  Reserve& operator=(const Reserve&) = delete;
  ~Reserve();

  // What is given at once at least: less would be asked for again by the next write.
  static constexpr std::uint64_t kStepBytes = 4UL << 20;

  /// Gives at least `bytes` back to the disk, in steps; false once nothing is left to give.
  bool give(std::uint64_t bytes);

  /// Holds all of it again where that leaves at least `others_bytes` of what is free to others. On
  /// a disk that cannot hold room for a file nothing ever is held, and all of it stays missing.
  void refill(std::uint64_t free_bytes, std::uint64_t others_bytes);

  std::filesystem::path folder() const { return file_.parent_path(); }
  std::uint64_t held_bytes() const noexcept { return held_; }
  std::uint64_t missing_bytes() const noexcept { return bytes_ - held_; }

 private:
  const std::filesystem::path file_;
  const std::uint64_t bytes_;
  std::mutex mutex_;
  int descriptor_ = -1;
  std::atomic<std::uint64_t> held_{0};
};

}  // namespace engine
