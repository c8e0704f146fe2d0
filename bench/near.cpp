// Near: how long it takes to find the organisations that a bulletin concerns, among a thousand and
// among millions, beside a packed R-tree (Boost.Geometry) and a plain scan of the same sites.
// Prints a line of JSON for each figure; where two of them do not find the same, it says so and
// ends.
#include <fmt/format.h>
#include <malloc.h>
#include <sys/utsname.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/geometry/geometries/box.hpp>
#include <boost/geometry/geometries/point.hpp>
#include <boost/geometry/index/rtree.hpp>
#include <boost/geometry/strategies/cartesian.hpp>
#include <boost/iterator/function_output_iterator.hpp>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bench/near/towns.hpp"
#include "engine/nearby.hpp"

using namespace engine;

namespace {

namespace bg = boost::geometry;
using Corner = bg::model::point<std::int32_t, 2, bg::cs::cartesian>;
using Box = bg::model::box<Corner>;
using Entry = std::pair<Corner, std::uint32_t>;
using Tree = bg::index::rtree<Entry, bg::index::rstar<16>>;
using Numbers = std::vector<std::uint32_t>;

// What there are in the United Kingdom, and what of them the questions are drawn to find.
constexpr double kAll = 5.5e6, kTown = 12'000, kRegion = 700'000;

// Organisations that wait to be packed while questions are asked.
constexpr std::uint32_t kChanged = 1000;

std::string command(const char* words) {
  std::string text;
  if (FILE* pipe = popen(words, "r")) {
    char line[256];
    while (std::fgets(line, sizeof line, pipe) != nullptr) text += line;
    pclose(pipe);
  }
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

/// What a figure cannot be read without, as members of an object.
std::string facts() {
  std::string model = "unknown";
  std::ifstream cpu("/proc/cpuinfo");
  for (std::string line; std::getline(cpu, line);) {
    if (line.starts_with("model name")) model = line.substr(line.find(':') + 2);
  }
  const std::string git = "git -C " TOCSIN_SOURCE_DIR " ";
  std::string commit = command((git + "rev-parse --short HEAD 2>/dev/null").c_str());
  if (!command((git + "status --porcelain --untracked-files=no 2>/dev/null").c_str()).empty()) {
    commit += "+changes";
  }
  utsname system{};
  uname(&system);
  char date[32];
  const std::time_t now = std::time(nullptr);
  std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&now));
  return fmt::format(R"("machine":"{}, Linux {}","date":"{}","commit":"{}")", model, system.release,
                     date, commit.empty() ? "unknown" : commit);
}

double load() {
  double one = 0;
  return getloadavg(&one, 1) == 1 ? one : -1;
}

/// Processor time of this thread: what else the machine does is not counted.
double milliseconds(const std::function<void()>& what) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
  };
  const double start = now();
  what();
  return now() - start;
}

std::size_t heap() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

struct Question {
  std::string name;
  cap::Reach reach;
};

/// Sites and those who look for them.
class Bench {
 public:
  Bench(std::size_t count, int rounds, bool peers, std::string facts)
      : count_(count), rounds_(rounds), peers_(peers), facts_(std::move(facts)) {}

  void build() {
    sites_ = bench::Towns(1).sites(count_);
    std::vector<Site> copy = sites_;
    std::size_t before = heap() - copy.capacity() * sizeof(Site);
    double took = milliseconds([&] { nearby_.load(std::move(copy)); });
    print_build("nearby", took, heap() - before);
    print_build("nearby_rebuild", milliseconds([&] { nearby_.rebuild(); }), heap() - before);
    // As it is in use: with some changes that are not packed yet.
    std::vector<Nearby::Change> changes;
    for (const Site& site : sites_) {
      if (site.organisation == kChanged) break;
      if (changes.empty() || changes.back().organisation != site.organisation) {
        changes.push_back({site.organisation, {}});
      }
      changes.back().sites.push_back(site);
    }
    took = milliseconds([&] { nearby_.put(std::move(changes)); });
    print_build("nearby_thousand_changes", took, heap() - before);
    if (!peers_) return;
    before = heap();
    took = milliseconds([&] {
      std::vector<Entry> entries;
      entries.reserve(count_);
      for (std::uint32_t i = 0; i < count_; ++i) {
        entries.push_back({{sites_[i].x, sites_[i].y}, i});
      }
      tree_.emplace(entries.begin(), entries.end());
    });
    print_build("rtree", took, heap() - before);
  }

