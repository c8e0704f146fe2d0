#include "engine/filter.hpp"

#include <doctest/doctest.h>

#include "engine/limits.hpp"

using namespace engine;

namespace {

using Parameters = std::vector<Filter::Parameter>;

Filter filter(const Parameters& parameters) {
  auto parsed = Filter::parse(parameters, cap::Status::exercise, Places::builtin());
  REQUIRE(std::holds_alternative<Filter>(parsed));
  return std::get<Filter>(parsed);
}

std::string refusal(const Parameters& parameters) {
  const auto parsed = Filter::parse(parameters, cap::Status::exercise, Places::builtin());
  const auto* refused = std::get_if<Refusal>(&parsed);
  if (refused == nullptr) return {};
  CHECK(refused->code == Code::bad_query);
  return refused->detail;
}

/// A severe security alert of one control room about Westminster.
cap::Outline outline() {
  cap::Reach reach;
  reach.status = cap::Status::exercise;
  reach.severity = cap::Severity::severe;
  reach.categories = cap::bit(cap::Category::security);
  reach.sender = "control@london.example";
  reach.codes = {"E09000033"};
  cap::Outline outline;
  outline.reaches = {reach};
  Places::builtin().complete(outline);
  return outline;
}

bool meets(const Parameters& parameters, const cap::Outline& of = outline()) {
  return filter(parameters).matches(of);
}

}  // namespace

TEST_CASE("each parameter narrows and its repetition widens") {
  CHECK(meets({}));
  CHECK(meets({{"category", "Security"}}));
  CHECK_FALSE(meets({{"category", "Met"}}));
  CHECK(meets({{"category", "Met"}, {"category", "Security"}}));
  CHECK(meets({{"sender", "control@london.example"}}));
  CHECK_FALSE(meets({{"sender", "other@london.example"}}));
  CHECK(meets({{"area", "E09000033"}}));
  CHECK(meets({{"area", "E12000007"}}));
  CHECK(meets({{"area", "K02000001"}}));
  CHECK_FALSE(meets({{"area", "E08000025"}}));
  CHECK(meets({{"area", "E08000025"}, {"area", "E09000033"}}));
  CHECK(meets({{"area", "51.5,-0.14"}}));
  CHECK_FALSE(meets({{"area", "52.5,-1.9"}}));
  CHECK_FALSE(meets({{"area", "E09000033"}, {"category", "Met"}}));
}

TEST_CASE("severity means at least and Unknown counts as Extreme") {
  for (const auto* enough : {"Minor", "Moderate", "Severe"}) CHECK(meets({{"severity", enough}}));
  CHECK_FALSE(meets({{"severity", "Extreme"}}));
  CHECK(meets({{"severity", "Extreme"}, {"severity", "Moderate"}}));
  cap::Outline unknown = outline();
  unknown.reaches.front().severity = cap::Severity::unknown;
  CHECK(meets({{"severity", "Extreme"}}, unknown));
}

TEST_CASE("without a status the system's own is meant") {
  CHECK(meets({{"status", "Exercise"}}));
  CHECK_FALSE(meets({{"status", "Test"}}));
  cap::Outline test = outline();
  test.reaches.front().status = cap::Status::test;
  CHECK_FALSE(meets({}, test));
  CHECK(meets({{"status", "Test"}, {"status", "Exercise"}}, test));
}

TEST_CASE("Restricted and Private alerts and Acks concern no stranger") {
  for (const auto scope : {cap::Scope::restricted, cap::Scope::private_}) {
    cap::Outline closed = outline();
    closed.audience.scope = scope;
    closed.audience.names = {"retail"};
    for (auto& reach : closed.reaches) reach.audience = closed.audience;
    CHECK_FALSE(meets({}, closed));
  }
  for (const auto type : {cap::MsgType::ack, cap::MsgType::error}) {
    cap::Outline logged = outline();
    logged.msg_type = type;
    CHECK_FALSE(meets({}, logged));
  }
}

TEST_CASE("one of several reaches is enough and all of a filter has to meet the same one") {
  cap::Outline two = outline();
  two.reaches.push_back(two.reaches.front());
  two.reaches.back().codes = {"E08000025"};
  Places::builtin().complete(two);
  two.reaches.back().severity = cap::Severity::minor;
  CHECK(meets({{"area", "E08000025"}}, two));
  CHECK_FALSE(meets({{"area", "E08000025"}, {"severity", "Severe"}}, two));
}

TEST_CASE("what is not understood is refused and says what to give") {
  for (const auto& each : Parameters{{"area", ""},
                                     {"area", "E99999999"},
                                     {"area", "London"},
                                     {"area", "91,0"},
                                     {"area", "51.5,181"},
                                     {"area", "51.5"},
                                     {"area", "nan,0"},
                                     {"area", "51.5,-0.1,3"},
                                     {"category", "security"},
                                     {"category", ""},
                                     {"severity", "severe"},
                                     {"status", "Real"},
                                     {"sender", ""},
                                     {"sender", "a b@example.org"},
                                     {"sender", "a,b"},
                                     {"sender", "a<b"},
                                     {"sender", "a&b"}}) {
    CAPTURE(each.first + "=" + each.second);
    CHECK_FALSE(refusal({each}).empty());
  }
}

TEST_CASE("kFilterValues values are taken and one more is refused") {
  const Parameters most(limits::kFilterValues, {"area", "E09000033"});
  CHECK(refusal(most).empty());
  Parameters more = most;
  more.emplace_back("category", "Met");
  CHECK_FALSE(refusal(more).empty());
}

TEST_CASE("equal filters have one key whatever order they were written in") {
  const auto a = filter({{"area", "E09000033"}, {"area", "E08000025"}, {"sender", "x"}});
  const auto b = filter({{"sender", "x"}, {"area", "E08000025"}, {"area", "E09000033"}});
  CHECK(a.key() == b.key());
  CHECK(a.key() != filter({{"area", "E09000033"}}).key());
  CHECK(filter({{"sender", "as1:b"}}).key() != filter({{"sender", "a"}, {"sender", "b"}}).key());
}
