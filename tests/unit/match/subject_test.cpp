#include "engine/subject.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>
#include <set>

#include "engine/cap/judge.hpp"
#include "tests/support/alert_builder.hpp"

using namespace engine;
using tests::AlertBuilder;

namespace {

const Addressing& addressing() {
  static const Addressing all(Places::builtin());
  return all;
}

/// As admission makes it, unsigned; `before`: what the log adds of the alerts it names.
Bulletin bulletin_of(const AlertBuilder& builder, const std::vector<const Bulletin*>& before = {}) {
  Bulletin bulletin;
  bulletin.envelope.payload = builder.xml();
  const auto judgement = cap::judge(bulletin.envelope.payload);
  REQUIRE(judgement.alert);
  bulletin.outline = cap::outline_of(*judgement.alert);
  Places::builtin().complete(bulletin.outline);
  for (const Bulletin* one : before) {
    cap::add_reaches(bulletin.outline.reaches, one->outline.reaches);
  }
  return bulletin;
}

/// Organisations by the groups they carry.
const std::vector<std::pair<std::string, std::vector<std::string>>> kOrganisations = {
    {"bank-a", {"banks", "city"}}, {"bank-b", {"banks"}}, {"school", {"schools"}}};

std::vector<std::string> members(const cap::Audience& audience) {
  std::vector<std::string> found;
  for (const auto& [key, groups] : kOrganisations) {
    const auto& own = groups;
    const bool meant = std::any_of(
        audience.names.begin(), audience.names.end(), [&, key = key](const std::string& name) {
          return audience.scope == cap::Scope::private_
                     ? name == key
                     : std::find(own.begin(), own.end(), name) != own.end();
        });
    if (meant) found.push_back(key);
  }
  return found;
}

Subjects subjects(const Bulletin& bulletin) { return addressing().subjects_of(bulletin, members); }

std::vector<std::string> of(const std::vector<Subjects::Copy>& copies) {
  std::vector<std::string> found;
  for (const auto& copy : copies) found.push_back(copy.of);
  return found;
}

std::string subject_for(const std::vector<Subjects::Copy>& copies, std::string_view of) {
  for (const auto& copy : copies) {
    if (copy.of == of) return copy.subject;
  }
  return "";
}

AlertBuilder london() { return AlertBuilder().no_shape().geocode("E09000033"); }

/// A reader of the grammar in schemas/subjects.md, written from that page: no token is empty, none
/// has anything but [a-z0-9_-], and each stands among those that the page lists.
class Grammar {
 public:
  static bool reads(std::string_view subject) {
    const auto tokens = split(subject);
    if (tokens.empty() || subject.size() > 1100) return false;
    if (!std::all_of(tokens.begin(), tokens.end(), is_token)) return false;
    if (tokens[0] == "alerts") {
      return tokens.size() == 6 && among(tokens[1], kStatus) && among(tokens[2], kType) &&
             among(tokens[3], kSeverity) && among(tokens[4], kCategory);
    }
    const bool one_of_many = tokens[0] == "areas" || tokens[0] == "orgs";
    return one_of_many && tokens.size() == 4 && among(tokens[2], kStatus) &&
           among(tokens[3], kSeverity) && (tokens[0] == "orgs" || tokens[1].size() == 9);
  }

 private:
  using Words = std::set<std::string_view>;
  inline static const Words kStatus{"actual", "exercise", "test", "none"};
  inline static const Words kType{"alert", "update", "cancel"};
  inline static const Words kSeverity{"extreme", "severe", "moderate", "minor", "unknown", "none"};
  inline static const Words kCategory{"geo",   "met",    "safety", "security",  "rescue",
                                      "fire",  "health", "env",    "transport", "infra",
                                      "cbrne", "other",  "none"};
  static bool among(const std::string& token, const Words& words) { return words.contains(token); }
  static bool is_token(const std::string& token) {
    return !token.empty() &&
           token.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string::npos;
  }
  static std::vector<std::string> split(std::string_view subject) {
    std::vector<std::string> tokens(1);
    for (const char c : subject) {
      if (c == '.') {
        tokens.emplace_back();
      } else {
        tokens.back() += c;
      }
    }
    return tokens;
  }
};

}  // namespace

