#include "ops/cli/org_file.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <string>
#include <vector>

#include "ops/admin/limits.hpp"
#include "ops/cli/files.hpp"
#include "tests/support/temp_dir.hpp"

using ops::cli::read_org_csv;

namespace {

/// Every column, those of `first` in front, and each row with empty fields for the others.
std::string whole(const std::string& first, const std::vector<std::string>& rows) {
  std::string header = first, empty;
  for (const auto column : ops::cli::kOrgColumns) {
    if (("," + first + ",").find("," + std::string(column) + ",") != std::string::npos) continue;
    header += "," + std::string(column);
    empty += ",";
  }
  header += "\n";
  for (const auto& row : rows) header += row + empty + "\n";
  return header;
}

std::vector<engine::Registration> organisations_of(const ops::cli::OrgFile& file) {
  std::vector<engine::Registration> all;
  file.each([&](engine::Registration one) {
    all.push_back(std::move(one));
    return true;
  });
  return all;
}

}  // namespace

TEST_CASE("rows of one organisation become one with every place and group") {
  const auto file = read_org_csv(
      "\xef\xbb\xbfname,organisation,groups,ons,latitude,longitude,phone,sector,language,email,"
      "webhook\r\n"
      "\"Acme, \"\"the\"\" firm\",acme,fire police,E09000033,,,+447700900123,,,,\r\n"
      "\r\n"
      ",acme,police,,51.5,-0.12,,,,,\r\n"
      "Mill,mill,,,,,,,,,\n");
  REQUIRE(file.has_value());
  CHECK(file->rows() == 3);
  CHECK(file->contacts() == 1);
  const auto all = organisations_of(*file);
  REQUIRE(all.size() == 2);
  const engine::Registration& acme = all[0];
  CHECK(acme.organisation.name == R"(Acme, "the" firm)");
  CHECK(acme.organisation.groups == std::vector<std::string>{"fire", "police"});
  CHECK(acme.organisation.subscription.empty());
  CHECK(acme.profile.premises ==
        std::vector<engine::Premises>{{{}, "E09000033"}, {engine::cap::Point{51.5, -0.12}, ""}});
  CHECK(acme.profile.language == "en");
  REQUIRE(acme.profile.contacts.size() == 1);
  CHECK(acme.profile.contacts[0].address == "+447700900123");
  CHECK(acme.profile.contacts[0].consents);
  CHECK(all[1].organisation.key == "mill");
}

TEST_CASE("all eleven columns are kept, and rows of one organisation need not stand together") {
  const auto file = read_org_csv(
      "organisation,name,latitude,longitude,ons,sector,language,phone,email,webhook,groups\n"
      "acme,Acme,51.5,-0.12,E09000033,retail,cy,+447700900123,duty@example.org,"
      "https://example.org/a,fire\n"
      "mill,Mill,,,,,,,,,\n"
      "acme,,51.5,-0.12,E09000033,food,,+447700900123,night@example.org,,\n");
  REQUIRE(file.has_value());
  const auto all = organisations_of(*file);
  REQUIRE(all.size() == 2);
  const engine::Profile& profile = all[0].profile;
  CHECK(profile.premises ==
        std::vector<engine::Premises>{{engine::cap::Point{51.5, -0.12}, "E09000033"}});
  CHECK(profile.sectors == std::vector<std::string>{"retail", "food"});
  CHECK(profile.language == "cy");
  std::vector<std::string> addresses;
  for (const auto& contact : profile.contacts) {
    addresses.push_back(std::string(engine::text(contact.way)) + " " + contact.address);
  }
  CHECK(addresses == std::vector<std::string>{"sms +447700900123", "email duty@example.org",
                                              "webhook https://example.org/a",
                                              "email night@example.org"});
  // Written and read again it says the same.
  std::string text =
      "organisation,name,latitude,longitude,ons,sector,language,phone,email,webhook,";
  text += "groups\n";
  for (const auto& one : all) text += ops::cli::csv_rows(one);
  const auto again = read_org_csv(text);
  REQUIRE(again.has_value());
  const auto same = organisations_of(*again);
  REQUIRE(same.size() == 2);
  CHECK(same[0].profile == profile);
  CHECK(same[0].organisation == all[0].organisation);
  CHECK(same[1].profile == all[1].profile);
}

