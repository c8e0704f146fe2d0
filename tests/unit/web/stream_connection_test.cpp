#include "connectors/web/stream_connection.hpp"

#include <doctest/doctest.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "engine/limits.hpp"
#include "tests/unit/web/web_world.hpp"

using namespace tests;
namespace limits = engine::limits;

namespace {

/// A short text message as a client sends it; the mask is four zeros.
std::string text(std::string_view payload) {
  std::string frame = "\x81";
  frame += static_cast<char>(0x80 | payload.size());
  frame += std::string(4, '\0');
  return frame + std::string(payload);
}

/// The code of the close frame that `bytes` end with, or 0.
int close_code_of(const std::string& bytes) {
  const auto at = bytes.rfind('\x88');
  if (at == std::string::npos || at + 4 > bytes.size()) return 0;
  return static_cast<std::uint8_t>(bytes[at + 2]) << 8 | static_cast<std::uint8_t>(bytes[at + 3]);
}

/// What the kernel tells of a connection: more than the C library has names for.
struct Told {
  tcp_info named;
  std::uint64_t rates_and_octets[4];
  std::uint32_t segments_out, segments_in, octets_not_sent, round_trip, data_in, data_out;
};

/// Segments with data that left that socket.
std::uint32_t segments_of(int socket) {
  Told told{};
  socklen_t size = sizeof told;
  REQUIRE(::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &told, &size) == 0);
  REQUIRE(size == sizeof told);
  return told.data_out;
}

const std::string kAck = R"({"type":"ack","seq":0})";

}  // namespace

TEST_CASE("kInboundMessagesPerSecond messages are heard and one more closes with 4429") {
  WebWorld world;
  Client client = world.stream();
  std::string most;
  for (int i = 0; i < limits::kInboundMessagesPerSecond; ++i) most += text(kAck);
  CHECK(world.ask(client, most).empty());
  world.pass(std::chrono::seconds{1});
  CHECK(world.ask(client, most).empty());
  CHECK(close_code_of(world.ask(client, text(kAck))) == 4429);
}

TEST_CASE("a message that is none closes with 4400 and the peer's own close ends it") {
  WebWorld world;
  Client client = world.stream();
  CHECK(close_code_of(world.ask(client, text("hello"))) == 4400);
  CHECK(world.engine->shards().front()->subscribers() == 1);
  world.ask(client, std::string("\x88\x82\0\0\0\0\x11\x30", 8));
  CHECK(client.ended());
  CHECK(world.engine->shards().front()->subscribers() == 0);
}

TEST_CASE("a peer that does not answer a close is let go after kCloseMax") {
  WebWorld world;
  Client client = world.stream();
  CHECK(close_code_of(world.ask(client, text("hello"))) == 4400);
  world.pass(limits::kCloseMax);
  CHECK(world.engine->shards().front()->subscribers() == 1);
  world.pass(std::chrono::seconds{1});
  CHECK(world.engine->shards().front()->subscribers() == 0);
  client.receive();
  CHECK(client.ended());
}

