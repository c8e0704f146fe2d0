#include "ops/cli/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "ops/cli/visible.hpp"

namespace ops::cli {
namespace {

class Opened {
 public:
  explicit Opened(int number) : number_(number) {}
  ~Opened() {
    if (number_ > STDERR_FILENO) ::close(number_);
  }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

Trouble cannot(std::string_view act, const std::string& file) {
  return trouble(Exit::usage,
                 fmt::format("{} cannot be {}: {}", visible(file), act, std::strerror(errno)));
}

}  // namespace

Outcome<std::string> read_file(const std::string& file, std::size_t bytes_max) {
  const Opened opened(file == "-" ? STDIN_FILENO : ::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (opened.number() < 0) return cannot("read", file);
  std::string bytes;
  std::string block(64 << 10, '\0');
  while (true) {
    const ssize_t got = ::read(opened.number(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot("read", file);
    if (got == 0) return bytes;
    bytes.append(block, 0, static_cast<std::size_t>(got));
    if (bytes.size() > bytes_max) {
      return trouble(Exit::refused,
                     fmt::format("{} is larger than {} KiB", visible(file), bytes_max >> 10));
    }
  }
}

Outcome<std::string> read_token(const std::string& file) {
  struct stat about {};
  if (::stat(file.c_str(), &about) != 0) return cannot("read", file);
  if ((about.st_mode & 077) != 0) {
    return trouble(Exit::usage, fmt::format("{} may be read by others", visible(file)),
                   fmt::format("make it yours alone: chmod 600 {}", visible(file)));
  }
  auto bytes = read_file(file, kTokenBytesMax);
  if (!bytes) return bytes;
  while (!bytes->empty() && (bytes->back() == '\n' || bytes->back() == '\r')) bytes->pop_back();
  const auto printable = [](char c) { return c > ' ' && c < 0x7f; };
  if (!bytes->empty() && std::all_of(bytes->begin(), bytes->end(), printable)) return bytes;
  return trouble(Exit::usage, fmt::format("{} holds no token", visible(file)),
                 "a token is one line of letters, digits and signs");
}

namespace {

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Outcome<void> write_file(const std::filesystem::path& file, std::string_view bytes,
                         Readers readers) {
  const std::string name = file.string();
  std::error_code error;
  if (std::filesystem::exists(file, error) && !std::filesystem::is_regular_file(file, error)) {
    // A pipe or /dev/stdout: there is nothing to keep whole.
    const Opened opened(::open(name.c_str(), O_WRONLY | O_CLOEXEC));
    if (opened.number() < 0 || !write_all(opened.number(), bytes)) return cannot("written", name);
    return {};
  }
  const std::string beside = fmt::format("{}.{}.part", name, ::getpid());
  {
    const mode_t mode = readers == Readers::owner ? 0600 : 0666;
    const Opened opened(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (opened.number() < 0) return cannot("written", name);
    if (!write_all(opened.number(), bytes) || ::fsync(opened.number()) != 0) {
      const Trouble why = cannot("written", name);
      ::unlink(beside.c_str());
      return why;
    }
  }
  if (::rename(beside.c_str(), name.c_str()) != 0) {
    const Trouble why = cannot("written", name);
    ::unlink(beside.c_str());
    return why;
  }
  return {};
}

std::string beside(const std::string& draft, std::string_view ending) {
  std::filesystem::path name = draft;
  if (name.extension() == ".xml") name.replace_extension();
  return name.string() + std::string(ending);
}

}  // namespace ops::cli
