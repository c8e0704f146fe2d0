#include "engine/store/guarded_disk.hpp"

#include <algorithm>
#include <utility>

#include "engine/store/manifest.hpp"

namespace engine {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

IOStatus given_up() { return IOStatus::IOError("this store was given up"); }

thread_local int compactions_here = 0;

/// After a sync that failed nobody knows what the disk has, whatever the reason: the kernel may
/// have thrown away what it could not write. It is never taken for a disk that is merely full.
IOStatus sync_answer(const IOStatus& status) {
  return status.IsNoSpace() ? IOStatus::IOError("while syncing: " + status.ToString()) : status;
}

}  // namespace

/// A file that knows its own end, so that a piece that found no room can be written again at the
/// same place.
class GuardedDisk::File final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  File(GuardedDisk& disk, std::string path, std::unique_ptr<rocksdb::FSWritableFile> file,
       std::uint64_t size)
      : FSWritableFileOwnerWrapper(std::move(file)),
        disk_(disk),
        path_(std::move(path)),
        size_(size) {}
  ~File() override { disk_.forget(this); }

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    const IOStatus status = disk_.change(
        data.size(), [&] { return target()->PositionedAppend(data, size_, options, debug); });
    if (status.ok()) size_ += data.size();
    return status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& /*unused*/, IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    const IOStatus status =
        disk_.change(0, [&] { return target()->Truncate(size, options, debug); });
    if (status.ok()) size_ = size;
    return status;
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    if (disk_.closed()) return given_up();
    return synced(target()->Sync(options, debug));
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    if (disk_.closed()) return given_up();
    return synced(target()->Fsync(options, debug));
  }
  IOStatus RangeSync(std::uint64_t offset, std::uint64_t bytes, const IOOptions& options,
                     IODebugContext* debug) override {
    if (disk_.closed()) return given_up();
    return sync_answer(target()->RangeSync(offset, bytes, options, debug));
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    if (closed_.exchange(true)) return IOStatus::OK();
    return target()->Close(options, debug);
  }
  void PrepareWrite(std::size_t offset, std::size_t length, const IOOptions& options,
                    IODebugContext* debug) override {
    if (!disk_.closed()) target()->PrepareWrite(offset, length, options, debug);
  }

 private:
  IOStatus synced(const IOStatus& status) {
    if (status.ok()) note_manifest(path_, size_);
    return sync_answer(status);
  }

  GuardedDisk& disk_;
  const std::string path_;
  std::uint64_t size_;
  std::atomic<bool> closed_{false};
};

class GuardedDisk::Folder final : public rocksdb::FSDirectoryWrapper {
 public:
  Folder(const GuardedDisk& disk, std::unique_ptr<rocksdb::FSDirectory> folder)
      : FSDirectoryWrapper(std::move(folder)), disk_(disk) {}

  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    if (disk_.closed()) return given_up();
    return sync_answer(FSDirectoryWrapper::Fsync(options, debug));
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& why) override {
    if (disk_.closed()) return given_up();
    return sync_answer(FSDirectoryWrapper::FsyncWithDirOptions(options, debug, why));
  }

 private:
  const GuardedDisk& disk_;
};

GuardedDisk::GuardedDisk(const std::shared_ptr<rocksdb::FileSystem>& disk,
                         std::shared_ptr<Reserve> reserve)
    : FileSystemWrapper(disk), reserve_(std::move(reserve)) {}

void GuardedDisk::spare_reserve(int compactions) { compactions_here += compactions; }

template <class Change>
IOStatus GuardedDisk::change(std::uint64_t bytes, const Change& change) {
  if (closed()) return given_up();
  IOStatus status = change();
  for (bool given = false; status.IsNoSpace() && compactions_here == 0; given = true) {
    // Room that was given and is there still is not what was missing: a quota, or inodes.
    if (given && has_free(bytes)) return status;
    if (!reserve_->give(bytes)) return status;
    status = change();
  }
  return status;
}

bool GuardedDisk::has_free(std::uint64_t bytes) const {
  std::uint64_t free_bytes = 0;
  const IOStatus status =
      target()->GetFreeSpace(reserve_->folder().string(), IOOptions(), &free_bytes, nullptr);
  return status.ok() && free_bytes >= std::max(bytes, Reserve::kStepBytes);
}

void GuardedDisk::release() {
  const std::lock_guard lock(mutex_);
  for (File* file : files_) file->Close(IOOptions(), nullptr).PermitUncheckedError();
  for (auto* held : locks_) {
    target()->UnlockFile(held, IOOptions(), nullptr).PermitUncheckedError();
  }
  locks_.clear();
}

void GuardedDisk::forget(File* file) {
  const std::lock_guard lock(mutex_);
  files_.erase(file);
}

IOStatus GuardedDisk::keep(const std::string& path, std::unique_ptr<rocksdb::FSWritableFile>* file,
                           std::uint64_t size) {
  auto kept = std::make_unique<File>(*this, path, std::move(*file), size);
  const std::lock_guard lock(mutex_);
  if (closed()) return given_up();
  files_.insert(kept.get());
  *file = std::move(kept);
  return IOStatus::OK();
}

IOStatus GuardedDisk::NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file,
                                      IODebugContext* debug) {
  const IOStatus status =
      change(0, [&] { return target()->NewWritableFile(path, options, file, debug); });
  return status.ok() ? keep(path, file, 0) : status;
}

IOStatus GuardedDisk::ReopenWritableFile(const std::string& path,
                                         const rocksdb::FileOptions& options,
                                         std::unique_ptr<rocksdb::FSWritableFile>* file,
                                         IODebugContext* debug) {
  std::uint64_t size = 0;
  if (!target()->GetFileSize(path, IOOptions(), &size, debug).ok()) size = 0;
  const IOStatus status =
      change(0, [&] { return target()->ReopenWritableFile(path, options, file, debug); });
  return status.ok() ? keep(path, file, size) : status;
}

IOStatus GuardedDisk::NewDirectory(const std::string& path, const IOOptions& options,
                                   std::unique_ptr<rocksdb::FSDirectory>* folder,
                                   IODebugContext* debug) {
  const IOStatus status = target()->NewDirectory(path, options, folder, debug);
  if (status.ok()) *folder = std::make_unique<Folder>(*this, std::move(*folder));
  return status;
}

IOStatus GuardedDisk::DeleteFile(const std::string& path, const IOOptions& options,
                                 IODebugContext* debug) {
  return change(0, [&] { return target()->DeleteFile(path, options, debug); });
}

IOStatus GuardedDisk::RenameFile(const std::string& from, const std::string& to,
                                 const IOOptions& options, IODebugContext* debug) {
  return change(0, [&] { return target()->RenameFile(from, to, options, debug); });
}

IOStatus GuardedDisk::LockFile(const std::string& path, const IOOptions& options,
                               rocksdb::FileLock** lock, IODebugContext* debug) {
  const IOStatus status = change(0, [&] { return target()->LockFile(path, options, lock, debug); });
  if (!status.ok()) return status;
  const std::lock_guard guard(mutex_);
  locks_.insert(*lock);
  return status;
}

IOStatus GuardedDisk::UnlockFile(rocksdb::FileLock* lock, const IOOptions& options,
                                 IODebugContext* debug) {
  {
    const std::lock_guard guard(mutex_);
    if (locks_.erase(lock) == 0) return IOStatus::OK();  // given back already
  }
  return target()->UnlockFile(lock, options, debug);
}

}  // namespace engine
