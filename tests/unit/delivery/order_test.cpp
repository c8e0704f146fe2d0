#include "engine/delivery/order.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <random>

using namespace engine;
using namespace engine::delivery;
using cap::Severity;
using cap::Urgency;

namespace {

const Time kNow{std::chrono::seconds{1'800'000'000}};

Order order(Urgency urgency, Severity severity, double metres = 0, Time since = kNow,
            std::uint8_t id = 0) {
  DeliveryId delivery{};
  delivery[15] = id;
  return order_of(urgency, severity, metres, since, delivery);
}

}  // namespace

TEST_CASE("urgency comes before severity, severity before distance, distance before age") {
  const Order in_order[] = {
      order(Urgency::immediate, Severity::extreme, 0, kNow - Duration{1}),
      order(Urgency::immediate, Severity::extreme, 0, kNow),
      order(Urgency::immediate, Severity::extreme, 0, kNow, 1),
      order(Urgency::immediate, Severity::extreme, 5, kNow - std::chrono::hours{9}),
      order(Urgency::immediate, Severity::extreme, 250, kNow),
      order(Urgency::immediate, Severity::severe, 0, kNow - std::chrono::hours{9}),
      order(Urgency::immediate, Severity::moderate, 0, kNow),
      order(Urgency::immediate, Severity::minor, 0, kNow),
      order(Urgency::expected, Severity::extreme, 0, kNow - std::chrono::hours{9}),
      order(Urgency::future, Severity::extreme, 0, kNow),
      order(Urgency::past, Severity::extreme, 0, kNow),
  };
  for (std::size_t a = 0; a < std::size(in_order); ++a) {
    for (std::size_t b = 0; b < std::size(in_order); ++b) {
      CAPTURE(a);
      CAPTURE(b);
      CHECK((in_order[a] < in_order[b]) == (a < b));
      CHECK((view(key_of(in_order[a])) < view(key_of(in_order[b]))) == (a < b));
    }
  }
}

TEST_CASE("who does not say how urgent or severe it is is not put behind those who do") {
  CHECK(order(Urgency::unknown, Severity::unknown) == order(Urgency::immediate, Severity::extreme));
}

TEST_CASE("a distance that is not known or not a number is the farthest") {
  constexpr double kFarthest = 4'294'967'295.0;
  const auto distance = [](double metres) {
    return order(Urgency::immediate, Severity::extreme, metres).distance;
  };
  CHECK(distance(-1) == 0);
  CHECK(distance(0.9) == 0);
  CHECK(distance(kFarthest - 1) == 4'294'967'294U);
  CHECK(distance(kFarthest) == 4'294'967'295U);
  CHECK(distance(kFarthest + 1) == 4'294'967'295U);
  CHECK(distance(std::numeric_limits<double>::infinity()) == 4'294'967'295U);
  CHECK(distance(std::numeric_limits<double>::quiet_NaN()) == 4'294'967'295U);
}

TEST_CASE("keys sort octet by octet as what they are made of, and are read back") {
  std::mt19937_64 random(7);
  const auto small = [&](unsigned bound) { return static_cast<std::uint8_t>(random() % bound); };
  const auto draw = [&] {
    Order one;
    one.urgency = small(4);
    one.severity = small(4);
    one.distance = static_cast<std::uint32_t>(random() % 3 == 0 ? random() : random() % 3);
    const auto wide = static_cast<Duration::rep>(random());
    one.since = Time{Duration{random() % 3 == 0 ? wide : wide % 3}};  // before 1970 as well
    one.id[small(16)] = small(3);
    return one;
  };
  for (int round = 0; round < 20'000; ++round) {
    const Order a = draw(), b = draw();
    const auto key_a = key_of(a), key_b = key_of(b);
    REQUIRE((a < b) == (view(key_a) < view(key_b)));
    REQUIRE((a == b) == (key_a == key_b));
    REQUIRE(order_in(view(key_a)) == a);
  }
}

TEST_CASE("what is no key of kOrderKeyBytes with levels that there are is not read") {
  Octets<kOrderKeyBytes> key = key_of(order(Urgency::past, Severity::minor));
  const std::string text(view(key));
  CHECK(order_in(text));
  CHECK_FALSE(order_in(text + '\0'));
  CHECK_FALSE(order_in(text.substr(1)));
  CHECK_FALSE(order_in(""));
  for (const std::size_t place : {0U, 1U}) {
    Octets<kOrderKeyBytes> wrong = key;
    CHECK(wrong[place] == 3);
    wrong[place] = 4;
    CHECK_FALSE(order_in(view(wrong)));
  }
}
