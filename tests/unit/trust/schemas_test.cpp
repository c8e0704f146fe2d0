// The examples written into schemas/envelope.md, trust.md and key-file.md are true.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstring>

#include "tests/unit/trust/temp_dir.hpp"
#include "tests/unit/trust/trust_fixture.hpp"

using namespace engine;
using namespace tests;

namespace {

std::string page(const char* name) {
  return contents(std::filesystem::path(TOCSIN_SOURCE_DIR "/schemas") / name);
}

/// The first fenced block of that language.
std::string block(const std::string& text, const std::string& language) {
  const std::string fence = "```" + language + "\n";
  const auto begin = text.find(fence);
  REQUIRE(begin != std::string::npos);
  const auto end = text.find("```", begin + fence.size());
  REQUIRE(end != std::string::npos);
  return text.substr(begin + fence.size(), end - begin - fence.size());
}

}  // namespace

TEST_CASE("the envelope shown in its page is signed as the page says") {
  const std::string text = page("envelope.md");
  const auto parsed = trust::parse_envelope(block(text, "json"));
  REQUIRE(std::holds_alternative<Envelope>(parsed));
  const auto& envelope = std::get<Envelope>(parsed);
  const Bytes message = trust::pre_authentication_encoding(envelope.payload_type, envelope.payload);
  CHECK(mentions(text, "these " + std::to_string(message.size()) + " octets"));
  CHECK(mentions(text, "```\n" + message + "```"));
  CHECK(mentions(text, to_hex(view(trust::sha256(envelope.payload)))));

  const std::string key_text = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
  CHECK(mentions(text, key_text));
  const auto key = *exactly<32>(*from_base64(key_text));
  CHECK(envelope.signatures.at(0).keyid == trust::key_id(key));
  CHECK(trust::verify(key, message, envelope.signatures.at(0).signature));
}

TEST_CASE("the payload shown in the trust document's page is read and written as it stands") {
  const std::string payload = block(page("trust.md"), "json");
  const auto document = trust::read_trust_payload(payload);
  REQUIRE(fault(document) == "");
  CHECK(trust::trust_payload_json(*document) == payload);
}

TEST_CASE("the key file shown in its page opens with the passphrase that it tells") {
  const TempDir folder;
  put(folder / "ann.key", block(page("key-file.md"), "json"));
  REQUIRE(::chmod((folder / "ann.key").c_str(), 0600) == 0);
  const std::string_view words = "correct horse battery staple";
  CHECK(mentions(page("key-file.md"), words));
  trust::SecretBytes passphrase(words.size());
  std::memcpy(passphrase.data(), words.data(), words.size());
  const auto key = trust::KeyFile::open(folder / "ann.key", passphrase);
  REQUIRE(fault(key) == "");
  CHECK(trust::KeyFile::read_label(folder / "ann.key")->public_key == key->public_key());
}
