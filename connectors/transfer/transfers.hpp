#pragma once
// libcurl's multi interface, driven by the sockets and the timer of one loop: no thread of its own
// but libcurl's for looking up names, and nothing here waits. One thread: that of the loop.
#include <curl/curl.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>

#include "connectors/transfer/watch.hpp"

namespace connectors::transfer {

/// A set of transfers that share their connections. Whoever must not share them has its own.
class Transfers {
 public:
  /// `connections` are kept open at most between transfers.
  Transfers(boost::asio::io_context& io, long connections);
  /// No Transfer is left. Connections that were kept are closed.
  ~Transfers();
  Transfers(const Transfers&) = delete;
  Transfers& operator=(const Transfers&) = delete;

  boost::asio::io_context& io() { return io_; }

 private:
  friend class Transfer;
  static int on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void* unused);
  static int on_timer(CURLM* multi, long milliseconds, void* self);
  void act(curl_socket_t socket, int what);
  void tell_finished();

  boost::asio::io_context& io_;
  CURLM* const multi_;
  boost::asio::steady_timer timer_;
  std::map<curl_socket_t, std::unique_ptr<Watch>> watches_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

/// One handle of libcurl among them.
class Transfer {
 public:
  /// A new handle that goes through no proxy, whatever the environment says, and sends no signals.
  explicit Transfer(Transfers& transfers);
  /// Ends it, wherever it is; `done` does not run any more.
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  CURL* handle() const { return easy_; }

  /// Sets an option that libcurl cannot refuse but for want of memory.
  template <class Value>
  void set(CURLoption option, Value value) {
    check(curl_easy_setopt(easy_, option, value));
  }

  /// Once. `done` runs from the loop, not before this returned, and may destroy this. What the
  /// handle holds stays as it is until then: with CURLOPT_CONNECT_ONLY a connection.
  void start(std::function<void(CURLcode)> done);

 private:
  friend class Transfers;
  static void check(CURLcode code);
  void finished(CURLcode code);

  Transfers& transfers_;
  CURL* const easy_;
  bool started_ = false;
  std::function<void(CURLcode)> done_;
};

}  // namespace connectors::transfer
