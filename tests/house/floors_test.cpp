#include "tests/house/floors.hpp"

#include <doctest/doctest.h>

using namespace house;

namespace {

std::vector<std::string> all_of(std::vector<std::string> (*check)(const SourceFile&)) {
  std::vector<std::string> found;
  for (const SourceFile& file : repository()) {
    if (kind_of(file) != Kind::cpp) continue;
    for (std::string& one : check(file)) found.push_back(std::move(one));
  }
  return found;
}

SourceFile with(std::string path, std::string include) {
  return {std::move(path), "#pragma once\n#include " + include + "\n"};
}

}  // namespace

TEST_CASE("everybody includes downward") {
  const auto found = all_of(broken_floors);
  CHECK_MESSAGE(found.empty(), joined(found));
}

TEST_CASE("foreign headers stay in their rooms") {
  const auto found = all_of(strange_headers);
  CHECK_MESSAGE(found.empty(), joined(found));
}

TEST_CASE("an include that climbs or crosses is found") {
  struct Row {
    const char* path;
    const char* include;
    bool fine;
  };
  const Row rows[] = {
      {"engine/cap/judge.cpp", "\"engine/cap/geometry.hpp\"", true},
      {"engine/cap/judge.cpp", "\"engine/base/time.hpp\"", true},
      {"engine/cap/judge.cpp", "\"engine/bulletin.hpp\"", false},
      {"engine/base/time.cpp", "\"engine/cap/alert.hpp\"", false},
      {"engine/log/writer.cpp", "\"engine/admission.hpp\"", true},
      {"engine/log/writer.cpp", "\"engine/trust/envelope.hpp\"", false},
      {"engine/log.hpp", "\"engine/admission.hpp\"", true},
      {"engine/log.hpp", "\"engine/log/record.hpp\"", true},
      {"engine/shard/shard.cpp", "\"engine/log/record.hpp\"", true},
      {"engine/shard/shard.cpp", "\"engine/engine.hpp\"", false},
      {"engine/engine.cpp", "\"connectors/web/listener.hpp\"", false},
      {"engine/engine.cpp", "\"engine/shard/shard.hpp\"", true},
      {"connectors/web/listener.cpp", "\"engine/engine.hpp\"", true},
      {"connectors/web/listener.cpp", "\"connectors/nats/connection.hpp\"", false},
      {"connectors/email/email_channel.cpp", "\"connectors/transfer/watch.hpp\"", true},
      {"connectors/transfer/watch.cpp", "\"connectors/email/mail.hpp\"", false},
      {"connectors/transfer/watch.cpp", "\"engine/base/time.hpp\"", true},
      {"connectors/web/api.cpp", "\"connectors/dashboard/page_files.hpp\"", true},
      {"connectors/nats/ingest.cpp", "\"connectors/dashboard/page_files.hpp\"", false},
      {"connectors/web/listener.cpp", "\"ops/cli/client.hpp\"", false},
      {"connectors/web/listener.cpp", "\"listener.hpp\"", false},
      {"connectors/web/page.cpp", "\"embedded/page.hpp\"", true},
      {"ops/daemon/main.cpp", "\"connectors/web/listener.hpp\"", true},
      {"ops/daemon/main.cpp", "\"tests/support/manual_clock.hpp\"", false},
      {"bench/verify.cpp", "\"tests/support/manual_clock.hpp\"", true},
      {"tests/unit/ops/cli_test.cpp", "\"ops/cli/client.hpp\"", true},
      {"engine/unheard_of.hpp", "<string>", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    CAPTURE(row.include);
    CHECK(broken_floors(with(row.path, row.include)).empty() == row.fine);
  }
}

TEST_CASE("a foreign header in a wrong room is found") {
  CHECK(strange_headers(with("engine/trust/signature.cpp", "<sodium.h>")).empty());
  CHECK(strange_headers(with("engine/trust/sha256.cpp", "<openssl/evp.h>")).empty());
  CHECK_FALSE(strange_headers(with("engine/trust/signature.cpp", "<openssl/evp.h>")).empty());
  CHECK(strange_headers(with("engine/cap/xml.cpp", "<libxml/parser.h>")).empty());
  CHECK_FALSE(strange_headers(with("engine/cap/xml.cpp", "<sodium.h>")).empty());
  CHECK_FALSE(strange_headers(with("engine/log.hpp", "<rocksdb/db.h>")).empty());
  CHECK_FALSE(strange_headers(with("engine/engine.hpp", "<boost/asio/io_context.hpp>")).empty());
  CHECK_FALSE(strange_headers(with("engine/shard/a.cpp", "<boost/beast/http.hpp>")).empty());
  CHECK_FALSE(strange_headers(with("ops/daemon/main.cpp", "<doctest/doctest.h>")).empty());
  CHECK(strange_headers(with("connectors/nats/connection.cpp", "<nats/nats.h>")).empty());
  CHECK_FALSE(strange_headers(with("connectors/nats/publisher.cpp", "<nats/nats.h>")).empty());
}
