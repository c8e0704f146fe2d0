#include "connectors/web/out_queue.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>

#include "engine/limits.hpp"

using namespace connectors::web;
using engine::Wire;

namespace {

/// Two ends of a stream with little room between them.
struct Pair {
  explicit Pair(int kind = SOCK_STREAM) {
    REQUIRE(::socketpair(AF_UNIX, kind | SOCK_NONBLOCK, 0, ends) == 0);
    const int bytes = 8192;
    ::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
  }
  ~Pair() {
    ::close(ends[0]);
    if (ends[1] >= 0) ::close(ends[1]);
  }
  std::string receive() const {
    std::string all;
    for (std::string part; !(part = receive_once()).empty();) all += part;
    return all;
  }
  std::string receive_once() const {
    char buffer[4096];
    const ssize_t n = ::recv(ends[1], buffer, sizeof buffer, MSG_DONTWAIT);
    return n > 0 ? std::string(buffer, static_cast<std::size_t>(n)) : std::string();
  }
  int ends[2];
};

Wire wire(char c, std::size_t size) { return std::make_shared<const std::string>(size, c); }

}  // namespace

TEST_CASE("what fits goes out at once and leaves nothing waiting") {
  const Pair pair;
  OutQueue queue;
  const Wire frames[] = {wire('a', 10), wire('b', 20)};
  CHECK(queue.send({pair.ends[0], nullptr}, frames) == 2);
  CHECK_FALSE(queue.waiting());
  CHECK(pair.receive() == std::string(10, 'a') + std::string(20, 'b'));
}

TEST_CASE("more frames than kGatherFrames go out in order and so many with each system call") {
  const Pair pair(SOCK_SEQPACKET);  // what one call sends arrives as one record
  OutQueue queue;
  std::vector<Wire> frames;
  std::string all;
  for (std::size_t i = 0; i < 2 * engine::limits::kGatherFrames + 1; ++i) {
    frames.push_back(wire(static_cast<char>('a' + i % 26), 5));
    all += *frames.back();
  }
  CHECK(queue.send({pair.ends[0], nullptr}, frames) == frames.size());
  std::string received;
  for (const std::size_t gathered :
       {engine::limits::kGatherFrames, engine::limits::kGatherFrames, std::size_t{1}}) {
    const std::string record = pair.receive_once();
    CHECK(record.size() == gathered * 5);
    received += record;
  }
  CHECK(received == all);
  CHECK(pair.receive().empty());
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
  std::size_t taken = queue.send({pair.ends[0], nullptr}, frames);
  REQUIRE(taken < frames.size());
  REQUIRE(queue.waiting());
  CHECK(queue.frames_waiting() == 1);
  CHECK(queue.send({pair.ends[0], nullptr}, std::span(frames).subspan(taken)) == 0);
  std::string received;
  for (int turns = 0; turns < 1000 && (taken < frames.size() || queue.waiting()); ++turns) {
    received += pair.receive();
    queue.flush({pair.ends[0], nullptr});
    if (!queue.waiting())
      taken += queue.send({pair.ends[0], nullptr}, std::span(frames).subspan(taken));
  }
  received += pair.receive();
  CHECK(received == all);
}

TEST_CASE("a control frame waits behind what waits already") {
  const Pair pair;
  OutQueue queue;
  const Wire big = wire('x', 1'000'000);
  CHECK(queue.send({pair.ends[0], nullptr}, {&big, 1}) == 1);
  REQUIRE(queue.waiting());
  queue.push({pair.ends[0], nullptr}, wire('c', 3));
  CHECK(queue.frames_waiting() == 2);
  std::string received;
  for (int turns = 0; turns < 1000 && queue.waiting(); ++turns) {
    received += pair.receive();
    queue.flush({pair.ends[0], nullptr});
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
  CHECK(queue.send({pair.ends[0], nullptr}, {&frame, 1}) == 0);  // nobody was reached
  CHECK(queue.broken());
  CHECK_FALSE(queue.waiting());
  CHECK(queue.send({pair.ends[0], nullptr}, {&frame, 1}) == 0);
}

TEST_CASE("what is said while the queue holds goes out with one write and not before") {
  const Pair pair(SOCK_SEQPACKET);  // what one call sends arrives as one record
  const Pipe pipe{pair.ends[0], nullptr};
  OutQueue queue;
  queue.hold();
  const Wire frames[] = {wire('b', 20), wire('c', 30)};
  queue.push(pipe, wire('a', 10));
  CHECK(queue.send(pipe, frames) == 2);
  CHECK_FALSE(queue.waiting());  // for room
  CHECK(pair.receive_once().empty());
  queue.release(pipe);
  CHECK_FALSE(queue.waiting());
  CHECK(pair.receive_once() == std::string(10, 'a') + std::string(20, 'b') + std::string(30, 'c'));
  CHECK(queue.send(pipe, frames) == 2);
  CHECK(pair.receive_once().size() == 50);
}

TEST_CASE("what is not small goes at once behind what was held") {
  const Pair pair;
  const Pipe pipe{pair.ends[0], nullptr};
  OutQueue queue;
  queue.hold();
  queue.push(pipe, wire('a', 10));
  const Wire frames[] = {wire('b', 4000), wire('c', 87)};
  CHECK(queue.send(pipe, frames) == 2);
  CHECK(pair.receive() == std::string(10, 'a') + std::string(4000, 'b') + std::string(87, 'c'));
  queue.push(pipe, wire('d', 1));
  CHECK(pair.receive() == "d");
}

TEST_CASE("what was held waits for room in a full socket and ends with a peer that is gone") {
  Pair pair;
  const Pipe pipe{pair.ends[0], nullptr};
  std::size_t before = 0;
  const std::string filling(1024, 'x');
  for (ssize_t sent = 0; sent >= 0;
       before += static_cast<std::size_t>(std::max(sent, ssize_t{0}))) {
    sent = ::send(pair.ends[0], filling.data(), filling.size(), MSG_DONTWAIT);
  }
  OutQueue queue;
  queue.hold();
  queue.push(pipe, wire('a', 10));
  queue.release(pipe);
  CHECK(queue.waiting());
  CHECK(pair.receive().size() == before);
  CHECK(queue.flush(pipe) == 10);
  CHECK_FALSE(queue.waiting());
  CHECK(pair.receive() == std::string(10, 'a'));

  queue.hold();
  queue.push(pipe, wire('b', 10));
  ::close(std::exchange(pair.ends[1], -1));
  queue.release(pipe);
  CHECK(queue.broken());
  CHECK_FALSE(queue.waiting());
}