  void ask(const Question& question) {
    asked_ = WishWord::asked(question.reach, ~std::uint64_t{0});
    // A new bulletin each time: nothing of its shapes is ready.
    std::vector<cap::Reach> fresh(static_cast<std::size_t>(2 * rounds_), question.reach);
    for (cap::Reach& reach : fresh) reach.shapes = {reach.shapes.polygons(), {}};
    auto next = fresh.begin();
    const Numbers found = measure(question, "nearby", rounds_, [&] {
      return nearby_.concerned({{&*next++, 1}});
    });
    measure(question, "nearby_with_distances", rounds_, [&] {
      Numbers numbers;
      for (const auto& near : nearby_.concerned_from_near({{&*next++, 1}})) {
        numbers.push_back(near.organisation);
      }
      return numbers;
    });
    if (!peers_ || !question.reach.codes.empty()) return;
    question.reach.shapes.prepare();
    const int rounds = std::max(1, rounds_ / 3);
    check(question, found, measure(question, "rtree", rounds, [&] { return by_tree(question); }));
    check(question, found, measure(question, "scan", rounds, [&] { return by_scan(question); }));
  }

 private:
  void print_build(const char* peer, double took, std::size_t octets) const {
    fmt::print(R"({{"bench":"near","what":"build","peer":"{}","sites":{},"ms":{:.2f},"octets":{},)"
               R"("octets_a_site":{:.1f},"load":{:.1f},{}}})"
               "\n",
               peer, count_, took, octets,
               static_cast<double>(octets) / static_cast<double>(count_), load(), facts_);
    std::fflush(stdout);
  }

  Numbers measure(const Question& question, const char* peer, int rounds,
                  const std::function<Numbers()>& what) const {
    Numbers found;
    std::vector<double> times;
    for (int i = 0; i < rounds; ++i) {
      times.push_back(milliseconds([&] { found = what(); }));
    }
    std::sort(times.begin(), times.end());
    fmt::print(R"({{"bench":"near","what":"{}","peer":"{}","sites":{},"found":{},"ms":{:.4f},)"
               R"("ms_least":{:.4f},"ms_most":{:.4f},"rounds":{},"load":{:.1f},{}}})"
               "\n",
               question.name, peer, count_, found.size(), times[times.size() / 2], times.front(),
               times.back(), rounds, load(), facts_);
    std::fflush(stdout);
    return found;
  }

  /// Of rows to those who want it, each once.
  Numbers numbers_of(const std::vector<std::uint32_t>& rows) const {
    Numbers numbers;
    std::vector<bool> seen(count_ + 1);
    for (const std::uint32_t row : rows) {
      const std::uint32_t number = sites_[row].organisation;
      if (!sites_[row].wishes.wants(asked_) || seen[number]) continue;
      seen[number] = true;
      numbers.push_back(number);
    }
    return numbers;
  }

  /// The tree finds what lies in the box around the shape, and the shape itself decides.
  Numbers by_tree(const Question& question) const {
    const cap::Footprint& shapes = question.reach.shapes;
    std::vector<std::uint32_t> rows;
    const auto add = [&](const Entry& entry) { rows.push_back(entry.second); };
    if (question.reach.everywhere) {
      std::for_each(tree_->begin(), tree_->end(), add);
      return numbers_of(rows);
    }
    const cap::Extent box = cap::box_around(shapes.polygons().front());
    const auto corner = [](cap::Spot spot) {
      return Corner(static_cast<std::int32_t>(spot.x), static_cast<std::int32_t>(spot.y));
    };
    const Box around(corner(box.least), corner(box.most));
    const auto held = [&](const Entry& entry) {
      return shapes.holds({bg::get<0>(entry.first), bg::get<1>(entry.first)});
    };
    tree_->query(bg::index::intersects(around) && bg::index::satisfies(held),
                 boost::make_function_output_iterator(add));
    return numbers_of(rows);
  }

