#include "ops/cli/org_file.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>
#include <fstream>

#include "ops/admin/limits.hpp"
#include "ops/cli/files.hpp"
#include "tests/support/temp_dir.hpp"

namespace json = boost::json;
using ops::cli::read_org_csv;

TEST_CASE("rows of one organisation become one with every place and group") {
  const auto file = read_org_csv(
      "\xef\xbb\xbfname,organisation,groups,ons,latitude,longitude,phone\r\n"
      "\"Acme, \"\"the\"\" firm\",acme,fire police,E09000033,,,+447700900123\r\n"
      "\r\n"
      ",acme,police,,51.5,-0.12,\r\n"
      "Mill,mill,,,,,\n");
  REQUIRE(file.has_value());
  CHECK(file->rows == 3);
  CHECK(file->contacts == 1);
  REQUIRE(file->organisations.size() == 2);
  const json::object& acme = file->organisations[0].as_object();
  CHECK(acme.at("name") == R"(Acme, "the" firm)");
  CHECK(acme.at("groups") == json::array{"fire", "police"});
  CHECK(json::serialize(acme.at("subscription")) ==
        R"([["area","E09000033"],["area","51.5,-0.12"]])");
}

TEST_CASE("a file that is wrong anywhere is refused with its lines") {
  const struct {
    const char* text;
    const char* says;
  } kRows[] = {
      {"", "empty"},
      {"name\nAcme\n", "organisation is missing"},
      {"organisation,colour\nacme,red\n", "colour"},
      {"organisation,name,name\n", "twice"},
      {"organisation,name\nacme\n", "line 2: 1 fields"},
      {"organisation,name\n,Acme\n", "line 2: the organisation's key"},
      {"organisation,name\nacme,One\nmill,M\nacme,Two\n", "line 4: its name differs"},
      {"organisation,latitude,longitude\nacme,51.5,\n", "line 2: latitude and longitude"},
      {"organisation,name\nacme,\"open\n", "line 2: a quotation mark"},
      {"organisation,name\nacme,\"a\nb\"\nmill\n", "line 4: 1 fields"},
      {"organisation,name\nacme,\"a\"b\n", "behind a quotation mark"},
  };
  for (const auto& row : kRows) {
    const auto file = read_org_csv(row.text);
    CAPTURE(row.text);
    REQUIRE_FALSE(file.has_value());
    CAPTURE(file.error().what);
    CHECK(file.error().what.find(row.says) != std::string::npos);
  }
}

TEST_CASE("limits::kImportFaults lines are told and more are counted") {
  for (const std::size_t more : {std::size_t{0}, std::size_t{1}}) {
    std::string text = "organisation,name\n";
    for (std::size_t i = 0; i < ops::limits::kImportFaults + more; ++i) text += "acme\n";
    const auto file = read_org_csv(text);
    REQUIRE_FALSE(file.has_value());
    CHECK((file.error().what.find("and 1 lines more") != std::string::npos) == (more == 1));
  }
}

TEST_CASE("a file has limits::kImportBytes octets and not one more") {
  tests::TempDir folder;
  const auto path = folder.path() / "big.csv";
  std::ofstream(path) << std::string(ops::limits::kImportBytes, 'x');
  CHECK(ops::cli::read_file(path.string(), ops::limits::kImportBytes).has_value());
  std::ofstream(path, std::ios::app) << 'x';
  CHECK_FALSE(ops::cli::read_file(path.string(), ops::limits::kImportBytes).has_value());
}

TEST_CASE("a field that is written is read again as it was") {
  for (const std::string text : {"plain", "a,b", "say \"no\"", "two\nlines", ""}) {
    const auto records = ops::cli::read_csv(ops::cli::csv_field(text) + ",end\n");
    REQUIRE(records.has_value());
    CHECK(records->front().fields == std::vector<std::string>{text, "end"});
  }
}
