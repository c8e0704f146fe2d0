#include "connectors/nats/partners.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/trace.hpp"
#include "engine/limits.hpp"

namespace connectors::nats {

using engine::Result;
using std::chrono::steady_clock;

Result<std::unique_ptr<Partners>> Partners::open(const NatsConfig& config,
                                                 const std::filesystem::path& progress_file,
                                                 engine::Engine& engine) {
  if (const auto checked = check(config); !checked) return checked.error();
  auto partners = std::unique_ptr<Partners>(new Partners(config, progress_file, engine));
  if (auto loaded = partners->publisher_.load(); !loaded) return loaded.error();
  partners->state_.published = partners->publisher_.progress().published;
  partners->state_.why = "it has not been reached yet";
  return partners;
}

Partners::Partners(const NatsConfig& config, const std::filesystem::path& progress_file,
                   engine::Engine& engine)
    : config_(config),
      engine_(engine),
      publisher_(config_, progress_file, engine),
      failures_(engine.metrics().counter(
          "tocsin_nats_failures_total",
          "Connections to NATS that could not be made, or broke, or were given up")) {
  if (config_.ingest) ingest_ = std::make_unique<Ingest>(engine);
  engine.metrics().gauge("tocsin_nats_connected", "1 while the NATS server is reached",
                         [this] { return state().connected ? 1.0 : 0.0; });
  engine.metrics().gauge("tocsin_nats_waiting", "Bulletins that the NATS server was not told yet",
                         [this] {
                           const auto published = number(state().published);  // before the head
                           return static_cast<double>(number(engine_.log().head()) - published);
                         });
}

Partners::~Partners() {
  stop_taking();
  stop();
}

void Partners::start() {
  if (ingest_) ingest_->start();
  thread_ = std::thread([this] { run(); });
}

void Partners::wake() {
  {
    const std::lock_guard lock(bell_->mutex);
    bell_->more = true;
  }
  bell_->rung.notify_all();
}

void Partners::stop_taking() {
  {
    const std::lock_guard lock(bell_->mutex);
    bell_->quiet = true;
  }
  if (ingest_) ingest_->stop_taking();
}

bool Partners::quiet() const {
  const std::lock_guard lock(bell_->mutex);
  return bell_->quiet;
}

void Partners::stop() {
  if (ingest_) ingest_->stop();
  {
    const std::lock_guard lock(bell_->mutex);
    bell_->stopping = true;
  }
  bell_->rung.notify_all();
  if (thread_.joinable()) thread_.join();
}

Partners::State Partners::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

std::vector<std::string> Partners::warnings() const {
  const State now = state();
  std::vector<std::string> warnings;
  if (!now.connected) {
    warnings.push_back(
        fmt::format("The NATS server is not reached: {}. {} bulletins wait in the log for partners "
                    "there; nobody else is touched by this.",
                    now.why, number(engine_.log().head()) - number(now.published)));
  }
  if (!now.complaint.empty()) {
    warnings.push_back(
        "How far NATS was told could not be written: after a restart partners are "
        "sent some alerts once more. " +
        now.complaint);
  }
  return warnings;
}

void Partners::run() {
  auto pause = limits::kRetryFirst;
  do {
    const auto begun = steady_clock::now();
    const auto ended = talk();
    if (ended) return;  // asked to stop
    failures_.add();
    const bool was_connected = state().connected;
    if (was_connected || pause == limits::kRetryFirst) {
      engine::trace(engine::Level::error, "nats_away", {{"why", ended.error().what}});
    }
    State now = state();
    now.connected = false;
    now.why = ended.error().what;
    say(now);
    const bool held = steady_clock::now() - begun > limits::kRetryMax;
    pause = held ? limits::kRetryFirst : std::min(pause * 2, limits::kRetryMax);
  } while (wait_for(pause));
}

Result<void> Partners::talk() {
  auto connection =
      Connection::open(config_, fmt::format("tocsin {}", engine_.options().node), [bell = bell_] {
        // Who asks whether it is over does so under this, and waits or sees it.
        { const std::lock_guard lock(bell->mutex); }
        bell->rung.notify_all();
      });
  if (!connection) return connection.error();
  auto ended = talk(*connection);
  if (ingest_) ingest_->use(nullptr);
  (*connection)->close();  // others may hold it still, and are to wait for nothing there
  return ended;
}

Result<void> Partners::talk(const std::shared_ptr<Connection>& connection) {
  if (auto begun = publisher_.begin(*connection); !begun) return begun;
  if (ingest_) {
    if (auto listening = connection->listen(kIngestSubject); !listening) return listening;
    ingest_->use(connection);
  }
  engine::trace(engine::Level::notice, "nats_reached",
                {{"stream", publisher_.streams() ? "yes" : "no"},
                 {"published", std::to_string(number(publisher_.progress().published))}});
  auto next_beat = steady_clock::now();
  for (;;) {
    if (auto done = publish_all(*connection, next_beat); !done && !quiet()) return done;
    std::unique_lock lock(bell_->mutex);
    bell_->rung.wait_until(lock, next_beat,
                           [&] { return bell_->more || connection->over() || bell_->stopping; });
    if (bell_->stopping) return {};
    if (connection->over()) return engine::Failure{"the connection ended"};
    bell_->more = false;
  }
}

/// Beats meanwhile, since to be told of a long absence takes longer than a beat may stay away.
Result<void> Partners::publish_all(Connection& connection, steady_clock::time_point& next_beat) {
  do {
    say({true, publisher_.streams(), publisher_.progress().published, "", publisher_.complaint()});
    if (steady_clock::now() >= next_beat) {
      next_beat = steady_clock::now() + engine::limits::kHeartbeat;
      if (engine_.log().current()) {  // else silence says that others may have newer alerts
        if (auto done = publisher_.beat(connection); !done) return done;
      }
    }
    if (!publisher_.behind() || quiet()) return {};
    if (auto done = publisher_.publish(connection); !done) return done;
  } while (true);
}

void Partners::say(const State& state) {
  const std::lock_guard lock(mutex_);
  state_ = state;
}

bool Partners::wait_for(steady_clock::duration time) {
  std::unique_lock lock(bell_->mutex);
  return !bell_->rung.wait_for(lock, time, [this] { return bell_->stopping; });
}

}  // namespace connectors::nats
