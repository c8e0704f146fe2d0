#include "engine/cap/crowd.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <utility>

namespace engine::cap {
namespace {

// Far more than rounding can be wrong; what lies between is asked of the circle itself.
constexpr double kSure = 1e-6, kSureAtLeast = 1e-12;

/// Of places with near numbers most are near each other: the bits of both coordinates in turn.
std::uint64_t number_of(Spot spot) {
  const auto spread = [](std::int64_t coordinate) {
    auto bits = static_cast<std::uint64_t>(coordinate + (1LL << 31)) & 0xffffffff;
    bits = (bits | bits << 16) & 0x0000ffff0000ffff;
    bits = (bits | bits << 8) & 0x00ff00ff00ff00ff;
    bits = (bits | bits << 4) & 0x0f0f0f0f0f0f0f0f;
    bits = (bits | bits << 2) & 0x3333333333333333;
    return (bits | bits << 1) & 0x5555555555555555;
  };
  return spread(spot.x) | spread(spot.y) << 1;
}

double square(double x) { return x * x; }

}  // namespace

Crowd::Dot::Dot(Spot spot) {
  constexpr double kRadian = std::numbers::pi / 180;
  const Point point = point_of(spot);
  const double latitude = point.latitude * kRadian, longitude = point.longitude * kRadian;
  x = std::cos(latitude) * std::cos(longitude);
  y = std::cos(latitude) * std::sin(longitude);
  z = std::sin(latitude);
}

double Crowd::Dot::square_to(const Dot& other) const {
  return square(x - other.x) + square(y - other.y) + square(z - other.z);
}

double Crowd::Room::square_to(const Dot& dot) const {
  const auto off = [](double from, double low, double high) {
    return std::max({low - from, from - high, 0.0});
  };
  return square(off(dot.x, least.x, most.x)) + square(off(dot.y, least.y, most.y)) +
         square(off(dot.z, least.z, most.z));
}

Crowd::Room around(const Crowd::Room& one, const Crowd::Room& other) {
  Crowd::Room room = one;
  for (const auto axis : {&Crowd::Dot::x, &Crowd::Dot::y, &Crowd::Dot::z}) {
    room.least.*axis = std::min(one.least.*axis, other.least.*axis);
    room.most.*axis = std::max(one.most.*axis, other.most.*axis);
  }
  return room;
}

Crowd::Crowd(const std::vector<Disc>& circles) {
  std::vector<std::pair<std::uint64_t, const Disc*>> ordered;
  ordered.reserve(circles.size());
  for (const Disc& circle : circles) ordered.emplace_back(number_of(circle.centre()), &circle);
  std::sort(ordered.begin(), ordered.end());
  std::map<int, Size> sizes;
  for (const auto& [number, circle] : ordered) {
    // A straight line's square is four times the sine squared of half the angle.
    Ball ball{Dot(circle->centre()), 4 * circle->surely_in() * (1 - kSure) - kSureAtLeast,
              4 * circle->surely_out() * (1 + kSure) + kSureAtLeast};
    Size& size = sizes[std::ilogb(ball.surely_out) / 2];
    size.surely_out = std::max(size.surely_out, ball.surely_out);
    size.balls.push_back(ball);
    size.circles.push_back(*circle);
  }
  for (auto& [power, size] : sizes) {
    std::vector<Room> centres;
    centres.reserve(size.balls.size());
    for (const Ball& ball : size.balls) centres.push_back({ball.centre, ball.centre});
    size.centres = TreeOf<Room>(centres);
    sizes_.push_back(std::move(size));
  }
}

bool Crowd::holds(const Size& size, Spot p, const Dot& here) {
  return size.centres.any([&](const Room& room) { return room.square_to(here) <= size.surely_out; },
                          [&](std::size_t i) {
                            const Ball& ball = size.balls[i];
                            const double square = ball.centre.square_to(here);
                            return square <= ball.surely_in ||
                                   (square <= ball.surely_out && size.circles[i].holds(p));
                          });
}

bool Crowd::holds(Spot p) const {
  const Dot here(p);
  return std::any_of(sizes_.begin(), sizes_.end(),
                     [&](const Size& size) { return holds(size, p, here); });
}

std::size_t Crowd::octets() const {
  std::size_t circles = 0;
  for (const Size& size : sizes_) circles += size.circles.size();
  return circles * (sizeof(Disc) + sizeof(Ball) + sizeof(Room) / 4);
}

}  // namespace engine::cap
