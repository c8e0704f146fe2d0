// Places: how long they take to load, to judge shapes of the worst kinds, and to decide for many
// readers. Prints; compares nothing.
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <random>

#include "engine/filter.hpp"
#include "engine/places.hpp"

using namespace engine;

namespace {

using Steady = std::chrono::steady_clock;

double ms_since(Steady::time_point start) {
  return std::chrono::duration<double, std::milli>(Steady::now() - start).count();
}

/// A closed polygon that looks like a coast.
cap::Polygon coast(cap::Point middle, double degrees, int vertices) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> rough(0.97, 1);
  cap::Polygon polygon;
  for (int i = 0; i < vertices; ++i) {
    const double angle = 2 * 3.14159265358979 * i / vertices, reach = degrees * rough(random);
    polygon.push_back({middle.latitude + reach * std::sin(angle),
                       middle.longitude + 1.6 * reach * std::cos(angle)});
  }
  polygon.push_back(polygon.front());
  return polygon;
}

/// Teeth over a rectangle, leaning by so many degrees.
cap::Polygon comb(cap::Point corner, double height, double width, double lean, int vertices) {
  cap::Polygon polygon;
  const int teeth = vertices / 4;
  for (int i = 0; i < teeth; ++i) {
    const double x = corner.longitude + width * i / teeth, half = width / teeth / 2;
    const double y = corner.latitude, top = y + height * (1 - 0.1 * (i * 7919 % 1000) / 1000);
    polygon.insert(polygon.end(), {{y, x}, {top, x + lean}, {top, x + lean + half}, {y, x + half}});
  }
  polygon.push_back({corner.latitude - 0.01, polygon.back().longitude});
  polygon.push_back({corner.latitude - 0.01, corner.longitude});
  polygon.push_back(polygon.front());
  return polygon;
}

cap::Alert alert_about(cap::Area area) {
  cap::Alert alert;
  alert.status = cap::Status::exercise;
  alert.infos.resize(1);
  alert.infos[0].areas.push_back(std::move(area));
  return alert;
}

cap::Outline judge(const char* name, const cap::Area& area, const std::vector<std::string>& may) {
  const cap::Alert alert = alert_about(area);
  auto start = Steady::now();
  const auto outside = Places::builtin().first_outside(alert, may);
  const double authority_ms = ms_since(start);
  start = Steady::now();
  cap::Outline outline = cap::outline_of(alert);
  Places::builtin().complete(outline);
  fmt::print("{}: authority {:.1f} ms ({}), reach {:.1f} ms ({} codes met)\n", name, authority_ms,
             outside.value_or("inside"), ms_since(start), outline.reaches[0].met.size());
  return outline;
}

void decide(const char* name, const std::vector<Filter>& filters, const cap::Outline& outline) {
  const auto start = Steady::now();
  std::size_t concerned = 0;
  for (const Filter& filter : filters) {
    concerned += filter.matches(outline, Places::builtin()) ? 1 : 0;
  }
  fmt::print("{}: {} filters decided in {:.2f} ms, {} concerned\n", name, filters.size(),
             ms_since(start), concerned);
}

enum class By { code, point };

std::vector<Filter> readers(By by) {
  std::mt19937 random(2);
  std::uniform_real_distribution<double> south(51.3, 51.7), west(-0.5, 0.3);
  const auto all = Places::builtin().all();
  std::vector<Filter> filters;
  for (int i = 0; i < 20'000; ++i) {
    const std::string area = by == By::point
                                 ? fmt::format("{:.7f},{:.7f}", south(random), west(random))
                                 : all[random() % all.size()].code;
    const std::vector<Filter::Parameter> parameters{{"area", area}};
    filters.push_back(
        std::get<Filter>(Filter::parse(parameters, cap::Status::exercise, Places::builtin())));
  }
  return filters;
}

}  // namespace

int main() {
  const auto start = Steady::now();
  const auto count = Places::builtin().all().size();
  fmt::print("{} places loaded in {:.1f} ms\n", count, ms_since(start));

  const std::vector<std::string> kingdom{"K02000001"}, london{"E12000007"}, coastal{"S92000003"};
  const cap::Area small{"", {coast({51.5, -0.12}, 0.02, 100)}, {}, {}};
  const cap::Area large{"", {coast({51.5, -0.12}, 0.2, 20'000)}, {}, {}};
  const cap::Area teeth{"", {comb({51.3, -0.5}, 0.4, 0.7, 0.1, 20'000)}, {}, {}};
  const auto of_small = judge("100 vertices in London", small, london);
  const auto of_large = judge("20,000 vertices in London", large, london);
  judge("41,000 vertices in England", {"", {coast({52.5, -1.5}, 1, 41'000)}, {}, {}}, kingdom);
  judge("41,000 vertices around the Highlands", {"", {coast({57.5, -5}, 1, 41'000)}, {}, {}},
        coastal);
  const auto of_teeth = judge("comb of 20,000 vertices over London", teeth, london);
  judge("leaning comb of 20,000 over the kingdom", {"", {comb({50, -9}, 10, 8, 2, 20'000)}, {}, {}},
        kingdom);
  judge("comb of 20,000 off the Hebrides", {"", {comb({56, -8}, 2.5, 2, 0.4, 20'000)}, {}, {}},
        coastal);
  cap::Area circles, polygons;
  for (int i = 0; i < 256; ++i) {
    const cap::Point middle{51.4 + 0.01 * (i % 16), -0.3 + 0.02 * (i / 16)};
    circles.circles.push_back({middle, 1});
    polygons.polygons.push_back(coast(middle, 0.004, 80));
  }
  const auto of_circles = judge("256 circles", circles, london);
  judge("256 polygons of 80 vertices", polygons, london);
  judge("a circle of 250 km", {"", {}, {{{52.5, -1.5}, 250}}, {}}, kingdom);

  const std::vector<Filter> codes = readers(By::code), points = readers(By::point);
  decide("codes, 100 vertices", codes, of_small);
  decide("points, 100 vertices", points, of_small);
  decide("codes, 20,000 vertices", codes, of_large);
  decide("points, 20,000 vertices", points, of_large);
  decide("points, comb of 20,000", points, of_teeth);
  decide("points, 256 circles", points, of_circles);
  return 0;
}
