// Our verifier against vectors written by others (origins in tests/data/*/SOURCES.md).
#include <doctest/doctest.h>

#include <boost/json.hpp>
#include <fstream>
#include <sstream>
#include <string>

#include "engine/trust/signature.hpp"

using namespace engine;
namespace json = boost::json;

namespace {

json::value read_json(const std::string& path) {
  std::ifstream file(std::string(TOCSIN_SOURCE_DIR "/tests/data/") + path);
  std::ostringstream text;
  text << file.rdbuf();
  return json::parse(text.str());
}

Bytes from(const json::value& hex) {
  const auto bytes = from_hex(std::string_view(hex.as_string()));
  REQUIRE(bytes);
  return *bytes;
}

/// What a reader does with a key and a signature of unknown origin: octets of another length, and
/// keys that do not pass the screening, are no.
bool accepts(BytesView key, BytesView message, BytesView signature) {
  const auto key_octets = exactly<32>(key);
  const auto signature_octets = exactly<64>(signature);
  return key_octets && signature_octets && trust::acceptable(*key_octets) &&
         trust::verify(*key_octets, message, *signature_octets);
}

}  // namespace

TEST_CASE("all 151 Ed25519 vectors of Wycheproof are judged as expected") {
  REQUIRE(trust::start_crypto());
  int judged = 0;
  int valid = 0;
  const auto vectors = read_json("wycheproof/ed25519_test.json");
  for (const auto& group : vectors.at("testGroups").as_array()) {
    const Bytes key = from(group.at("publicKey").at("pk"));
    for (const auto& test : group.at("tests").as_array()) {
      CAPTURE(test.at("tcId").as_int64());
      const bool expected = test.at("result").as_string() == "valid";
      CHECK(accepts(key, from(test.at("msg")), from(test.at("sig"))) == expected);
      ++judged;
      valid += expected ? 1 : 0;
    }
  }
  CHECK(judged == 151);
  CHECK(valid == 88);
}

TEST_CASE("of the edge cases of ed25519-speccheck only number 3 is accepted") {
  REQUIRE(trust::start_crypto());
  const auto cases = read_json("speccheck/cases.json");
  REQUIRE(cases.as_array().size() == 12);
  for (std::size_t i = 0; i < 12; ++i) {
    CAPTURE(i);
    const auto& test = cases.as_array()[i];
    const Bytes key = from(test.at("pub_key"));
    const Bytes signature = from(test.at("signature"));
    // Once with the screening of keys, and once by the verifier alone.
    CHECK(trust::verify(*exactly<32>(key), from(test.at("message")), *exactly<64>(signature)) ==
          (i == 3));
    if (i != 3) CHECK_FALSE(accepts(key, from(test.at("message")), signature));
  }
}
