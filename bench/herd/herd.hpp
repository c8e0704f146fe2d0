#pragma once
// Readers, publishers and the ledger they share, on one thread.
#include <algorithm>

#include "bench/herd/clock.hpp"
#include "bench/herd/crowd.hpp"
#include "bench/herd/json.hpp"
#include "bench/herd/ledger.hpp"
#include "bench/herd/options.hpp"
#include "bench/herd/poller.hpp"
#include "bench/herd/publishers.hpp"

namespace bench {

class Herd {
 public:
  explicit Herd(Options options);

  /// Connects, plays the phases and says what was seen.
  std::string run();

 private:
  struct Before {
    std::uint64_t at_ns = 0;
    std::uint64_t server_cpu_ns = 0;
    std::uint64_t own_cpu_ns = 0;
  };

  void turn(int milliseconds);
  void turn_for(double seconds);
  /// Turns until `done`; false where that is not so after that time.
  template <class Done>
  bool turn_until(double seconds, Done done);

  void connect_all(const char* name);
  void play(const std::string& phase);
  void rest(double seconds);
  void storm();
  void publish_in(const std::string& name, std::size_t total, double rate, std::size_t window);
  /// Lets the server be ended and started again, publishes meanwhile, and waits until everybody is
  /// back and has everything.
  void restart(const std::string& name, std::size_t total, bool beside);
  void wait_for_end(class Command& command);
  /// Since when somebody listens again.
  std::uint64_t wait_for_listening();
  void publish_all(std::size_t total, std::size_t window);
  void publish_paced(std::size_t total, double rate);
  void read_on();

  Before before() const;
  double cpu_since(const Before& start) const;
  void begin_phase();
  void report_deliveries(std::size_t total, const Before& before, std::uint64_t end_ns);
  void report_times();
  void report_pace(const char* name, Pace pace, std::uint64_t in_time, double seconds);
  void report_closes();

  Options options_;
  Ledger ledger_;
  Poller poller_;
  Crowd crowd_;
  Publishers publishers_;
  Json json_;
  std::uint64_t slow_turn_ns_ = 0;
  std::uint64_t idle_ns_ = 0;  // CPU time of turns that found nothing, with --spin
  bool in_phase_ = false;
};

template <class Done>
bool Herd::turn_until(double seconds, Done done) {
  const std::uint64_t end = now_ns() + static_cast<std::uint64_t>(seconds * 1e9);
  while (!done()) {
    const std::uint64_t now = now_ns();
    if (now >= end) return false;
    turn(static_cast<int>(std::min<std::uint64_t>(20, (end - now) / 1'000'000 + 1)));
  }
  return true;
}

}  // namespace bench
