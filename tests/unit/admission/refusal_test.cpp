#include "engine/refusal.hpp"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

using namespace engine;
namespace json = boost::json;

namespace {

std::string file_text(const std::string& path) {
  std::ifstream file(TOCSIN_SOURCE_DIR "/" + path);
  REQUIRE_MESSAGE(file, path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Refusal refusal_with(Code code, std::string detail) {
  Refusal refusal;
  refusal.code = code;
  refusal.detail = std::move(detail);
  return refusal;
}

std::vector<std::string> members_of(const std::string& problem) {
  std::vector<std::string> names;
  const auto value = json::parse(problem);
  for (const auto& member : value.as_object()) names.emplace_back(member.key());
  return names;
}

}  // namespace

TEST_CASE(
    "schemas/refusals.md lists every code with its status and in the order of the questions") {
  std::vector<std::pair<std::string, int>> listed, own;
  std::istringstream lines(file_text("schemas/refusals.md"));
  for (std::string line; std::getline(lines, line);) {
    const auto code = line.find("| `");
    const auto end = line.find("` | ", code + 3);
    if (!line.starts_with('|') || code == std::string::npos || end == std::string::npos) continue;
    const int status = std::atoi(line.c_str() + end + 4);
    if (status != 0) listed.emplace_back(line.substr(code + 3, end - code - 3), status);
  }
  for (int i = 0; i < kCodes; ++i) {
    const auto code = static_cast<Code>(i);
    own.emplace_back(text(code), http_status(code));
  }
  CHECK(listed == own);
}

TEST_CASE("the schema of problems knows exactly the codes there are") {
  const auto schema = json::parse(file_text("schemas/problem.schema.json"));
  std::set<std::string> listed, own;
  for (const auto& code : schema.at("properties").at("code").at("enum").as_array()) {
    listed.emplace(code.as_string());
  }
  for (int i = 0; i < kCodes; ++i) own.emplace(text(static_cast<Code>(i)));
  CHECK(listed == own);
  CHECK(own.size() == kCodes);
}

TEST_CASE("each code has a title of its own") {
  std::set<std::string_view> titles;
  for (int i = 0; i < kCodes; ++i) titles.insert(title(static_cast<Code>(i)));
  CHECK(titles.size() == kCodes);
  CHECK_FALSE(titles.contains(""));
}

TEST_CASE("a problem has its members in order and no others") {
  const auto plain = problem_json(refusal_with(Code::bad_signature, "Sign it again."));
  CHECK(plain == R"({"type":"tag:tocsin,2026:bad_signature","title":"A signature does not verify",)"
                 R"("status":403,"detail":"Sign it again.","code":"bad_signature"})");
}

TEST_CASE("invalid_alert lists every rule that is broken") {
  Refusal refusal = refusal_with(Code::invalid_alert, "Two rules.");
  refusal.errors = {{"polygon_closed", "alert/info[1], line 9", "Close it.", 9},
                    {"area_blank", "alert/info[2], line 19", "Name it.", 19}};
  const auto problem = problem_json(refusal);
  CHECK(members_of(problem) ==
        std::vector<std::string>{"type", "title", "status", "detail", "code", "errors"});
  CHECK(json::serialize(json::parse(problem).at("errors")) ==
        R"([{"rule":"polygon_closed","where":"alert/info[1], line 9","message":"Close it."},)"
        R"({"rule":"area_blank","where":"alert/info[2], line 19","message":"Name it."}])");
}

TEST_CASE("needs_approval says how many there are and who could sign, even where nobody could") {
  Refusal refusal = refusal_with(Code::needs_approval, "One more.");
  refusal.have = 1;
  refusal.need = 2;
  refusal.could = {"Ben", "Zoë \"Z\""};
  const auto problem = json::parse(problem_json(refusal));
  CHECK(members_of(problem_json(refusal)) == std::vector<std::string>{"type", "title", "status",
                                                                      "detail", "code", "have",
                                                                      "need", "could"});
  CHECK(problem.at("have") == 1);
  CHECK(problem.at("need") == 2);
  CHECK(problem.at("could").at(1).as_string() == "Zoë \"Z\"");
  refusal.could.clear();
  CHECK(json::parse(problem_json(refusal)).at("could").as_array().empty());
}

TEST_CASE("a problem is UTF-8 whatever a stranger wrote") {
  const std::map<std::string, std::string> cases = {
      {"plain", "plain"},
      {"Zoë € 𝄞", "Zoë € 𝄞"},
      {"a\xff"
       "b",
       "a\uFFFDb"},
      {"\xc3", "\uFFFD"},
      {"\xc0\xaf", "\uFFFD\uFFFD"},                      // overlong
      {"\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD"},            // a surrogate
      {"\xf4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"},  // beyond Unicode
      {"\xe2\x82", "\uFFFD\uFFFD"},                      // cut off
      {"\x01\n\"\\", "\x01\n\"\\"},
  };
  for (const auto& [sent, shown] : cases) {
    const auto problem = json::parse(problem_json(refusal_with(Code::not_found, sent)));
    CHECK(problem.at("detail").as_string() == shown);
  }
}
