#pragma once
// An engine over a log in memory, one shard of the web on it, and real sockets between; seconds
// pass when the test says so. One thread.
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "connectors/web/api.hpp"
#include "connectors/web/web_shard.hpp"
#include "tests/support/alert_builder.hpp"
#include "tests/support/engine_in_memory.hpp"

namespace tests {

/// The other end of a connection: what a client holds.
class Client {
 public:
  explicit Client(int descriptor) : descriptor_(descriptor) {}
  Client(Client&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Client& operator=(Client&&) = delete;
  ~Client();

  void send(std::string_view bytes) const;
  /// What has arrived; `ended()` afterwards says whether the engine hung up.
  std::string receive(std::size_t most = SIZE_MAX);
  /// Until something has arrived, for a moment at most.
  void wait() const;
  bool ended() const { return ended_; }

 private:
  int descriptor_;
  bool ended_ = false;
};

class WebWorld : public EngineInMemory {
 public:
  explicit WebWorld(const connectors::web::GateOptions& gate_options = {},
                    const MakeDirectory& make_directory = nullptr);
  ~WebWorld();

  /// From now on at the front, before anybody connects.
  void speak_tls(std::shared_ptr<connectors::web::Tls> tls);
  /// From now on, before anybody connects; null: nobody is told by other ways.
  void deliver_by(engine::Outbox* outbox);
  /// A connection the web has just accepted; its sockets take about so many octets unread.
  Client connect(int octets_unread = 0);
  /// Sends, lets everything happen, and reads the answer.
  std::string ask(Client& client, std::string_view request);
  /// A client whose stream has begun.
  Client stream(std::string_view query = "");
  void pass(std::chrono::seconds time);
  void pump();  // until nothing moves by itself

  /// An exercise alert of the control room with a payload of that size, past all questions.
  void append(std::size_t payload_bytes = 100,
              engine::cap::Status status = engine::cap::Status::exercise);

  connectors::web::Clerk clerk{connectors::web::Clerk::Threads::none};
  std::unique_ptr<connectors::web::Api> api;
  std::unique_ptr<connectors::web::Gate> gate;
  std::unique_ptr<connectors::web::WebShard> web;
  connectors::web::Address peer = boost::asio::ip::make_address("127.0.0.1");  // of who connects
  connectors::web::Door door = connectors::web::Door::front;                   // and where
  int accepted = -1;     // the engine's end of the last connection, while it is open
  bool greeted = false;  // connections begin with the header of the PROXY protocol

 private:
  std::unique_ptr<boost::asio::ip::tcp::acceptor> acceptor_;
  std::uint64_t appended_ = 0;
  engine::Outbox* delivers_ = nullptr;
};

/// A request without a body, with the fields it must have.
std::string get(std::string_view target, std::string_view fields = "");

}  // namespace tests
