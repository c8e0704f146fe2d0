#include "ops/cli/draft_changes.hpp"

#include <doctest/doctest.h>

using namespace ops::cli;
namespace cap = engine::cap;

namespace {

std::vector<cap::Info> two() {
  cap::Info english;
  english.language = "en-GB";
  english.categories = {cap::Category::fire};
  english.severity = cap::Severity::severe;
  english.headline = "Smoke";
  english.areas = {{"Southwark", {}, {{{51.5, -0.09}, 1}}, {}}};
  cap::Info welsh = english;
  welsh.language = "cy";
  welsh.headline = "Mwg";
  return {english, welsh};
}

AlertDraft flags(void (*set)(AlertDraft&)) {
  AlertDraft draft;
  set(draft);
  return draft;
}

}  // namespace

TEST_CASE("grades and place change in every language and words in one") {
  auto infos = two();
  REQUIRE(change_infos(infos, flags([](AlertDraft& draft) {
                         draft.severity = "extreme";
                         draft.categories = {"Health", "Env"};
                         draft.circles = {"51.6,-0.1 2"};
                         draft.headline = "Mwg mawr";
                         draft.language = "cy";
                       }))
              .has_value());
  for (const auto& info : infos) {
    CHECK(info.severity == cap::Severity::extreme);
    CHECK(info.categories == std::vector{cap::Category::health, cap::Category::env});
    CHECK(info.areas.size() == 1);
    CHECK(info.areas.front().circles.front().radius_km == 2);
    CHECK(info.areas.front().description == "Southwark");
  }
  CHECK(infos[0].headline == "Smoke");
  CHECK(infos[1].headline == "Mwg mawr");
}

TEST_CASE("no flag changes nothing") {
  auto infos = two();
  REQUIRE(change_infos(infos, {}).has_value());
  CHECK(infos[0].headline == "Smoke");
  CHECK(infos[0].areas.front().circles.front().radius_km == 1);
  CHECK_FALSE(changes_words({}));
}

TEST_CASE("a change that is not said clearly is refused") {
  const AlertDraft unclear[] = {
      flags([](AlertDraft& draft) { draft.headline = "x"; }),  // which language?
      flags([](AlertDraft& draft) { draft.headline = "x", draft.language = "fr"; }),
      flags([](AlertDraft& draft) { draft.severity = "worst"; }),
      flags([](AlertDraft& draft) { draft.categories = {"Smoke"}; }),
      flags([](AlertDraft& draft) { draft.circles = {"here"}; }),
  };
  for (const auto& draft : unclear) {
    auto infos = two();
    CHECK_FALSE(change_infos(infos, draft).has_value());
  }
  auto infos = two();
  infos[0].areas.push_back(infos[0].areas.front());
  CHECK_FALSE(
      change_infos(infos, flags([](AlertDraft& draft) { draft.area_desc = "x"; })).has_value());
}
