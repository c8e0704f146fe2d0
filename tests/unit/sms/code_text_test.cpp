#include "connectors/sms/code_text.hpp"

#include <doctest/doctest.h>

#include "connectors/sms/gsm_text.hpp"
#include "engine/directory/limits.hpp"

using namespace connectors::sms;

namespace {

const engine::Time kNow{std::chrono::hours{1}};

std::string text_for(std::string from, std::string language = "en") {
  return code_text({"+447700900123", std::move(language), "012345", std::move(from),
                    kNow + engine::limits::kCodeLife},
                   kNow);
}

}  // namespace

TEST_CASE("a code's text says whose it is, how long it counts and what else to do") {
  CHECK(text_for("exercise-gb") ==
        "exercise-gb: your code is 012345. It counts for 10 minutes. If you did not ask for it, "
        "ignore this message.");
  CHECK(text_for("exercise-gb", "cy") ==
        "exercise-gb: eich cod yw 012345. Mae'n cyfrif am 10 munud. Os na ofynnoch amdano, "
        "anwybyddwch y neges hon.");
}

TEST_CASE("a code's text is one part without a link whatever the system is called") {
  for (const std::string language : {"en", "cy"}) {
    for (const std::string& name : {std::string(200, 'x'), std::string("a b.example https://x.y"),
                                    std::string("one two three four five six seven eight nine")}) {
      CAPTURE(name);
      const std::string text = text_for(name, language);
      CHECK(size_of(text).parts == 1);
      CHECK(size_of(text).coding == Coding::gsm);
      CHECK(text.find("://") == std::string::npos);
      CHECK(text.find("b.example") == std::string::npos);
      CHECK(text.find("012345") != std::string::npos);
    }
  }
}
