#pragma once
// Those who read: thousands of WebSocket connections to one server.
#include <array>
#include <cstdint>
#include <deque>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/herd/ledger.hpp"
#include "bench/herd/options.hpp"
#include "bench/herd/poller.hpp"
#include "bench/herd/wire.hpp"

namespace bench {

sockaddr_in address_of(const std::string& host, std::uint16_t port);

class Crowd {
 public:
  Crowd(const Options& options, Poller& poller, Ledger& ledger);

  /// All of them are to connect, for the first time or once more, from where each had come to.
  void begin_round();
  /// Lets as many connect as may at a time.
  void feed();
  /// Whether nobody is on the way.
  bool settled() const { return waiting_.empty() && under_way_ == 0; }

  /// From here on who is cut off comes back, as soon as it is fed.
  void come_back(bool wanted) { comes_back_ = wanted; }
  /// From here on those who read slowly or not at all read like the others.
  void read_on();
  void read_slowly(std::uint64_t now_ns);
  bool has_slow() const { return has_slow_; }

  void take_event(std::uint64_t who);
  void close_all();

  std::size_t ready() const { return ready_; }
  std::size_t prompt_ready() const { return prompt_ready_; }
  std::size_t lost() const { return lost_; }
  std::size_t resumed() const { return resumed_; }
  std::size_t refused() const { return refused_; }
  std::uint64_t came_back(Pace pace) const { return came_back_[static_cast<std::size_t>(pace)]; }
  const std::map<unsigned, std::uint64_t>& closes() const { return closes_; }
  std::vector<std::uint32_t>& ready_tenths() { return ready_tenths_; }

 private:
  enum class State : std::uint8_t { closed, connecting, securing, upgrading, greeting, ready };

  struct Connection {
    Wire wire;
    State state = State::closed;
    bool met = false;  // it was ready once
    std::uint64_t started_ns = 0;
    std::uint64_t read_ns = 0;  // when a slow one read last
    std::string kept;           // octets of a frame that is not all there
    std::string message;        // what came before the last frame of a message
  };

  void start(std::size_t who);
  void go_on_connecting(std::size_t who);
  void go_on_securing(std::size_t who);
  void ask(std::size_t who);
  void drop(std::size_t who);
  void become_ready(std::size_t who);
  bool reads(std::size_t who) const { return reading_on_ || ledger_.pace(who) == Pace::prompt; }

  /// Reads once, or until nothing is held back by TLS.
  void read(std::size_t who, std::size_t most);
  /// How many of these octets were understood.
  std::size_t understand(std::size_t who, std::string_view bytes, std::uint64_t at_ns);
  std::size_t upgraded(std::size_t who, std::string_view bytes);
  void take_frame(std::size_t who, const struct Frame& frame, std::uint64_t at_ns);
  void take_message(std::size_t who, std::string_view message, std::uint64_t at_ns);
  void say(std::size_t who, std::string_view bytes);
  void keep_message(std::string_view message);

  const Options& options_;
  Poller& poller_;
  Ledger& ledger_;
  std::optional<Tls> tls_;
  sockaddr_in server_{};
  std::vector<Connection> connections_;
  std::vector<Ticket> tickets_;
  std::deque<std::size_t> waiting_;
  std::vector<char> buffer_;
  std::size_t stride_ = 0;  // no two markers in one message are nearer to each other
  std::ofstream save_;
  std::array<std::uint64_t, kPaces> came_back_{};
  std::map<unsigned, std::uint64_t> closes_;
  std::vector<std::uint32_t> ready_tenths_;
  std::size_t under_way_ = 0;
  std::size_t ready_ = 0;
  std::size_t prompt_ready_ = 0;
  std::size_t lost_ = 0;
  std::size_t resumed_ = 0;
  std::size_t refused_ = 0;
  bool comes_back_ = false;
  bool reading_on_ = false;
  bool has_slow_ = false;
};

}  // namespace bench
