#include "engine/trust/authoring.hpp"

#include <doctest/doctest.h>

#include "tests/unit/trust/trust_fixture.hpp"

using namespace engine;
using namespace tests;

TEST_CASE("a payload is written indented and always alike") {
  const std::string text = trust::trust_payload_json(draft());
  CHECK(
      text.starts_with("{\n  \"system\": \"exercise-gb\",\n  \"kind\": \"exercise\",\n"
                       "  \"version\": 7,\n  \"issued\": \"2026-11-01T00:00:00Z\",\n"));
  CHECK(mentions(text,
                 "        \"areas\": [\"E12000007\",\"*\"],\n"
                 "        \"categories\": [\"Safety\",\"Fire\"],\n"));
  CHECK(text.ends_with("\n  ]\n}\n"));
  const auto read = trust::read_trust_payload(text);
  REQUIRE(fault(read) == "");
  CHECK(trust::trust_payload_json(*read) == text);
}

TEST_CASE("a draft with faults is not read") {
  CHECK(mentions(fault(trust::read_trust_payload("{}")), "system is missing"));
}

TEST_CASE("signing a payload and signing on gives an envelope that is taken") {
  const std::string payload = trust::trust_payload_json(draft());
  const auto once = trust::add_signature(payload, trust::kTrustType, key_of("ann"));
  REQUIRE(fault(once) == "");
  CHECK(*once == sealed(payload, {"ann"}));
  CHECK_FALSE(trust::read_trust(*once, {}).has_value());

  const auto twice = trust::add_signature(*once, trust::kTrustType, key_of("ben"));
  REQUIRE(fault(twice) == "");
  CHECK(*twice == sealed(payload, {"ann", "ben"}));
  CHECK(fault(trust::read_trust(*twice, {})) == "");
}

TEST_CASE("an alert's bytes are signed as they stand") {
  const std::string alert = "<?xml version=\"1.0\"?>\r\n<alert/>\n";
  const auto once = trust::add_signature(alert, kCapType, key_of("eve"));
  REQUIRE(fault(once) == "");
  const auto parsed = trust::parse_envelope(*once);
  REQUIRE(std::holds_alternative<Envelope>(parsed));
  const auto& envelope = std::get<Envelope>(parsed);
  CHECK(envelope.payload == alert);
  CHECK(trust::verify(key("eve").public_key, "DSSEv1 19 application/cap+xml 32 " + alert,
                      envelope.signatures.at(0).signature));
}

TEST_CASE("nobody signs twice") {
  const auto once = trust::add_signature("<alert/>", kCapType, key_of("eve"));
  CHECK(mentions(fault(trust::add_signature(*once, kCapType, key_of("eve"))),
                 "has signed it already"));
  CHECK(fault(trust::add_signature(*once, kCapType, key_of("fay"))) == "");
}

TEST_CASE("an envelope takes eight signatures and no more") {
  std::string file = "<alert/>";
  for (int i = 0; i < 8; ++i) {
    const auto next = trust::add_signature(file, kCapType, key_of("officer" + std::to_string(i)));
    REQUIRE(fault(next) == "");
    file = *next;
  }
  CHECK(mentions(fault(trust::add_signature(file, kCapType, key_of("ninth"))), "takes no more"));
}

TEST_CASE("only what can be sent is signed") {
  CHECK(fault(trust::add_signature(std::string(256 * 1024, 'x'), kCapType, key_of("eve"))) == "");
  CHECK(mentions(
      fault(trust::add_signature(std::string(256 * 1024 + 1, 'x'), kCapType, key_of("eve"))),
      "at most 262144 can be sent"));
  CHECK(mentions(fault(trust::add_signature("{}", trust::kTrustType, key_of("ann"))),
                 "system is missing"));
  CHECK(
      mentions(fault(trust::add_signature(sealed("{}", {"ben"}), trust::kTrustType, key_of("ann"))),
               "system is missing"));
}

TEST_CASE("an envelope of another type or with faults is not signed") {
  const std::string file = sealed("<alert/>", {"eve"}, kCapType);
  CHECK(mentions(fault(trust::add_signature(file, trust::kTrustType, key_of("ann"))),
                 "holds \"application/cap+xml\", not application/vnd.tocsin.trust+json"));
  CHECK(mentions(fault(trust::add_signature(R"({"payloadType":"application/cap+xml"})", kCapType,
                                            key_of("ann"))),
                 "payload must be a string"));
}
