#include "ops/cli/trust_file.hpp"

#include <doctest/doctest.h>

using namespace ops::cli;

namespace {
std::string sentence(const char* expires) {
  return expiry_sentence(*engine::parse_time(expires), *engine::parse_time("2026-11-21T12:00:00Z"));
}
}  // namespace

TEST_CASE("an expiring trust document is told louder as its day comes") {
  CHECK(sentence("2026-12-21T12:00:01Z").empty());
  CHECK(sentence("2026-12-21T12:00:00Z").find("expires in 30 d") != std::string::npos);
  CHECK(sentence("2026-11-28T12:00:01Z").find("expires in 7 d") != std::string::npos);
  CHECK(sentence("2026-11-28T12:00:00Z").find("EXPIRES in 7 d") != std::string::npos);
  CHECK(sentence("2026-11-21T12:00:01Z").find("EXPIRES in 1 s") != std::string::npos);
}

TEST_CASE("an expired trust document is said to be so and since when") {
  CHECK(sentence("2026-11-21T12:00:00Z").find("EXPIRED on 2026-11-21T12:00:00Z") !=
        std::string::npos);
  CHECK(sentence("2026-11-18T12:00:00Z").find("(3 d ago)") != std::string::npos);
}
