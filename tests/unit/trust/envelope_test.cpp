#include "engine/trust/envelope.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace engine;

namespace {

std::string keyid(char digit) { return std::string(64, digit); }
std::string sig(char octet = 's') { return to_base64(std::string(64, octet)); }
std::string block(const std::string& id, const std::string& signature = sig()) {
  return R"({"keyid":")" + id + R"(","sig":")" + signature + "\"}";
}
std::string body(const std::string& blocks, const std::string& payload = "PGE+") {
  return R"({"payloadType":"application/cap+xml","payload":")" + payload + R"(","signatures":[)" +
         blocks + "]}";
}
std::string blocks(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    if (i > 0) text += ',';
    text += block(keyid("0123456789abcdef"[i]));
  }
  return text;
}

Code refused(const std::string& text, const trust::EnvelopeLimits& limits = {}) {
  const auto read = trust::parse_envelope(text, limits);
  REQUIRE(std::holds_alternative<Refusal>(read));
  CHECK(std::get<Refusal>(read).detail.ends_with('.'));
  return std::get<Refusal>(read).code;
}
bool taken(const std::string& text, const trust::EnvelopeLimits& limits = {}) {
  return std::holds_alternative<Envelope>(trust::parse_envelope(text, limits));
}

}  // namespace

TEST_CASE("an envelope is read and written in one form") {
  const std::string text = body(blocks(2));
  const auto read = trust::parse_envelope(text);
  REQUIRE(std::holds_alternative<Envelope>(read));
  const auto& envelope = std::get<Envelope>(read);
  CHECK(envelope.payload_type == "application/cap+xml");
  CHECK(envelope.payload == "<a>");
  REQUIRE(envelope.signatures.size() == 2);
  CHECK(envelope.signatures[1].keyid[0] == 0x11);
  CHECK(envelope.signatures[1].signature[63] == 's');
  CHECK(trust::envelope_json(envelope) == text);
}

TEST_CASE("members in another order, unknown members and white space change nothing") {
  const std::string text = "{ \"x\": [1, {\"a\": null}],\n \"signatures\": [{\"sig\": \"" + sig() +
                           "\", \"note\": 1, \"keyid\": \"" + keyid('0') +
                           "\"}], \"payload\": \"PGE+\", \"payloadType\": \"application/cap+xml\"}";
  const auto read = trust::parse_envelope(text);
  REQUIRE(std::holds_alternative<Envelope>(read));
  CHECK(trust::envelope_json(std::get<Envelope>(read)) == body(blocks(1)));
}

TEST_CASE("a payload type that needs escaping is escaped") {
  const Envelope envelope{"a\"b\n", "", {SignatureBlock{}}};
  const auto read = trust::parse_envelope(trust::envelope_json(envelope));
  REQUIRE(std::holds_alternative<Envelope>(read));
  CHECK(std::get<Envelope>(read).payload_type == "a\"b\n");
}

TEST_CASE("body, payload and the number of signatures are bounded") {
  const trust::EnvelopeLimits limits{.body_max = 2000, .payload_max = 6, .signatures_max = 8};
  CHECK(taken(body(blocks(8)), limits));
  CHECK(refused(body(blocks(9)), limits) == Code::too_large);
  CHECK(refused(body("")) == Code::too_large);

  const std::string text = body(blocks(1));
  CHECK(taken(text + std::string(2000 - text.size(), ' '), limits));
  CHECK(refused(text + std::string(2001 - text.size(), ' '), limits) == Code::too_large);

  CHECK(taken(body(blocks(1), to_base64("123456")), limits));
  CHECK(taken(body(blocks(1), to_base64("12345")), limits));
  CHECK(refused(body(blocks(1), to_base64("1234567")), limits) == Code::too_large);
}

TEST_CASE("the default limits are those of the protocol") {
  const trust::EnvelopeLimits limits;
  CHECK(limits.body_max == 512 * 1024);
  CHECK(limits.payload_max == 256 * 1024);
  CHECK(limits.signatures_max == 8);
  const std::string text = body(blocks(8));
  CHECK(taken(text + std::string(512 * 1024 - text.size(), ' ')));
  CHECK(refused(text + std::string(512 * 1024 + 1 - text.size(), ' ')) == Code::too_large);
  CHECK(refused(body(blocks(9))) == Code::too_large);
  CHECK(taken(body(blocks(1), to_base64(std::string(256 * 1024, 'x')))));
  CHECK(refused(body(blocks(1), to_base64(std::string(256 * 1024 + 1, 'x')))) == Code::too_large);
}

TEST_CASE("sizes are asked before anything is decoded") {
  const trust::EnvelopeLimits limits{.body_max = 4000, .payload_max = 6, .signatures_max = 2};
  CHECK(refused(body(blocks(1), std::string(100, '!')), limits) == Code::too_large);
  CHECK(refused(body("1,2,3"), limits) == Code::too_large);
  CHECK(refused(std::string(4001, '!'), limits) == Code::too_large);
}

TEST_CASE("what is not an envelope is refused as malformed") {
  const std::pair<const char*, std::string> wrong[] = {
      {"nothing", ""},
      {"XML", "<alert/>"},
      {"an array", "[]"},
      {"an empty object", "{}"},
      {"no payloadType", R"({"payload":"","signatures":[]})"},
      {"payloadType a number", R"({"payloadType":1,"payload":"","signatures":[]})"},
      {"no payload", R"({"payloadType":"x","signatures":[]})"},
      {"payload null", R"({"payloadType":"x","payload":null,"signatures":[]})"},
      {"no signatures", R"({"payloadType":"x","payload":""})"},
      {"signatures an object", R"({"payloadType":"x","payload":"","signatures":{}})"},
      {"a duplicate key", R"({"payloadType":"x","payload":"","payload":"","signatures":[]})"},
      {"a duplicate key inside a signature",
       body(R"({"keyid":")" + keyid('0') + R"(","keyid":"0","sig":")" + sig() + "\"}")},
      {"text after it", body(blocks(1)) + "{}"},
      {"payload with white space", body(blocks(1), "PG E+")},
      {"payload without padding", body(blocks(1), "PGE")},
      {"payload in the URL alphabet", body(blocks(1), "PGE-")},
      {"payload with spare bits", body(blocks(1), "PH==")},
      {"a signature that is a string", body("\"x\"")},
      {"a signature without keyid", body(R"({"sig":")" + sig() + "\"}")},
      {"an empty keyid", body(block(""))},
      {"a keyid in upper case", body(block(keyid('A')))},
      {"a short keyid", body(block(std::string(62, '0')))},
      {"a long keyid", body(block(std::string(66, '0')))},
      {"a signature without sig", body(R"({"keyid":")" + keyid('0') + "\"}")},
      {"sig of 63 octets", body(block(keyid('0'), to_base64(std::string(63, 's'))))},
      {"sig of 65 octets", body(block(keyid('0'), to_base64(std::string(65, 's'))))},
      {"sig without padding", body(block(keyid('0'), sig().substr(0, 86)))},
      {"one key id twice", body(block(keyid('0')) + "," + block(keyid('0'), sig('t')))}};
  for (const auto& row : wrong) {
    const auto& what = row.first;
    const auto& text = row.second;
    CAPTURE(what);
    CHECK(refused(text) == Code::malformed_envelope);
  }
}
