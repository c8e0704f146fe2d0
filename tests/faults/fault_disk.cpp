#include "tests/faults/fault_disk.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace tests {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

constexpr std::uint64_t kSectorBytes = 512;
constexpr std::uint64_t kPlentyBytes = 1UL << 40;

std::string folder_of(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

}  // namespace

const char* name_of(DiskOp op) {
  switch (op) {
    case DiskOp::open:
      return "open";
    case DiskOp::write:
      return "write";
    case DiskOp::sync:
      return "sync";
    case DiskOp::rename:
      return "rename";
    case DiskOp::remove:
      return "remove";
    case DiskOp::sync_folder:
      return "sync of a folder";
  }
  return "";
}

class FaultDisk::File final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  File(FaultDisk& disk, std::string path, std::unique_ptr<rocksdb::FSWritableFile> file)
      : FSWritableFileOwnerWrapper(std::move(file)), disk_(disk), path_(std::move(path)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    return PositionedAppend(data, target()->GetFileSize(options, debug), options, debug);
  }
  IOStatus PositionedAppend(const Slice& data, std::uint64_t offset, const IOOptions& options,
                            IODebugContext* debug) override {
    const IOStatus allowed = disk_.step(DiskOp::write, path_);
    if (!allowed.ok()) {
      // A disk that fails or is full has often written some of it.
      const Slice part(data.data(), data.size() / 2);
      target()->PositionedAppend(part, offset, options, debug).PermitUncheckedError();
      note_size(offset + part.size());
      return allowed;
    }
    const IOStatus status = target()->PositionedAppend(data, offset, options, debug);
    if (status.ok()) note_size(offset + data.size());
    return status;
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return sync([&] { return target()->Sync(options, debug); });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return sync([&] { return target()->Fsync(options, debug); });
  }
  // Says nothing about what is durable.
  IOStatus RangeSync(std::uint64_t /*offset*/, std::uint64_t /*bytes*/,
                     const IOOptions& /*options*/, IODebugContext* /*debug*/) override {
    return IOStatus::OK();
  }
  // Room is not what is tried here.
  void PrepareWrite(std::size_t /*offset*/, std::size_t /*length*/, const IOOptions& /*options*/,
                    IODebugContext* /*debug*/) override {}

 private:
  template <class Sync>
  IOStatus sync(const Sync& real) {
    const IOStatus allowed = disk_.step(DiskOp::sync, path_);
    if (!allowed.ok()) return allowed;
    const IOStatus status = real();
    const std::lock_guard lock(disk_.mutex_);
    Extent& extent = disk_.extents_[path_];
    if (status.ok()) extent.synced = extent.size;
    return status;
  }
  void note_size(std::uint64_t size) {
    const std::lock_guard lock(disk_.mutex_);
    disk_.extents_[path_].size = std::max(disk_.extents_[path_].size, size);
  }

  FaultDisk& disk_;
  const std::string path_;
};

class FaultDisk::Folder final : public rocksdb::FSDirectoryWrapper {
 public:
  Folder(FaultDisk& disk, std::string path, std::unique_ptr<rocksdb::FSDirectory> folder)
      : FSDirectoryWrapper(std::move(folder)), disk_(disk), path_(std::move(path)) {}

  IOStatus Fsync(const IOOptions& /*options*/, IODebugContext* /*debug*/) override {
    const IOStatus allowed = disk_.step(DiskOp::sync_folder, path_);
    if (!allowed.ok()) return allowed;
    const std::lock_guard lock(disk_.mutex_);
    for (const NameChange& change : disk_.changes_[path_]) {
      if (!change.kept.empty()) ::unlink(change.kept.c_str());
    }
    disk_.changes_[path_].clear();
    return IOStatus::OK();
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& /*unused*/) override {
    return Fsync(options, debug);
  }

 private:
  FaultDisk& disk_;
  const std::string path_;
};

FaultDisk::FaultDisk(std::filesystem::path trash, std::uint64_t seed)
    : FileSystemWrapper(rocksdb::FileSystem::Default()), trash_(std::move(trash)), random_(seed) {
  std::filesystem::create_directories(trash_);
}

