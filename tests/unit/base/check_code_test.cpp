#include "engine/check_code.hpp"

#include <doctest/doctest.h>

using namespace engine;

namespace {

BulletinId id_of(std::string_view hex) {
  return exactly<32>(*from_hex(std::string(hex) + std::string(64 - hex.size(), '0'))).value();
}

}  // namespace

TEST_CASE("a check code is the first fifty bits of an id in Crockford's base32") {
  CHECK(check_code(id_of("")) == "00000-00000");
  CHECK(check_code(id_of(std::string(64, 'f'))) == "ZZZZZ-ZZZZZ");
  CHECK(check_code(id_of("e3b0c44298fc1c")) == "WERC8-GMRZG");  // the SHA-256 of nothing
  CHECK(check_code(id_of("08")) == "10000-00000");              // the first five bits are a letter
  CHECK(check_code(id_of("04")) == "0G000-00000");
}

TEST_CASE("the fiftieth bit of an id counts in its check code and the next does not") {
  CHECK(check_code(id_of("00000000000040")) == "00000-00001");
  CHECK(check_code(id_of("00000000000020")) == "00000-00000");
}
