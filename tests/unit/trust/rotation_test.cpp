// Roots replaced step by step: every version is signed by enough of the new ones and enough of
// those of the version a reader has.
#include <doctest/doctest.h>

#include "engine/trust/trust_store.hpp"
#include "tests/unit/trust/temp_dir.hpp"
#include "tests/unit/trust/trust_fixture.hpp"

using namespace engine;
using namespace tests;

namespace {

struct Version {
  std::uint64_t number;
  Signers roots;
  int threshold;
  Signers signers;
};

std::string file(const Version& version) {
  auto document = draft();
  document.version = version.number;
  document.root_threshold = version.threshold;
  document.root_keys.clear();
  for (const auto& name : version.roots) document.root_keys.push_back(key(name));
  return sealed(document, version.signers);
}

/// What each of them meets, one after the other, in one folder: "" where it is taken.
std::vector<std::string> faults(const std::vector<Version>& versions) {
  const TempDir folder;
  std::vector<std::string> met;
  for (const Version& version : versions) {
    // As after a restart: what was taken last is durable.
    auto store = trust::TrustStore::open(folder.path(), {});
    REQUIRE(fault(store) == "");
    met.push_back(fault(store->take(file(version))));
  }
  return met;
}

const Version kFirst{1, {"ann", "ben", "cat"}, 2, {"ann", "ben"}};

}  // namespace

TEST_CASE("roots are replaced one after the other over several versions and restarts") {
  const auto met = faults({kFirst,
                           {2, {"ann", "ben", "dot"}, 2, {"ann", "ben"}},
                           {3, {"ann", "dot", "eli"}, 2, {"ann", "dot"}},
                           {4, {"dot", "eli", "flo"}, 2, {"dot", "eli"}},
                           {5, {"gus", "hal"}, 2, {"gus", "hal", "dot", "flo"}}});
  for (const auto& fault : met) CHECK(fault == "");
}

TEST_CASE("a threshold is raised by enough of the new rule and lowered by enough of the old") {
  CHECK(mentions(faults({kFirst, {2, {"ann", "ben", "cat"}, 3, {"ann", "ben"}}}).back(),
                 "2 of the 3 holders"));
  CHECK(faults({kFirst, {2, {"ann", "ben", "cat"}, 3, {"ann", "ben", "cat"}}}).back() == "");
  CHECK(mentions(faults({kFirst, {2, {"ann", "ben", "cat"}, 1, {"ann"}}}).back(),
                 "1 of the 2 holders of pinned"));
  const auto met =
      faults({kFirst, {2, {"ann", "ben", "cat"}, 1, {"ann", "cat"}}, {3, {"ann"}, 1, {"ann"}}});
  CHECK(met[1] == "");
  CHECK(met[2] == "");
}

TEST_CASE("a root that was lost is replaced by those who are left") {
  CHECK(faults({kFirst, {2, {"ann", "ben", "dot"}, 2, {"ann", "ben", "dot"}}}).back() == "");
  // Two of three lost: nobody can replace them, and another folder has to begin anew.
  CHECK(mentions(faults({kFirst, {2, {"ann", "dot", "eli"}, 2, {"ann", "dot"}}}).back(),
                 "1 of the 2 holders of pinned"));
}

TEST_CASE("versions may be skipped where the chain allows it and not where it does not") {
  CHECK(faults({kFirst, {9, {"ann", "ben", "dot"}, 2, {"ann", "ben"}}}).back() == "");
  // Signed for whoever has version 2, not for whoever still has version 1.
  const Version second{2, {"ann", "dot", "eli"}, 2, {"ann", "ben", "dot"}};
  const Version third{3, {"dot", "eli"}, 2, {"dot", "eli"}};
  CHECK(faults({kFirst, second, third}).back() == "");
  CHECK(mentions(faults({kFirst, third}).back(), "0 of the 2 holders of pinned"));
}

TEST_CASE("neither an older version nor another of the same number is taken after a rotation") {
  const Version second{2, {"dot", "eli"}, 2, {"ann", "ben", "dot", "eli"}};
  const auto back = faults({kFirst, second, kFirst});
  CHECK_FALSE(back.back().empty());
  const Version other{2, {"dot", "eli"}, 1, {"ann", "ben", "dot", "eli"}};
  CHECK(mentions(faults({kFirst, second, other}).back(), "says something else"));
  // The old roots alone sign nothing any more.
  const Version by_old{3, {"ann", "ben", "cat"}, 2, {"ann", "ben", "cat"}};
  CHECK(mentions(faults({kFirst, second, by_old}).back(), "0 of the 2 holders of pinned"));
}