TEST_CASE("who was said goodbye to is counted among nobody's readers") {
  WebWorld world;
  const auto connected = [&world](std::uint64_t sequence) {
    std::optional<engine::ReachCounts> counts;
    world.engine->shards().front()->tick();
    world.receipts->reach(engine::Sequence{sequence}, [&](auto found) { counts = found.value(); });
    world.pump();
    return counts.value().anonymous.connected;
  };
  Client live = world.stream();
  CHECK(close_code_of(world.ask(live, text("hello"))) == 4400);
  world.append();
  world.pump();
  CHECK(live.receive().empty());
  CHECK(connected(1) == 0);
  // The close comes while the first page of what it missed is on its way.
  Client behind = world.connect();
  const std::string answer = world.ask(
      behind, get("/v1/stream?after=active",
                  "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n") +
                  text("hello"));
  CHECK(close_code_of(answer) == 4400);
  CHECK(answer.find("\"type\":\"alert\"") == std::string::npos);
  CHECK(connected(1) == 0);
  CHECK(world.engine->shards().front()->subscribers() == 2);  // neither has answered
  // The peer's own close is answered, and while that answer waits in a full socket nothing counts.
  Client full = world.connect(4096);
  world.ask(full, get("/v1/stream",
                      "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
  world.append(200'000);
  world.pump();
  CHECK(connected(2) == 1);
  full.send(std::string("\x88\x82\0\0\0\0\x03\xe8", 8));
  full.wait();
  world.pump();
  world.append();
  world.pump();
  CHECK(connected(3) == 0);
}

TEST_CASE("a client that goes without a word leaves its shard") {
  WebWorld world;
  {
    const Client client = world.stream();
    CHECK(world.engine->shards().front()->subscribers() == 1);
  }
  world.pump();
  CHECK(world.engine->shards().front()->subscribers() == 0);
}

TEST_CASE("what comes behind the upgrade in the same packet is heard") {
  WebWorld world;
  Client client = world.connect();
  const std::string answer = world.ask(
      client, get("/v1/stream",
                  "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n") +
                  text("hello"));
  CHECK(answer.starts_with("HTTP/1.1 101 "));
  CHECK(close_code_of(answer) == 4400);
}

TEST_CASE("the answer to a reader, hello and live are one write") {
  for (const char* accept : {"Upgrade: websocket\r\nConnection: Upgrade\r\n"
                             "Sec-WebSocket-Version: 13\r\n"
                             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
                             "Accept: text/event-stream\r\n"}) {
    CAPTURE(accept);
    WebWorld world;
    Client client = world.connect();
    const std::string answer = world.ask(client, get("/v1/stream", accept));
    CHECK(answer.starts_with("HTTP/1.1 "));
    CHECK(answer.find(R"("type":"hello")") != std::string::npos);
    CHECK(answer.find(R"("type":"live")") != std::string::npos);
    CHECK(segments_of(world.accepted) == 1);
  }
}

TEST_CASE("anonymous receipts of one address are bounded on whatever road they come") {
  WebWorld world;
  world.append();
  world.peer = boost::asio::ip::make_address("192.0.2.1");
  const auto shown = [&world] {
    std::optional<engine::ReachCounts> counts;
    world.receipts->reach(engine::Sequence{1}, [&](auto found) { counts = found.value(); });
    world.pump();
    return counts.value().anonymous.displayed;
  };
  const std::string receipt = R"({"type":"receipt","seq":1,"state":"displayed"})";
  std::string lines;
  for (std::size_t i = 0; i < limits::kReceiptsLines; ++i) lines += receipt + "\n";
  std::size_t said = 0;
  for (; said + limits::kReceiptsLines <= limits::kReceiptsAtOnce; said += limits::kReceiptsLines) {
    Client client = world.connect();
    const std::string answer = world.ask(
        client,
        "POST /v1/receipts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        "Content-Length: " +
            std::to_string(lines.size()) + "\r\n\r\n" + lines);
    CHECK(answer.starts_with("HTTP/1.1 204 "));
    CHECK(answer.find("Content-Length") == std::string::npos);  // RFC 9110 section 8.6
  }
  for (; said < limits::kReceiptsAtOnce + 1; ++said) {
    Client client = world.stream();
    CHECK(world.ask(client, text(receipt)).empty());
  }
  CHECK(shown() == limits::kReceiptsAtOnce);
  world.peer = boost::asio::ip::make_address("192.0.2.2");
  Client other = world.stream();
  world.ask(other, text(receipt));
  CHECK(shown() == limits::kReceiptsAtOnce + 1);
}

TEST_CASE("what a connection says twice counts once and kReceiptsRemembered are remembered") {
  WebWorld world;
  const std::uint64_t alerts = limits::kReceiptsRemembered + 1;
  for (std::uint64_t i = 0; i < alerts; ++i) world.append();
  const auto said = [](std::uint64_t sequence, const char* state) {
    return text(R"({"type":"receipt","seq":)" + std::to_string(sequence) + R"(,"state":")" + state +
                R"("})");
  };
  const auto reach = [&](std::uint64_t sequence) {
    std::optional<engine::ReachCounts> counts;
    world.receipts->reach(engine::Sequence{sequence}, [&](auto found) { counts = found.value(); });
    world.pump();
    return counts.value();
  };
  Client client = world.stream();
  for (int i = 0; i < 2; ++i) {
    CHECK(world.ask(client, said(1, "displayed") + said(1, "acknowledged")).empty());
  }
  CHECK(reach(1).anonymous.displayed == 1);
  CHECK(reach(1).anonymous.acknowledged == 1);
  world.pass(std::chrono::seconds{1});
  std::string others;
  for (std::uint64_t i = 2; i <= alerts; ++i) others += said(i, "displayed");
  CHECK(world.ask(client, others + said(1, "displayed")).empty());
  CHECK(reach(alerts).anonymous.displayed == 1);
  CHECK(reach(1).anonymous.displayed == 2);  // too long ago for this connection to know
  CHECK(world.ask(client, said(alerts, "displayed")).empty());
  CHECK(reach(alerts).anonymous.displayed == 1);
}
