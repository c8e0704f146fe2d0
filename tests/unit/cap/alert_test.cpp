#include "engine/cap/alert.hpp"

#include <doctest/doctest.h>

using namespace engine;
using namespace engine::cap;

namespace {

template <class Enum>
void check_texts(std::initializer_list<const char*> texts) {
  int number = 0;
  for (const char* expected : texts) {
    const auto value = static_cast<Enum>(number++);
    CHECK(text(value) == expected);
    CHECK(from_text<Enum>(expected) == value);
  }
  CHECK_FALSE(from_text<Enum>("").has_value());
  CHECK_FALSE(from_text<Enum>("other words").has_value());
}

Time at(const char* text) { return *parse_time(text); }

Info info_of(Severity severity) {
  Info info;
  info.severity = severity;
  return info;
}

Alert alert_of(std::initializer_list<Severity> severities) {
  Alert alert;
  for (const Severity severity : severities) alert.infos.push_back(info_of(severity));
  return alert;
}

}  // namespace

TEST_CASE("every enumeration has the texts of CAP in the order of CAP") {
  check_texts<Status>({"Actual", "Exercise", "System", "Test", "Draft"});
  check_texts<MsgType>({"Alert", "Update", "Cancel", "Ack", "Error"});
  check_texts<Scope>({"Public", "Restricted", "Private"});
  check_texts<Category>({"Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env",
                         "Transport", "Infra", "CBRNE", "Other"});
  check_texts<Urgency>({"Immediate", "Expected", "Future", "Past", "Unknown"});
  check_texts<Severity>({"Extreme", "Severe", "Moderate", "Minor", "Unknown"});
  check_texts<Certainty>({"Observed", "Likely", "Possible", "Unlikely", "Unknown"});
}

TEST_CASE("texts are taken exactly as CAP writes them") {
  CHECK_FALSE(from_text<Status>("actual").has_value());
  CHECK_FALSE(from_text<Status>("Actual ").has_value());
  CHECK_FALSE(from_text<Category>("Cbrne").has_value());
}

TEST_CASE("an alert is as severe as its severest info") {
  CHECK(severity_of(alert_of({Severity::minor})) == Severity::minor);
  CHECK(severity_of(alert_of({Severity::minor, Severity::severe, Severity::moderate})) ==
        Severity::severe);
  CHECK(rank(severity_of(alert_of({Severity::severe, Severity::unknown}))) == 4);
  CHECK(severity_of(alert_of({})) == Severity::unknown);
}

TEST_CASE("an alert ends with its latest info and after a day where none says") {
  Alert alert = alert_of({Severity::minor, Severity::minor, Severity::minor});
  alert.sent = at("2026-11-21T10:00:00Z");
  CHECK(expires_of(alert) == at("2026-11-22T10:00:00Z"));
  alert.infos[0].expires = at("2026-11-21T12:00:00Z");
  alert.infos[2].expires = at("2026-11-21T11:00:00Z");
  CHECK(expires_of(alert) == at("2026-11-21T12:00:00Z"));
}
