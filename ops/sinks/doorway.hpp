#pragma once
// A socket that listens at 127.0.0.1 and goes on taking in who connects, also after a moment in
// which there was no descriptor left for them. One thread.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <utility>

#include "ops/sinks/limits.hpp"

namespace ops::sinks {

class Doorway {
 public:
  using Tcp = boost::asio::ip::tcp;

  /// Port 0 picks one. Throws where it cannot listen.
  Doorway(boost::asio::io_context& io, std::uint16_t port, std::function<void(Tcp::socket)> enter)
      : acceptor_(io, {boost::asio::ip::make_address("127.0.0.1"), port}),
        again_(io),
        enter_(std::move(enter)) {
    accept();
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  void accept() {
    acceptor_.async_accept([this](auto error, Tcp::socket socket) {
      if (error == boost::asio::error::operation_aborted) return;
      if (error) return wait();
      enter_(std::move(socket));
      accept();
    });
  }
  void wait() {
    again_.expires_after(limits::kAcceptPause);
    again_.async_wait([this](auto error) {
      if (!error) accept();
    });
  }

  Tcp::acceptor acceptor_;
  boost::asio::steady_timer again_;
  const std::function<void(Tcp::socket)> enter_;
};

}  // namespace ops::sinks
