#include "engine/trust/key_file.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <boost/json.hpp>
#include <cstring>

#include "tests/unit/trust/temp_dir.hpp"
#include "tests/unit/trust/trust_fixture.hpp"

using namespace engine;
using namespace tests;
using trust::KeyFile;
using trust::KeyStrength;
using trust::SecretBytes;
using trust::SigningKey;
namespace json = boost::json;

namespace {

SecretBytes secret(std::string_view text) {
  SecretBytes bytes(text.size());
  if (!text.empty()) std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

/// A key in a file of its own, under "correct horse".
struct Kept {
  TempDir folder;
  std::filesystem::path file = folder / "ann.key";
  SigningKey key = SigningKey::generate();
  std::string written;

  Kept() {
    REQUIRE(fault(KeyFile::write(file, key, "Ann Example", secret("correct horse"),
                                 KeyStrength::interactive)) == "");
    written = contents(file);
  }
  std::string open(std::string_view passphrase = "correct horse") const {
    return fault(KeyFile::open(file, secret(passphrase)));
  }
  /// The file as it was written, with one member changed ("/kdf/passes").
  void change(const char* pointer, const json::value& value) const {
    json::value whole = json::parse(written);
    whole.at_pointer(pointer) = value;
    put(file, json::serialize(whole));
  }
};

mode_t mode_of(const std::filesystem::path& file) {
  struct stat about {};
  REQUIRE(::stat(file.c_str(), &about) == 0);
  return about.st_mode & 07777;
}

}  // namespace

TEST_CASE("a key comes back out of its file and signs as before") {
  const Kept kept;
  const auto opened = KeyFile::open(kept.file, secret("correct horse"));
  REQUIRE(fault(opened) == "");
  CHECK(opened->public_key() == kept.key.public_key());
  const auto block = opened->sign("t", "payload");
  CHECK(block == kept.key.sign("t", "payload"));
  CHECK(block.keyid == trust::key_id(kept.key.public_key()));
  CHECK(trust::verify(kept.key.public_key(), "DSSEv1 1 t 7 payload", block.signature));
}

TEST_CASE("generated keys are sound and differ") {
  const auto one = SigningKey::generate();
  CHECK(trust::acceptable(one.public_key()));
  CHECK(one.public_key() != SigningKey::generate().public_key());
}

TEST_CASE("the default strength costs 256 MiB and three passes") {
  const TempDir folder;
  const auto key = SigningKey::generate();
  REQUIRE(fault(KeyFile::write(folder / "k", key, "Ann", secret("x"))) == "");
  const auto file = json::parse(contents(folder / "k"));
  CHECK(file.at_pointer("/kdf/memory_bytes").as_int64() == 256 << 20);
  CHECK(file.at_pointer("/kdf/passes").as_int64() == 3);
  CHECK(fault(KeyFile::open(folder / "k", secret("x"))) == "");
}

TEST_CASE("the label is read without the passphrase") {
  const Kept kept;
  const auto label = KeyFile::read_label(kept.file);
  REQUIRE(fault(label) == "");
  CHECK(label->holder == "Ann Example");
  CHECK(label->public_key == kept.key.public_key());
  CHECK(mentions(fault(KeyFile::read_label(kept.folder / "nobody.key")), "Cannot read"));
}

TEST_CASE("the file is its owner's alone and is never overwritten") {
  const Kept kept;
  CHECK(mode_of(kept.file) == 0600);
  const std::string before = contents(kept.file);
  CHECK(mentions(
      fault(KeyFile::write(kept.file, kept.key, "Ann", secret("x"), KeyStrength::interactive)),
      "File exists"));
  CHECK(contents(kept.file) == before);
  for (const mode_t mode : {0640U, 0604U, 0620U, 0610U, 0601U}) {
    CAPTURE(mode);
    REQUIRE(::chmod(kept.file.c_str(), mode) == 0);
    CHECK(mentions(kept.open(), "may be read by others; run: chmod 600 "));
  }
  REQUIRE(::chmod(kept.file.c_str(), 0400) == 0);
  CHECK(kept.open() == "");
}

TEST_CASE("neither seed nor passphrase stands in the file") {
  const Kept kept;
  const std::string file = contents(kept.file);
  CHECK_FALSE(mentions(file, "correct"));
  CHECK(json::parse(file).at("seed_encrypted").as_string().size() == 64);
}

TEST_CASE("a wrong passphrase opens nothing and an empty one is refused") {
  const Kept kept;
  for (const auto* wrong : {"correct hors", "correct horse ", "Correct horse", "x"}) {
    CAPTURE(wrong);
    CHECK(mentions(kept.open(wrong), "passphrase is not that of"));
  }
  CHECK(mentions(kept.open(""), "The passphrase is empty"));
  CHECK(mentions(fault(KeyFile::write(kept.folder / "new", kept.key, "Ann", secret(""))),
                 "The passphrase is empty"));
  CHECK_FALSE(std::filesystem::exists(kept.folder / "new"));
}

TEST_CASE("a file that was changed in any member does not open") {
  const auto salt = to_base64(std::string(16, 's'));
  const auto nonce = to_base64(std::string(24, 'n'));
  const auto seed = to_base64(std::string(48, 'c'));
  const std::pair<const char*, json::value> changes[] = {{"/holder", "Mallory"},
                                                         {"/kdf/passes", 1},
                                                         {"/kdf/memory_bytes", 8192},
                                                         {"/kdf/salt", json::string(salt)},
                                                         {"/cipher/nonce", json::string(nonce)},
                                                         {"/seed_encrypted", json::string(seed)}};
  const Kept kept;
  for (const auto& row : changes) {
    const auto& pointer = row.first;
    const auto& value = row.second;
    CAPTURE(pointer);
    kept.change(pointer, value);
    CHECK(mentions(kept.open(), "or the file was changed"));
  }
  kept.change("/public", json::string(to_base64(view(key("ben").public_key))));
  CHECK(mentions(kept.open(), "keyid must be"));
  json::value other = json::parse(contents(kept.file));
  other.at("keyid") = to_hex(view(key("ben").keyid)).c_str();
  put(kept.file, json::serialize(other));
  CHECK(mentions(kept.open(), "or the file was changed"));
}

TEST_CASE("no flipped bit of the encrypted seed goes unseen") {
  const Kept kept;
  const auto encrypted = *from_base64(
      std::string_view(json::parse(contents(kept.file)).at("seed_encrypted").as_string()));
  // Opening costs 64 MiB each time: one octet in nine.
  for (std::size_t i = 0; i < encrypted.size(); i += 9) {
    CAPTURE(i);
    auto altered = encrypted;
    altered[i] = static_cast<char>(altered[i] ^ (1 << i % 8));
    kept.change("/seed_encrypted", json::string(to_base64(altered)));
    CHECK(mentions(kept.open(), "or the file was changed"));
  }
}

TEST_CASE("what is no key file is refused before any passphrase is tried") {
  const std::pair<const char*, json::value> changes[] = {
      {"/format", "tocsin-key-2"},
      {"/holder", ""},
      {"/public", json::string(to_base64(std::string(32, '\0')))},
      {"/public", "AAAA"},
      {"/keyid", "00"},
      {"/kdf", nullptr},
      {"/kdf/name", "scrypt"},
      {"/kdf/passes", 0},
      {"/kdf/passes", 33},
      {"/kdf/memory_bytes", 8191},
      {"/kdf/memory_bytes", (std::int64_t{2} << 30) + 1},
      {"/kdf/salt", "AAAA"},
      {"/cipher/name", "aes"},
      {"/cipher/nonce", "AAAA"},
      {"/seed_encrypted", "AAAA"}};
  const Kept kept;
  for (const auto& row : changes) {
    const auto& pointer = row.first;
    const auto& value = row.second;
    CAPTURE(pointer);
    kept.change(pointer, value);
    CHECK(mentions(kept.open(), "is no sound key file: its "));
    CHECK_FALSE(KeyFile::read_label(kept.file).has_value());
  }
  put(kept.file, "seed");
  CHECK(mentions(kept.open(), "is no key file. Not strict JSON"));
  put(kept.file, std::string(16 * 1024 + 1, ' '));
  CHECK(mentions(kept.open(), "more than the 16384"));
}

TEST_CASE("a key file at its bounds is read") {
  const Kept kept;
  put(kept.file, kept.written + std::string(16 * 1024 - kept.written.size(), ' '));
  CHECK(KeyFile::read_label(kept.file).has_value());
  kept.change("/kdf/passes", 32);
  CHECK(KeyFile::read_label(kept.file).has_value());
  kept.change("/kdf/memory_bytes", std::int64_t{2} << 30);
  CHECK(KeyFile::read_label(kept.file).has_value());
}

TEST_CASE("a holder's name that could not be read back is not written") {
  const TempDir folder;
  const auto key = SigningKey::generate();
  for (const std::string& holder : {std::string(), std::string(" Ann"), std::string(1001, 'a')}) {
    CHECK(mentions(
        fault(KeyFile::write(folder / "k", key, holder, secret("x"), KeyStrength::interactive)),
        "holder"));
    CHECK_FALSE(std::filesystem::exists(folder / "k"));
  }
}

TEST_CASE("secret octets move, shrink and forget") {
  SecretBytes bytes = secret("passphrase");
  const SecretBytes moved = std::move(bytes);
  CHECK(moved.view() == "passphrase");
  SecretBytes line = secret("word\n");
  const auto* behind = line.data() + 4;
  line.shrink(4);
  CHECK(line.view() == "word");
  CHECK(*behind == 0);
  line = secret("other");
  CHECK(line.view() == "other");
  CHECK(secret("").size() == 0);
}
