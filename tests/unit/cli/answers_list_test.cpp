#include "ops/cli/answers_list.hpp"

#include <doctest/doctest.h>

using namespace ops::cli;

namespace {

boost::json::object said(const char* means, std::uint64_t places, const char* answer) {
  return {{"organisation", "cafe"},
          {"name", "Caf\x1b[2J"},
          {"means", means},
          {"places", places},
          {"answer", answer}};
}

}  // namespace

TEST_CASE("whoever needs help or is to be read is marked, and nothing acts on a terminal") {
  const std::string help = answer_text(said("need help", 0, "need help: \x1b]0;x\x07roof"));
  CHECK(help.starts_with("! cafe  Caf"));
  CHECK(help.find('\x1b') == std::string::npos);
  CHECK(answer_text(said("words", 0, "safe: not at all")).starts_with("? cafe  "));
  CHECK(answer_text(said("safe", 0, "safe")).starts_with("  cafe  "));
}

TEST_CASE("for a spreadsheet an answer is a row and no formula") {
  auto one = said("words", 0, "=cmd(),1");
  one["name"] = "Caf\xc3\xa9";
  CHECK(answer_csv_header() == "organisation,name,means,places,answer\r\n");
  CHECK(answer_csv(one) == "cafe,Caf\xc3\xa9,words,0,\"'=cmd(),1\"\r\n");
}

TEST_CASE("answers are counted, those who need help first") {
  AnswerCounts counts;
  counts.add(said("safe", 0, "safe"));
  counts.add(said("need help", 0, "need help"));
  counts.add(said("can shelter", 12, "can shelter 12"));
  counts.add(said("can shelter", 0, "can shelter"));
  counts.add(said("words", 0, "12"));
  CHECK(counts.text() ==
        "Need help: 1. Safe: 1. Can shelter: 2, 12 people at least. In words, to be read: 1.");
}