  Numbers by_scan(const Question& question) const {
    std::vector<std::uint32_t> rows;
    for (std::uint32_t i = 0; i < count_; ++i) {
      if (!sites_[i].wishes.wants(asked_)) continue;
      if (question.reach.everywhere || question.reach.shapes.holds(sites_[i].spot())) {
        rows.push_back(i);
      }
    }
    return numbers_of(rows);
  }

  static void check(const Question& question, Numbers one, Numbers other) {
    std::sort(one.begin(), one.end());
    std::sort(other.begin(), other.end());
    if (one == other) return;
    fmt::print(stderr, "{}: {} and {} organisations are found\n", question.name, one.size(),
               other.size());
    std::exit(1);
  }

  const std::size_t count_;
  const int rounds_;
  const bool peers_;
  const std::string facts_;
  std::vector<Site> sites_;
  Nearby nearby_{Places::builtin()};
  std::optional<Tree> tree_;
  WishWord::Asked asked_;
};

cap::Reach reach_of(cap::Footprint shapes) {
  cap::Reach reach;
  reach.severity = cap::Severity::severe;
  reach.categories = cap::bit(cap::Category::met);
  reach.shapes = std::move(shapes);
  return reach;
}

cap::Ring ragged(int corners, cap::Spot middle, double size) {
  bench::Chance chance(3);
  cap::Ring ring;
  for (int i = 0; i < corners; ++i) {
    const double turn = 6.283185307 * i / corners, far = size * chance.between(0.7, 1);
    ring.push_back({middle.x + std::llround(1.6 * far * std::cos(turn)),
                    middle.y + std::llround(far * std::sin(turn))});
  }
  return ring;
}

/// As large as it has to be so that such a share of the sites lies in it.
cap::Reach holding(double share, int corners, cap::Spot middle, const std::vector<Site>& sample) {
  double least = 0, most = 1e8;
  cap::Reach reach;
  for (int i = 0; i < 24; ++i) {
    const double size = (least + most) / 2;
    reach = reach_of({{ragged(corners, middle, size)}, {}});
    reach.shapes.prepare();
    const auto held = std::count_if(sample.begin(), sample.end(), [&](const Site& site) {
      return reach.shapes.holds(site.spot());
    });
    (static_cast<double>(held) < share * static_cast<double>(sample.size()) ? least : most) = size;
  }
  // Not made ready: who asks pays for it.
  return reach_of({reach.shapes.polygons(), {}});
}

std::vector<Question> questions() {
  const std::vector<Site> sample = bench::Towns(1).sites(300'000);
  std::vector<Question> questions;
  questions.push_back({"town", holding(kTown / kAll, 64, {-9'700'000, 514'550'000}, sample)});
  questions.push_back(
      {"ragged_region", holding(kRegion / kAll, 1000, {-17'000'000, 526'000'000}, sample)});
  questions.push_back({"box_around_all", reach_of({{{{-90'000'000, 490'000'000},
                                                     {30'000'000, 490'000'000},
                                                     {30'000'000, 620'000'000},
                                                     {-90'000'000, 620'000'000}}},
                                                   {}})});
  questions.push_back({"everywhere", reach_of({})});
  questions.back().reach.everywhere = true;
  questions.push_back({"place", reach_of({})});
  questions.back().reach.codes = {"E06000038"};  // Reading
  return questions;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::size_t> counts{1000, 10'000, 100'000, 1'000'000, 5'500'000};
  int rounds = 9;
  bool alone = false;
  CLI::App app("How soon it is known whom a bulletin concerns, of a thousand and of millions");
  app.add_option("counts", counts, "of sites, one after the other")->capture_default_str();
  app.add_option("--rounds", rounds, "of each question; the peers are asked a third as often")
      ->capture_default_str();
  app.add_flag("--alone", alone, "without the R-tree and the scan");
  CLI11_PARSE(app, argc, argv);
  const std::string known = facts();
  const std::vector<Question> all = questions();
  for (const std::size_t count : counts) {
    Bench bench(count, rounds, !alone, known);
    bench.build();
    for (const Question& question : all) bench.ask(question);
  }
  return 0;
}