TEST_CASE("a text becomes one token whatever is in it") {
  CHECK(subject_token("Exercise") == "exercise");
  CHECK(subject_token("control@example.police.uk") == "control_example_police_uk");
  CHECK(subject_token("a*b>c d\te.f") == "a_b_c_d_e_f");
  CHECK(subject_token("Gw\xc3\xa9nt") == "gw_nt");  // a character is one `_`, whatever its octets
  CHECK(subject_token("bank-A_1") == "bank-a_1");
  CHECK(subject_token("") == "none");
}

TEST_CASE("a Public alert stands on one subject for everybody") {
  auto alert = london().severity(cap::Severity::severe);
  alert.categories({cap::Category::safety, cap::Category::fire});
  const auto all = subjects(bulletin_of(alert));
  CHECK(all.everybody ==
        "alerts.exercise.alert.severe.safety." + subject_token(alert.identity().sender));
  CHECK(all.members.empty());
}

TEST_CASE("the category is the first of the severest info") {
  auto alert = london().severity(cap::Severity::minor).categories({cap::Category::met});
  alert.info().severity(cap::Severity::extreme);
  alert.categories({cap::Category::security, cap::Category::geo});
  CHECK(subjects(bulletin_of(alert))
            .everybody.starts_with("alerts.exercise.alert.extreme.security."));
}

TEST_CASE("there is a copy for each area that the stream's filter would find") {
  const auto bulletin = bulletin_of(london().severity(cap::Severity::minor));
  const auto all = subjects(bulletin);
  // The borough, its region, its country and the unions of countries; nothing beside it.
  CHECK(of(all.areas) == std::vector<std::string>{"E09000033", "E12000007", "E92000001",
                                                  "K02000001", "K03000001", "K04000001"});
  CHECK(subject_for(all.areas, "E09000033") == "areas.e09000033.exercise.minor");

  const auto region = subjects(bulletin_of(AlertBuilder().no_shape().geocode("E12000007")));
  CHECK(region.areas.size() == 38);  // with 33 boroughs in it

  const auto& places = Places::builtin();
  for (const auto& place : places.all()) {
    CAPTURE(place.code);
    const bool found = subject_for(all.areas, place.code) != "";
    CHECK(found == places.concerns(bulletin.outline.reaches.front(), place.code));
  }
}

TEST_CASE("nothing of an alert with an audience is on a subject for everybody") {
  const auto restricted =
      subjects(bulletin_of(london().scope(cap::Scope::restricted).meant_for("banks")));
  CHECK(restricted.everybody == "");
  CHECK(restricted.areas.empty());
  CHECK(of(restricted.members) == std::vector<std::string>{"bank-a", "bank-b"});
  CHECK(subject_for(restricted.members, "bank-a").starts_with("orgs.bank-a.exercise."));

  const auto own = subjects(bulletin_of(london().scope(cap::Scope::private_).meant_for("school")));
  CHECK(own.everybody == "");
  CHECK(own.areas.empty());
  CHECK(of(own.members) == std::vector<std::string>{"school"});
}

TEST_CASE("a Cancel goes where what it takes back went, and as severe") {
  auto alert = london().severity(cap::Severity::severe).categories({cap::Category::fire});
  const auto first = bulletin_of(alert);
  auto cancel = AlertBuilder().identifier("C-1").cancel(alert.identity());
  cancel.severity(cap::Severity::minor).categories({cap::Category::met});
  const auto all = subjects(bulletin_of(cancel, {&first}));
  CHECK(all.everybody.starts_with("alerts.exercise.cancel.severe.fire."));
  CHECK(of(all.areas) == of(subjects(first).areas));
  CHECK(subject_for(all.areas, "E09000033") == subject_for(subjects(first).areas, "E09000033"));

  const auto unheard = subjects(bulletin_of(cancel));
  CHECK(unheard.everybody.starts_with("alerts.exercise.cancel.none.none."));
  CHECK(unheard.areas.empty());
}

