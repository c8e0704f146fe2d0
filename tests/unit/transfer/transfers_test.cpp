#include "connectors/transfer/transfers.hpp"

#include <doctest/doctest.h>
#include <netdb.h>

#include <condition_variable>
#include <mutex>
#include <optional>

using connectors::transfer::Transfer;
using connectors::transfer::Transfers;

namespace {

/// A server of names that does not answer until it is told to, and for some seconds at most.
class SilentNames {
 public:
  void ask() {
    std::unique_lock lock(mutex_);
    ++asked_;
    changed_.notify_all();
    changed_.wait_for(lock, std::chrono::seconds(5), [this] { return told_; });
    ++left_;
    changed_.notify_all();
  }
  bool being_asked() {
    const std::lock_guard lock(mutex_);
    return asked_ > left_;
  }
  /// Until one asks; false where nobody does.
  bool wait_for_one() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [this] { return asked_ > left_; });
  }
  void answer_all() {
    std::unique_lock lock(mutex_);
    told_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, std::chrono::seconds(10), [this] { return asked_ == left_; });
    told_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int asked_ = 0, left_ = 0;
  bool told_ = false;
};

SilentNames& names() {
  static SilentNames all;
  return all;
}

}  // namespace

// The C library's own is not asked: libcurl finds this one first.
extern "C" int getaddrinfo(const char*, const char*, const addrinfo*, addrinfo**) {
  names().ask();
  return EAI_AGAIN;
}

TEST_CASE("a name whose server does not answer holds nobody up") {
  boost::asio::io_context io;
  Transfers transfers(io, 4);
  Transfer transfer(transfers);
  transfer.set(CURLOPT_URL, "http://silent.example/");
  transfer.set(CURLOPT_TIMEOUT_MS, 50L);
  std::optional<CURLcode> came;
  bool still_asked = false;
  transfer.start([&](CURLcode code) {
    came = code;
    still_asked = names().being_asked();
    io.stop();
  });
  io.run_for(std::chrono::seconds(20));
  CHECK(came == CURLE_OPERATION_TIMEDOUT);
  CHECK(still_asked);
  names().answer_all();
}

TEST_CASE("whoever ends a transfer whose name is being looked up waits for nobody") {
  boost::asio::io_context io;
  Transfers transfers(io, 4);
  std::optional<Transfer> transfer(transfers);
  transfer->set(CURLOPT_URL, "http://silent.example/");
  transfer->start([](CURLcode) { FAIL("it was ended"); });
  io.run_for(std::chrono::milliseconds(20));
  REQUIRE(names().wait_for_one());
  transfer.reset();
  CHECK(names().being_asked());
  names().answer_all();
}
