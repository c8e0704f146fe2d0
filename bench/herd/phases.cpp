// The phases by their names, and the one that takes the server away.
#include <algorithm>
#include <cmath>

#include "bench/herd/clock.hpp"
#include "bench/herd/command.hpp"
#include "bench/herd/fault.hpp"
#include "bench/herd/herd.hpp"
#include "bench/herd/text.hpp"

namespace bench {

namespace {

constexpr double kEndSeconds = 60;     // until a server has let go of its readers
constexpr double kListenSeconds = 60;  // until it listens again

}  // namespace

void Herd::play(const std::string& phase) {
  const auto parts = split(phase, ':');
  const std::string& kind = parts.front();
  const std::size_t values = parts.size() - 1;
  const auto value = [&](std::size_t at) { return decimal(parts[at]); };
  const auto whole = [&](std::size_t at) { return static_cast<std::size_t>(value(at)); };
  if (kind == "one" && values == 0) {
    publish_in(phase, 1, 0, options_.pub_window);
  } else if (kind == "burst" && (values == 1 || values == 2)) {
    const std::size_t window = values == 2 ? whole(2) : options_.pub_window;
    publish_in(phase, whole(1), 0, std::max<std::size_t>(1, window));
  } else if (kind == "paced" && values == 2 && value(1) > 0) {
    publish_in(phase, static_cast<std::size_t>(std::round(value(1) * value(2))), value(1), 0);
  } else if (kind == "idle" && values == 1) {
    rest(value(1));
  } else if (kind == "storm" && values == 0) {
    storm();
  } else if (kind == "restart" && (values == 1 || (values == 2 && parts[2] == "beside"))) {
    restart(phase, whole(1), values == 2);
  } else {
    give_up("no such phase: {}", phase);
  }
}

void Herd::wait_for_end(Command& command) {
  const bool ended = turn_until(kEndSeconds, [&] {
    command.read();
    return crowd_.prompt_ready() == 0;
  });
  if (!ended) {
    give_up("after {} s {} readers were not cut off by: {}", kEndSeconds, crowd_.prompt_ready(),
            options_.restart);
  }
}

std::uint64_t Herd::wait_for_listening() {
  const std::uint64_t limit = now_ns() + static_cast<std::uint64_t>(kListenSeconds * 1e9);
  while (now_ns() < limit) {
    publishers_.close();
    const bool open = publishers_.open();
    const std::uint64_t now = now_ns();
    turn(1);
    // A server that is about to end may have taken the connection with its last breath.
    if (open && publishers_.all_open()) return now;
  }
  give_up("after {} s nobody listens again", kListenSeconds);
}

void Herd::restart(const std::string& name, std::size_t total, bool beside) {
  if (options_.restart.empty() || !publishers_.wanted()) {
    give_up("{} needs --restart and a publisher", name);
  }
  begin_phase();
  crowd_.begin_round();
  crowd_.come_back(true);
  const Before start{now_ns(), 0, before().own_cpu_ns};
  Command command(options_.restart);
  wait_for_end(command);
  const std::uint64_t cut_ns = now_ns();
  const std::uint64_t listening_ns = wait_for_listening();
  if (!beside) {
    publish_all(total, options_.pub_window);
    turn_until(options_.drain_s, [this] { return publishers_.unanswered() == 0; });
  }
  const std::uint64_t back_ns = now_ns();
  crowd_.feed();
  if (beside) publish_all(total, options_.pub_window);
  const std::uint64_t due = ledger_.due(Pace::prompt);
  turn_until(options_.drain_s, [&] {
    crowd_.feed();
    return ledger_.tally(Pace::prompt).deliveries >= due && crowd_.settled() &&
           publishers_.unanswered() == 0;
  });
  const std::uint64_t end_ns = now_ns();
  crowd_.come_back(false);
  in_phase_ = false;
  if (command.wait_for_line()) options_.processes = command.processes();
  json_.open(name);
  json_.number("cut_off_s", seconds_between(start.at_ns, cut_ns), 3);
  json_.number("listening_s", seconds_between(cut_ns, listening_ns), 3);
  json_.number("complete_s", seconds_between(listening_ns, ledger_.last_arrival_ns()), 3);
  json_.number("reconnect_s", seconds_between(back_ns, end_ns), 3);
  json_.number("ready_p50_us", percentile(crowd_.ready_tenths(), 50), 0);
  json_.number("ready_p99_us", percentile(crowd_.ready_tenths(), 99), 0);
  json_.count("complete", ledger_.complete(Pace::prompt));
  json_.count("refused", crowd_.refused());
  json_.count("resumed", crowd_.resumed());
  report_deliveries(total, start, end_ns);
  json_.close();
}

}  // namespace bench
