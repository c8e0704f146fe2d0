#include "engine/trust/trust_store.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "tests/unit/trust/temp_dir.hpp"
#include "tests/unit/trust/trust_fixture.hpp"

using namespace engine;
using namespace tests;

namespace {

trust::TrustStore opened(const TempDir& folder, const Signers& roots = {}) {
  std::set<KeyId> ids;
  for (const auto& name : roots) ids.insert(key(name).keyid);
  auto store = trust::TrustStore::open(folder.path(), ids);
  REQUIRE(fault(store) == "");
  return *std::move(store);
}

std::string version(std::uint64_t number, const Signers& signers = {"ann", "ben"}) {
  auto document = draft();
  document.version = number;
  return sealed(document, signers);
}

}  // namespace

TEST_CASE("a new folder holds nothing until a document is taken and keeps it then") {
  const TempDir folder;
  auto store = opened(folder);
  CHECK(store.current() == nullptr);
  const auto taken = store.take(version(7));
  REQUIRE(fault(taken) == "");
  CHECK(store.current() == *taken);
  CHECK(contents(folder / "trust.json") == version(7));

  const auto reopened = opened(folder);
  REQUIRE(reopened.current() != nullptr);
  CHECK(reopened.current()->envelope == version(7));
}

TEST_CASE("a version never goes back, not even after reopening") {
  const TempDir folder;
  auto store = opened(folder);
  REQUIRE(fault(store.take(version(7))) == "");
  REQUIRE(fault(store.take(version(9))) == "");
  CHECK(mentions(fault(store.take(version(8))), "has version 8, and version 9 was taken"));
  CHECK(store.current()->version == 9);
  CHECK(contents(folder / "trust.json") == version(9));

  auto reopened = opened(folder);
  CHECK(mentions(fault(reopened.take(version(8))), "has version 8, and version 9 was taken"));
  CHECK(fault(reopened.take(version(9))) == "");
  CHECK(fault(reopened.take(version(10))) == "");
}

TEST_CASE("the very same document is taken again, and another of its version is not") {
  const TempDir folder;
  auto store = opened(folder);
  const auto first = store.take(version(7));
  CHECK(*store.take(version(7)) == *first);
  auto document = draft();
  document.senders.clear();
  CHECK(mentions(fault(store.take(sealed(document, {"ann", "ben"}))), "says something else"));
  // The same payload in another envelope is the same document, and what is kept stays as it came.
  for (const auto& other : {version(7, {"ann", "ben", "cat"}), version(7, {"ben", "ann"}),
                            version(7, {"ann", "ben", "xia"}), version(7) + "\n"}) {
    CHECK(*store.take(other) == *first);
    CHECK(contents(folder / "trust.json") == version(7));
  }
}

TEST_CASE("nobody takes away the signatures by which a reader of earlier roots follows") {
  const TempDir folder;
  auto store = opened(folder);
  REQUIRE(fault(store.take(version(7))) == "");
  const auto reader = trust::pins_of(*store.current());
  auto rotated = draft();
  rotated.version = 8;
  rotated.root_keys = {key("xia"), key("yan")};
  REQUIRE(fault(store.take(sealed(rotated, {"xia", "yan", "ann", "ben"}))) == "");

  // By the new roots alone it holds, and no reader of the old ones could take it.
  const std::string stripped = sealed(rotated, {"xia", "yan"});
  REQUIRE(fault(trust::read_trust(stripped, reader)) != "");
  CHECK(fault(store.take(stripped)) == "");
  CHECK(fault(trust::read_trust(store.current()->envelope, reader)) == "");
  CHECK(fault(trust::read_trust(contents(folder / "trust.json"), reader)) == "");
}

TEST_CASE("the first document's roots are pinned") {
  const TempDir folder;
  auto store = opened(folder);
  REQUIRE(fault(store.take(version(7))) == "");
  auto foreign = draft();
  foreign.version = 8;
  foreign.root_keys = {key("xia"), key("yan")};
  CHECK(mentions(fault(store.take(sealed(foreign, {"xia", "yan"}))), "holders of pinned"));
  CHECK(fault(store.take(sealed(foreign, {"xia", "yan", "ann", "cat"}))) == "");
  CHECK(mentions(fault(store.take(version(9))), "holders of pinned"));
}

TEST_CASE("roots an operator pinned hold from the first document on and after a restart") {
  const TempDir folder;
  auto store = opened(folder, {"ann", "ben", "cat"});
  auto foreign = draft();
  foreign.root_keys = {key("xia"), key("yan")};
  CHECK(mentions(fault(store.take(sealed(foreign, {"xia", "yan"}))), "holders of pinned"));
  CHECK(store.current() == nullptr);
  REQUIRE(fault(store.take(version(7))) == "");

  // What a restart would refuse is not taken either: two roots leave, one stays.
  auto next = draft();
  next.version = 8;
  next.root_keys = {key("xia"), key("yan")};
  REQUIRE(fault(store.take(sealed(next, {"xia", "yan", "ann", "ben"}))) != "");
  CHECK(opened(folder, {"ann"}).current()->version == 7);
  const auto other = trust::TrustStore::open(folder.path(), {key("xia").keyid});
  CHECK(mentions(fault(other), "holders of pinned"));
}

TEST_CASE("a document of another system or kind is refused") {
  const TempDir folder;
  auto store = opened(folder);
  REQUIRE(fault(store.take(version(7))) == "");
  auto document = draft();
  document.version = 8;
  document.system = "exercise-fr";
  CHECK(mentions(fault(store.take(sealed(document, {"ann", "ben"}))), "another system than"));
  document.system = "exercise-gb";
  document.kind = trust::SystemKind::live;
  CHECK(mentions(fault(store.take(sealed(document, {"ann", "ben"}))), "another system than"));
}

TEST_CASE("a kept file is verified like any other") {
  const TempDir folder;
  REQUIRE(fault(opened(folder).take(version(7))) == "");
  const std::string file = contents(folder / "trust.json");
  put(folder / "trust.json", file.substr(0, file.size() / 2));
  const auto cut = trust::TrustStore::open(folder.path(), {});
  CHECK(mentions(fault(cut), "trust.json: This is no signed trust document."));
  put(folder / "trust.json", version(7, {"ann"}));
  CHECK(mentions(fault(trust::TrustStore::open(folder.path(), {})), "signed by 1 of the 2"));
  put(folder / "trust.json", std::string((8 << 20) + 1, ' '));
  CHECK(mentions(fault(trust::TrustStore::open(folder.path(), {})), "more than the 8388608"));
}

TEST_CASE("what cannot be kept is not taken") {
  const TempDir folder;
  auto store = opened(folder);
  std::filesystem::create_directory(folder / "trust.json.new");
  const auto not_kept = store.take(version(7));
  CHECK(mentions(fault(not_kept), "Cannot create"));
  CHECK(not_kept.error().why == trust::NotTaken::Why::not_written);
  CHECK(store.take("").error().why == trust::NotTaken::Why::refused);
  CHECK(store.current() == nullptr);
  std::filesystem::remove(folder / "trust.json.new");
  CHECK(fault(store.take(version(7))) == "");
}

TEST_CASE("what a crash left half written is of no account") {
  const TempDir folder;
  put(folder / "trust.json.new", "{\"payloadType\":");
  auto store = opened(folder);
  CHECK(store.current() == nullptr);
  REQUIRE(fault(store.take(version(7))) == "");
  CHECK_FALSE(std::filesystem::exists(folder / "trust.json.new"));
  struct stat about {};
  REQUIRE(::stat((folder / "trust.json").c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0644);
}
