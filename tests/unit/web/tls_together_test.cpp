// What is sealed for many, and then sent to them.
#include <doctest/doctest.h>

#include <array>
#include <vector>

#include "connectors/web/out_queue.hpp"
#include "tests/unit/web/tls_world.hpp"

using namespace connectors::web;
using namespace tests;
using engine::Wire;

namespace {

Wire wire(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

struct Owner : TlsOwner {
  void on_held() override { ++told; }
  int told = 0;
};

/// Whose session has given its ticket already.
struct Reader {
  explicit Reader(int octets_unread = 0) : world(octets_unread) { begin(); }
  Reader(TlsThread& thread, const std::shared_ptr<Tls>& tls) {
    world.session = std::make_unique<TlsSession>(thread);
    world.tls = tls;
    begin();
  }
  void begin() {
    world.shake_hands();
    const Wire first = wire("first");
    REQUIRE(world.session->send(world.engine_end, {&first, 1}, 0) == 5);
    REQUIRE(world.read() == "first");
  }
  std::size_t send(const Wire& frame) {
    return world.session->send_together(world.engine_end, {&frame, 1}, 0, owner);
  }
  TlsWorld world;
  Owner owner;
};

}  // namespace

TEST_CASE("records of many sessions go out together, each to its own reader and in order") {
  Reader one;
  Reader other(*one.world.thread, one.world.tls);
  CHECK(one.send(wire("a")) == 1);
  CHECK(other.send(wire("bb")) == 2);
  CHECK(one.send(wire("ccc")) == 3);
  CHECK(one.world.on_the_way() == 0);
  CHECK(other.world.on_the_way() == 0);
  CHECK(one.world.thread->waiting());
  one.world.thread->deliver();
  CHECK_FALSE(one.world.thread->waiting());
  CHECK(one.world.thread->sealed.empty());
  CHECK(one.world.read() == "accc");
  CHECK(other.world.read() == "bb");
  CHECK(one.owner.told == 0);
  other.world.session.reset();
}

TEST_CASE("kTogether of them go out by themselves") {
  Reader one;
  for (std::size_t i = 1; i < TlsThread::kTogether; ++i) one.send(wire("x"));
  CHECK(one.world.on_the_way() == 0);
  one.send(wire("x"));
  CHECK_FALSE(one.world.thread->waiting());
  CHECK(one.world.read() == std::string(TlsThread::kTogether, 'x'));
}

TEST_CASE("what is more than a record's worth waits for nobody, and comes behind what waited") {
  Reader one(1 << 20);
  one.send(wire("before "));
  CHECK(one.send(wire(std::string(17'000, 'x'))) == 17'000);
  CHECK_FALSE(one.world.thread->waiting());
  CHECK(one.world.read() == "before " + std::string(17'000, 'x'));
  for (std::size_t sent = 0; sent < 5 * 16'000; sent += 16'000)
    one.send(wire(std::string(16'000, 'y')));
  CHECK(one.world.on_the_way() > 4 * 16'000);  // the caches hold no more
}

TEST_CASE("whatever else is done with a session of the thread, what waits goes out before") {
  Reader one;
  Reader other(*one.world.thread, one.world.tls);
  one.send(wire("1"));
  CHECK(other.world.hear().empty());
  CHECK(one.world.read() == "1");
  one.send(wire("2"));
  const Wire next = wire("3");
  CHECK(other.world.session->send(other.world.engine_end, {&next, 1}, 0) == 1);
  CHECK(one.world.read() == "2");
  CHECK(other.world.read() == "3");
  one.send(wire("4"));
  other.world.session->say_end(other.world.engine_end);
  CHECK(one.world.read() == "4");
  other.world.session.reset();
}

TEST_CASE("whose socket does not take all is told, holds the rest, and gets the rest in order") {
  Reader one(8192);
  Reader other(*one.world.thread, one.world.tls);
  std::string all;
  while (one.owner.told == 0 && all.size() < 10'000'000) {
    const std::string text(1000, static_cast<char>('a' + all.size() / 1000 % 26));
    REQUIRE(one.send(wire(text)) == text.size());
    all += text;
    REQUIRE(other.send(wire("o")) == 1);
    one.world.thread->deliver();
    CHECK(other.world.read() == "o");
  }
  CHECK(one.world.session->held() > 0);
  CHECK(other.owner.told == 0);
  CHECK(one.send(wire("no more")) == 0);
  OutQueue queue;
  const Pipe pipe{one.world.engine_end, one.world.session.get()};
  queue.look(pipe);
  CHECK(queue.waiting());
  std::string read = one.world.read();
  while (queue.waiting()) {
    queue.flush(pipe);
    read += one.world.read();
  }
  CHECK(read == all);
  other.world.session.reset();
}

TEST_CASE("a session that cannot seal harms none of those that wait") {
  Reader one;
  Reader other(*one.world.thread, one.world.tls);
  one.send(wire("whole"));
  other.world.session->say_end(other.world.engine_end);
  one.send(wire(" again"));
  CHECK(other.send(wire("x")) == 0);
  CHECK(other.world.session->broken());
  CHECK(one.world.thread->sealed.empty());
  CHECK(one.world.read() == "whole again");
  other.world.session.reset();
}
