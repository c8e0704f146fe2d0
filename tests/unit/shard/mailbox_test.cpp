#include "engine/base/mailbox.hpp"

#include <doctest/doctest.h>

#include <thread>

#include "engine/limits.hpp"

using engine::Mailbox;

TEST_CASE("a mailbox wakes its drainer once a batch and hands over in order") {
  Mailbox<int> mailbox(3);
  CHECK(mailbox.post(1) == Mailbox<int>::Posted::wake);
  CHECK(mailbox.post(2) == Mailbox<int>::Posted::taken);
  CHECK(mailbox.drain() == std::vector<int>{1, 2});
  CHECK(mailbox.drain().empty());
  CHECK(mailbox.post(3) == Mailbox<int>::Posted::wake);
}

TEST_CASE("a full mailbox takes nothing more until it is drained") {
  Mailbox<std::size_t> mailbox(engine::limits::kMailboxFrames);
  for (std::size_t i = 0; i < engine::limits::kMailboxFrames; ++i) {
    CHECK(mailbox.post(i) != Mailbox<std::size_t>::Posted::full);
  }
  CHECK(mailbox.post(0) == Mailbox<std::size_t>::Posted::full);
  CHECK(mailbox.drain().size() == engine::limits::kMailboxFrames);
  CHECK(mailbox.post(0) == Mailbox<std::size_t>::Posted::wake);
}

TEST_CASE("many threads post and nothing is lost") {
  Mailbox<int> mailbox(100'000);
  std::vector<std::thread> posters;
  for (int t = 0; t < 4; ++t) {
    posters.emplace_back([&mailbox] {
      for (int i = 0; i < 1000; ++i) mailbox.post(i);
    });
  }
  for (auto& poster : posters) poster.join();
  CHECK(mailbox.drain().size() == 4000);
}
