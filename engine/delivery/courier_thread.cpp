// The courier's thread: when it takes a turn, how it sleeps, and how it ends.
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>

#include "engine/delivery/courier.hpp"
#include "engine/delivery/limits.hpp"

namespace engine::delivery {

void Courier::schedule() {
  if (options_.threads == OutboxOptions::Threads::none) return;
  if (scheduled_.exchange(true)) return;
  boost::asio::post(io_, [this] { turn_and_go_on(); });
}

/// A flood shall not pay for the waking of this thread with each of its bulletins: who comes soon
/// after a look waits for the next.
void Courier::wake() {
  if (log_has_more_.exchange(true)) return;
  boost::asio::post(io_, [this] {
    const auto wait = pause_of_look(std::chrono::steady_clock::now() - looked_at_log_);
    if (wait == wait.zero()) return schedule();
    look_.expires_after(wait);
    look_.async_wait([this](boost::system::error_code error) {
      if (!error) schedule();
    });
  });
}

/// What the channels have to say meanwhile comes before the next turn, which stands behind them.
void Courier::turn_and_go_on() {
  scheduled_ = false;
  const bool more = turn();
  if (stopping_) return end_when_idle();
  if (more) return schedule();
  sleep();
}

Duration Courier::pause(std::optional<Time> next, Time now, bool waits) {
  if (waits) return limits::kDiskPause;
  if (!next) return limits::kSleepMax;
  return std::clamp<Duration>(*next - now, Duration{1}, limits::kSleepMax);
}

std::chrono::nanoseconds Courier::pause_of_look(std::chrono::nanoseconds since_last) {
  return std::max<std::chrono::nanoseconds>(limits::kLookPause - since_last, {});
}

void Courier::sleep() {
  auto next = writable_ && !waits_ ? book_.next_due() : std::nullopt;
  if (planned_.load() != position_written_)
    next = std::min(next.value_or(position_due_), position_due_);
  timer_.expires_after(pause(next, parts_.clock.now(), waits_));
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) schedule();
  });
}

// --- its end

void Courier::begin_stopping() {
  if (std::exchange(stopping_, true)) return;
  for (auto& channel : channels_) {
    channel->stop([this](bool) {
      ++stopped_;
      schedule();
    });
  }
  schedule();
}

/// Once every channel has hung up and what it said is written.
void Courier::end_when_idle() {
  const bool heard_all = heard_.empty() || !writable_ || full_;
  if (stopped_ < channels_.size() || (!heard_all && !waits_)) {
    if (!heard_.empty() && !waits_) schedule();
    return;
  }
  timer_.cancel();
  look_.cancel();
  io_.stop();
}

void Courier::stop() {
  line_.close();
  if (thread_.joinable()) {
    boost::asio::post(io_, [this] { begin_stopping(); });
    thread_.join();
  } else {
    begin_stopping();
    while (run()) {
    }
  }
  while (take_asked()) {
  }
  constexpr std::string_view kStopped = "the engine is stopping; ask again when it is back";
  for (Asked& asked : std::exchange(asked_, {})) refuse(asked, kStopped);
  give_up_erasing(kStopped);
}

/// Whoever waits for an erasure keeps others waiting, and the engine from stopping: they hear no
/// where the disk takes nothing. What was begun goes on by itself once it does.
void Courier::give_up_erasing(std::string_view why) {
  for (auto& [organisation, dones] : std::exchange(erasing_, {})) {
    for (auto& done : dones) done(Failure{why});
  }
}

bool Courier::run() {
  io_.restart();
  const bool channels = io_.poll() > 0;
  return turn() || channels;
}

// --- what it knows of itself

OutboxState Courier::state() const noexcept {
  return {planned_, under_way_, uncertain_, dropped_, writable_, full_};
}

void Courier::add_metrics() {
  Metrics& metrics = parts_.metrics;
  metrics.gauge("tocsin_outbox_planned_sequence",
                "Every bulletin up to here has been looked at for those who are not connected",
                [this] { return static_cast<double>(number(planned_)); });
  metrics.gauge("tocsin_deliveries_under_way", "Attempts that a gateway has and did not answer yet",
                [this] { return static_cast<double>(under_way_.load()); });
  metrics.gauge("tocsin_outbox_writable", "1 while what is owed can be written",
                [this] { return writable_ && !full_ ? 1.0 : 0.0; });
  metrics.gauge("tocsin_delivery_reports_dropped", "Gateways' reports that found no room so far",
                [this] { return static_cast<double>(dropped_.load()); });
}

/// What a turn has done, now that it is written.
void Courier::count() {
  Metrics& metrics = parts_.metrics;
  const Tally& tally = desk_.tally;
  for (std::size_t way = 0; way < kWays; ++way) {
    const auto name = text(static_cast<Way>(way));
    metrics
        .counter("tocsin_delivery_attempts_total", "Messages handed to a channel",
                 fmt::format("channel=\"{}\"", name))
        .add(tally.attempts[way]);
    for (std::size_t state = 0; state < kStates; ++state) {
      if (tally.settled[way][state] == 0) continue;
      metrics
          .counter(
              "tocsin_deliveries_settled_total", "What has become of messages",
              fmt::format("channel=\"{}\",state=\"{}\"", name, text(static_cast<State>(state))))
          .add(tally.settled[way][state]);
    }
  }
  metrics
      .counter("tocsin_delivery_uncertain_total",
               "Attempts of which nobody knows whether they arrived; each may reach somebody twice")
      .add(tally.uncertain);
  metrics.counter("tocsin_delivery_planned_total", "Organisations that alerts were planned for")
      .add(tally.planned);
  uncertain_ += tally.uncertain;
  under_way_ = desk_.under_way.size();
}

}  // namespace engine::delivery