TEST_CASE("a file that is wrong anywhere is refused with its lines") {
  const std::string half = "line 2: latitude and longitude";
  const struct {
    std::string text, says;
  } kRows[] = {
      {"", "empty"},
      {"organisation,colour\nacme,red\n", "colour"},
      {whole("organisation,name,name", {}), "twice"},
      {whole("organisation,name", {}) + "acme\n", "line 2: 1 fields"},
      {whole("organisation,name", {",Acme"}), "line 2: the organisation's key"},
      {whole("organisation,name", {"acme,One", "mill,M", "acme,Two"}), "line 4: its name differs"},
      {whole("organisation,latitude,longitude", {"acme,51.5,"}), half},
      {whole("organisation,name", {}) + "acme,\"open\n", "line 2: a quotation mark"},
      {whole("organisation,name", {"acme,\"a\nb\""}) + "mill\n", "line 4: 1 fields"},
      {whole("organisation,name", {"acme,\"a\"b"}), "behind a quotation mark"},
      {whole("organisation,language", {"acme,en", "acme,cy"}), "line 3: its language differs"},
      {whole("organisation,language", {"acme,fr"}), "line 2: the language of acme"},
      {whole("organisation,ons", {"acme,Atlantis"}), "line 2: the ONS code"},
      {whole("organisation,email", {"acme,nobody"}), "line 2: acme: the e-mail address"},
      {whole("organisation,webhook", {"acme,example.org"}), "line 2: acme: the webhook"},
      {whole("organisation", {"ACME"}), "line 2: the key"},
  };
  for (const auto& row : kRows) {
    const auto file = read_org_csv(row.text);
    CAPTURE(row.text);
    REQUIRE_FALSE(file.has_value());
    CAPTURE(file.error().what);
    CHECK(file.error().what.find(row.says) != std::string::npos);
  }
}

TEST_CASE("a header that lacks a column is refused and names it") {
  REQUIRE(read_org_csv(whole("organisation", {"acme"})).has_value());
  for (const auto left_out : ops::cli::kOrgColumns) {
    std::string header;
    for (const auto column : ops::cli::kOrgColumns) {
      if (column == left_out) continue;
      header += (header.empty() ? "" : ",") + std::string(column);
    }
    const auto file = read_org_csv(header + "\n");
    CAPTURE(left_out);
    REQUIRE_FALSE(file.has_value());
    CHECK(file.error().what.find("lacks " + std::string(left_out) + ";") != std::string::npos);
  }
  const auto name_alone = read_org_csv("organisation,name\nacme,Acme\n");
  REQUIRE_FALSE(name_alone.has_value());
  CHECK(name_alone.error().what.find("ons, sector, language") != std::string::npos);
}

TEST_CASE("a phone is a plus and 2 to 15 digits") {
  const auto taken = [](const std::string& phone) {
    return read_org_csv(whole("organisation,phone", {"acme," + phone}));
  };
  for (const char* phone : {"", "+44", "+447700900123", "+123456789012345"}) {
    CAPTURE(phone);
    CHECK(taken(phone).has_value());
  }
  for (const char* phone : {"+4", "+1234567890123456", "07700900123", "+0447700900", "+44 7700",
                            "447700900123", "+", "+44a700", "tel:+447700900123"}) {
    CAPTURE(phone);
    REQUIRE_FALSE(taken(phone).has_value());
    CHECK(taken(phone).error().what.find("line 2: acme: the phone") != std::string::npos);
  }
}

TEST_CASE("a place is a number of degrees on the globe") {
  const auto taken = [](const std::string& place) {
    return read_org_csv(whole("organisation,latitude,longitude", {"acme," + place}));
  };
  for (const char* place : {"51.5,-0.12", "-90,180", "90,-180", "0,0"}) {
    CAPTURE(std::string(place));
    CHECK(taken(place).has_value());
  }
  for (const char* place : {"90.1,0", "0,180.5", "-91,0", "north,0", "51.5N,0", "0x1,0", "nan,0"}) {
    CAPTURE(std::string(place));
    REQUIRE_FALSE(taken(place).has_value());
    CHECK(taken(place).error().what.find("line 2: latitude and longitude are") == 0);
  }
}

TEST_CASE("limits::kImportFaults lines are told and more are counted") {
  for (const std::size_t more : {std::size_t{0}, std::size_t{1}}) {
    std::string text = whole("organisation,name", {});
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

TEST_CASE("an import is sent in pieces of limits::kImportPiece organisations") {
  std::string text = whole("organisation,name", {});
  for (std::size_t i = 0; i <= 2 * ops::limits::kImportPiece; ++i) {
    text += "o" + std::to_string(i) + ",O,,,,,,,,,\n";
  }
  const auto file = read_org_csv(text);
  REQUIRE(file.has_value());
  std::vector<std::size_t> pieces;
  file->each_piece([&](const std::vector<engine::Registration>& piece) {
    pieces.push_back(piece.size());
    return true;
  });
  CHECK(pieces ==
        std::vector<std::size_t>{ops::limits::kImportPiece, ops::limits::kImportPiece, 1});
  pieces.clear();
  file->each_piece([&](const std::vector<engine::Registration>& piece) {
    pieces.push_back(piece.size());
    return false;
  });
  CHECK(pieces.size() == 1);
}

TEST_CASE("a field that is written is read again as it was") {
  for (const std::string text : {"plain", "a,b", "say \"no\"", "two\nlines", ""}) {
    const std::string line = ops::cli::csv_field(text) + ",end\n";
    const auto record = ops::cli::CsvReader(line).next();
    REQUIRE(record.has_value());
    REQUIRE(record->has_value());
    CHECK((*record)->fields == std::vector<std::string>{text, "end"});
  }
}
