// Filters: how long a shard takes to decide whom of 20,000 differently filtered readers a bulletin
// concerns, from the bulletin's arrival to the last frame offered, and how a burst and one large
// group are served. Prints; compares nothing. Times are the processor's, of this thread.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench/shapes.hpp"
#include "engine/shard/shard.hpp"
#include "engine/trust/signature.hpp"
#include "tests/support/alert_builder.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/rooms_in_memory.hpp"

using namespace engine;

namespace {

constexpr int kRuns = 9;
constexpr int kReaders = 20'000;

double cpu_ms() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

std::string timed(int runs, const std::function<double()>& what) {
  std::vector<double> times;
  for (int i = 0; i < runs; ++i) times.push_back(what());
  std::sort(times.begin(), times.end());
  return fmt::format("{:6.2f}/{:6.2f}", times.front(), times[times.size() / 2]);
}

/// A reader whose socket takes everything.
class Sink final : public Outlet {
 public:
  explicit Sink(std::size_t& taken) : taken_(taken) {}
  std::size_t offer(std::span<const Wire> frames) override {
    taken_ += frames.size();
    return frames.size();
  }
  bool waiting() const override { return false; }
  void close(CloseReason, std::string_view) override {}

 private:
  std::size_t& taken_;
};

/// A log in memory with a shard behind it, as the tests have it; bulletins are posted by hand.
struct Bench : Follower {
  Bench() {
    if (!trust::start_crypto()) std::abort();
    LogOptions options;
    options.medium = LogOptions::Medium::memory;
    options.threads = LogOptions::Threads::none;
    options.directory = "bench-filters";
    log = std::move(Log::open(options, clock).value());
    log->follow(*this);
    directory = tests::directory_in_memory(clock);
    receipts = tests::receipts_in_memory(clock);
    shard = std::make_unique<Shard>(ShardParts{*log, *directory, *receipts, clock, metrics}, 1);
  }
  ~Bench() override {
    log->stop();
    run();
  }
  void on_records(std::span<const Record>) override {}

  void run() {
    for (bool moved = true; moved;) {
      moved = log->run();
      shard->io().restart();
      moved = shard->io().poll() > 0 || moved;
    }
    while (receipts->run()) {
    }
  }
  void join(const Filter& filter) {
    outlets.push_back(std::make_unique<Sink>(taken));
    shard->join(*outlets.back(), filter, FromNow{}, {});
  }
  /// Processor time of a turn in which these arrive together.
  double turn(const std::vector<FramePtr>& frames) {
    run();
    taken = 0;
    const double start = cpu_ms();
    for (const FramePtr& frame : frames) shard->post(frame);
    shard->io().restart();
    shard->io().poll();
    const double took = cpu_ms() - start;
    run();
    return took;
  }

