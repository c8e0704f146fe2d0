#include "connectors/web/out_queue.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "engine/limits.hpp"

using namespace connectors::web;
using engine::Wire;

namespace {

/// Two ends of a stream with little room between them.
struct Pair {
  Pair() {
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    const int bytes = 8192;
    ::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
  }
  ~Pair() {
    ::close(ends[0]);
    if (ends[1] >= 0) ::close(ends[1]);
  }
  std::string receive() const {
    std::string all;
    char buffer[4096];
    for (ssize_t n; (n = ::recv(ends[1], buffer, sizeof buffer, MSG_DONTWAIT)) > 0;) {
      all.append(buffer, static_cast<std::size_t>(n));
    }
    return all;
  }
  int ends[2];
};

Wire wire(char c, std::size_t size) { return std::make_shared<const std::string>(size, c); }

}  // namespace

TEST_CASE("what fits goes out at once and leaves nothing waiting") {
  const Pair pair;
  OutQueue queue;
  const Wire frames[] = {wire('a', 10), wire('b', 20)};
  CHECK(queue.send(pair.ends[0], frames) == 2);
  CHECK_FALSE(queue.waiting());
  CHECK(pair.receive() == std::string(10, 'a') + std::string(20, 'b'));
}

TEST_CASE("more frames than kGatherFrames go out in order with one call of send") {
  const Pair pair;
  OutQueue queue;
  std::vector<Wire> frames;
  std::string all;
  for (std::size_t i = 0; i < 2 * engine::limits::kGatherFrames + 1; ++i) {
    frames.push_back(wire(static_cast<char>('a' + i % 26), 5));
    all += *frames.back();
  }
  CHECK(queue.send(pair.ends[0], frames) == frames.size());
  CHECK(pair.receive() == all);
}

TEST_CASE("a full socket keeps the rest of one frame and takes no more") {
  const Pair pair;
  OutQueue queue;
  std::vector<Wire> frames;
  std::string all;
  for (int i = 0; i < 200; ++i) {
    frames.push_back(wire(static_cast<char>('a' + i % 26), 997));
    all += *frames.back();
  }
  std::size_t taken = queue.send(pair.ends[0], frames);
  REQUIRE(taken < frames.size());
  REQUIRE(queue.waiting());
  CHECK(queue.frames_waiting() == 1);
  CHECK(queue.send(pair.ends[0], std::span(frames).subspan(taken)) == 0);
  std::string received;
  for (int turns = 0; turns < 1000 && (taken < frames.size() || queue.waiting()); ++turns) {
    received += pair.receive();
    queue.flush(pair.ends[0]);
    if (!queue.waiting()) taken += queue.send(pair.ends[0], std::span(frames).subspan(taken));
  }
  received += pair.receive();
  CHECK(received == all);
}

TEST_CASE("a control frame waits behind what waits already") {
  const Pair pair;
  OutQueue queue;
  const Wire big = wire('x', 1'000'000);
  CHECK(queue.send(pair.ends[0], {&big, 1}) == 1);
  REQUIRE(queue.waiting());
  queue.push(pair.ends[0], wire('c', 3));
  CHECK(queue.frames_waiting() == 2);
  std::string received;
  for (int turns = 0; turns < 1000 && queue.waiting(); ++turns) {
    received += pair.receive();
    queue.flush(pair.ends[0]);
  }
  received += pair.receive();
  CHECK(received.size() == 1'000'003);
  CHECK(received.ends_with("xccc"));
}

TEST_CASE("a peer that is gone breaks the queue and ends the waiting") {
  Pair pair;
  OutQueue queue;
  ::close(std::exchange(pair.ends[1], -1));
  const Wire frame = wire('a', 10);
  CHECK(queue.send(pair.ends[0], {&frame, 1}) == 1);
  CHECK(queue.broken());
  CHECK_FALSE(queue.waiting());
}
