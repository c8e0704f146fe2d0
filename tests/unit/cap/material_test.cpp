// Alerts that control rooms, weather services and standards bodies have published, and documents
// made to attack whoever reads them (tests/data/cap and tests/data/xml).
#include <filesystem>
#include <map>

#include "tests/unit/cap/document.hpp"

using namespace engine::cap;

namespace {

using Names = std::vector<std::string>;

const std::filesystem::path kData = TOCSIN_SOURCE_DIR "/tests/data";

Names files_in(const std::string& folder) {
  Names files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kData / folder)) {
    const std::filesystem::path& path = entry.path();
    if (entry.is_regular_file() && (path.extension() == ".xml" || path.extension() == ".xsd")) {
      files.push_back(path.lexically_relative(kData / folder));
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool holds(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// What SOURCES.md says is wrong with each, in the words of schemas/rules.md.
const std::map<std::string, Names> kInvalid = {
    {"google-canada-empty-references.xml", {"references_missing"}},
    {"google-missing-scope.xml", {"schema_element"}},
    {"google-noaa-empty-enums-cap11.xml", {"cap_1_2"}},
    {"google-xxe.xml", {"doctype"}},
    {"govuk-invalid-area-with-intersections.xml", {"polygon_crossing"}},
    {"govuk-valid-area-polygon.xml", {"polygon_closed"}},
    {"govuk-wainfleet-cancel-with-empty-references.xml", {"references_missing"}},
    {"govuk-wainfleet-cancel-with-windmere-references.xml", {"references_malformed"}},
    {"sambro-Flood.xml", {"expires_before_sent"}},
    {"sambro-Myanmar-Tsunami-MultiLanguage.xml", {"expires_before_sent"}},
    {"sambro-Myanmar_Flood_Multiple_Area.xml", {"expires_before_sent"}},
    {"wmo-bf-schema.xml", {"schema_element"}},
    {"derived/circle-negative-radius.xml", {"circle_radius"}},
    {"derived/entity-expansion.xml", {"doctype"}},
    {"derived/expires-before-sent.xml", {"expires_before_sent"}},
    {"derived/html-in-headline.xml", {"markup"}},
    {"derived/language-malformed.xml", {"language_tag"}},
    {"derived/missing-info-event.xml", {"schema_element"}},
    {"derived/polygon-latitude-out-of-range.xml", {"polygon_range"}},
    {"derived/polygon-not-closed.xml", {"polygon_closed"}},
    {"derived/references-malformed.xml", {"references_malformed"}},
    {"derived/scope-restricted-without-restriction.xml", {"restriction_missing"}},
    {"derived/sender-with-space.xml", {"sender_characters"}},
    {"derived/sent-impossible-date.xml", {"time_format"}},
    {"derived/sent-utc-z.xml", {"time_format"}},
    {"derived/status-unknown-value.xml", {"schema_value"}},
    {"derived/truncated.xml", {"well_formed"}},
    {"derived/unknown-element.xml", {"schema_element"}},
    {"derived/update-without-references.xml", {"references_missing"}},
    {"derived/wrong-namespace.xml", {"cap_1_2"}},
    {"derived/wrong-order-status-after-scope.xml", {"schema_element"}},
    {"signature/wmo-bf-invalid_certificate.xml", {}},
    {"signature/wmo-bf-invalid_digest.xml", {}},
    {"signature/wmo-bf-invalid_signature.xml", {}},
};

const std::map<std::string, std::string> kWarned = {
    {"govuk-invalid-area-with-hole.xml", "polygon_inside"},
    {"govuk-long-gsm7.xml", "text_long"},
    {"govuk-long-ucs2.xml", "text_long"},
};

const std::map<std::string, std::string> kAttacks = {
    {"cyclic.xml", "doctype"},         {"dtd.xml", "doctype"},
    {"dtd_element.xml", "doctype"},    {"external.xml", "doctype"},
    {"external_file.xml", "doctype"},  {"quadratic.xml", "doctype"},
    {"schema-include.xsd", "cap_1_2"}, {"simple-ns.xml", "cap_1_2"},
    {"simple.xml", "cap_1_2"},         {"xmlbomb.xml", "doctype"},
    {"xmlbomb2.xml", "doctype"},
};

}  // namespace

TEST_CASE("every published alert without fault is accepted") {
  const Names files = files_in("cap/valid");
  CHECK(files.size() == 28);
  for (const std::string& file : files) {
    CAPTURE(file);
    const Judgement judgement = judge(contents_of(kData / "cap/valid" / file), any_encoding());
    CHECK(names_of(judgement.errors) == Names{});
    CHECK(judgement.alert.has_value());
  }
}

TEST_CASE("every published alert with a fault is refused for that fault") {
  const Names files = files_in("cap/invalid");
  CHECK(files.size() == kInvalid.size());
  for (const std::string& file : files) {
    CAPTURE(file);
    REQUIRE(kInvalid.count(file) == 1);
    const Judgement judgement = judge(contents_of(kData / "cap/invalid" / file), any_encoding());
    CHECK(names_of(judgement.errors) == kInvalid.at(file));
    CHECK(judgement.alert.has_value() == kInvalid.at(file).empty());
  }
}

TEST_CASE("published alerts that are worth a word are accepted with that word") {
  const Names files = files_in("cap/valid-with-warnings");
  CHECK(files.size() == kWarned.size());
  for (const std::string& file : files) {
    CAPTURE(file);
    const std::string xml = contents_of(kData / "cap/valid-with-warnings" / file);
    const Judgement judgement = judge(xml);
    CHECK(names_of(judgement.errors) == Names{});
    CHECK(holds(names_of(judgement.warnings), kWarned.at(file)));
  }
}

TEST_CASE("admission refuses of the published alerts those that no reader of UTF-8 could show") {
  CHECK(errors_of(contents_of(kData / "cap/valid/google-earthquake-iso8859-1.xml")) ==
        Names{"encoding"});
  CHECK(errors_of(contents_of(kData / "cap/valid/sambro-heavy_rain.xml")) ==
        Names{"processing_instruction"});
  CHECK(errors_of(contents_of(kData / "cap/valid/wmo-bf-unsigned.xml")) ==
        Names{"processing_instruction", "too_many_vertices"});
}

TEST_CASE("documents made to attack their reader are refused") {
  const Names files = files_in("xml");
  CHECK(files.size() == kAttacks.size());
  for (const std::string& file : files) {
    CAPTURE(file);
    REQUIRE(kAttacks.count(file) == 1);
    const std::string xml = contents_of(kData / "xml" / file);
    CHECK(errors_of(xml, any_encoding()) == Names{kAttacks.at(file)});
    CHECK(holds(errors_of(xml), kAttacks.at(file)));
  }
}
