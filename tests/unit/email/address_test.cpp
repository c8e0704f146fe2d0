#include "connectors/email/address.hpp"

#include <doctest/doctest.h>

#include <string>

#include "connectors/email/return_path.hpp"
#include "engine/trust/signature.hpp"
#include "tests/support/letter.hpp"

using namespace connectors::email;

namespace {

const std::string kKey(32, 'k');

std::string refusal(std::string_view address) {
  const auto checked = check_address(address);
  return checked ? "" : checked.error().what;
}

}  // namespace

TEST_CASE("an address that every mail server takes is taken") {
  for (const char* right :
       {"a@example.org", "first.last@example.org", "a+b@example.org", "o'neil@example.co.uk",
        "!#$%&'*+-/=?^_`{|}~@example.org", "1@2.example", "a@localhost", "a@xn--caf-dma.example"}) {
    CAPTURE(right);
    CHECK(refusal(right).empty());
  }
}

TEST_CASE("an address that could mean more than an address is refused with a sentence") {
  using namespace std::string_view_literals;
  for (const std::string_view wrong : {""sv,
                                       "a"sv,
                                       "@"sv,
                                       "a@"sv,
                                       "@example.org"sv,
                                       "a@b@example.org"sv,
                                       "a b@example.org"sv,
                                       "a@example.org\r\nBcc: b@example.org"sv,
                                       "a\n@example.org"sv,
                                       "a\0@example.org"sv,
                                       "a@example.org\0"sv,
                                       "<a@example.org>"sv,
                                       "\"a b\"@example.org"sv,
                                       "a(b)@example.org"sv,
                                       ".a@example.org"sv,
                                       "a.@example.org"sv,
                                       "a..b@example.org"sv,
                                       "a@.org"sv,
                                       "a@example..org"sv,
                                       "a@example.org."sv,
                                       "a@-b.org"sv,
                                       "a@b-.org"sv,
                                       "a@[127.0.0.1]"sv,
                                       "a@exa mple.org"sv,
                                       "a@example.org "sv,
                                       " a@example.org"sv,
                                       "a,b@example.org"sv,
                                       "a:b@example.org"sv,
                                       "a;b@example.org"sv,
                                       "a\x7f@example.org"sv,
                                       "a@ex_ample.org"sv,
                                       "a\\@example.org"sv}) {
    CAPTURE(wrong);
    CHECK(refusal(wrong).ends_with("."));
    if (wrong.size() > 3) CHECK(refusal(wrong).find(wrong) == std::string::npos);
  }
}

TEST_CASE("letters beyond ASCII are refused with a sentence that says what to give instead") {
  for (const char* wrong : {"j\xc3\xb6rg@example.org", "a@caf\xc3\xa9.example"}) {
    CHECK(refusal(wrong).find("xn--") != std::string::npos);
  }
}

TEST_CASE("an address has kAddressBytes and its parts have theirs and not one more") {
  const std::string local(kLocalPartBytes, 'a'), label(63, 'b');
  CHECK(refusal(local + "@example.org").empty());
  CHECK_FALSE(refusal(local + "a@example.org").empty());
  CHECK(refusal("a@" + label + ".org").empty());
  CHECK_FALSE(refusal("a@" + label + "b.org").empty());
  const std::string whole = local + "@" + label + "." + label + "." + std::string(61, 'c');
  REQUIRE(whole.size() == kAddressBytes);
  CHECK(refusal(whole).empty());
  CHECK_FALSE(refusal(whole + "c").empty());
}

TEST_CASE("a return path says which delivery it stands for whichever case it comes back in") {
  REQUIRE(engine::trust::start_crypto());
  for (const std::uint8_t last : {0, 1, 127, 255}) {
    const auto id = tests::delivery(last);
    std::string path = return_path(id, "bounces.tocsin.example", kKey);
    CHECK(refusal(path).empty());
    CHECK(path.find('@') == 45);
    CHECK(delivery_of(path, kKey) == id);
    CHECK(delivery_of(path.substr(0, 45), kKey) == id);
    for (char& c : path) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    CHECK(delivery_of(path, kKey) == id);
  }
}

TEST_CASE("a return path that was not made with the key stands for nothing") {
  REQUIRE(engine::trust::start_crypto());
  const std::string path = return_path(tests::delivery(1), "t.example", kKey);
  CHECK_FALSE(delivery_of(path, std::string(32, 'l')));
  const std::string other = return_path(tests::delivery(2), "t.example", kKey);
  CHECK_FALSE(delivery_of(path.substr(0, 29) + other.substr(29), kKey));
  for (std::size_t at = 0; at < 45; ++at) {
    for (const char c : {'0', '7', 'z', '.', 'u', ' ', '\0'}) {
      std::string wrong = path;
      if (wrong[at] == c) continue;
      wrong[at] = c;
      CHECK_FALSE(delivery_of(wrong, kKey));
    }
  }
  for (const char* wrong : {"", "@", "b", "b.", "b..@t.example", "postmaster@t.example"}) {
    CHECK_FALSE(delivery_of(wrong, kKey));
  }
  CHECK_FALSE(delivery_of("a" + path, kKey));
}
