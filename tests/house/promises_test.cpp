// What the code promises by name is written down and tested: every refusal, every reason to close a
// stream, every limit.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/house/names.hpp"
#include "tests/house/source_tree.hpp"

using namespace house;

namespace {

const SourceFile* file_at(std::string_view path) {
  for (const SourceFile& file : repository()) {
    if (file.path == path) return &file;
  }
  return nullptr;
}

/// Every test that speaks of the product; the house's own do not count.
bool is_test(const SourceFile& file) {
  return file.path.starts_with("tests/") && !file.path.starts_with("tests/house/") &&
         !file.path.ends_with(".md") && !is_foreign_data(file.path);
}

template <class Predicate>
bool some_test(Predicate predicate) {
  const auto& files = repository();
  return std::any_of(files.begin(), files.end(),
                     [&](const SourceFile& file) { return is_test(file) && predicate(file.text); });
}

/// The values of an enumeration that no test names, or that its document does not list.
std::vector<std::string> unkept(std::string_view header, std::string_view type,
                                std::string_view document) {
  const SourceFile* source = file_at(header);
  const SourceFile* written = file_at(document);
  REQUIRE_MESSAGE(source != nullptr, std::string(header));
  const auto values = enumerators_of(source->text, type);
  REQUIRE_FALSE(values.empty());
  if (written == nullptr) return {std::string(document) + " is missing"};
  std::vector<std::string> found;
  for (const auto& [name, number] : values) {
    const auto spoken = [&](std::string_view text) {
      return !number.empty() && speaks_of(text, number);  // outside, a close code is its number
    };
    if (!speaks_of(written->text, name) && !spoken(written->text)) {
      found.push_back(name + ": not in " + written->path);
    }
    if (!some_test(
            [&](std::string_view text) { return names_value(text, type, name) || spoken(text); })) {
      found.push_back(name + ": no test names it");
    }
  }
  return found;
}

}  // namespace

TEST_CASE("every refusal is tested and written down") {
  const auto found = unkept("engine/refusal.hpp", "Code", "schemas/refusals.md");
  CHECK_MESSAGE(found.empty(), joined(found));
}

TEST_CASE("every rule an alert may break is tested and written down") {
  const auto found = unkept("engine/cap/findings.hpp", "Rule", "schemas/rules.md");
  CHECK_MESSAGE(found.empty(), joined(found));
}

TEST_CASE("every reason to close a stream is tested and written down") {
  const auto found = unkept("engine/close_reason.hpp", "CloseReason", "schemas/close-codes.md");
  CHECK_MESSAGE(found.empty(), joined(found));
}

TEST_CASE("every limit is named by a test") {
  std::vector<std::string> found;
  for (const char* path :
       {"engine/limits.hpp", "engine/delivery/limits.hpp", "engine/directory/limits.hpp",
        "connectors/nats/limits.hpp", "connectors/sms/limits.hpp", "connectors/email/limits.hpp",
        "connectors/webhook/limits.hpp", "connectors/web/reach_limits.hpp", "ops/admin/limits.hpp",
        "ops/sinks/limits.hpp"}) {
    const SourceFile* file = file_at(path);
    if (file == nullptr) continue;
    for (const std::string& name : constants_of(file->text)) {
      if (some_test([&](std::string_view text) { return speaks_of(text, name); })) continue;
      found.push_back(std::string(path) + ": " + name);
    }
  }
  CHECK_MESSAGE(found.empty(), joined(found));
}

TEST_CASE("names are read out of a source as they stand") {
  const std::string text =
      "enum class A : int { x, y = 3,  // y, really\n  z };\nenum class B { w };\n";
  CHECK(enumerators_of(text, "A") == std::vector<Enumerator>{{"x", ""}, {"y", "3"}, {"z", ""}});
  CHECK(enumerators_of(text, "B") == std::vector<Enumerator>{{"w", ""}});
  CHECK(enumerators_of(text, "C").empty());
  CHECK(constants_of("inline constexpr std::size_t kA = 1;\nconstexpr seconds kB{2};\n"
                     "constexpr int f(int kC) {\n// constexpr int kD = 1;\n") ==
        std::vector<std::string>{"kA", "kB"});
}

TEST_CASE("members with a number are read out of a struct") {
  const std::string text =
      "struct A {\n  int x = 3;  // y = 4\n  Duration d = std::chrono::hours{1};\n  int n;\n"
      "  enum class M { a, b } m = M::a;\n};\nstruct B {\n  int z = 1;\n};\n";
  CHECK(defaults_of(text, "A") == std::vector<std::string>{"A::x", "A::d"});
  CHECK(defaults_of(text, "B") == std::vector<std::string>{"B::z"});
  CHECK(defaults_of(text, "C").empty());
}

TEST_CASE("a name counts where it is named and not where it is part of another") {
  CHECK(names_value("CHECK(code == Code::expired);", "Code", "expired"));
  CHECK(names_value("expect(problem.code, 'expired')", "Code", "expired"));
  CHECK_FALSE(names_value("the alert has expired", "Code", "expired"));
  CHECK_FALSE(names_value("Code::expired_long_ago", "Code", "expired"));
  CHECK(speaks_of("| `expired` |", "expired"));
  CHECK_FALSE(speaks_of("| `key_expired` |", "expired"));
}
