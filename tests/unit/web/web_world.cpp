#include "tests/unit/web/web_world.hpp"

#include <doctest/doctest.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "connectors/web/http_exchange.hpp"
#include "connectors/web/proxy_greeting.hpp"

namespace tests {

using boost::asio::ip::tcp;

Client::~Client() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void Client::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // the engine hung up: the test looks at what it said
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void Client::wait() const {
  constexpr int kMoment_ms = 2;
  pollfd waiting{descriptor_, POLLIN, 0};
  ::poll(&waiting, 1, kMoment_ms);
}

std::string Client::receive(std::size_t most) {
  std::string all;
  std::vector<char> buffer(64 * 1024);
  while (all.size() < most) {
    const std::size_t room = std::min(buffer.size(), most - all.size());
    const ssize_t size = ::recv(descriptor_, buffer.data(), room, MSG_DONTWAIT);
    if (size > 0) {
      all.append(buffer.data(), static_cast<std::size_t>(size));
    } else {
      if (size == 0 || errno == ECONNRESET) ended_ = true;
      return all;
    }
  }
  return all;
}

namespace {

constexpr int kAlertsPerHour = 60;

}  // namespace

WebWorld::WebWorld(const connectors::web::GateOptions& gate_options,
                   const MakeDirectory& make_directory)
    : EngineInMemory(kAlertsPerHour, make_directory) {
  api = std::make_unique<connectors::web::Api>(*engine, clerk, 1000);
  gate = std::make_unique<connectors::web::Gate>(gate_options);
  auto& shard = *engine->shards().front();
  web = std::make_unique<connectors::web::WebShard>(*engine, shard, *api, *gate);
  acceptor_ = std::make_unique<tcp::acceptor>(
      shard.io(), tcp::endpoint{boost::asio::ip::make_address("127.0.0.1"), 0});
}

WebWorld::~WebWorld() {
  acceptor_.reset();
  log->stop();
  pump();
}

void WebWorld::speak_tls(std::shared_ptr<connectors::web::Tls> tls) {
  web = std::make_unique<connectors::web::WebShard>(*engine, *engine->shards().front(), *api, *gate,
                                                    std::move(tls));
}

void WebWorld::deliver_by(engine::Outbox* outbox) {
  delivers_ = outbox;
  web.reset();
  api = std::make_unique<connectors::web::Api>(*engine, clerk, 1000, connectors::web::OwnParts{},
                                               outbox);
  web =
      std::make_unique<connectors::web::WebShard>(*engine, *engine->shards().front(), *api, *gate);
}

Client WebWorld::connect(int octets_unread) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(descriptor >= 0);
  if (octets_unread > 0) {
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &octets_unread, sizeof octets_unread);
  }
  const int at_once = 1;  // a second small message does not wait for the first to be acknowledged
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
  const auto endpoint = acceptor_->local_endpoint();
  REQUIRE(::connect(descriptor, endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0);
  tcp::socket socket(engine->shards().front()->io());
  acceptor_->accept(socket);
  socket.set_option(tcp::no_delay(true));  // as the server does
  if (octets_unread > 0) socket.set_option(tcp::socket::send_buffer_size(octets_unread));
  accepted = socket.native_handle();
  connectors::web::SocketLease lease(std::move(socket), door, peer, connectors::web::Place{});
  const auto exchange = [this](connectors::web::SocketLease taken) {
    std::make_shared<connectors::web::HttpExchange>(*web, std::move(taken))->start();
  };
  if (greeted) {
    std::make_shared<connectors::web::ProxyGreeting>(*web, std::move(lease), exchange)->start();
  } else {
    exchange(std::move(lease));
  }
  return Client(descriptor);
}

void WebWorld::pump() {
  bool moved = true;
  while (moved) {
    moved = log->run();
    moved = receipts->run() || moved;
    moved = clerk.run() || moved;
    moved = (delivers_ != nullptr && delivers_->run()) || moved;
    auto& io = engine->shards().front()->io();
    io.restart();
    moved = io.poll() > 0 || moved;
  }
}

std::string WebWorld::ask(Client& client, std::string_view request) {
  client.send(request);
  // Loopback may deliver a moment later when the machine is busy; silence is believed after a few.
  std::string answer;
  for (int patience = 5; patience > 0 && !client.ended(); --patience) {
    pump();
    const std::string part = client.receive();
    answer += part;
    if (!part.empty()) patience = 2;
    client.wait();
  }
  return answer;
}

Client WebWorld::stream(std::string_view query) {
  Client client = connect();
  const std::string answer =
      ask(client, get("/v1/stream" + std::string(query),
                      "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
  REQUIRE(answer.starts_with("HTTP/1.1 101 "));
  REQUIRE(answer.find("\"type\":\"live\"") != std::string::npos);
  return client;
}

void WebWorld::pass(std::chrono::seconds time) {
  for (std::int64_t second = 0; second < time.count(); ++second) {
    web->tick();
    pump();
  }
}

void WebWorld::append(std::size_t payload_bytes, engine::cap::Status status) {
  auto bulletin = std::make_shared<engine::Bulletin>();
  std::string payload = "alert " + std::to_string(++appended_) + " ";
  payload.resize(std::max(payload_bytes, payload.size()), 'x');
  bulletin->id = engine::trust::sha256(payload);
  bulletin->outline.identity = {std::string(kControlRoom), std::to_string(appended_), clock.now()};
  bulletin->outline.expires = clock.now() + std::chrono::hours{1};
  engine::cap::Reach reach;
  reach.status = status;
  reach.sender = kControlRoom;
  bulletin->outline.reaches = {reach};
  bulletin->envelope = {
      std::string(engine::kCapType), std::move(payload), {engine::SignatureBlock{}}};
  log->append({bulletin, 1, true}, [](engine::AppendAnswer answer) {
    REQUIRE(std::holds_alternative<engine::Appended>(answer));
  });
  log->run();
}

std::string get(std::string_view target, std::string_view fields) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(fields) +
         "\r\n";
}

}  // namespace tests
