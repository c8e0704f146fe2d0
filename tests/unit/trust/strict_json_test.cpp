#include "engine/trust/strict_json.hpp"

#include <doctest/doctest.h>

#include <boost/json/serialize.hpp>
#include <string>

using namespace engine;

namespace {

std::string read_back(std::string_view text) {
  const auto value = trust::parse_strict_json(text);
  return value ? boost::json::serialize(*value) : value.error().what;
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

}  // namespace

TEST_CASE("what is strict JSON is read whole") {
  for (const auto* text :
       {R"({"a":[1,-2,3.5E0,18446744073709551615,true,false,null,"x"],"b":{"a":{}}})", R"("")",
        "[]", R"({"":0})", R"([{"a":1},{"a":2}])", R"({"a":{"a":{"a":1}},"b":{"a":1}})"}) {
    CAPTURE(text);
    CHECK(read_back(text) == text);
  }
  CHECK(read_back(" \n[ 1 ]\r\n\t") == "[1]");
  const auto zero = trust::parse_strict_json(R"("a\u0000b")");
  REQUIRE(zero.has_value());
  CHECK(zero->as_string() == boost::json::string_view("a\0b", 3));
}

TEST_CASE("a key that stands twice is refused at any depth and however it is written") {
  for (const auto* text : {R"({"a":1,"a":1})", R"({"a":1,"b":2,"a":3})", R"([{"x":{"a":1,"a":2}}])",
                           R"({"a":1,"\u0061":2})", R"({"b":{"a":1},"b":{"a":1}})",
                           R"({"":1,"":2})", R"({"a":{"c":1},"b":[{"c":1,"d":2,"c":3}]})"}) {
    CAPTURE(text);
    CHECK(read_back(text).find("stands twice in one object") != std::string::npos);
  }
  CHECK(read_back(R"({"a\n":1,"a\n":1})").find(R"(the key "a\n" stands twice)") !=
        std::string::npos);
}

TEST_CASE("what is not strict JSON is refused with the place where it went wrong") {
  const std::pair<const char*, const char*> wrong[] = {{"nothing", ""},
                                                       {"white space alone", "  "},
                                                       {"text after the value", "{} x"},
                                                       {"a second value", "{}{}"},
                                                       {"a comment", "{} // x"},
                                                       {"a trailing comma", "[1,]"},
                                                       {"single quotes", "{'a':1}"},
                                                       {"a byte-order mark", "\xef\xbb\xbf{}"},
                                                       {"bad UTF-8 in a string", "\"\xff\""},
                                                       {"an overlong form", "\"\xc0\xaf\""},
                                                       {"a surrogate in UTF-8", "\"\xed\xa0\x80\""},
                                                       {"a lone surrogate", R"("\ud800")"},
                                                       {"bad UTF-8 in a key", "{\"\xe9\":1}"},
                                                       {"a control character", "\"a\nb\""},
                                                       {"a number beyond a double", "1e400"},
                                                       {"not a number", "NaN"},
                                                       {"a cut-off object", R"({"a":1)"}};
  for (const auto& row : wrong) {
    const auto& what = row.first;
    const auto& text = row.second;
    CAPTURE(what);
    const auto value = trust::parse_strict_json(text);
    REQUIRE_FALSE(value.has_value());
    CHECK(value.error().what.starts_with("Not strict JSON: "));
    CHECK(value.error().what.find(", at octet ") != std::string::npos);
  }
}

TEST_CASE("nesting ends at the limit") {
  CHECK(trust::parse_strict_json(nested(32)).has_value());
  CHECK(read_back(nested(33)).find("nested too deeply") != std::string::npos);
  CHECK(trust::parse_strict_json(nested(3), 3).has_value());
  CHECK_FALSE(trust::parse_strict_json(nested(4), 3).has_value());
  CHECK_FALSE(trust::parse_strict_json(std::string(100'000, '[')).has_value());
}
