#include "connectors/web/tls.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "engine/limits.hpp"
#include "tests/unit/web/tls_world.hpp"

using namespace connectors::web;
using namespace tests;
using engine::Duration;
using std::chrono::hours;
namespace limits = engine::limits;

TEST_CASE("a ticket key seals for kTicketKeyLife and opens for as long again") {
  ManualClock clock;
  TicketKeys keys(clock);
  const auto first = keys.sealing();
  REQUIRE(first.has_value());
  clock.advance(Duration(limits::kTicketKeyLife) - Duration{1});
  CHECK(keys.sealing()->name == first->name);
  clock.advance(Duration{1});
  const auto second = keys.sealing();
  CHECK(second->name != first->name);
  CHECK(second->cipher != first->cipher);
  CHECK(second->mac != first->mac);
  CHECK(keys.opening(first->name)->cipher == first->cipher);
  CHECK(keys.opening(second->name)->mac == second->mac);
  clock.advance(Duration(limits::kTicketKeyLife) - Duration{1});
  CHECK(keys.opening(first->name).has_value());
  clock.advance(Duration{1});
  CHECK_FALSE(keys.opening(first->name).has_value());
  CHECK(keys.opening(second->name).has_value());
  CHECK_FALSE(keys.opening({}).has_value());
}

TEST_CASE("a key nobody used for long is forgotten before it opens anything") {
  ManualClock clock;
  TicketKeys keys(clock);
  const auto first = keys.sealing();
  clock.advance(Duration(2 * limits::kTicketKeyLife));
  CHECK_FALSE(keys.opening(first->name).has_value());
}

TEST_CASE("keys are turned where the clock goes back and do not live by what it said before") {
  ManualClock clock;
  TicketKeys keys(clock);
  const auto begin = clock.now();
  clock.advance(Duration(limits::kTicketKeyLife));
  const auto first = keys.sealing();
  clock.set(begin);
  CHECK_FALSE(keys.opening(first->name).has_value());
  const auto second = keys.sealing();
  CHECK(second->name != first->name);
  clock.advance(Duration(limits::kTicketKeyLife));
  CHECK(keys.sealing()->name != second->name);
  CHECK(keys.opening(second->name).has_value());
}

TEST_CASE("a certificate is warned of kCertificateNear before it expires or in its last sixth") {
  TempDir folder;
  engine::Metrics metrics;
  ManualClock clock("2026-01-01T00:00:00Z");
  const auto begin = clock.now();
  const auto warned_before = [&](hours lifetime) {
    static int number = 0;
    const auto files = make_certificate(folder, std::to_string(++number), begin, begin + lifetime);
    const auto tls = Tls::open(files, clock, metrics).value();
    hours left = lifetime;
    for (; left > hours{0}; left -= hours{1}) {
      clock.set(begin + lifetime - left);
      if (!tls->warnings().empty()) break;
    }
    clock.set(begin);
    return left;
  };
  CHECK(warned_before(hours{365 * 24}) == limits::kCertificateNear);
  CHECK(warned_before(hours{90 * 24}) == hours{15 * 24});
  CHECK(warned_before(hours{6 * 24}) == hours{24});
}

TEST_CASE("a file of TLS has kTlsFileBytes and not one more") {
  TlsWorld world;
  std::ifstream in(world.files.certificate);
  std::stringstream text;
  text << in.rdbuf();
  const auto fill_to = [&](std::size_t size) {
    std::string padded = text.str();
    padded.resize(size, '\n');
    std::ofstream(world.files.certificate) << padded;
    return world.tls->reload().has_value();
  };
  CHECK(fill_to(limits::kTlsFileBytes));
  CHECK(world.tls->warnings().empty());
  CHECK_FALSE(fill_to(limits::kTlsFileBytes + 1));
  CHECK(world.tls->warnings().size() == 1);
}
