// The reserve is there for want of room, and is kept where something else is missing.
#include "engine/store/guarded_disk.hpp"

#include <doctest/doctest.h>

#include "tests/faults/round.hpp"

namespace {

constexpr std::uint64_t kHeld = 16UL << 20;

/// A disk that can make no file, however much room it has.
class NoInodes final : public rocksdb::FileSystemWrapper {
 public:
  explicit NoInodes(std::uint64_t free_bytes)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), free_bytes_(free_bytes) {}
  const char* Name() const override { return "NoInodes"; }

  rocksdb::IOStatus NewWritableFile(const std::string& /*path*/,
                                    const rocksdb::FileOptions& /*options*/,
                                    std::unique_ptr<rocksdb::FSWritableFile>* /*file*/,
                                    rocksdb::IODebugContext* /*debug*/) override {
    ++tried;
    return rocksdb::IOStatus::NoSpace();
  }
  rocksdb::IOStatus GetFreeSpace(const std::string& /*path*/, const rocksdb::IOOptions& /*options*/,
                                 std::uint64_t* bytes,
                                 rocksdb::IODebugContext* /*debug*/) override {
    *bytes = free_bytes_;
    return rocksdb::IOStatus::OK();
  }

  int tried = 0;

 private:
  const std::uint64_t free_bytes_;
};

/// What the reserve holds after a file could not be made.
std::uint64_t held_after(std::uint64_t free_bytes, int tries) {
  const auto folder = tests::fast_folder("tocsin-reserve");
  std::filesystem::create_directories(folder);
  const auto reserve = std::make_shared<engine::Reserve>(folder / "reserve", kHeld);
  reserve->refill(kHeld, 0);
  REQUIRE(reserve->held_bytes() == kHeld);
  const auto disk = std::make_shared<NoInodes>(free_bytes);
  engine::GuardedDisk guarded(disk, reserve);
  std::unique_ptr<rocksdb::FSWritableFile> file;
  const auto status = guarded.NewWritableFile((folder / "file").string(), {}, &file, nullptr);
  CHECK(status.IsNoSpace());
  CHECK(disk->tried == tries);
  const std::uint64_t held = reserve->held_bytes();
  std::filesystem::remove_all(folder);
  return held;
}

}  // namespace

TEST_CASE("One step of the reserve is given where room is not what is missing") {
  CHECK(held_after(engine::Reserve::kStepBytes, 2) == kHeld - engine::Reserve::kStepBytes);
}

TEST_CASE("All of the reserve is given while the disk is full") {
  CHECK(held_after(engine::Reserve::kStepBytes - 1, 5) == 0);
}
