#include "engine/trust/signature.hpp"

#include <doctest/doctest.h>
#include <sodium.h>

#include <thread>

using namespace engine;

namespace {

template <std::size_t N>
Octets<N> hex(std::string_view text) {
  return *exactly<N>(*from_hex(text));
}

// RFC 8032 section 7.1, test 3.
const auto kKey = hex<32>("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
const Bytes kMessage = "\xaf\x82";
const auto kSignature = hex<64>(
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
    "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");

}  // namespace

TEST_CASE("the library starts and starts again") {
  CHECK(trust::start_crypto());
  CHECK(trust::start_crypto());
}

TEST_CASE("SHA-256 agrees with FIPS 180-4") {
  CHECK(to_hex(view(trust::sha256("abc"))) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(trust::key_id(kKey) == trust::sha256(view(kKey)));
}

TEST_CASE("SHA-256 is libsodium's for every length at every place in memory, on any thread") {
  std::string bytes;
  for (int i = 0; i < 400; ++i) bytes += static_cast<char>(i * 7);
  const auto compare = [&bytes](std::size_t& wrong) {
    for (std::size_t at = 0; at < 16; ++at) {
      for (std::size_t size = 0; size + at <= bytes.size(); ++size) {
        const std::string_view part = std::string_view(bytes).substr(at, size);
        Octets<32> other{};
        crypto_hash_sha256(other.data(), reinterpret_cast<const unsigned char*>(part.data()), size);
        wrong += trust::sha256(part) == other ? 0 : 1;
      }
    }
  };
  std::size_t wrong_here = 0;
  std::size_t wrong_there = 0;
  std::thread there([&] { compare(wrong_there); });
  compare(wrong_here);
  there.join();
  CHECK(wrong_here == 0);
  CHECK(wrong_there == 0);
}

TEST_CASE("a key must be a canonical point of the main subgroup and not of small order") {
  CHECK(trust::acceptable(kKey));
  const std::pair<const char*, const char*> wrong[] = {
      {"zero", "0000000000000000000000000000000000000000000000000000000000000000"},
      {"the identity", "0100000000000000000000000000000000000000000000000000000000000000"},
      {"of order two", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
      {"of order eight", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"},
      {"not canonical", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
      {"not on the curve", "0200000000000000000000000000000000000000000000000000000000000000"},
      {"base point plus order two",
       "9599999999999999999999999999999999999999999999999999999999999999"}};
  for (const auto& row : wrong) {
    const auto& what = row.first;
    const auto& key = row.second;
    CAPTURE(what);
    CHECK_FALSE(trust::acceptable(hex<32>(key)));
  }
}

TEST_CASE("a signature verifies for its own key and message alone") {
  CHECK(trust::verify(kKey, kMessage, kSignature));
  CHECK_FALSE(trust::verify(kKey, "\xaf\x83", kSignature));
  CHECK_FALSE(trust::verify(kKey, "", kSignature));
  const auto other = hex<32>("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  CHECK_FALSE(trust::verify(other, kMessage, kSignature));
}

TEST_CASE("no flipped bit of a signature or a key goes unseen") {
  for (std::size_t bit = 0; bit < 512; ++bit) {
    auto altered = kSignature;
    altered[bit / 8] = static_cast<std::uint8_t>(altered[bit / 8] ^ (1U << bit % 8));
    CAPTURE(bit);
    CHECK_FALSE(trust::verify(kKey, kMessage, altered));
  }
  for (std::size_t bit = 0; bit < 256; ++bit) {
    auto altered = kKey;
    altered[bit / 8] = static_cast<std::uint8_t>(altered[bit / 8] ^ (1U << bit % 8));
    CAPTURE(bit);
    CHECK_FALSE(trust::verify(altered, kMessage, kSignature));
  }
}

TEST_CASE("DSSE's encoding counts octets and keeps the payload as it is") {
  CHECK(trust::pre_authentication_encoding("http://example.com/HelloWorld", "hello world") ==
        "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  CHECK(trust::pre_authentication_encoding("", "") == "DSSEv1 0  0 ");
  const Bytes payload("\0\xff\n", 3);
  CHECK(trust::pre_authentication_encoding("application/cap+xml", payload) ==
        "DSSEv1 19 application/cap+xml 3 " + payload);
}
