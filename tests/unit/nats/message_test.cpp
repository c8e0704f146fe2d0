#include "connectors/nats/message.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "engine/trust/signature.hpp"
#include "tests/support/alert_builder.hpp"
#include "tests/support/trust_builder.hpp"

using namespace connectors::nats;
using engine::Sequence;

namespace {

std::vector<std::string> all(const Headers& headers, std::string_view name) {
  std::vector<std::string> values;
  for (const auto& header : headers) {
    if (header.name == name) values.push_back(header.value);
  }
  return values;
}

engine::Record record_of(const engine::Envelope& envelope) {
  auto bulletin = std::make_shared<engine::Bulletin>();
  bulletin->envelope = envelope;
  bulletin->id = engine::trust::sha256(envelope.payload);
  return {Sequence{7}, tests::at("2026-11-21T12:00:01.5Z"), bulletin};
}

}  // namespace

TEST_CASE("a message says where its bulletin stands and who signed it") {
  tests::TrustBuilder trust;
  trust.sender().officer("Ann").officer("Ben");
  const auto record =
      record_of(tests::AlertBuilder().envelope({&trust.key("Ann"), &trust.key("Ben")}));
  const Headers headers = headers_of(record, "0123456789abcdef", "exercise-gb");
  CHECK(all(headers, "Tocsin-Seq") == std::vector<std::string>{"7"});
  CHECK(all(headers, "Tocsin-Epoch") == std::vector<std::string>{"0123456789abcdef"});
  CHECK(all(headers, "Content-Type") == std::vector<std::string>{"application/cap+xml"});
  CHECK(all(headers, "ce-specversion") == std::vector<std::string>{"1.0"});
  CHECK(all(headers, "ce-type") == std::vector<std::string>{"tocsin.alert"});
  CHECK(all(headers, "ce-source") == std::vector<std::string>{"tocsin:exercise-gb"});
  CHECK(all(headers, "ce-time") == std::vector<std::string>{"2026-11-21T12:00:01.500Z"});
  const std::string id = message_id(record.bulletin->id);
  CHECK(all(headers, "ce-id") == std::vector<std::string>{id});
  CHECK(message_id(record.bulletin->id, {"E09000033", "areas.e09000033.exercise.minor"}) ==
        id + ".E09000033");

  const auto& blocks = record.bulletin->envelope.signatures;
  REQUIRE(blocks.size() == 2);
  std::vector<std::string> expected;
  for (const auto& block : blocks) {
    expected.push_back("keyid=" + engine::to_hex(engine::view(block.keyid)) +
                       ";sig=" + engine::to_base64(engine::view(block.signature)));
  }
  CHECK(all(headers, "Tocsin-Signature") == expected);
}

TEST_CASE("who asks by NATS is told what HTTP would have said") {
  engine::Appended appended{Sequence{3}, tests::at("2026-11-21T12:00:00Z"), false, {}};
  const Reply first = reply_to(appended, "0123456789abcdef");
  CHECK(all(first.headers, "Tocsin-Status") == std::vector<std::string>{"201"});
  CHECK(all(first.headers, "Content-Type") == std::vector<std::string>{"application/json"});
  CHECK(first.body == R"({"seq":3,"epoch":"0123456789abcdef","id":")" + std::string(64, '0') +
                          R"(","at":"2026-11-21T12:00:00Z"})");
  appended.repeat = true;
  const Reply again = reply_to(appended, "0123456789abcdef");
  CHECK(all(again.headers, "Tocsin-Status") == std::vector<std::string>{"200"});
  CHECK(again.body == first.body);

  engine::Refusal refusal;
  refusal.code = engine::Code::log_full;
  refusal.retry_after_s = 5;
  const Reply no = reply_to(refusal, "0123456789abcdef");
  CHECK(all(no.headers, "Tocsin-Status") == std::vector<std::string>{"507"});
  CHECK(all(no.headers, "Retry-After") == std::vector<std::string>{"5"});
  CHECK(all(no.headers, "Content-Type") == std::vector<std::string>{"application/problem+json"});
  CHECK(no.body == engine::problem_json(refusal));
}
