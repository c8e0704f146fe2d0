#include "engine/trust/trust_document.hpp"

#include <doctest/doctest.h>

#include "tests/unit/trust/trust_fixture.hpp"

using namespace engine;
using namespace tests;

namespace {

std::string refused(const std::string& file, const trust::Pins& pins = {}) {
  return fault(trust::read_trust(file, pins));
}

trust::TrustPtr taken(const std::string& file, const trust::Pins& pins = {}) {
  const auto document = trust::read_trust(file, pins);
  CHECK(fault(document) == "");
  REQUIRE(document.has_value());
  return *document;
}

trust::Pins pinned_by_id(const Signers& names, int threshold) {
  trust::Pins pins;
  for (const auto& name : names) pins.root_keys.insert(key(name).keyid);
  pins.threshold = threshold;
  return pins;
}

}  // namespace

TEST_CASE("a document signed by a threshold of its roots is taken and answers for its officers") {
  const std::string file = sealed(draft(), {"ann", "cat"});
  const auto document = taken(file);
  CHECK(document->envelope == file);
  CHECK(document->digest == trust::sha256(trust::trust_payload_json(draft())));
  CHECK(document->version == 7);

  const auto eve = document->find(key("eve").keyid);
  REQUIRE(eve.has_value());
  CHECK(eve->sender == &document->senders.front());
  CHECK(eve->officer->key.holder == "eve");
  CHECK_FALSE(document->find(key("ann").keyid).has_value());
  CHECK_FALSE(document->find(key("stranger").keyid).has_value());

  REQUIRE(document->revocation_of(key("guy").keyid) != nullptr);
  CHECK(document->revocation_of(key("guy").keyid)->reason == "Lost on a train.");
  CHECK(document->revocation_of(key("eve").keyid) == nullptr);
}

TEST_CASE("an expired document is taken and says that it is expired") {
  const auto document = taken(sealed(draft(), {"ann", "ben"}));
  CHECK_FALSE(trust::expired(*document, at("2027-10-31T23:59:59.999Z")));
  CHECK(trust::expired(*document, at("2027-11-01T00:00:00Z")));
}

TEST_CASE("too few root holders are not enough") {
  CHECK(mentions(refused(sealed(draft(), {"ann"})), "signed by 1 of the 2 holders"));
  CHECK(mentions(refused(sealed(draft(), {"ann", "eve"})), "signed by 1 of the 2 holders"));
  CHECK(mentions(refused(sealed(draft(), {"stranger"})), "signed by 0 of the 2 holders"));
}

TEST_CASE("two keys of one holder count once") {
  auto document = draft();
  document.root_keys = {key("ann"), key("ann again"), key("ben")};
  CHECK(mentions(refused(sealed(document, {"ann", "ann again"})), "signed by 1 of the 2 holders"));
  CHECK(refused(sealed(document, {"ann", "ann again", "ben"})) == "");
}

