#include "ops/admin/admin_socket.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <cerrno>

#include "engine/base/trace.hpp"
#include "engine/trust/strict_json.hpp"

namespace ops {

namespace json = boost::json;
using engine::Result;

namespace {
constexpr int kDepth = 8;  // of a request
}

Result<std::unique_ptr<AdminSocket>> AdminSocket::open(const std::filesystem::path& folder,
                                                       Machine machine) {
  auto listener = listen_locally(folder);
  if (!listener) return listener.error();
  return std::unique_ptr<AdminSocket>(
      new AdminSocket(folder, *std::move(listener), std::move(machine)));
}

AdminSocket::AdminSocket(std::filesystem::path folder, Descriptor listener, Machine machine)
    : folder_(std::move(folder)),
      listener_(std::move(listener)),
      machine_(std::move(machine)),
      thread_([this] { serve(); }) {}

AdminSocket::~AdminSocket() {
  ::unlink((folder_ / "admin.sock").c_str());
  ::shutdown(listener_.get(), SHUT_RDWR);  // wakes accept()
  thread_.join();
}

void AdminSocket::serve() {
  while (true) {
    const Descriptor client{::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    if (client.get() >= 0) {
      if (is_own_peer(client.get())) answer(client.get());
    } else if (errno == EINVAL || errno == EBADF) {
      return;  // shut down
    } else if (errno == EMFILE || errno == ENFILE) {
      engine::trace(engine::Level::warning, "admin_socket_waits", {{"why", "no descriptors"}});
      std::this_thread::sleep_for(std::chrono::milliseconds{100});
    }
  }
}

/// One connection, one request: nobody keeps the others waiting longer than it takes.
void AdminSocket::answer(int client) const {
  each_line(client, [&](std::string_view line) {
    std::string lines;
    const auto send = [&](const json::object& object) {
      lines += json::serialize(object) + "\n";
      if (lines.size() < (1U << 16)) return;
      send_all(client, lines);
      lines.clear();
    };
    const auto request = engine::trust::parse_strict_json(line, kDepth);
    if (request && request->is_object()) {
      perform(request->get_object(), machine_, send);
    } else {
      send({{"error", "a request is one JSON object on one line"}});
    }
    send_all(client, lines);
    return false;
  });
}

}  // namespace ops
