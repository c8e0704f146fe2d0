#include "connectors/nats/progress.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "connectors/nats/limits.hpp"
#include "tests/support/temp_dir.hpp"

using namespace connectors::nats;
using engine::Sequence;

namespace {

const engine::Epoch kOurs = "0123456789abcdef", kOther = "fedcba9876543210";

Progress at(std::uint64_t published, std::uint64_t last, bool stream = true) {
  return {kOurs, Sequence{published}, Sequence{last}, stream};
}

}  // namespace

TEST_CASE("progress is read as it was written and nothing else is") {
  const Progress progress = at(12, 9);
  CHECK(read_progress(progress_json(progress)) == progress);
  for (const char* wrong :
       {"", "{}", "[]", "{\"epoch\":\"a\",\"published\":1,\"last\":2,\"stream\":true}",
        "{\"epoch\":\"a\",\"published\":-1,\"last\":0,\"stream\":true}",
        "{\"epoch\":\"a\",\"published\":\"1\",\"last\":0,\"stream\":true}",
        "{\"epoch\":1,\"published\":1,\"last\":0,\"stream\":true}",
        "{\"epoch\":\"a\",\"published\":1,\"last\":0,\"stream\":1}"}) {
    CAPTURE(wrong);
    CHECK_FALSE(read_progress(wrong));
  }
}

TEST_CASE("progress is a file of at most kProgressBytes, and another one is told of") {
  const tests::TempDir folder;
  const auto file = folder.path() / "nats.json";
  CHECK(load_progress(file).value() == std::nullopt);
  REQUIRE(keep_progress(file, at(3, 2)).has_value());
  REQUIRE(keep_progress(file, at(4, 4)).has_value());
  CHECK(load_progress(file).value() == at(4, 4));
  std::string text = progress_json(at(4, 4));
  text.append(limits::kProgressBytes - text.size(), ' ');
  std::ofstream(file) << text;
  CHECK(load_progress(file).value() == at(4, 4));
  std::ofstream(file) << text << ' ';
  CHECK_FALSE(load_progress(file).has_value());
  std::ofstream(file) << "torn";
  CHECK_FALSE(load_progress(file).has_value());
}

TEST_CASE("publishing goes on behind what was published and of another log from its beginning") {
  CHECK(resumed(std::nullopt, kOurs, Sequence{5}) == at(0, 0, false));
  CHECK(resumed(at(4, 3), kOurs, Sequence{5}) == at(4, 3));
  CHECK(resumed(at(9, 8), kOurs, Sequence{5}) == at(5, 5));
  CHECK(resumed(Progress{kOther, Sequence{4}, Sequence{3}, true}, kOurs, Sequence{5}) == at(0, 0));
}

TEST_CASE("a stream says what it has") {
  const Sequence head{20};
  const auto ends = [&](std::uint64_t sequence) {
    return std::optional<StreamEnd>({kOurs, Sequence{sequence}, ""});
  };
  SUBCASE("as much as was written down") { CHECK(resumed(at(9, 8), ends(8), head) == at(9, 8)); }
  SUBCASE("more than we had time to write down") {
    CHECK(resumed(at(9, 8), ends(12), head) == at(12, 12));
  }
  SUBCASE("less, since it was lost or restored") {
    CHECK(resumed(at(9, 8), ends(5), head) == at(5, 5));
    CHECK(resumed(at(9, 8), std::nullopt, head) == at(0, 0));
  }
  SUBCASE("nothing, where nothing was for everybody") {
    CHECK(resumed(at(9, 0), std::nullopt, head) == at(9, 0));
  }
  SUBCASE("what another log has put there") {
    const std::optional<StreamEnd> other({kOther, Sequence{99}, ""});
    CHECK(resumed(at(9, 8), other, head) == at(9, 8));
    CHECK(resumed(at(0, 0), other, head) == at(0, 0));
  }
  SUBCASE("never more than the log has") { CHECK(resumed(at(9, 8), ends(99), head) == at(20, 20)); }
}