  tests::ManualClock clock;
  Metrics metrics;
  std::unique_ptr<Log> log;
  std::unique_ptr<Directory> directory;
  std::unique_ptr<Receipts> receipts;
  std::unique_ptr<Shard> shard;
  std::vector<std::unique_ptr<Sink>> outlets;
  std::size_t taken = 0;
  std::uint64_t last = 0;
};

enum class Where { london, kingdom };

/// All different: an area or three, half of them points; and most of them with a category, a
/// severity, statuses or senders that let most of the bulletins below through.
std::vector<Filter> readers(Where where, bool mixed) {
  static const char* const categories[] = {"Security", "Met", "Safety", "Fire"};
  static const char* const severities[] = {"Minor", "Moderate", "Severe"};
  bench::Chance chance(2);
  const auto below = [&](int n) { return static_cast<std::size_t>(chance.between(0, n * 0.9999)); };
  const auto all = Places::builtin().all();
  std::vector<Filter> filters;
  for (int i = 0; i < kReaders; ++i) {
    std::vector<Filter::Parameter> query;
    for (std::size_t k = mixed ? 1 + below(3) : 1; k > 0; --k) {
      const bool by_point = !mixed || below(2) == 0;
      const bool far = where == Where::kingdom;
      const double latitude = far ? chance.between(50, 59) : chance.between(51.3, 51.7);
      const double longitude = far ? chance.between(-6, 1.5) : chance.between(-0.5, 0.3);
      query.emplace_back("area", by_point ? fmt::format("{:.7f},{:.7f}", latitude, longitude)
                                          : all[below(static_cast<int>(all.size()))].code);
    }
    query.emplace_back("status", "Exercise");
    Member member;
    if (mixed) {
      member.groups = {fmt::format("group-{}", below(100)), "retail"};
      if (below(2) == 0) query.emplace_back("category", categories[below(4)]);
      if (below(2) == 0) query.emplace_back("category", "Security");
      if (below(2) == 0) query.emplace_back("severity", severities[below(3)]);
      for (std::size_t k = below(3); k > 0; --k) {
        query.emplace_back("sender", fmt::format("control-{}@example.org", below(1000)));
      }
      if (below(3) > 0) query.emplace_back("sender", tests::AlertBuilder().alert().sender);
      query.emplace_back("sender", fmt::format("reader-{}@example.org", i));
    }
    filters.push_back(std::get<Filter>(
        Filter::parse(query, cap::Status::exercise, Places::builtin(), std::move(member))));
  }
  return filters;
}

cap::Outline outline_of(const bench::Shapes& shapes) {
  tests::AlertBuilder builder;
  builder.no_shape();
  for (const auto& polygon : shapes.polygons) builder.polygon(polygon);
  for (const auto& circle : shapes.circles) builder.circle(circle);
  cap::Outline outline = cap::outline_of(builder.alert());
  Places::builtin().complete(outline);
  return outline;
}

BulletinPtr bulletin_of(const cap::Outline& outline) {
  Bulletin bulletin;
  bulletin.envelope = {std::string(kCapType), std::string(1000, 'x'), {SignatureBlock{}}};
  bulletin.outline = outline;
  return std::make_shared<const Bulletin>(std::move(bulletin));
}

FramePtr next_frame(Bench& bench, const BulletinPtr& bulletin, const Frame* previous) {
  return make_frame({Sequence{++bench.last}, bench.clock.now(), bulletin}, previous);
}

void match(Bench& bench, const bench::Shapes& shapes, const cap::Audience& audience = {}) {
  cap::Outline outline = outline_of(shapes);
  outline.audience = audience;
  for (cap::Reach& reach : outline.reaches) reach.audience = audience;
  const double start = cpu_ms();
  FramePtr previous = next_frame(bench, bulletin_of(outline), nullptr);
  const double made = cpu_ms() - start;
  bench.turn({previous});
  std::size_t concerned = 0;
  const std::string one = timed(kRuns, [&] {
    // A target of its own for each, which shares nothing but the shapes.
    const FramePtr frame = next_frame(bench, bulletin_of(outline), nullptr);
    const double took = bench.turn({frame});
    concerned = bench.taken;
    return took;
  });
  const std::string decided = timed(kRuns, [&] {
    bench.run();
    Concerned counted;
    const double from = cpu_ms();
    bench.shard->count_concerned(*previous->target, counted);
    return cpu_ms() - from;
  });
  fmt::print("{:40} made {:6.2f}, {:5} KiB  decided {}  and offered {} ms, {} concerned\n",
             shapes.name, made, previous->target->octets() / 1024, decided, one, concerned);
}

void burst(Bench& bench, const bench::Shapes& shapes, bool alike) {
  const cap::Outline outline = outline_of(shapes);
  const std::string taken = timed(3, [&] {
    std::vector<FramePtr> frames;
    for (int i = 0; i < 100; ++i) {
      frames.push_back(
          next_frame(bench, bulletin_of(outline), alike && i > 0 ? frames.back().get() : nullptr));
    }
    return bench.turn(frames);
  });
  fmt::print("{:40} 100 at once, {}: {} ms\n", shapes.name, alike ? "alike" : "each by itself",
             taken);
}

void crowd() {
  Bench bench;
  const auto any = std::get<Filter>(Filter::parse({}, cap::Status::exercise, Places::builtin()));
  for (int i = 0; i < 10'000; ++i) bench.join(any);
  bench.run();
  const auto bulletin = bulletin_of(outline_of(bench::shapes_in_london().front()));
  fmt::print("10,000 readers of one filter: {} ms a bulletin\n",
             timed(kRuns, [&] { return bench.turn({next_frame(bench, bulletin, nullptr)}); }));
}

}  // namespace

int main() {
  fmt::print("20,000 different filters in one shard; best/median of {} in ms\n", kRuns);
  struct Series {
    std::string name;
    Where where;
    bool mixed;
    std::vector<bench::Shapes> shapes;
  };
  for (const auto& series :
       {Series{"a point in London each", Where::london, false, bench::shapes_in_london()},
        Series{"mixed, in London", Where::london, true, bench::shapes_in_london()},
        Series{"a point in the kingdom each", Where::kingdom, false, bench::worst_shapes()},
        Series{"mixed, in the kingdom", Where::kingdom, true, bench::worst_shapes()}}) {
    fmt::print("\n{}:\n", series.name);
    Bench bench;
    for (const Filter& filter : readers(series.where, series.mixed)) bench.join(filter);
    bench.run();
    for (const auto& shapes : series.shapes) match(bench, shapes);
    if (series.where != Where::london || !series.mixed) continue;
    match(bench, {"the same, Restricted to a group", "", series.shapes[0].polygons, {}},
          {cap::Scope::restricted, {"group-7"}});
    for (const bool alike : {false, true}) burst(bench, bench::shapes_in_london()[0], alike);
    burst(bench, bench::shapes_in_london()[2], false);
  }
  crowd();
  return 0;
}