void FaultDisk::fail(DiskFault fault) {
  const std::lock_guard lock(mutex_);
  fault_ = fault;
  counted_ = 0;
  met_ = false;
}

bool FaultDisk::mend() {
  const std::lock_guard lock(mutex_);
  fault_ = {};
  return met_;
}

bool FaultDisk::met() const {
  const std::lock_guard lock(mutex_);
  return met_;
}

IOStatus FaultDisk::answer_of(int error, const std::string& path) const {
  return error == ENOSPC ? IOStatus::NoSpace("the disk is full", path)
                         : IOStatus::IOError("the disk does not", path);
}

IOStatus FaultDisk::step(DiskOp op, const std::string& path) {
  std::unique_lock lock(mutex_);
  ++operations_;
  if (fault_.nth == 0 || (fault_.op && *fault_.op != op)) return IOStatus::OK();
  ++counted_;
  const bool now = counted_ == fault_.nth ||
                   (counted_ > fault_.nth && fault_.lasts == DiskFault::Lasts::until_mended);
  if (!now) return IOStatus::OK();
  met_ = true;
  if (fault_.error != 0) return answer_of(fault_.error, path);
  lock.unlock();
  lose_power();
}

std::uint64_t FaultDisk::below(std::uint64_t limit) { return random_() % limit; }

void FaultDisk::lose_power() {
  mutex_.lock();  // for ever
  forget_names();
  for (const auto& [path, extent] : extents_) tear(path, extent);
  after_();
  std::abort();
}

/// Names are forgotten from the youngest on, as journals of file systems do it: none, all, or some.
void FaultDisk::forget_names() {
  for (auto& [folder, changes] : changes_) {
    std::size_t left = 0;
    switch (below(3)) {
      case 0:
        left = changes.size();
        break;
      case 1:
        left = 0;
        break;
      default:
        left = below(changes.size() + 1);
    }
    while (changes.size() > left) {
      take_back(changes.back());
      changes.pop_back();
    }
  }
}

void FaultDisk::take_back(const NameChange& change) {
  switch (change.kind) {
    case NameChange::Kind::made:
      ::unlink(change.path.c_str());
      extents_.erase(change.path);
      return;
    case NameChange::Kind::renamed:
      ::rename(change.path.c_str(), change.before.c_str());
      extents_[change.before] = extents_[change.path];
      extents_.erase(change.path);
      break;
    case NameChange::Kind::removed:
      break;
  }
  if (change.kept.empty()) return;
  ::rename(change.kept.c_str(), change.path.c_str());
  extents_[change.path] = change.kept_extent;
}

/// What was written and not synced is gone, or there, or cut, or there with sectors of something
/// else in it.
void FaultDisk::tear(const std::string& path, const Extent& extent) {
  if (extent.synced >= extent.size) return;
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return;
  const std::uint64_t tail = extent.size - extent.synced;
  switch (below(4)) {
    case 0:
      (void)!::ftruncate(file, static_cast<off_t>(extent.synced));
      break;
    case 1:
      break;
    case 2:
      (void)!::ftruncate(file, static_cast<off_t>(extent.synced + below(tail + 1)));
      break;
    default:
      for (std::uint64_t at = extent.synced; at < extent.size;
           at = (at / kSectorBytes + 1) * kSectorBytes) {
        const std::uint64_t end = std::min(extent.size, (at / kSectorBytes + 1) * kSectorBytes);
        if (below(2) == 0) continue;
        std::string sector(end - at, '\0');
        if (below(2) == 0) {
          for (char& octet : sector) octet = static_cast<char>(below(256));
        }
        (void)!::pwrite(file, sector.data(), sector.size(), static_cast<off_t>(at));
      }
  }
  ::close(file);
}

/// Moves a file out of sight instead of removing it.
std::string FaultDisk::keep(const std::string& path) {
  const std::string kept = (trash_ / std::to_string(++trashed_)).string();
  return ::rename(path.c_str(), kept.c_str()) == 0 ? kept : std::string();
}

