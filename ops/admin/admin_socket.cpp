#include "ops/admin/admin_socket.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <cerrno>
#include <optional>

#include "engine/base/trace.hpp"
#include "engine/trust/strict_json.hpp"
#include "ops/admin/limits.hpp"

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
  {
    const std::lock_guard lock(guards_client_);
    stops_ = true;
    if (client_ >= 0) ::shutdown(client_, SHUT_RDWR);  // wakes recv() and send()
  }
  ::shutdown(listener_.get(), SHUT_RDWR);  // wakes accept()
  thread_.join();
}

void AdminSocket::serve() {
  while (true) {
    const Descriptor client{::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    if (client.get() >= 0) {
      if (!is_own_peer(client.get())) continue;
      if (!speak_to(client.get())) return;
      answer(client.get());
      speak_to(-1);
    } else if (errno == EINVAL || errno == EBADF) {
      return;  // shut down
    } else if (errno == EMFILE || errno == ENFILE) {
      engine::trace(engine::Level::warning, "admin_socket_waits", {{"why", "no descriptors"}});
      std::this_thread::sleep_for(std::chrono::milliseconds{100});
    }
  }
}

bool AdminSocket::speak_to(int client) {
  const std::lock_guard lock(guards_client_);
  client_ = client;
  return !stops_;
}

namespace {

/// The objects of one answer, sent in pieces. After the first piece that the other end does not
/// take there are no more: it has a hole already.
class Answer {
 public:
  explicit Answer(int client) : client_(client) {}

  void add(const json::object& object) {
    if (lost_) return;
    lines_ += json::serialize(object) + "\n";
    if (lines_.size() >= kPieceBytes) send();
  }

  void send() {
    if (lost_) return;
    if (!until_) until_ = std::chrono::steady_clock::now() + limits::kAdminExchange;
    lost_ = !send_all(client_, lines_, *until_);
    lines_.clear();
  }

 private:
  static constexpr std::size_t kPieceBytes = 1U << 16;

  const int client_;
  std::string lines_;
  std::optional<Until> until_;  // from the first piece on: the disk may have taken its time
  bool lost_ = false;
};

}  // namespace

/// One connection, one request: nobody keeps the others waiting longer than it takes.
void AdminSocket::answer(int client) const {
  const auto hear = [&](std::string_view line) {
    Answer answer(client);
    const auto send = [&](const json::object& object) { answer.add(object); };
    const auto request = engine::trust::parse_strict_json(line, kDepth);
    if (request && request->is_object()) {
      perform(request->get_object(), machine_, send);
    } else {
      send({{"error", "a request is one JSON object on one line"}});
    }
    answer.send();
    return false;
  };
  each_line(client, hear, std::chrono::steady_clock::now() + limits::kAdminExchange);
}

}  // namespace ops
