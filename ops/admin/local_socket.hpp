#pragma once
// DIR/admin.sock as descriptors: made for its owner alone, and read and written in lines. Plain
// functions; any thread.
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"

namespace ops {

/// A descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int descriptor = -1) : descriptor_(descriptor) {}
  Descriptor(Descriptor&& other) noexcept : descriptor_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  int get() const { return descriptor_; }
  int release();

 private:
  int descriptor_;
};

/// Listens on `folder`/admin.sock, mode 0600 from the first moment; one that was left there goes.
engine::Result<Descriptor> listen_locally(const std::filesystem::path& folder);

/// Connects to it; an invalid descriptor where nobody listens.
engine::Result<Descriptor> connect_locally(const std::filesystem::path& folder);

/// Whether the other end runs as the same user as this process, or as root.
bool is_own_peer(int socket);

/// When an exchange has to be over.
using Until = std::chrono::steady_clock::time_point;

/// Sends all of it, within limits::kAdminPatience a piece; no piece is begun after `until`.
bool send_all(int socket, std::string_view bytes, Until until = Until::max());

/// Every line until the other end has said all; false where it fell silent, said a line longer than
/// limits::kAdminLineBytes, or `line` said no. Nothing is waited for after `until`.
bool each_line(int socket, const std::function<bool(std::string_view)>& line,
               Until until = Until::max());

}  // namespace ops
