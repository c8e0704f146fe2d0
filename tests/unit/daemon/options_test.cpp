// What an operator chooses, what stands where nothing is chosen, and how much of it there is room
// for.
#include "ops/daemon/options.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "engine/admission.hpp"
#include "engine/limits.hpp"
#include "engine/log.hpp"
#include "ops/daemon/escalation_options.hpp"
#include "ops/daemon/server_options.hpp"
#include "ops/daemon/sms_options.hpp"
#include "tests/support/temp_dir.hpp"

using engine::limits::kDescriptorsReserved;
using ops::Options;

namespace {

bool read(const std::string& toml, Options& options) {
  const tests::TempDir folder;
  const auto file = folder.path() / "tocsin.toml";
  std::ofstream(file) << toml;
  return ops::read_config(file, options).has_value();
}

}  // namespace

TEST_CASE("what nobody chose is what the contract says") {
  const char* const arguments[] = {"tocsind", "--data", "d"};
  const auto parsed = ops::parse_options(3, arguments);
  REQUIRE(parsed.options.has_value());
  CHECK(parsed.options->connections_max == 15'000);
  CHECK(parsed.options->connections_per_address_max == 20);
  CHECK(parsed.options->listen.address().to_string() == "127.0.0.1");
  CHECK(parsed.options->listen.port() == 8080);
  CHECK_FALSE(parsed.options->admin.has_value());
  CHECK(parsed.options->shards == 0);  // one a core
  const engine::LogOptions log;
  CHECK(log.reserve_bytes == 64UL << 20);
  CHECK(log.working_bytes == 16UL << 20);
  CHECK(log.bytes_waiting_max == 256UL << 20);
  CHECK(log.max_open_files == 256);
  const engine::AdmissionLimits admission;
  CHECK(admission.envelope.body_max == 512UL << 10);
  CHECK(admission.envelope.payload_max == 256UL << 10);
  CHECK(admission.envelope.signatures_max == 8);
  CHECK(admission.vertices_max == 20'000);
}

TEST_CASE("a configuration says how many may connect and from where operators look") {
  Options options;
  REQUIRE(
      read("[limits]\nconnections = 7\nconnections_per_address = 3\n"
           "[admin]\nlisten = \"127.0.0.1:9464\"\n",
           options));
  CHECK(options.connections_max == 7);
  CHECK(options.connections_per_address_max == 3);
  CHECK(options.admin.value().port() == 9464);
  for (const char* number : {"1", "1000000"}) {
    CHECK(read(std::string("[limits]\nconnections = ") + number, options));
  }
  for (const char* wrong : {"0", "-1", "1000001", "1.5", "\"7\"", "[7]"}) {
    CAPTURE(wrong);
    CHECK_FALSE(read(std::string("[limits]\nconnections = ") + wrong, options));
  }
  CHECK_FALSE(read("[limits]\nconnection = 7", options));
  CHECK_FALSE(read("[limit]\nconnections = 7", options));
}

TEST_CASE("a configuration says where the key of the directory's contacts lies") {
  Options options;
  CHECK(options.directory_key.empty());  // beside the data folder
  REQUIRE(read("directory_key_file = \"/etc/tocsin/directory.key\"", options));
  CHECK(options.directory_key == "/etc/tocsin/directory.key");
  REQUIRE(read("directory_key_file = \"directory.key\"", options));
  CHECK(options.directory_key.is_absolute());  // beside the configuration
  CHECK(options.directory_key.filename() == "directory.key");
  for (const char* wrong : {"\"\"", "1", "[\"a\"]", "true"}) {
    CHECK_FALSE(read(std::string("directory_key_file = ") + wrong, options));
  }
}

TEST_CASE("the PROXY protocol is spoken where it is asked for and proxies are named") {
  Options options;
  CHECK_FALSE(options.proxy_protocol);
  const std::string named = "[limits]\ntrusted_proxies = [\"10.0.0.0/8\"]\n";
  REQUIRE(read(named + "proxy_protocol = false", options));
  CHECK_FALSE(ops::server_options_of(options, 1024).proxy_protocol);
  REQUIRE(read("[limits]\nproxy_protocol = true\ntrusted_proxies = [\"10.0.0.0/8\"]", options));
  CHECK(ops::server_options_of(options, 1024).proxy_protocol);
  for (const char* wrong : {"1", "\"true\"", "[true]"}) {
    CHECK_FALSE(read(named + "proxy_protocol = " + wrong, options));
  }
  for (const char* nobody : {"", "trusted_proxies = []\n"}) {
    Options alone;
    CHECK_FALSE(read(std::string("[limits]\nproxy_protocol = true\n") + nobody, alone));
  }
}

TEST_CASE("kDescriptorsReserved are kept back for everything but streams") {
  Options options;
  const auto streams = [&options](std::size_t descriptors) {
    return ops::server_options_of(options, descriptors).connections_max;
  };
  CHECK(kDescriptorsReserved == 512);
  CHECK(streams(15'000 + kDescriptorsReserved) == 15'000);
  CHECK(streams(15'000 + kDescriptorsReserved - 1) == 14'999);
  CHECK(streams(1'000'000) == 15'000);
  CHECK(streams(2 * kDescriptorsReserved) == kDescriptorsReserved);
  CHECK(streams(1024 + kDescriptorsReserved) == 1024);
  CHECK(streams(700) == 350);  // half, where there are so few
  options.connections_max = 10;
  CHECK(streams(1024) == 10);
  CHECK(ops::server_options_of(options, 1024).connections_per_address_max == 20);
}

TEST_CASE("a table a gateway says by whom text messages are carried") {
  Options options;
  CHECK(options.sms.gateways.empty());
  const std::string least =
      "[sms.main]\nurl = \"smpp://tocsin@127.0.0.1:2775\"\npassword_file = \"smpp.password\"\n"
      "source = \"TOCSIN\"\n";
  REQUIRE(read(least, options));
  REQUIRE(options.sms.gateways.size() == 1);
  const auto& main = options.sms.gateways[0];
  CHECK(main.name == "main");
  CHECK(main.url == "smpp://tocsin@127.0.0.1:2775");
  CHECK(main.password_file.filename() == "smpp.password");
  CHECK(main.password_file.is_absolute());  // beside the configuration
  CHECK(main.window == 100);
  CHECK(main.rate == 500);
  CHECK(main.weight == 1);

  Options two;
  REQUIRE(read(least +
                   "[sms.spare]\nurl = \"smpps://tocsin@smsc.example\"\npassword_file = \"p\"\n"
                   "source = \"60006\"\nwindow = 10\nrate = 20\nweight = 0\nca_file = \"ca.pem\"\n"
                   "system_type = \"alerts\"\naddresses = \"^60006$\"\n",
               two));
  REQUIRE(two.sms.gateways.size() == 2);
  const auto& spare = two.sms.gateways[1];
  CHECK(spare.window == 10);
  CHECK(spare.rate == 20);
  CHECK(spare.weight == 0);
  CHECK(spare.ca_file.filename() == "ca.pem");
  CHECK(spare.system_type == "alerts");
  CHECK(spare.addresses == "^60006$");

  for (const char* wrong :
       {"windows = 10", "window = 0", "window = \"10\"", "window = 10001", "rate = -1",
        "rate = 1.5", "weight = 1001", "password = \"secret\"", "system_type = 5",
        "system_type = \"\"", "addresses = \"\"", "ca_file = 7"}) {
    CAPTURE(wrong);
    Options refused;
    CHECK_FALSE(read(least + wrong, refused));
  }
  Options refused;
  CHECK_FALSE(read("[sms]\nurl = \"smpp://a@h\"", refused));
  CHECK_FALSE(read("[sms.main]\nurl = \"smpp://a@h\"\nsource = \"TOCSIN\"", refused));
  CHECK_FALSE(
      read("[sms.main]\nurl = \"smpp://a:b@h\"\nsource = \"T\"\npassword_file = \"p\"", refused));
}

TEST_CASE("an operator says how long is waited before people are told by message") {
  using std::chrono::seconds;
  Options options;
  CHECK(options.escalation.patience[3].acknowledged == seconds{30});
  CHECK(options.escalation.patience[3].delivered == seconds{60});
  REQUIRE(read("[escalation.extreme]\nacknowledged = 1\n[escalation.minor]\ndelivered = 86400\n",
               options));
  CHECK(options.escalation.patience[3].acknowledged == ops::kPatienceLeast);
  CHECK(options.escalation.patience[3].delivered == seconds{60});
  CHECK(options.escalation.patience[0].delivered == ops::kPatienceMost);
  CHECK(options.escalation.patience[2].acknowledged == seconds{30});
  for (const char* wrong :
       {"[escalation.extreme]\nacknowledged = 0", "[escalation.extreme]\nacknowledged = 86401",
        "[escalation.extreme]\nacknowledged = 1.5", "[escalation.extreme]\nacknowledged = \"30\"",
        "[escalation.extreme]\nanswered = 30", "[escalation.unknown]\nacknowledged = 30",
        "[escalation]\nextreme = 30", "escalation = 30"}) {
    CAPTURE(wrong);
    Options refused;
    CHECK_FALSE(read(wrong, refused));
  }
}

TEST_CASE("there is a channel for text messages where a gateway is named and else none") {
  boost::asio::io_context courier;
  const engine::SystemClock clock;
  engine::Metrics metrics;
  Options options;
  CHECK(ops::make_sms_channel(courier, clock, metrics, options.sms) == nullptr);
  REQUIRE(read("[sms.main]\nurl = \"smpp://a@127.0.0.1\"\npassword_file = \"p\"\nsource = \"T\"",
               options));
  const auto channel = ops::make_sms_channel(courier, clock, metrics, options.sms);
  REQUIRE(channel != nullptr);
  CHECK(channel->way() == engine::Way::sms);
  REQUIRE(channel->gateways().size() == 1);
  CHECK(channel->gateways()[0].name == "main");
  CHECK_FALSE(channel->gateways()[0].up);
}
