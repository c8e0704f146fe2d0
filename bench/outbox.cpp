// How many deliveries a second the outbox carries, each of its states durable, through a channel
// whose gateway takes everything at once: bench_outbox FOLDER [DELIVERIES] [--window N]. The folder
// must be empty. First everything is planned and queued, then the window opens.
#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <future>
#include <thread>

#include "engine/outbox.hpp"
#include "engine/trust/signature.hpp"
#include "tests/support/accepting_channel.hpp"
#include "tests/support/alert_builder.hpp"

namespace {

using namespace engine;
using delivery::State;
using Steady = std::chrono::steady_clock;
using tests::AcceptingChannel;

struct Load {
  std::filesystem::path folder;
  std::uint64_t deliveries = 300'000;
  std::size_t window = 1000;
};

std::string key_of(std::uint64_t number) { return fmt::format("org{:08}", number); }

/// As many organisations as there are deliveries, one telephone each.
Addressees addressees_of(const Load& load) {
  Addressees everybody;
  everybody.concerned = [&load](const Record&, std::string_view after, std::size_t most) {
    std::uint64_t next = after.empty() ? 0 : std::strtoull(&after[3], nullptr, 10) + 1;
    std::vector<Addressees::Concerned> found;
    for (; next < load.deliveries && found.size() < most; ++next) {
      found.push_back({key_of(next), static_cast<double>(next * 7919 % 50'000)});
    }
    return found;
  };
  everybody.profile = [](std::string_view key) -> Result<std::optional<Profile>> {
    Profile profile;
    Contact& contact = profile.contacts.emplace_back();
    contact.number = 1;
    contact.address = "+44" + std::string(key.substr(3));
    contact.consents = true;
    return std::optional(std::move(profile));
  };
  everybody.mark_dead = [](std::span<const std::pair<std::string, std::uint32_t>>) {};
  return everybody;
}

void append_alert(Log& log, const Clock& clock) {
  tests::AlertBuilder builder;
  builder.sent(clock.now()).no_expires();
  auto bulletin = std::make_shared<Bulletin>();
  bulletin->envelope.payload = builder.xml();
  bulletin->id = trust::sha256(bulletin->envelope.payload);
  bulletin->outline = cap::outline_of(builder.alert());
  std::promise<void> appended;
  log.append({std::move(bulletin), 1, true}, [&](AppendAnswer) { appended.set_value(); });
  appended.get_future().wait();
}

std::uint64_t messages(Outbox& outbox, State state) {
  std::promise<std::uint64_t> count;
  outbox.reach(Sequence{1}, [&](Result<std::optional<OutboxReach>> reach) {
    const bool known = reach && *reach;
    count.set_value(known ? (*reach)->messages[0][static_cast<std::size_t>(state)] : 0);
  });
  return count.get_future().get();
}

double processor_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

long resident_megabytes() {
  std::ifstream statm("/proc/self/statm");
  long pages = 0;
  statm >> pages >> pages;
  return pages * 4 / 1024;
}

/// Returns when so many messages are in that state.
void wait_for(Outbox& outbox, State state, std::uint64_t count) {
  while (messages(outbox, state) < count) std::this_thread::sleep_for(std::chrono::milliseconds{5});
}

struct Phase {
  Steady::time_point start = Steady::now();
  double processor = processor_seconds();

  void print(std::string_view what, std::uint64_t count) const {
    const double seconds = std::chrono::duration<double>(Steady::now() - start).count();
    const double used = processor_seconds() - processor;
    const auto done = static_cast<double>(count);
    fmt::print("{}: {:.0f} a second, {:.1f} us of processor each, {} MB resident\n", what,
               done / seconds, used / done * 1e6, resident_megabytes());
  }
};

int run(const Load& load) {
  const SystemClock clock;
  Metrics metrics;
  LogOptions log_options;
  log_options.medium = LogOptions::Medium::memory;
  const auto log = std::move(Log::open(log_options, clock).value());
  OutboxOptions options;
  options.directory = load.folder;
  for (auto& patience : options.rules.patience) patience.acknowledged = std::chrono::seconds{0};
  for (auto& patience : options.rules.patience) patience.delivered = std::chrono::hours{2};
  const auto outbox = std::move(
      Outbox::open(options, {*log, addressees_of(load), {}, {}, {}, clock, metrics}).value());
  const auto counts = std::make_shared<AcceptingChannel::Counts>();
  std::vector<std::unique_ptr<Channel>> channels;
  channels.push_back(std::make_unique<AcceptingChannel>(outbox->io(), counts));
  outbox->start(std::move(channels));

  const Phase planning;
  append_alert(*log, clock);
  outbox->wake();
  wait_for(*outbox, State::owed, load.deliveries);
  planning.print("planned and queued", load.deliveries);

  const Phase sending;
  counts->window = load.window;
  outbox->wake();
  for (auto seen = counts->answered.load(); seen < load.deliveries;) {
    counts->answered.wait(seen);
    seen = counts->answered.load();
  }
  wait_for(*outbox, State::sent, load.deliveries);
  sending.print("marked, handed over and noted as sent", load.deliveries);
  log->stop();
  outbox->stop();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Deliveries a second, each of their states durable."};
  Load load;
  app.add_option("FOLDER", load.folder, "An empty folder on the disk to be measured")->required();
  app.add_option("DELIVERIES", load.deliveries, "How many are planned, then sent");
  app.add_option("--window", load.window, "How many the gateway takes unanswered");
  CLI11_PARSE(app, argc, argv);
  if (!trust::start_crypto()) return 1;
  return run(load);
}