TEST_CASE("no flipped bit of a root's signature or key id goes unseen") {
  auto document = draft();
  document.root_threshold = 1;
  const std::string payload = trust::trust_payload_json(document);
  const auto block = key_of("ann").sign(trust::kTrustType, payload);
  const auto read_with = [&](const SignatureBlock& altered) {
    return refused(trust::envelope_json({std::string(trust::kTrustType), payload, {altered}}));
  };
  CHECK(read_with(block) == "");
  for (std::size_t bit = 0; bit < 512; ++bit) {
    CAPTURE(bit);
    auto altered = block;
    altered.signature[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    CHECK(mentions(read_with(altered), "does not verify"));
  }
  for (std::size_t bit = 0; bit < 256; ++bit) {
    CAPTURE(bit);
    auto altered = block;
    altered.keyid[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    CHECK(mentions(read_with(altered), "signed by 0 of the 1 holders"));
  }
}

TEST_CASE("a root's signature that does not verify spoils the document even if others would do") {
  const std::string payload = trust::trust_payload_json(draft());
  Envelope envelope{std::string(trust::kTrustType), payload, {}};
  for (const auto* name : {"ann", "ben", "cat"}) {
    envelope.signatures.push_back(key_of(name).sign(trust::kTrustType, payload));
  }
  CHECK(refused(trust::envelope_json(envelope)) == "");
  envelope.signatures.back().signature[0] ^= 1;
  CHECK(mentions(refused(trust::envelope_json(envelope)), "does not verify"));
}

TEST_CASE("what is no signed trust document is refused in a sentence") {
  CHECK(mentions(refused(""), "no signed trust document"));
  CHECK(mentions(refused(trust::trust_payload_json(draft())), "payloadType"));
  CHECK(mentions(refused(sealed("{}", {"ann"}, kCapType)), "another type"));
  CHECK(mentions(refused(sealed("<alert/>", {"ann"})), "cannot be read. Not strict JSON"));
  CHECK(mentions(refused(sealed("{}", {"ann"})), "system is missing; add it."));
  // A signature over another type is none over this one.
  const std::string payload = trust::trust_payload_json(draft());
  Envelope envelope{std::string(trust::kTrustType), payload, {key_of("ann").sign("x", payload)}};
  CHECK(mentions(refused(trust::envelope_json(envelope)), "does not verify"));
}

TEST_CASE("a trust document may be longer than an alert") {
  auto document = draft();
  const auto sender = document.senders.front();
  document.senders.clear();
  for (int i = 0; i < 2000; ++i) {
    document.senders.push_back(sender);
    document.senders.back().sender = "control-" + std::to_string(i);
    document.senders.back().officers.clear();
  }
  CHECK(taken(sealed(document, {"ann", "ben"}))->senders.size() == 2000);
}

TEST_CASE("a trust document has 8 MiB and 32 signatures and nothing beyond them") {
  const std::string file = sealed(draft(), {"ann", "ben"});
  CHECK(refused(file + std::string((8UL << 20) - file.size(), ' ')) == "");
  CHECK(refused(file + std::string((8UL << 20) + 1 - file.size(), ' ')) != "");

  auto envelope = std::get<Envelope>(trust::parse_envelope(file, trust::kTrustEnvelopeLimits));
  for (std::uint8_t other = 0; envelope.signatures.size() < 32; ++other) {
    envelope.signatures.emplace_back().keyid.fill(other);  // of nobody it knows
  }
  CHECK(refused(trust::envelope_json(envelope)) == "");
  envelope.signatures.emplace_back().keyid.fill(0xff);
  CHECK(refused(trust::envelope_json(envelope)) != "");
}

TEST_CASE("a version never goes back and is never used for two documents") {
  const auto pins = trust::pins_of(*taken(sealed(draft(), {"ann", "ben"})));
  CHECK(pins.version == 7);
  CHECK(refused(sealed(draft(), {"ann", "ben"}), pins) == "");
  CHECK(refused(sealed(draft(), {"cat", "ben"}), pins) == "");  // the same payload

  auto document = draft();
  document.senders.front().name = "Another";
  CHECK(mentions(refused(sealed(document, {"ann", "ben"}), pins), "says something else"));
  document.version = 6;
  CHECK(mentions(refused(sealed(document, {"ann", "ben"}), pins),
                 "has version 6, and version 7 was taken already"));
  document.version = 8;
  CHECK(refused(sealed(document, {"ann", "ben"}), pins) == "");
}

TEST_CASE("new roots count only if a threshold of the pinned ones signed too") {
  const auto pins = trust::pins_of(*taken(sealed(draft(), {"ann", "ben"})));
  auto next = draft();
  next.version = 8;
  next.root_keys = {key("xia"), key("yan")};
  CHECK(mentions(refused(sealed(next, {"xia", "yan"}), pins), "0 of the 2 holders of pinned"));
  CHECK(
      mentions(refused(sealed(next, {"xia", "yan", "ann"}), pins), "1 of the 2 holders of pinned"));
  CHECK(mentions(refused(sealed(next, {"ann", "ben"}), pins), "0 of the 2 holders its own root"));
  // The old roots' keys are no longer in the document, and still verify it.
  const auto document = taken(sealed(next, {"xia", "yan", "ann", "ben"}), pins);
  CHECK(trust::pins_of(*document).root_keys.contains(key("xia").keyid));
  CHECK_FALSE(trust::pins_of(*document).root_keys.contains(key("ann").keyid));
}

TEST_CASE("a holder of two pinned keys does not become two by being written as two") {
  auto first = draft();
  first.root_keys = {key("ann"), key("ann again"), key("ben")};
  const auto pins = trust::pins_of(*taken(sealed(first, {"ann", "ben"})));
  auto next = first;
  next.version = 8;
  next.root_keys[1].holder = "zoe";
  CHECK(
      mentions(refused(sealed(next, {"ann", "ann again"}), pins), "1 of the 2 holders of pinned"));
  CHECK(refused(sealed(next, {"ann", "ann again", "ben"}), pins) == "");
}

TEST_CASE("roots pinned by id alone have to have signed") {
  const std::string file = sealed(draft(), {"ann", "ben"});
  CHECK(refused(file, pinned_by_id({"ann"}, 1)) == "");
  CHECK(mentions(refused(file, pinned_by_id({"cat"}, 1)), "0 of the 1 holders of pinned"));
  CHECK(mentions(refused(file, pinned_by_id({"stranger"}, 1)), "0 of the 1 holders of pinned"));
  CHECK(mentions(refused(file, pinned_by_id({"ann", "cat"}, 2)), "1 of the 2 holders of pinned"));
}

TEST_CASE("threshold 0 asks as many pinned holders as the document asks and are pinned") {
  const std::string file = sealed(draft(), {"ann", "ben"});
  CHECK(refused(file, pinned_by_id({"ann"}, 0)) == "");
  CHECK(refused(file, pinned_by_id({"ann", "ben", "cat"}, 0)) == "");
  CHECK(mentions(refused(file, pinned_by_id({"ann", "cat"}, 0)), "1 of the 2 holders of pinned"));
  CHECK(mentions(refused(file, pinned_by_id({"stranger"}, 0)), "0 of the 1 holders of pinned"));
}
