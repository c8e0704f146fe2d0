#include "connectors/web/tls_session.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <vector>

#include "connectors/web/out_queue.hpp"
#include "engine/limits.hpp"
#include "tests/unit/web/tls_world.hpp"
#include "tests/unit/web/web_world.hpp"

using namespace connectors::web;
using namespace tests;
using engine::Wire;
namespace limits = engine::limits;

namespace {

Wire wire(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

void send_one(TlsWorld& world, const Wire& frame) {
  REQUIRE(world.session->send(world.engine_end, std::span(&frame, 1), 0) == frame->size());
}

constexpr std::size_t kRecordBytes = 16 * 1024;
constexpr std::size_t kRecordExtra = 5 + 1 + 16;  // head, type and tag of TLS 1.3

/// Alternately what the socket takes and what the client reads, until nothing waits.
std::string deliver(TlsWorld& world, OutQueue& queue) {
  std::string all = world.read();
  while (queue.waiting()) {
    CHECK(queue.flush({world.engine_end, world.session.get()}) > 0);
    all += world.read();
  }
  return all;
}

}  // namespace

TEST_CASE("both sides hear what the other said, from the first octet behind the handshake") {
  TlsWorld world;
  world.shake_hands();
  world.say("GET / HTTP/1.1\r\n");
  CHECK(world.hear() == "GET / HTTP/1.1\r\n");
  CHECK(world.hear().empty());
  CHECK(world.fault == EAGAIN);
  const std::string most(200'000, 'x');
  std::string heard;
  for (std::size_t at = 0; at < most.size(); at += 20'000) {
    world.say(std::string_view(most).substr(at, 20'000));
    for (std::string part; !(part = world.hear()).empty();) heard += part;
  }
  CHECK(heard == most);
}

TEST_CASE("frames that wait together go into few records") {
  TlsWorld world(1 << 20);
  world.shake_hands();
  send_one(world, wire("a ticket is with the first"));
  world.read();
  std::vector<Wire> frames;
  std::string all;
  for (int i = 0; i < 100; ++i) {
    frames.push_back(wire(std::string(1700, static_cast<char>('a' + i % 26))));
    all += *frames.back();
  }
  OutQueue queue;
  CHECK(queue.send({world.engine_end, world.session.get()}, frames) == frames.size());
  CHECK_FALSE(queue.waiting());
  std::size_t records = 0;
  for (std::size_t left = all.size(); left > 0;) {
    const std::size_t one = std::min(left, limits::kTlsGatherBytes);
    records += (one + kRecordBytes - 1) / kRecordBytes;
    left -= one;
  }
  CHECK(world.on_the_way() == all.size() + records * kRecordExtra);
  CHECK(world.read() == all);
}

TEST_CASE("one ticket goes out with the first answer and no write of its own") {
  TlsWorld world;
  world.shake_hands();
  CHECK(world.on_the_way() == 0);
  CHECK(world.ticket().empty());
  send_one(world, wire("one"));
  CHECK(world.read() == "one");
  CHECK_FALSE(world.ticket().empty());
  send_one(world, wire("two"));
  CHECK(world.on_the_way() == 3 + kRecordExtra);
  CHECK(world.read() == "two");
}

TEST_CASE("whoever comes back with a ticket is given the next one") {
  TlsWorld world;
  world.shake_hands();
  std::string last;
  for (std::uint64_t times = 0; times < 4; ++times) {
    CHECK(world.tls->resumed.value() == times);
    send_one(world, wire("hello"));
    CHECK(world.read() == "hello");
    CHECK(world.ticket() != last);
    last = world.ticket();
    world.come_back();
    world.shake_hands();
  }
  CHECK(world.tls->full.value() == 1);
}

TEST_CASE(
    "the first answer goes out while the next record has come in part, and that one is heard") {
  for (const std::size_t part : {std::size_t{1}, std::size_t{5}, std::size_t{6}, std::size_t{20}}) {
    CAPTURE(part);
    TlsWorld world;
    world.shake_hands();
    const std::string next = world.seal("the next one");
    REQUIRE(next.size() > part);
    // Sealed later, it would be of another place in the order.
    world.send_bare(next.substr(0, part));
    CHECK(world.hear().empty());
    send_one(world, wire("an answer"));  // gives a ticket, and frees the buffers
    CHECK(world.read() == "an answer");
    world.send_bare(next.substr(part));
    CHECK(world.hear() == "the next one");
  }
}

TEST_CASE("a full socket holds the records of at most kTlsGatherBytes and nothing more is sealed") {
  TlsWorld world(8192);
  world.shake_hands();
  world.read();
  const Pipe pipe{world.engine_end, world.session.get()};
  OutQueue queue;
  std::vector<Wire> frames;
  std::string all;
  for (int i = 0; i < 300; ++i) {
    frames.push_back(wire(std::string(static_cast<std::size_t>(i) * 7 + 1, 'a' + i % 26)));
    all += *frames.back();
  }
  frames.push_back(wire(std::string(3 * limits::kTlsGatherBytes + 77, 'z')));
  all += *frames.back();
  std::size_t taken = queue.send(pipe, frames);
  CHECK(taken < frames.size());
  CHECK(queue.waiting());
  const std::size_t held = world.session->held();
  CHECK(held > 0);
  CHECK(held <= limits::kTlsGatherBytes / kRecordBytes * (kRecordBytes + kRecordExtra));
  CHECK(queue.flush(pipe) == 0);  // nothing was read
  CHECK(world.session->held() == held);
  CHECK(queue.send(pipe, std::span(frames).subspan(taken)) == 0);
  std::string read = deliver(world, queue);
  while (taken < frames.size()) {
    taken += queue.send(pipe, std::span(frames).subspan(taken));
    read += deliver(world, queue);
  }
  CHECK(read == all);
  CHECK(world.session->held() == 0);
}

TEST_CASE("kTlsHandshakeBytes are read of a handshake and not one more") {
  TlsWorld world;
  // A ClientHello that says it is longer than that, and goes on to come in whole records.
  const std::size_t hello = 2 * limits::kTlsHandshakeBytes;
  std::string bytes = std::string("\x01\x00", 2) + static_cast<char>(hello >> 8) +
                      static_cast<char>(hello & 0xff) + std::string(1020, '\0');
  const std::string record = std::string("\x16\x03\x01\x04\x00", 5);
  std::size_t sent = 0;
  while (sent + 1029 <= limits::kTlsHandshakeBytes) {
    world.send_bare(record + bytes);
    sent += 1029;
    bytes = std::string(1024, '\0');
    CHECK(world.hear().empty());
    CHECK(world.fault == EAGAIN);
  }
  world.send_bare(record + bytes);
  world.hear();
  CHECK(world.fault == EAGAIN);
  world.hear();
  CHECK(world.fault == EPROTO);
  world.session.reset();
  CHECK(world.tls->failed.value() == 1);
}

TEST_CASE("a client that asks for answers of TLS alone and reads none is ended") {
  TlsWorld world(8192);
  world.shake_hands();
  constexpr std::size_t kMost = limits::kTlsGatherBytes + limits::kTlsHandshakeBytes;
  std::size_t updates = 0;
  for (; updates < 10'000 && !world.session->broken(); ++updates) {
    world.ask_new_keys();
    // What is said in between makes no difference.
    world.say("x");
    const std::string heard = world.hear();
    CHECK(heard == (world.session->broken() ? "" : "x"));
    REQUIRE(world.session->held() < kMost + 1000);
  }
  CHECK(world.session->broken());
  CHECK(world.fault == EPROTO);
  CHECK(updates > 1000);
}

TEST_CASE("a client that reads its answers of TLS but never says a word is ended") {
  TlsWorld world;
  world.shake_hands();
  std::size_t updates = 0;
  for (; updates < 10'000 && !world.session->broken(); ++updates) {
    world.ask_new_keys();
    CHECK(world.hear().empty());
    if (!world.session->broken()) world.read();
  }
  CHECK(world.session->broken());
  CHECK(updates > 1000);
}

TEST_CASE("a session that cannot seal leaves nothing to others and its socket is at its end") {
  TlsWorld world;
  world.shake_hands();
  world.session->say_end(world.engine_end);
  world.read();
  CHECK_FALSE(world.at_end());
  CHECK(world.session->send(world.engine_end, std::vector{wire("x")}, 0) == 0);
  CHECK(world.session->broken());
  CHECK(world.thread->sealed.empty());
  CHECK(world.at_end());
}

TEST_CASE("nothing is sealed any more for a peer that cut its connection") {
  TlsWorld world;
  world.shake_hands();
  send_one(world, wire("unread"));
  world.cut();
  CHECK(world.hear().empty());
  CHECK(world.fault == ECONNRESET);
  CHECK(world.session->broken());
}

TEST_CASE("plain HTTP is heard as such by its first letter") {
  for (const char* begin : {"GET / HTTP/1.1\r\n", "P", "OPTIONS", "XYZ"}) {
    CAPTURE(begin);
    TlsWorld world;
    world.send_bare(begin);
    CHECK(world.hear().empty());
    CHECK(world.session->heard_http());
    world.session.reset();
    CHECK(world.tls->plain_http.value() == 1);
    CHECK(world.tls->failed.value() == 0);
  }
}

TEST_CASE("what is no record ends the connection, before and after hands were shaken") {
  for (const bool shaken : {false, true}) {
    CAPTURE(shaken);
    TlsWorld world;
    if (shaken) world.shake_hands();
    world.send_bare(std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'x'));
    CHECK(world.hear().empty());
    CHECK(world.fault == EPROTO);
    CHECK(world.session->broken());
    CHECK(world.session->send(world.engine_end, std::vector{wire("x")}, 0) == 0);
    CHECK(world.hear().empty());
    CHECK(world.fault == 0);  // the socket is at its end
    world.session.reset();
    CHECK(world.tls->failed.value() == (shaken ? 0 : 1));
  }
}

TEST_CASE("what came before the fault is heard, and then the end") {
  TlsWorld world;
  world.shake_hands();
  world.say("whole");
  world.send_bare(std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'x'));
  CHECK(world.hear() == "whole");
  CHECK(world.hear().empty());
  CHECK(world.fault == 0);
}

TEST_CASE("hands are shaken within kHeaderMax and what drips in between buys no time") {
  WebWorld world;
  const auto now = world.clock.now();
  const auto files = make_certificate(world.folder, "engine", now, now + std::chrono::hours{24});
  const auto tls = Tls::open(files, world.clock, world.metrics).value();
  world.speak_tls(tls);
  Client client = world.connect();
  client.send(std::string("\x16\x03\x01\x04\x00\x01\x00\x08\x00", 9));
  for (auto second = std::chrono::seconds{0}; second < limits::kHeaderMax; ++second) {
    world.ask(client, std::string(1, '\0'));
    CHECK_FALSE(client.ended());
    world.pass(std::chrono::seconds{1});
  }
  world.pass(std::chrono::seconds{1});
  client.receive();
  CHECK(client.ended());
  CHECK(tls->failed.value() == 1);
}

TEST_CASE("connections of one thread do not disturb each other's handshakes") {
  TlsWorld one;
  TlsWorld other;
  other.session = std::make_unique<TlsSession>(*one.thread);
  one.send_bare("\x16\x03");
  CHECK(one.hear().empty());
  other.tls = one.tls;
  other.shake_hands();
  other.say("hello");
  CHECK(other.hear() == "hello");
  CHECK(one.hear().empty());
  CHECK(one.fault == EAGAIN);
  other.session.reset();
}

TEST_CASE("a session may end after its thread did") {
  TlsWorld world;
  world.send_bare("\x16\x03\x01");
  world.hear();
  world.thread.reset();
  world.session.reset();
  CHECK(world.tls->failed.value() == 1);
}
