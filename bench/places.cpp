// Places: how long they take to load, how long alerts of the worst kinds take to be judged and
// routed, and how long it takes to decide for many readers. Prints; compares nothing.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>

#include "bench/shapes.hpp"
#include "engine/admission.hpp"
#include "engine/cap/judge.hpp"
#include "engine/filter.hpp"
#include "engine/places.hpp"
#include "tests/support/alert_builder.hpp"
#include "tests/support/trust_builder.hpp"

using namespace engine;

namespace {

constexpr int kRuns = 9;

struct Times {
  double best_ms = 0, median_ms = 0;
};

Times timed(const std::function<void()>& what) {
  std::vector<double> runs;
  for (int i = 0; i < kRuns; ++i) {
    const auto start = std::chrono::steady_clock::now();
    what();
    const auto taken = std::chrono::steady_clock::now() - start;
    runs.push_back(std::chrono::duration<double, std::milli>(taken).count());
  }
  std::sort(runs.begin(), runs.end());
  return {runs.front(), runs[runs.size() / 2]};
}

std::string shown(const Times& times) {
  return fmt::format("{:.1f}/{:.1f}", times.best_ms, times.median_ms);
}

tests::AlertBuilder about(const bench::Shapes& shapes) {
  tests::AlertBuilder builder;
  builder.no_shape();
  for (const auto& polygon : shapes.polygons) builder.polygon(polygon);
  for (const auto& circle : shapes.circles) builder.circle(circle);
  return builder;
}

/// Times of question 6, of the areas in question 8, and of finding whom it reaches.
cap::Outline judge(const bench::Shapes& shapes) {
  const auto builder = about(shapes);
  const std::string xml = builder.xml();
  cap::Profile profile;
  profile.vertices_max = 50'000;
  cap::Judgement judgement;
  const Times read = timed([&] { judgement = cap::judge(xml, profile); });
  const std::vector<std::string> areas{shapes.authority};
  std::optional<std::string> outside;
  const Times authority =
      timed([&] { outside = Places::builtin().first_outside(builder.alert(), areas); });
  cap::Outline outline;
  const Times reach = timed([&] {
    outline = cap::outline_of(builder.alert());
    Places::builtin().complete(outline);
  });
  fmt::print("{:44} {:>4} KiB  read {:>11}  areas {:>13}  reach {:>11}  {}{}, {} codes\n",
             shapes.name, xml.size() / 1024, shown(read), shown(authority), shown(reach),
             judgement.errors.empty() ? "" : judgement.errors.front().rule + ", ",
             outside ? "outside" : "inside", outline.reaches[0].met.size());
  return outline;
}

/// One of the shapes that lie inside, the one that takes longest to judge, so many times.
bench::Shapes hardest(std::string name, int count, double radius_km, int vertices) {
  const auto all = bench::along_border(name, 1000, radius_km, vertices);
  bench::Shapes worst{std::move(name), all.authority, {}, {}};
  double worst_ms = 0;
  for (std::size_t i = 0; i < 1000; ++i) {
    bench::Shapes one{"", all.authority, {}, {}};
    if (vertices == 0) one.circles = {all.circles[i]};
    if (vertices > 0) one.polygons = {all.polygons[i]};
    const auto builder = about(one);
    const std::vector<std::string> areas{one.authority};
    const auto start = std::chrono::steady_clock::now();
    const bool inside = Places::builtin().inside(builder.alert(), areas);
    const std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - start;
    if (!inside || taken.count() < worst_ms) continue;
    worst_ms = taken.count();
    worst.circles.assign(one.circles.empty() ? 0 : static_cast<std::size_t>(count),
                         one.circles.empty() ? cap::Circle{} : one.circles.front());
    worst.polygons.assign(one.polygons.empty() ? 0 : static_cast<std::size_t>(count),
                          one.polygons.empty() ? cap::Polygon{} : one.polygons.front());
  }
  fmt::print("{:44} alone: {:.2f} ms\n", worst.name, worst_ms);
  return worst;
}

enum class By { code, point };

std::vector<Filter> readers(By by) {
  bench::Chance chance(2);
  const auto all = Places::builtin().all();
  std::vector<Filter> filters;
  for (int i = 0; i < 20'000; ++i) {
    const std::string area =
        by == By::point
            ? fmt::format("{:.7f},{:.7f}", chance.between(51.3, 51.7), chance.between(-0.5, 0.3))
            : all[static_cast<std::size_t>(chance.between(0, 1) * 0.999 *
                                           static_cast<double>(all.size()))]
                  .code;
    const std::vector<Filter::Parameter> parameters{{"area", area}};
    filters.push_back(
        std::get<Filter>(Filter::parse(parameters, cap::Status::exercise, Places::builtin())));
  }
  return filters;
}

void match(const bench::Shapes& shapes, const std::vector<Filter>& filters, By by) {
  cap::Outline outline = cap::outline_of(about(shapes).alert());
  Places::builtin().complete(outline);
  std::ptrdiff_t concerned = 0;
  const Times times = timed([&] {
    concerned = std::count_if(filters.begin(), filters.end(),
                              [&](const Filter& filter) { return filter.matches(outline); });
  });
  fmt::print("{:44} 20,000 {}: {} ms, {} concerned\n", shapes.name,
             by == By::code ? "codes" : "points", shown(times), concerned);
}

void decide_whole(const bench::Shapes& shapes) {
  tests::TrustBuilder world;
  world.sender().areas({shapes.authority}).officer("Ann").officer("Ben");
  const auto trust = world.document();
  const auto builder = about(shapes);
  const std::string body = builder.signed_by({&world.key("Ann"), &world.key("Ben")});
  const AdmissionLimits limits;
  std::string verdict;
  const Times times = timed([&] {
    const auto answer =
        decide(body, *trust, Places::builtin(), tests::at("2026-11-21T12:00:30Z"), limits);
    const auto* refused = std::get_if<Refused>(&answer);
    verdict = refused == nullptr ? "admitted" : refused->refusal.detail.substr(0, 60);
  });
  fmt::print("{:44} {:>4} KiB  decided in {} ms: {}\n", shapes.name, body.size() / 1024,
             shown(times), verdict);
}

}  // namespace

int main() {
  const auto start = std::chrono::steady_clock::now();
  const auto loaded = Places::builtin().all().size();
  const std::chrono::duration<double, std::milli> loading =
      std::chrono::steady_clock::now() - start;
  fmt::print("{} places loaded in {:.1f} ms; below, best/median of {} in ms\n", loaded,
             loading.count(), kRuns);
  auto worst = bench::worst_shapes();
  for (const int count : {100, 11'000}) {
    worst.push_back(hardest(fmt::format("{} hard circles of 2.5 km", count), count, 2.5, 0));
    worst.push_back(hardest(fmt::format("{} hard circles of 8 km", count), count, 8, 0));
    worst.push_back(hardest(fmt::format("{} hard triangles", count / 2), count / 2, 5, 3));
  }
  worst.push_back(hardest("20 hard polygons of 1,000 vertices", 20, 10, 1000));
  for (const auto& shapes : worst) judge(shapes);
  for (const auto& shapes : worst) decide_whole(shapes);
  const std::vector<Filter> codes = readers(By::code), points = readers(By::point);
  for (const auto& shapes : bench::shapes_in_london()) {
    match(shapes, codes, By::code);
    match(shapes, points, By::point);
  }
  return 0;
}
