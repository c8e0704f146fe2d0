// What people write back, and what is made of it.
#include "engine/answer.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

using engine::Answer;
using engine::kAnswerWordsBytes;
using engine::read_reply;
using engine::Reply;

namespace {

/// As a receipt would keep it; "-" for nothing, "stop" for whoever wants no more.
std::string read(std::string_view text) {
  const Reply reply = read_reply(text);
  if (reply.kind == Reply::Kind::nothing) return "-";
  if (reply.kind == Reply::Kind::stop) return "stop";
  return engine::text(reply.answer);
}

}  // namespace

TEST_CASE("a number, a word, or both, in any case and with any blanks, are one answer") {
  for (const char* safe : {"1 SAFE", "1", "safe", " 1  Safe ", "1. safe", "1) SAFE!", "SAFE.",
                           "1\nSAFE", "\"1 SAFE\"", "1-SAFE", "We are all safe", "I'm safe",
                           "1 DIOGEL", "diogel", "Rydym yn ddiogel", "1\xc2\xa0SAFE"}) {
    CAPTURE(safe);
    CHECK(read(safe) == (std::string_view(safe) == "1-SAFE" ? "1-SAFE" : "safe"));
  }
  for (const char* help : {"2 HELP", "2", "help", "Need help", "WE NEED HELP", "2 CYMORTH",
                           "angen cymorth", "angen gymorth", "Help!"}) {
    CAPTURE(help);
    CHECK(read(help) == "need help");
  }
  for (const auto& [text, kept] :
       {std::pair{"3 SHELTER 12", "can shelter 12"}, std::pair{"shelter 12", "can shelter 12"},
        std::pair{"3 12", "can shelter 12"}, std::pair{"3", "can shelter"},
        std::pair{"we can shelter 40 people", "can shelter 40: people"},
        std::pair{"LLOCHES 7", "can shelter 7"}, std::pair{"gallu lloches", "can shelter"},
        std::pair{"shelter 9999", "can shelter 9999"},
        std::pair{"shelter 10000", "can shelter: 10000"},
        std::pair{"shelter 0", "can shelter: 0"}}) {
    CAPTURE(text);
    CHECK(read(text) == kept);
  }
}

TEST_CASE("what is said besides goes along") {
  CHECK(read("2 HELP two on the roof, one in a wheelchair") ==
        "need help: two on the roof, one in a wheelchair");
  CHECK(read("2 we are on the roof") == "need help: we are on the roof");
  CHECK(read("SAFE, 14 people here") == "safe: 14 people here");
  CHECK(read("Water is at the door of no. 4") == "Water is at the door of no. 4");
}

TEST_CASE("whoever calls for help is heard, whatever they say it is not") {
  for (const char* said :
       {"we cannot get out", "can't get out, no power", "no water, need a boat", "not safe",
        "we are not safe here", "cannot walk", "no", "we need shelter", "we can not move",
        "helpwch ni", "rydym ni angen cwch", "allwn ni ddim"}) {
    CAPTURE(said);
    const bool last = std::string_view(said) == "no";
    for (const char* call : {"2 HELP ", "HELP ", "cymorth, ", "we need help: "}) {
      const std::string text = call + std::string(said);
      CHECK(read(text) == (last ? text : std::string("need help: ") + said));
    }
    const auto kept = engine::read_answer("need help: " + std::string(said));
    CHECK((kept.kind == Answer::Kind::need_help) == !last);
  }
  CHECK(read("2 cannot get out") == "need help: cannot get out");
  CHECK(read("2 HELP 14 are safe, one is trapped") == "need help: 14 are safe, one is trapped");
  for (const char* text : {"2 HELP not needed", "HELP no longer needed", "help: we don't need it",
                           "help came, we are safe", "2 help? no"}) {
    CAPTURE(text);
    CHECK(read(text) == text);
  }
}

TEST_CASE("what could be read in two ways is left to a person") {
  for (const char* text :
       {"1 NOT SAFE", "not safe", "safe but need help", "no help needed", "HELP not needed",
        "1 HELP", "2 SAFE", "safe? no", "ddim yn ddiogel", "1 fire in the kitchen",
        "3 people missing", "can't shelter anybody", "unsafe", "12", "4"}) {
    CAPTURE(text);
    CHECK(read(text) == text);
  }
}

TEST_CASE("whoever wants no more messages says that and nothing else") {
  for (const char* stop : {"STOP", "stop", " Stop. ", "STOP ALL", "STOPALL", "Unsubscribe",
                           "OPT OUT", "optout", "STOPIO", "dad-danysgrifio", "STOP!"}) {
    CAPTURE(stop);
    CHECK(read(stop) == "stop");
  }
  CHECK(read("STOP the traffic at the bridge") == "STOP the traffic at the bridge");
  CHECK(read("bus stop") == "bus stop");
}

TEST_CASE("nothing is nothing, and nothing comes through that acts instead of being seen") {
  for (const char* nothing : {"", "   ", "\r\n\t", "\xe2\x80\x8b", "\xff\xfe", "\x01\x02"}) {
    CHECK(read(nothing) == "-");
  }
  CHECK(read("a\r\nb\tc\x1b[31m") == "a b c [31m");
  CHECK(read("\xe2\x80\xae"
             "efas") == "efas");
  CHECK(read("!!!") == "!!!");
  CHECK(read("\xf0\x9f\x86\x98") == "\xf0\x9f\x86\x98");
}

TEST_CASE("of words kAnswerWordsBytes octets are kept, cut between characters") {
  CHECK(read(std::string(kAnswerWordsBytes, 'a')) == std::string(kAnswerWordsBytes, 'a'));
  CHECK(read(std::string(kAnswerWordsBytes + 1, 'a')) == std::string(kAnswerWordsBytes, 'a'));
  std::string wide = "a";
  for (std::size_t i = 0; i < kAnswerWordsBytes; ++i) wide += "\xc5\xb7";
  CHECK(read(wide).size() == kAnswerWordsBytes - 1);
  CHECK(engine::text({Answer::Kind::can_shelter, 3, "dry"}) == "can shelter 3: dry");
}

TEST_CASE("a kept answer is read as what it was, and as words where it could be the opposite") {
  using Kind = Answer::Kind;
  for (const Answer& answer :
       {Answer{Kind::safe, 0, ""}, Answer{Kind::safe, 0, "all of us"},
        Answer{Kind::need_help, 0, ""}, Answer{Kind::need_help, 0, "two on the roof"},
        Answer{Kind::can_shelter, 0, ""}, Answer{Kind::can_shelter, 12, ""},
        Answer{Kind::can_shelter, 12, "dry"}, Answer{Kind::can_shelter, 0, "some"},
        Answer{Kind::words, 0, "12"}}) {
    CAPTURE(engine::text(answer));
    CHECK(engine::read_answer(engine::text(answer)) == answer);
  }
  for (const char* words : {"safe: not at all", "safely out", "safe, I think", "need helpers",
                            "can shelter nobody", "can shelter 99999: us", "Safe", ""}) {
    CAPTURE(words);
    CHECK(engine::read_answer(words) == Answer{Kind::words, 0, words});
  }
}
