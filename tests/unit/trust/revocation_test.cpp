// What one key may do alone: take away, and nothing else.
#include "engine/trust/revocation.hpp"

#include <doctest/doctest.h>

#include "engine/limits.hpp"
#include "engine/trust/trust_store.hpp"
#include "tests/unit/trust/temp_dir.hpp"
#include "tests/unit/trust/trust_fixture.hpp"

using namespace engine;
using namespace tests;

namespace {

const Time kSince = at("2026-11-21T10:00:00Z");
const Time kIssued = at("2026-11-21T10:05:00Z");

std::string payload(const KeyId& keyid, Time since = kSince,
                    const std::string& system = "exercise-gb") {
  return trust::revocation_payload(system, {keyid, since, "Stolen."}, kIssued);
}
std::string revocation(const KeyId& keyid, const Signers& signers = {"dan"}, Time since = kSince) {
  return sealed(payload(keyid, since), signers, trust::kRevocationType);
}
std::string revocation(const std::string& name, const Signers& signers = {"dan"},
                       Time since = kSince) {
  return revocation(key(name).keyid, signers, since);
}
KeyId numbered(std::size_t number) {
  KeyId keyid{};
  for (int i = 0; i < 4; ++i)
    keyid[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(number >> (8 * i));
  return keyid;
}

std::string version(std::uint64_t number) {
  auto document = draft();
  document.version = number;
  return sealed(document, {"ann", "ben"});
}

struct Store {
  TempDir folder;
  trust::TrustStore store = trust::TrustStore::open(folder.path(), {}).value();
  Store() { REQUIRE(fault(store.take(version(7))) == ""); }
  void reopen() { store = trust::TrustStore::open(folder.path(), {}).value(); }
  std::string take(const std::string& file) { return fault(store.take_revocation(file)); }
  const trust::Revoked* revoked(const std::string& name) const {
    return store.current()->revocation_of(key(name).keyid);
  }
};

}  // namespace

TEST_CASE("a revocation by one key takes a key away and nothing else") {
  Store at_work;
  const auto before = at_work.store.current();
  REQUIRE(at_work.take(revocation("eve")) == "");
  const auto after = at_work.store.current();
  REQUIRE(at_work.revoked("eve") != nullptr);
  CHECK(at_work.revoked("eve")->since == kSince);
  CHECK(at_work.revoked("eve")->reason == "Stolen.");
  CHECK(at_work.revoked("fay") == nullptr);
  CHECK(before->revocation_of(key("eve").keyid) == nullptr);
  CHECK(after->envelope == before->envelope);
  CHECK(after->version == before->version);
  CHECK(after->senders.size() == before->senders.size());
  // The officers are found in the document that is asked.
  CHECK(after->find(key("eve").keyid)->officer == &after->senders[0].officers[0]);
}

TEST_CASE("a revocation survives a restart and every newer document") {
  Store at_work;
  REQUIRE(at_work.take(revocation("eve")) == "");
  at_work.reopen();
  CHECK(at_work.revoked("eve") != nullptr);
  REQUIRE(fault(at_work.store.take(version(8))) == "");
  CHECK(at_work.store.current()->version == 8);
  CHECK(at_work.revoked("eve") != nullptr);
  at_work.reopen();
  CHECK(at_work.revoked("eve") != nullptr);
  CHECK(at_work.store.revocations().size() == 1);
}

TEST_CASE("revocations hold under the document that is given where trust.json was lost") {
  Store at_work;
  REQUIRE(at_work.take(revocation("eve")) == "");
  std::filesystem::remove(at_work.folder / "trust.json");
  at_work.reopen();
  CHECK(at_work.store.current() == nullptr);
  REQUIRE(fault(at_work.store.take(version(7))) == "");
  CHECK(at_work.revoked("eve") != nullptr);
  REQUIRE(at_work.take(revocation("fay")) == "");
  at_work.reopen();
  CHECK(at_work.revoked("eve") != nullptr);
  CHECK(at_work.revoked("fay") != nullptr);

  put(at_work.folder / "revocations.jsonl", "{");
  std::filesystem::remove(at_work.folder / "trust.json");
  CHECK(mentions(fault(trust::TrustStore::open(at_work.folder.path(), {})), "revocations.jsonl"));
}

TEST_CASE("a revocation that is not properly made is refused and nothing changes") {
  struct Row {
    std::string file;
    std::string_view why;
  };
  auto bent = trust::parse_revocation(revocation("eve")).value().envelope;
  bent.signatures[0].signature[5] ^= 1;
  const std::vector<Row> rows = {
      {"", "no signed revocation"},
      {version(9), "another type"},
      {sealed(payload(key("eve").keyid), {}, trust::kRevocationType), "0 signatures"},
      {revocation("eve", {"fay"}), "none of the 1 revocation keys"},
      {revocation("eve", {"ann", "ben", "cat"}), "none of the 1 revocation keys"},
      {trust::envelope_json(bent), "does not verify"},
      {sealed(payload(key("eve").keyid, kSince, "live-gb"), {"dan"}, trust::kRevocationType),
       "another system"},
      {sealed("{}", {"dan"}, trust::kRevocationType), "system"},
      {sealed(R"({"system":"exercise-gb","keyid":"EF"})", {"dan"}, trust::kRevocationType),
       "keyid"},
      {sealed("[", {"dan"}, trust::kRevocationType), "cannot be read"},
      {revocation("ann"), "root or revocation key"},
      {revocation("dan"), "root or revocation key"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.file);
    Store at_work;
    const auto before = at_work.store.current();
    CHECK(mentions(at_work.take(row.file), row.why));
    CHECK(at_work.store.current() == before);
    CHECK_FALSE(std::filesystem::exists(at_work.folder / "revocations.jsonl"));
  }
}

TEST_CASE("a revocation has 16 KiB and one octet more is refused") {
  const std::string file = revocation("eve");
  for (const std::size_t more : {0, 1}) {
    Store at_work;
    const auto told = at_work.take(file + std::string((16 << 10) + more - file.size(), ' '));
    CHECK((told == "") == (more == 0));
    CHECK((at_work.revoked("eve") != nullptr) == (more == 0));
  }
}

TEST_CASE("a signature of the trust document's type is no revocation") {
  Store at_work;
  auto envelope = trust::parse_revocation(revocation("eve")).value().envelope;
  envelope.signatures = {key_of("dan").sign(trust::kTrustType, envelope.payload)};
  CHECK(mentions(at_work.take(trust::envelope_json(envelope)), "does not verify"));
}

TEST_CASE("the same revocation and a later one change nothing and an earlier one does") {
  Store at_work;
  REQUIRE(at_work.take(revocation("eve")) == "");
  REQUIRE(at_work.take(revocation("eve")) == "");
  REQUIRE(at_work.take(revocation("eve", {"dan"}, kSince + std::chrono::hours{1})) == "");
  CHECK(at_work.store.revocations().size() == 1);
  CHECK(at_work.revoked("eve")->since == kSince);
  const Time earlier = kSince - std::chrono::hours{1};
  REQUIRE(at_work.take(revocation("eve", {"dan"}, earlier)) == "");
  CHECK(at_work.store.revocations().size() == 1);
  CHECK(at_work.revoked("eve")->since == earlier);
  // What the document revokes itself is not moved to a later time.
  REQUIRE(at_work.take(revocation("guy")) == "");
  CHECK(at_work.revoked("guy")->since == at("2026-10-01T00:00:00Z"));
  CHECK(at_work.store.revocations().size() == 1);
}

TEST_CASE("whatever a stranger writes beside a revocation it takes one place") {
  Store at_work;
  REQUIRE(at_work.take(revocation("eve")) == "");
  const std::string kept = contents(at_work.folder / "revocations.jsonl");
  auto envelope = trust::parse_revocation(revocation("eve")).value().envelope;
  for (std::size_t i = 0; i < 20; ++i) {
    auto variant = envelope;
    variant.signatures.insert(variant.signatures.begin(), {numbered(i), {}});
    variant.signatures.push_back(key_of("xia").sign(trust::kRevocationType, envelope.payload));
    CHECK(at_work.take(trust::envelope_json(variant)) == "");
  }
  CHECK(contents(at_work.folder / "revocations.jsonl") == kept);

  // Nor is what is kept the stranger's when his comes first.
  auto other = trust::parse_revocation(revocation("fay")).value().envelope;
  other.signatures.push_back({numbered(1), {}});
  CHECK(at_work.take(trust::envelope_json(other)) == "");
  REQUIRE(at_work.store.revocations().size() == 2);
  CHECK(at_work.store.revocations()[1].envelope.signatures.size() == 1);
}

TEST_CASE("the signatures of one revocation take one place however they are divided") {
  Store at_work;
  auto document = draft();
  document.version = 8;
  document.revocation_keys = {key("dan"), key("hal"), key("ida")};
  REQUIRE(fault(at_work.store.take(sealed(document, {"ann", "ben"}))) == "");
  REQUIRE(at_work.take(revocation("eve", {"dan"})) == "");
  REQUIRE(at_work.take(revocation("eve", {"dan", "hal", "ida"})) == "");
  for (const Signers& some : {Signers{"hal"}, {"ida"}, {"dan", "ida"}, {"hal", "ida"}}) {
    CHECK(at_work.take(revocation("eve", some)) == "");
  }
  REQUIRE(at_work.store.revocations().size() == 1);
  CHECK(at_work.store.revocations()[0].envelope.signatures.size() == 3);
  // One more signer stays believed when the others are not, so that takes a place of its own.
  CHECK(at_work.take(revocation("fay", {"dan"})) == "");
  CHECK(at_work.take(revocation("fay", {"hal"})) == "");
  CHECK(at_work.store.revocations().size() == 3);
}

TEST_CASE("revocations are bounded and make room when a document lists them") {
  Store at_work;
  // Written at once: each taking would write them all.
  std::vector<trust::Revocation> many;
  for (std::size_t i = 0; i < limits::kRevocationsMax; ++i) {
    many.push_back(trust::parse_revocation(revocation(numbered(i))).value());
  }
  put(at_work.folder / "revocations.jsonl", trust::revocation_lines(many));
  at_work.reopen();
  CHECK(at_work.store.revocations().size() == limits::kRevocationsMax);
  CHECK(mentions(at_work.take(revocation("eve")), "1000 revocations are kept already"));
  CHECK(at_work.take(revocation(numbered(3))) == "");  // a repeat needs no room

  auto document = draft();
  document.version = 8;
  document.revoked.push_back({numbered(3), kSince, "Stolen."});
  REQUIRE(fault(at_work.store.take(sealed(document, {"ann", "ben"}))) == "");
  CHECK(at_work.take(revocation("eve")) == "");
  CHECK(at_work.store.revocations().size() == limits::kRevocationsMax);
  CHECK(at_work.revoked("eve") != nullptr);
  CHECK(at_work.store.current()->revocation_of(numbered(3)) != nullptr);

  many.push_back(many.front());
  put(at_work.folder / "revocations.jsonl", trust::revocation_lines(many));
  CHECK(mentions(fault(trust::TrustStore::open(at_work.folder.path(), {})), "more than 1000"));
}

TEST_CASE("the roots have the last word about who may revoke") {
  Store at_work;
  REQUIRE(at_work.take(revocation("eve")) == "");
  auto document = draft();
  document.version = 8;
  document.revocation_keys = {key("hal")};
  REQUIRE(fault(at_work.store.take(sealed(document, {"ann", "ben"}))) == "");
  CHECK(at_work.revoked("eve") == nullptr);
  CHECK(at_work.store.lapsed() == 1);
  document.version = 9;
  document.revoked.push_back({key("eve").keyid, kSince, "Stolen."});
  REQUIRE(fault(at_work.store.take(sealed(document, {"ann", "ben"}))) == "");
  CHECK(at_work.revoked("eve") != nullptr);
  CHECK(at_work.store.lapsed() == 0);
}

TEST_CASE("a revocation key that the document revokes signs nothing") {
  Store at_work;
  auto document = draft();
  document.version = 8;
  document.revocation_keys.push_back(key("hal"));
  document.revoked.push_back({key("dan").keyid, kSince, "Stolen."});
  REQUIRE(fault(at_work.store.take(sealed(document, {"ann", "ben"}))) == "");
  CHECK(mentions(at_work.take(revocation("eve")), "none of the 2 revocation keys"));
  CHECK(at_work.take(revocation("eve", {"hal"})) == "");
}

TEST_CASE("a damaged file of revocations is not passed over") {
  Store at_work;
  REQUIRE(at_work.take(revocation("eve")) == "");
  put(at_work.folder / "revocations.jsonl",
      contents(at_work.folder / "revocations.jsonl").substr(9));
  CHECK(mentions(fault(trust::TrustStore::open(at_work.folder.path(), {})), "Restore the file"));
}

TEST_CASE("a folder without a trust document takes no revocation") {
  const TempDir folder;
  auto store = trust::TrustStore::open(folder.path(), {}).value();
  CHECK(mentions(fault(store.take_revocation(revocation("eve"))), "no trust document yet"));
}

TEST_CASE("every single bit of a revocation's signature and key id counts") {
  const auto document = trust::read_trust(version(7), {}).value();
  const auto sound = trust::parse_revocation(revocation("eve")).value();
  REQUIRE_FALSE(trust::fault_of(sound, *document).has_value());
  int counted = 0;
  for (std::size_t bit = 0; bit < 96 * 8; ++bit) {
    auto changed = sound;
    auto& block = changed.envelope.signatures[0];
    const auto mask = static_cast<std::uint8_t>(1U << bit % 8);
    if (bit / 8 < 64) {
      block.signature[bit / 8] ^= mask;
    } else {
      block.keyid[bit / 8 - 64] ^= mask;
    }
    if (!trust::fault_of(changed, *document)) ++counted;
  }
  CHECK(counted == 0);
}
