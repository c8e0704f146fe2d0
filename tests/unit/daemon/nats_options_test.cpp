// Where partners listen on NATS, and who we are there.
#include "ops/daemon/nats_options.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "ops/daemon/options.hpp"
#include "tests/support/temp_dir.hpp"

using ops::Options;

namespace {

/// What is wrong with the file; empty where nothing is.
std::string fault(const std::string& toml, Options& options) {
  const tests::TempDir folder;
  const auto file = folder.path() / "tocsin.toml";
  std::ofstream(file) << toml;
  const auto read = ops::read_config(file, options);
  return read ? "" : read.error().what;
}

/// The exit code of the whole command line.
int exit_code(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), {"tocsind", "--data", "d"});
  const auto parsed = ops::parse_options(static_cast<int>(arguments.size()), arguments.data());
  return parsed.options ? 0 : parsed.exit_code;
}

}  // namespace

TEST_CASE("there is no NATS server unless one is named") {
  const char* const arguments[] = {"tocsind", "--data", "d"};
  const auto parsed = ops::parse_options(3, arguments);
  REQUIRE(parsed.options.has_value());
  CHECK_FALSE(parsed.options->nats.configured());
}

TEST_CASE("a table says where partners listen and files are sought beside it") {
  Options options;
  CHECK(fault("[nats]\nurl = \"tls://nats.example.org\"\nnkey = \"UABC\"\n"
              "nkey_seed_file = \"engine.nk\"\nca_file = \"/etc/ca.pem\"\n"
              "partners = [\"bank-a\", \"bank-b\"]\nstream = true\ningest = false\nreplicas = 3\n",
              options) == "");
  CHECK(options.nats.url == "tls://nats.example.org");
  CHECK(options.nats.nkey == "UABC");
  CHECK(options.nats.nkey_seed_file.filename() == "engine.nk");
  CHECK(options.nats.nkey_seed_file.is_absolute());
  CHECK(options.nats.ca_file == "/etc/ca.pem");
  CHECK(options.nats.partners == std::vector<std::string>{"bank-a", "bank-b"});
  CHECK(options.nats.stream == true);
  CHECK_FALSE(options.nats.ingest);
  CHECK(options.nats.replicas == 3);
  CHECK(Options{}.nats.replicas == 1);
}

TEST_CASE("a machine is alone unless servers of a cluster are named, and who we are is a table") {
  Options options;
  CHECK(fault("[cluster]\nurls = [\"tls://a\", \"tls://b:7\"]\nnkey = \"UABC\"\n"
              "nkey_seed_file = \"engine.nk\"\nca_file = \"/etc/ca.pem\"\nreplicas = 5\n",
              options) == "");
  CHECK(options.cluster.replicas == 5);
  CHECK(Options{}.cluster.replicas == 3);
  CHECK(options.cluster.urls == std::vector<std::string>{"tls://a", "tls://b:7"});
  CHECK(options.cluster.access.nkey == "UABC");
  CHECK(options.cluster.access.nkey_seed_file.is_absolute());
  CHECK_FALSE(Options{}.cluster.configured());
  const char* const arguments[] = {"tocsind", "--data", "d", "--cluster", "nats://a,b"};
  const auto parsed = ops::parse_options(5, arguments);
  REQUIRE(parsed.options.has_value());
  CHECK(parsed.options->cluster.urls == std::vector<std::string>{"nats://a", "nats://b"});
  for (const char* wrong :
       {"[cluster]\nurl = \"nats://a\"\n", "[cluster]\nurls = \"nats://a\"\n",
        "[cluster]\nurls = [\"http://a\"]\n", "[cluster]\nurls = [\"nats://a\"]\nreplicas = 2\n"}) {
    CAPTURE(wrong);
    Options none;
    CHECK(fault(wrong, none).find("line") != std::string::npos);
  }
  CHECK(exit_code({"--cluster", "a b"}) == 2);
}

TEST_CASE("an edge has a cluster, and no other work") {
  Options options;
  CHECK(fault("[cluster]\nurls = [\"nats://a\"]\nedge = true\n", options) == "");
  CHECK(options.cluster.edge);
  CHECK_FALSE(Options{}.cluster.edge);
  const char* const arguments[] = {"tocsind", "--data", "d", "--edge", "--cluster", "nats://a"};
  const auto parsed = ops::parse_options(6, arguments);
  REQUIRE(parsed.options.has_value());
  CHECK(parsed.options->cluster.edge);
  CHECK(fault("[cluster]\nurls = [\"nats://a\"]\nedge = 1\n", options).find("line") !=
        std::string::npos);
  CHECK(exit_code({"--edge"}) == 2);
  CHECK(exit_code({"--edge", "--cluster", "nats://a", "--nats", "nats://b"}) == 2);
}

TEST_CASE("what is not known of NATS or has another kind is an error that names the line") {
  for (const char* wrong :
       {"[nats]\nurl = 1\n", "[nats]\nurl = \"\"\n", "[nats]\nuser = \"a\"\n",
        "[nats]\nurl = \"nats://a\"\npassword = \"hunter2\"\n",
        "[nats]\nurl = \"nats://a\"\nstream = 1\n", "[nats]\nurl = \"nats://a\"\nreplicas = 2\n",
        "[nats]\nurl = \"nats://a\"\npartners = []\n", "nats = 1\n"}) {
    CAPTURE(wrong);
    Options options;
    const std::string said = fault(wrong, options);
    CHECK(said.find("line ") != std::string::npos);
    CHECK(said.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("the command line names the NATS server and what cannot be is wrong usage") {
  Options options;
  options.nats.url = "nats://127.0.0.1:4223";
  CHECK(fault("[nats]\nurl = \"nats://127.0.0.1:4222\"\n", options) == "");
  CHECK(options.nats.url == "nats://127.0.0.1:4223");
  Options bare;
  bare.nats.url = "nats://127.0.0.1:4223";
  CHECK(fault("[nats]\npartners = [\"bank-a\"]\n", bare) == "");

  CHECK(exit_code({"--nats", "nats://127.0.0.1:4222"}) == 0);
  CHECK(exit_code({"--nats", "127.0.0.1:4222"}) == 2);
  CHECK(exit_code({"--nats", "nats://user:hunter2@127.0.0.1"}) == 2);
}
