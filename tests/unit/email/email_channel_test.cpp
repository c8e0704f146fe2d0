#include "connectors/email/email_channel.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "connectors/email/limits.hpp"
#include "engine/trust/signature.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/temp_dir.hpp"

using namespace connectors::email;
namespace fs = std::filesystem;

TEST_CASE("a password for its owner alone is read and no other") {
  REQUIRE(engine::trust::start_crypto());
  const tests::TempDir dir;
  const fs::path file = dir.path() / "password";
  boost::asio::io_context io;
  const tests::ManualClock clock;
  engine::Metrics metrics;
  EmailOptions options;
  Route route;
  route.name = "main";
  route.url = "smtp://127.0.0.1:1025";
  route.user = "u";
  route.password_file = file;
  options.routes = {route};
  options.from = "alerts@example.org";
  options.hello = "host.example";
  const auto opens = [&](std::size_t octets, fs::perms mode) {
    fs::remove(file);
    std::ofstream(file) << std::string(octets, 'p');
    fs::permissions(file, mode);
    return open_email(io, clock, metrics, options).has_value();
  };
  constexpr auto kOwner = fs::perms::owner_read | fs::perms::owner_write;
  CHECK(opens(10, kOwner));
  CHECK_FALSE(opens(0, kOwner));
  CHECK_FALSE(opens(10, kOwner | fs::perms::group_read));
  CHECK_FALSE(opens(10, kOwner | fs::perms::others_read));
}
