#include "engine/base/trace.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace engine;

namespace {

std::string traced(const std::string& value) {
  std::string line;
  set_trace_sink([&line](std::string_view said) { line = said; });
  trace(Level::notice, "event", {{"why", value}});
  set_trace_sink({});
  const auto at = line.find(" notice event why=");
  REQUIRE(at != std::string::npos);
  REQUIRE(line.back() == '\n');
  line.pop_back();
  return line.substr(at + 18);
}

}  // namespace

TEST_CASE("a plain word is traced as it is and anything else in quotes") {
  CHECK(traced("unknown_key") == "unknown_key");
  CHECK(traced("") == "\"\"");
  CHECK(traced("two words") == "\"two words\"");
  CHECK(traced("a=b") == "\"a=b\"");
  CHECK(traced("say \"no\\\"") == "\"say \\\"no\\\\\\\"\"");
  CHECK(traced("one\ntwo\x1b\x7f") == "\"one\\x0atwo\\x1b\\x7f\"");
}

TEST_CASE("nothing but printable ASCII reaches the terminal of who reads the trace") {
  CHECK(traced("\xc2\x9b"
               "31mRED") == "\"\\xc2\\x9b31mRED\"");  // a C1 control
  CHECK(traced("\xff\xfe") == "\"\\xff\\xfe\"");      // no UTF-8
  CHECK(traced("\xe2\x80\xae"
               "abc") == "\"\\xe2\\x80\\xaeabc\"");        // turned around
  CHECK(traced("\xe2\x80\xa8") == "\"\\xe2\\x80\\xa8\"");  // another line
  std::string all;
  for (int octet = 0; octet < 256; ++octet) all += static_cast<char>(octet);
  const std::string line = traced(all);
  CHECK(std::ranges::all_of(line, [](char c) { return c >= ' ' && c <= '~'; }));
}