IOStatus FaultDisk::NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    IODebugContext* debug) {
  const IOStatus allowed = step(DiskOp::open, path);
  if (!allowed.ok()) return allowed;
  {
    const std::lock_guard lock(mutex_);
    const auto before = extents_.find(path);
    if (std::filesystem::exists(path)) {
      const std::uint64_t size = std::filesystem::file_size(path);
      const Extent extent = before != extents_.end() ? before->second : Extent{size, size};
      changes_[folder_of(path)].push_back(
          {NameChange::Kind::removed, path, "", keep(path), extent});
    }
  }
  const IOStatus status = target()->NewWritableFile(path, options, file, debug);
  if (!status.ok()) return status;
  const std::lock_guard lock(mutex_);
  changes_[folder_of(path)].push_back({NameChange::Kind::made, path, "", "", {}});
  extents_[path] = {};
  *file = std::make_unique<File>(*this, path, std::move(*file));
  return status;
}

IOStatus FaultDisk::ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file,
                                       IODebugContext* debug) {
  const IOStatus allowed = step(DiskOp::open, path);
  if (!allowed.ok()) return allowed;
  const IOStatus status = target()->ReopenWritableFile(path, options, file, debug);
  if (!status.ok()) return status;
  const std::lock_guard lock(mutex_);
  const std::uint64_t size = std::filesystem::file_size(path);
  extents_.try_emplace(path, Extent{size, size});
  *file = std::make_unique<File>(*this, path, std::move(*file));
  return status;
}

IOStatus FaultDisk::NewDirectory(const std::string& path, const IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* folder,
                                 IODebugContext* debug) {
  const IOStatus status = target()->NewDirectory(path, options, folder, debug);
  if (status.ok()) *folder = std::make_unique<Folder>(*this, path, std::move(*folder));
  return status;
}

IOStatus FaultDisk::DeleteFile(const std::string& path, const IOOptions& /*options*/,
                               IODebugContext* /*debug*/) {
  const IOStatus allowed = step(DiskOp::remove, path);
  if (!allowed.ok()) return allowed;
  const std::lock_guard lock(mutex_);
  if (!std::filesystem::exists(path)) return IOStatus::PathNotFound(path);
  const std::uint64_t size = std::filesystem::file_size(path);
  const auto known = extents_.find(path);
  const Extent extent = known != extents_.end() ? known->second : Extent{size, size};
  changes_[folder_of(path)].push_back({NameChange::Kind::removed, path, "", keep(path), extent});
  extents_.erase(path);
  return IOStatus::OK();
}

IOStatus FaultDisk::RenameFile(const std::string& from, const std::string& to,
                               const IOOptions& options, IODebugContext* debug) {
  const IOStatus allowed = step(DiskOp::rename, to);
  if (!allowed.ok()) return allowed;
  const std::lock_guard lock(mutex_);
  NameChange change{NameChange::Kind::renamed, to, from, "", {}};
  if (std::filesystem::exists(to)) {
    const std::uint64_t size = std::filesystem::file_size(to);
    const auto known = extents_.find(to);
    change.kept_extent = known != extents_.end() ? known->second : Extent{size, size};
    change.kept = keep(to);
  }
  const IOStatus status = target()->RenameFile(from, to, options, debug);
  if (!status.ok()) return status;
  const std::uint64_t size = std::filesystem::file_size(to);
  const auto known = extents_.find(from);
  extents_[to] = known != extents_.end() ? known->second : Extent{size, size};
  extents_.erase(from);
  changes_[folder_of(to)].push_back(std::move(change));
  return status;
}

IOStatus FaultDisk::GetFreeSpace(const std::string& /*path*/, const IOOptions& /*options*/,
                                 std::uint64_t* bytes, IODebugContext* /*debug*/) {
  const std::lock_guard lock(mutex_);
  const bool full =
      met_ && fault_.error == ENOSPC && fault_.lasts == DiskFault::Lasts::until_mended;
  *bytes = full ? 0 : kPlentyBytes;
  return IOStatus::OK();
}

}  // namespace tests
