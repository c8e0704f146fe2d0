#include "ops/admin/local_socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "ops/admin/limits.hpp"

namespace ops {

using engine::Failure;
using engine::Result;

namespace {

constexpr const char* kName = "admin.sock";
constexpr std::size_t kPieceBytes = 64 * 1024;

Failure cannot(std::string_view what, const std::filesystem::path& folder) {
  return Failure{"cannot ", what, " ", (folder / kName).string(), ": ", std::strerror(errno)};
}

/// An address of a name in a folder that is open: however long the folder's own name is.
sockaddr_un address_in(int folder, const char* name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = "/proc/self/fd/" + std::to_string(folder) + "/" + name;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

Descriptor open_folder(const std::filesystem::path& folder) {
  return Descriptor{::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
}

Descriptor new_socket() { return Descriptor{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)}; }

void set_patience(int socket) {
  const timeval patience{limits::kAdminPatience.count(), 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = other.release();
  return *this;
}
Descriptor::~Descriptor() {
  if (descriptor_ >= 0) ::close(descriptor_);
}
int Descriptor::release() { return std::exchange(descriptor_, -1); }

Result<Descriptor> listen_locally(const std::filesystem::path& folder) {
  // Bound inside a folder nobody else may enter, made its owner's alone there, and only then put
  // where it is found: there is no moment at which others could connect, whatever the umask.
  const auto hidden = folder / ".admin";
  if (::mkdir(hidden.c_str(), 0700) != 0 && errno != EEXIST) return cannot("make", folder);
  if (::chmod(hidden.c_str(), 0700) != 0) return cannot("make", folder);
  const Descriptor inside = open_folder(hidden);
  if (inside.get() < 0) return cannot("make", folder);
  ::unlinkat(inside.get(), kName, 0);
  Descriptor socket = new_socket();
  const sockaddr_un address = address_in(inside.get(), kName);
  if (socket.get() < 0 ||
      ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::chmod((hidden / kName).c_str(), 0600) != 0 ||
      ::listen(socket.get(), limits::kAdminBacklog) != 0 ||
      ::rename((hidden / kName).c_str(), (folder / kName).c_str()) != 0) {
    return cannot("listen on", folder);
  }
  ::rmdir(hidden.c_str());
  return socket;
}

Result<Descriptor> connect_locally(const std::filesystem::path& folder) {
  const Descriptor inside = open_folder(folder);
  if (inside.get() < 0) return Failure{"there is no folder ", folder.string()};
  Descriptor socket = new_socket();
  if (socket.get() < 0) return cannot("reach", folder);
  const sockaddr_un address = address_in(inside.get(), kName);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == ENOENT || errno == ECONNREFUSED) return Descriptor{};
    return cannot("reach", folder);
  }
  return socket;
}

bool is_own_peer(int socket) {
  set_patience(socket);
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == ::geteuid() || peer.uid == 0;
}

bool send_all(int socket, std::string_view bytes, Until until) {
  while (!bytes.empty()) {
    if (std::chrono::steady_clock::now() >= until) return false;
    const std::size_t size = std::min(bytes.size(), kPieceBytes);
    const ssize_t sent = ::send(socket, bytes.data(), size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool each_line(int socket, const std::function<bool(std::string_view)>& line, Until until) {
  std::string waiting;
  std::string piece(kPieceBytes, '\0');
  while (true) {
    if (std::chrono::steady_clock::now() >= until) return false;
    const ssize_t size = ::recv(socket, piece.data(), piece.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return size == 0 && waiting.empty();
    std::size_t looked = waiting.size();
    waiting.append(piece, 0, static_cast<std::size_t>(size));
    std::size_t begin = 0;
    for (auto end = waiting.find('\n', looked); end != std::string::npos;
         end = waiting.find('\n', begin)) {
      if (end - begin > limits::kAdminLineBytes) return false;
      if (!line(std::string_view(waiting).substr(begin, end - begin))) return false;
      begin = end + 1;
    }
    waiting.erase(0, begin);
    if (waiting.size() > limits::kAdminLineBytes) return false;
  }
}

}  // namespace ops
