// Whatever the code promises by name has a row in tests/PROOF.md, every row is about a name there
// is, and the cases it names are there.
#include "tests/house/proof.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/house/names.hpp"
#include "tests/house/source_tree.hpp"

using namespace house;

namespace {

const std::string& text_of(std::string_view path) {
  static const std::string none;
  for (const SourceFile& file : repository()) {
    if (file.path == path) return file.text;
  }
  return none;
}

std::vector<std::string> names_of(std::string_view header, std::string_view type) {
  std::vector<std::string> names;
  for (const auto& [name, number] : enumerators_of(text_of(header), type)) names.push_back(name);
  return names;
}

/// What holds where an operator, or a caller, sets nothing else.
std::vector<std::string> defaults() {
  std::vector<std::string> names;
  for (const auto& [header, type] : {std::pair{"ops/daemon/options.hpp", "Options"},
                                     {"connectors/sms/config.hpp", "GatewayConfig"},
                                     {"engine/admission.hpp", "AdmissionLimits"},
                                     {"engine/trust/envelope.hpp", "EnvelopeLimits"},
                                     {"engine/cap/judge.hpp", "Profile"},
                                     {"engine/log.hpp", "LogOptions"},
                                     {"engine/outbox.hpp", "OutboxOptions"}}) {
    const auto found = defaults_of(text_of(header), type);
    REQUIRE_MESSAGE(!found.empty(), type);
    names.insert(names.end(), found.begin(), found.end());
  }
  return names;
}

struct Promise {
  std::string section;
  std::vector<std::string> names;
};

std::vector<Promise> promises() {
  return {{"Refusals", names_of("engine/refusal.hpp", "Code")},
          {"Rules of an alert", names_of("engine/cap/findings.hpp", "Rule")},
          {"Close codes", names_of("engine/close_reason.hpp", "CloseReason")},
          {"Limits", constants_of(text_of("engine/limits.hpp"))},
          {"Limits of profiles", constants_of(text_of("engine/directory/limits.hpp"))},
          {"Limits of the operators' socket", constants_of(text_of("ops/admin/limits.hpp"))},
          {"Limits of the outbox", constants_of(text_of("engine/delivery/limits.hpp"))},
          {"Limits of counts", constants_of(text_of("connectors/web/reach_limits.hpp"))},
          {"Limits of text messages", constants_of(text_of("connectors/sms/limits.hpp"))},
          {"Limits of mail", constants_of(text_of("connectors/email/limits.hpp"))},
          {"Limits of NATS", constants_of(text_of("connectors/nats/limits.hpp"))},
          {"Limits of webhooks", constants_of(text_of("connectors/webhook/limits.hpp"))},
          {"Defaults", defaults()}};
}

bool holds(const std::vector<std::string>& all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

TEST_CASE("every code and rule and close reason and limit has its row in tests/PROOF.md") {
  const auto rows = proof_rows(text_of("tests/PROOF.md"));
  std::vector<std::string> found;
  for (const auto& [section, names] : promises()) {
    REQUIRE_FALSE(names.empty());
    std::vector<std::string> written;
    for (const ProofRow& row : rows) {
      if (row.section == section) written.push_back(row.name);
    }
    for (const std::string& name : names) {
      if (!holds(written, name)) found.push_back(section + ": " + name + " has no row");
    }
    for (const std::string& name : written) {
      if (!holds(names, name)) found.push_back(section + ": there is no " + name + " any more");
    }
  }
  CHECK_MESSAGE(found.empty(), joined(found));
}

TEST_CASE("every row of tests/PROOF.md names cases that there are") {
  std::vector<std::string> found;
  for (const ProofRow& row : proof_rows(text_of("tests/PROOF.md"))) {
    if (row.by.empty()) found.push_back(row.name + " names no case");
    std::vector<Shown> all = row.by;
    all.insert(all.end(), row.beside.begin(), row.beside.end());
    for (const auto& [path, title] : all) {
      if (holds(case_titles(text_of("tests/" + path)), title)) continue;
      found.push_back(row.name + ": no case \"" + title + "\" in tests/" + path);
    }
  }
  CHECK_MESSAGE(found.empty(), joined(found));
}

TEST_CASE("every refusal and every rule has a case that is refused and one that is not") {
  std::vector<std::string> found;
  for (const ProofRow& row : proof_rows(text_of("tests/PROOF.md"))) {
    if (row.section != "Refusals" && row.section != "Rules of an alert") continue;
    if (row.beside.empty()) found.push_back(row.name + " names no case that is not refused");
  }
  CHECK_MESSAGE(found.empty(), joined(found));
}

TEST_CASE("a row is read with its heading and everything that shows it") {
  const auto rows = proof_rows(
      "# T\n## A\n| code | shown by |\n|---|---|\n| `x` | `a.cpp` \"one\"; `b.mjs` \"two\" | "
      "`c.cpp` \"not\" |\n"
      "## B\n| `y` | later |\nno | `z` |\n");
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].section == "A");
  CHECK(rows[0].name == "x");
  CHECK(rows[0].by == std::vector<Shown>{{"a.cpp", "one"}, {"b.mjs", "two"}});
  CHECK(rows[0].beside == std::vector<Shown>{{"c.cpp", "not"}});
  CHECK(rows[1].section == "B");
  CHECK(rows[1].by.empty());
  CHECK(rows[1].beside.empty());
}

TEST_CASE("titles of cases are read as they are meant") {
  CHECK(case_titles("TEST_CASE(\"a b\") {}\nTEST_CASE(\n    \"c \"\n    \"d\") {\n") ==
        std::vector<std::string>{"a b", "c d"});
  CHECK(case_titles("test('it\\'s', () => {});\ntest(`${x} y`, f);\n") ==
        std::vector<std::string>{"it's", "${x} y"});
  CHECK(case_titles("latest('a')").empty());
}
