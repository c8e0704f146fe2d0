#include "engine/trust/keyed_hash.hpp"

#include <doctest/doctest.h>

using namespace engine;
using namespace engine::trust;

TEST_CASE("HMAC-SHA256 of the vectors of RFC 4231 is what stands there") {
  const auto hmac = [](const Bytes& key, const Bytes& message) {
    return to_hex(view(hmac_sha256(key, message)));
  };
  CHECK(hmac(Bytes(20, '\x0b'), "Hi There") ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(hmac("Jefe", "what do ya want for nothing?") ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(hmac(Bytes(20, '\xaa'), Bytes(50, '\xdd')) ==
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  CHECK(hmac(Bytes(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First") ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("octets are the same in every one and in number, or not the same") {
  CHECK(same("", ""));
  CHECK(same("abc", "abc"));
  CHECK_FALSE(same("abc", "abd"));
  CHECK_FALSE(same("abc", "bbc"));
  CHECK_FALSE(same("abc", "abcd"));
  CHECK_FALSE(same("", "a"));
}

TEST_CASE("a plain signature is that of RFC 8032 over the octets alone") {
  // Section 7.1, test 2.
  const auto seed =
      *exactly<32>(*from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
  CHECK(to_hex(view(sign_plainly(seed, "\x72"))) ==
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
}