TEST_CASE("an Update is as severe as the severest that it replaces") {
  auto alert = london().severity(cap::Severity::extreme);
  const auto first = bulletin_of(alert);
  auto update = london().identifier("U-1").update(alert.identity());
  update.severity(cap::Severity::minor).categories({cap::Category::met});
  const auto all = subjects(bulletin_of(update, {&first}));
  CHECK(all.everybody.starts_with("alerts.exercise.update.extreme.met."));
  CHECK(subject_for(all.areas, "E09000033") == "areas.e09000033.exercise.extreme");
}

TEST_CASE("a Cancel of a Restricted alert tells nobody else that there was one") {
  auto alert = london().scope(cap::Scope::restricted).meant_for("banks");
  const auto first = bulletin_of(alert);
  const auto all =
      subjects(bulletin_of(AlertBuilder().identifier("C-2").cancel(alert.identity()), {&first}));
  CHECK(all.everybody == "");
  CHECK(all.areas.empty());
  CHECK(of(all.members) == std::vector<std::string>{"bank-a", "bank-b"});
}

TEST_CASE("Ack and Error go nowhere") {
  auto alert = london();
  CHECK(subjects(bulletin_of(AlertBuilder().identifier("A-1").ack(alert.identity()))).nowhere());
}

TEST_CASE("ten thousand random bulletins have subjects of the grammar and no others") {
  std::mt19937 random(20261123);
  const auto below = [&](std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
  };
  const auto places = Places::builtin().all();
  const auto text = [&] {
    std::string octets;
    for (std::size_t n = 1 + below(40); n > 0; --n) octets += static_cast<char>(below(256));
    return octets;
  };
  const std::array statuses{cap::Status::actual, cap::Status::exercise, cap::Status::test};
  const std::array types{cap::MsgType::alert, cap::MsgType::update, cap::MsgType::cancel};
  std::size_t areas = 0, members_told = 0;
  for (int i = 0; i < 10'000; ++i) {
    // What is in the log, also where nobody could read the document any more.
    Bulletin bulletin;
    auto& outline = bulletin.outline;
    outline.msg_type = types[below(types.size())];
    outline.identity.sender = below(50) == 0 ? std::string(1000, '>') : text();
    for (std::size_t n = below(4); n > 0; --n) {
      cap::Reach reach;
      reach.status = statuses[below(statuses.size())];
      reach.severity = static_cast<cap::Severity>(below(5));
      reach.categories = static_cast<cap::CategorySet>(below(1U << 12));
      reach.audience.scope = static_cast<cap::Scope>(below(3));
      if (reach.audience.scope != cap::Scope::public_) reach.audience.names = {"banks", text()};
      reach.codes = {places[below(places.size())].code};
      reach.everywhere = below(100) == 0;
      outline.reaches.push_back(reach);
    }
    if (!outline.reaches.empty()) outline.audience = outline.reaches.front().audience;
    const auto all = subjects(bulletin);
    bool fine = all.everybody.empty() || Grammar::reads(all.everybody);
    for (const auto* copies : {&all.areas, &all.members}) {
      for (const auto& copy : *copies) fine = fine && Grammar::reads(copy.subject);
    }
    CHECK_MESSAGE(fine, all.everybody);
    areas += all.areas.size();
    members_told += all.members.size();
  }
  CHECK(areas > 10'000);
  CHECK(members_told > 1'000);
  CHECK_FALSE(Grammar::reads("alerts.exercise.alert.*.met.a"));
  CHECK_FALSE(Grammar::reads("alerts.exercise.alert..met.a"));
  CHECK_FALSE(Grammar::reads("alerts.exercise.alert.minor.met"));
}
