#include "ops/cli/unreached.hpp"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>

#include "ops/cli/listing.hpp"

using namespace ops::cli;

namespace {

boost::json::object cafe() {
  return boost::json::parse(
             R"({"organisation":"cafe","name":"Café, in \"Camden\"","why":"Everybody was tried.",)"
             R"("tried":[{"contact":1,"channel":"sms","state":"failed","attempts":3,)"
             R"("uncertain":true,"words":"Absent subscriber","changed":"2026-11-21T12:00:00Z"},)"
             R"({"contact":2,"channel":"email","state":"expired","attempts":0,"uncertain":false,)"
             R"("words":"","changed":"2026-11-21T13:00:00Z"}]})")
      .as_object();
}

}  // namespace

TEST_CASE("who was not reached is a row for each contact that was tried") {
  CHECK(unreached_csv_header() ==
        "organisation,name,why,contact,channel,state,attempts,uncertain,words,changed\r\n");
  CHECK(unreached_csv(cafe()) ==
        "cafe,\"Café, in \"\"Camden\"\"\",Everybody was tried.,1,sms,failed,3,yes,"
        "Absent subscriber,2026-11-21T12:00:00Z\r\n"
        "cafe,\"Café, in \"\"Camden\"\"\",Everybody was tried.,2,email,expired,0,no,,"
        "2026-11-21T13:00:00Z\r\n");
  auto nobody = cafe();
  nobody["tried"] = boost::json::array{};
  CHECK(unreached_csv(nobody) ==
        "cafe,\"Café, in \"\"Camden\"\"\",Everybody was tried.,,,,,,,\r\n");
}

TEST_CASE("what a spreadsheet would take for a formula is text") {
  for (const char* begin : {"=", "+", "-", "@", "\t"}) {
    const std::string text = std::string(begin) + "SUM(A1)";
    CHECK(safe_csv_field(text) == "'" + text);
  }
  CHECK(safe_csv_field("\rA") == "\"'\rA\"");
  CHECK(safe_csv_field("=HYPERLINK(\"x\",1)") == "\"'=HYPERLINK(\"\"x\"\",1)\"");
  CHECK(safe_csv_field("550 =no") == "550 =no");
  CHECK(safe_csv_field("").empty());
  auto named = cafe();
  named["name"] = "=cmd()";
  CHECK(unreached_csv(named).find("cafe,'=cmd(),") == 0);
}

TEST_CASE("for people every contact has a line with the gateway's words, fit for a terminal") {
  auto one = cafe();
  one["name"] = "Caf\x1b[2J";
  const std::string text = unreached_text(one);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("  Everybody was tried.\n") != std::string::npos);
  CHECK(
      text.find("  sms      contact 1   failed    attempts: 3, the last 2026-11-21T12:00:00Z, may "
                "have arrived: Absent subscriber\n") != std::string::npos);
  CHECK(
      text.find("  email    contact 2   expired   attempts: 0, the last 2026-11-21T13:00:00Z\n") !=
      std::string::npos);
}
