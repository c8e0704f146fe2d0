#include "engine/trust/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "engine/sealing.hpp"

namespace engine::trust {
namespace {

/// Closes what it holds.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }

 private:
  int fd_;
};

NotWritten failure(std::string_view doing, const std::filesystem::path& file, int error) {
  return {fmt::format("Cannot {} {}: {}.", doing, file.string(),
                      std::generic_category().message(error)),
          error};
}

Failure unreadable(const std::filesystem::path& file, int error) {
  return Failure{failure("read", file, error).what};
}

bool write_all(int fd, BytesView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool read_all(int fd, Bytes& bytes) {
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = ::read(fd, bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return true;
}

std::filesystem::path folder_of(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

/// Makes the names in a folder durable.
Written sync_folder(const std::filesystem::path& folder) {
  const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.open() || ::fsync(fd.get()) != 0) return failure("sync the folder", folder, errno);
  return {};
}

/// Opens with `flags`, writes, syncs; unlinks the file when anything fails after the opening.
Written write_synced(const std::filesystem::path& file, BytesView bytes, mode_t mode, int flags) {
  const Descriptor fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, mode));
  if (!fd.open()) return failure("create", file, errno);
  if (::fchmod(fd.get(), mode) == 0 && write_all(fd.get(), bytes) && ::fsync(fd.get()) == 0) {
    return {};
  }
  const int error = errno;
  ::unlink(file.c_str());
  return failure("write", file, error);
}

}  // namespace

Result<FileContents> read_file(const std::filesystem::path& file, std::size_t size_max) {
  // Not blocking, or a named pipe would hold us up here for ever.
  const Descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat about {};
  if (!fd.open() || ::fstat(fd.get(), &about) != 0) return unreadable(file, errno);
  if (!S_ISREG(about.st_mode)) {
    return Failure{fmt::format("{} is no regular file; give another.", file.string())};
  }
  if (static_cast<std::size_t>(about.st_size) > size_max) {
    return Failure{fmt::format("{} has {} octets, more than the {} such a file may have.",
                               file.string(), about.st_size, size_max)};
  }
  FileContents contents{Bytes(static_cast<std::size_t>(about.st_size), '\0'), about.st_mode};
  if (!read_all(fd.get(), contents.bytes)) return unreadable(file, errno);
  return contents;
}

Result<Bytes> read_private(const std::filesystem::path& file, std::size_t size_max) {
  auto contents = read_file(file, size_max);
  if (!contents) return contents.error();
  if ((contents->mode & 077) == 0) return std::move(contents->bytes);
  wipe(contents->bytes);
  return Failure{fmt::format("{0} may be read by others; run: chmod 600 {0}", file.string())};
}

Result<Bytes> read_secret(const std::filesystem::path& file) {
  auto secret = read_private(file, kSecretFileBytes);
  if (!secret) return secret;
  secret->resize(secret->find_last_not_of("\r\n") + 1);
  if (!secret->empty() && secret->find('\0') == Bytes::npos) return secret;
  wipe(*secret);
  return Failure{fmt::format("{} holds no secret", file.string())};
}

Written create_file(const std::filesystem::path& file, BytesView bytes, mode_t mode) {
  const auto written = write_synced(file, bytes, mode, O_EXCL);
  if (!written) return written;
  return sync_folder(folder_of(file));
}

Written replace_file(const std::filesystem::path& file, BytesView bytes, mode_t mode) {
  std::filesystem::path fresh = file;
  fresh += ".new";
  const auto written = write_synced(fresh, bytes, mode, O_TRUNC | O_NOFOLLOW);
  if (!written) return written;
  if (::rename(fresh.c_str(), file.c_str()) != 0) {
    const int error = errno;
    ::unlink(fresh.c_str());
    return failure("replace", file, error);
  }
  return sync_folder(folder_of(file));
}

}  // namespace engine::trust
