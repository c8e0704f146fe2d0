#include "connectors/web/gate.hpp"

#include <doctest/doctest.h>

#include "connectors/web/memory_share.hpp"
#include "engine/limits.hpp"

using namespace connectors::web;
namespace limits = engine::limits;
using boost::asio::ip::make_address;

namespace {

Visitor direct(const char* address) { return {make_address(address), Visitor::Via::itself}; }
Visitor behind(const char* address) { return {make_address(address), Visitor::Via::proxy}; }

}  // namespace

TEST_CASE("an address has its places and gives them back and loopback is not counted") {
  Gate gate({10, 2, {}});
  const auto address = make_address("192.0.2.1");
  auto one = gate.enter(address);
  {
    const auto two = gate.enter(address);
    CHECK(two);
    CHECK_FALSE(gate.enter(address));
    CHECK(gate.enter(make_address("192.0.2.2")));
  }
  CHECK(gate.enter(address));
  CHECK(gate.connections() == 1);
  std::vector<Place> many;
  for (int i = 0; i < 9; ++i) many.push_back(*gate.enter(make_address("127.0.0.1")));
  CHECK_FALSE(gate.enter(make_address("127.0.0.1")));
  CHECK(gate.connections() == 10);
}

TEST_CASE("where nobody chose otherwise an address has 20 places of 15000") {
  Gate gate(GateOptions{});
  std::vector<Place> places;
  for (int i = 0; i < 20; ++i) places.push_back(*gate.enter(make_address("192.0.2.1")));
  CHECK_FALSE(gate.enter(make_address("192.0.2.1")));
  const auto fill = [&](std::size_t until) {
    while (gate.connections() < until) places.push_back(*gate.enter(make_address("127.0.0.1")));
  };
  fill(14'999);
  CHECK(gate.enter(make_address("192.0.2.2")));  // and gives it back
  fill(15'000);
  CHECK_FALSE(gate.enter(make_address("192.0.2.2")));
}

TEST_CASE("a trusted proxy is not counted and those behind it are") {
  GateOptions options{100, 2, {}};
  options.trusted_proxies.add("10.0.0.0/8").value();
  Gate gate(options);
  std::vector<Place> places;
  for (int i = 0; i < 5; ++i) places.push_back(*gate.enter(make_address("10.0.0.1")));
  const auto client = make_address("2001:db8::1");
  places.push_back(*gate.enter_behind(client));
  places.push_back(*gate.enter_behind(make_address("2001:db8::2")));
  CHECK_FALSE(gate.enter_behind(client));
  CHECK(gate.enter_behind(make_address("2001:db8:0:1::1")));
  places.clear();
  CHECK(gate.enter_behind(client));
}

TEST_CASE("kRefusedPerMinute documents may be refused in a minute and one more waits") {
  Gate gate({});
  const Visitor flood = direct("192.0.2.1");
  for (std::size_t i = 0; i < limits::kRefusedPerMinute; ++i) {
    CHECK(gate.wait_s(flood, 100) == 0);
    gate.refused(flood, 100);
  }
  CHECK(gate.wait_s(flood, 100) == 60 / limits::kRefusedPerMinute);
  CHECK(gate.wait_s(direct("192.0.2.2"), 100) == 0);
  CHECK(gate.wait_s(flood, 100 + 60 / limits::kRefusedPerMinute) == 0);
  gate.refused(flood, 200);
  CHECK(gate.wait_s(flood, 200) == 0);
}

TEST_CASE("operators have kAdminPlaces of their own however full the house is") {
  Gate gate({1, 1, {}});
  const auto front = gate.enter(make_address("127.0.0.1"));
  CHECK_FALSE(gate.enter(make_address("127.0.0.1")));
  std::vector<Place> places;
  for (std::size_t i = 0; i < limits::kAdminPlaces; ++i) places.push_back(*gate.enter_admin());
  CHECK_FALSE(gate.enter_admin());
  places.pop_back();
  CHECK(gate.enter_admin());
}

TEST_CASE("kListsPerAddress lists are on their way to one address and not one more") {
  Gate gate({});
  std::vector<Place> places;
  for (std::size_t i = 0; i < limits::kListsPerAddress; ++i) {
    places.push_back(*gate.enter_list(direct("192.0.2.1")));
    places.push_back(*gate.enter_list(direct("127.0.0.1")));
  }
  CHECK_FALSE(gate.enter_list(direct("192.0.2.1")));
  CHECK(gate.enter_list(direct("127.0.0.1")));
  CHECK(gate.enter_list(direct("192.0.2.2")));
  places.clear();
  CHECK(gate.enter_list(direct("192.0.2.1")));
}

TEST_CASE("loopback itself never waits and who is behind a proxy there does") {
  Gate gate({});
  for (std::size_t i = 0; i < 2 * limits::kRefusedPerMinute; ++i) {
    gate.refused(direct("127.0.0.1"), 0);
    gate.refused(behind("192.0.2.1"), 0);
  }
  CHECK(gate.wait_s(direct("127.0.0.1"), 0) == 0);
  CHECK(gate.wait_s(behind("192.0.2.1"), 0) > 0);
  CHECK(gate.wait_s(direct("192.0.2.1"), 0) > 0);
}

TEST_CASE("kAddressesRemembered addresses are remembered and the longest silent is forgotten") {
  Gate gate({});
  const Visitor first = direct("192.0.2.1");
  for (std::size_t i = 0; i < limits::kRefusedPerMinute; ++i) gate.refused(first, 0);
  const auto flood = [&gate](std::size_t count, std::uint32_t from) {
    for (std::size_t i = 0; i < count; ++i) {
      gate.refused({boost::asio::ip::make_address_v4(from + static_cast<std::uint32_t>(i)),
                    Visitor::Via::itself},
                   0);
    }
  };
  flood(limits::kAddressesRemembered - 1, 0x0b000000);
  CHECK(gate.wait_s(first, 0) > 0);
  flood(1, 0x0c000000);
  CHECK(gate.wait_s(first, 0) == 0);
}

TEST_CASE("a pool of memory is shared and never more than it has") {
  const auto pool = std::make_shared<MemoryPool>(limits::kAnswersBytes);
  {
    MemoryShare one(pool);
    MemoryShare two(pool);
    CHECK(one.resize(limits::kAnswersBytes));
    CHECK_FALSE(two.resize(1));
    CHECK(one.resize(limits::kAnswersBytes - 1));
    CHECK(two.resize(1));
    CHECK_FALSE(one.resize(limits::kAnswersBytes));
    CHECK(pool->taken() == limits::kAnswersBytes);
  }
  CHECK(pool->taken() == 0);
}
