// Whatever is changed in a signed envelope, the answer is no.
#include <functional>
#include <random>

#include "tests/unit/admission/world.hpp"

using namespace engine;
using namespace tests;

namespace {

/// One officer's envelope, taken apart and put together again with a change.
struct Signed {
  World world;
  trust::TrustPtr document = world.trust.document();
  Envelope envelope = AlertBuilder().envelope(world.keys({"Ann"}));

  std::string outcome_of(const Envelope& changed) const {
    return outcome(decide(trust::envelope_json(changed), *document, Places::builtin(), world.now));
  }
};

}  // namespace

TEST_CASE("every change of one bit of a signature is refused") {
  const Signed own;
  REQUIRE(own.outcome_of(own.envelope) == "admitted");
  for (std::size_t bit = 0; bit < 512; ++bit) {
    Envelope changed = own.envelope;
    changed.signatures[0].signature[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    CAPTURE(bit);
    CHECK(own.outcome_of(changed) == "bad_signature");
  }
}

TEST_CASE("every change of one bit of a key id is refused") {
  const Signed own;
  for (std::size_t bit = 0; bit < 256; ++bit) {
    Envelope changed = own.envelope;
    changed.signatures[0].keyid[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    CAPTURE(bit);
    CHECK(own.outcome_of(changed) == "unknown_key");
  }
}

TEST_CASE("ten thousand random changes of the payload are refused") {
  const Signed own;
  std::mt19937 random{20261121};
  const auto below = [&](std::size_t end) { return static_cast<std::size_t>(random() % end); };
  const std::vector<std::function<void(Bytes&)>> changes = {
      [&](Bytes& text) { text[below(text.size())] ^= static_cast<char>(1U << below(8)); },
      [&](Bytes& text) { text.erase(below(text.size()), 1 + below(20)); },
      [&](Bytes& text) { text.insert(below(text.size() + 1), 1 + below(5), ' '); },
      [&](Bytes& text) { text.resize(below(text.size())); },
      [&](Bytes& text) { text += text.substr(below(text.size())); },
  };
  for (int round = 0; round < 10'000; ++round) {
    Envelope changed = own.envelope;
    changes[below(changes.size())](changed.payload);
    CAPTURE(round);
    REQUIRE(changed.payload != own.envelope.payload);
    CHECK(own.outcome_of(changed) == "bad_signature");
  }
}

TEST_CASE("a signature over other bytes or another type does not count") {
  const Signed own;
  const auto& ann = own.world.trust.key("Ann");
  Envelope changed = own.envelope;
  changed.signatures = AlertBuilder().headline("EXERCISE").envelope({&ann}).signatures;
  CHECK(own.outcome_of(changed) == "bad_signature");
  changed.signatures = {ann.sign("application/xml", own.envelope.payload)};
  CHECK(own.outcome_of(changed) == "bad_signature");
  changed.signatures = {ann.sign(kCapType, own.envelope.payload)};
  CHECK(own.outcome_of(changed) == "admitted");
}

TEST_CASE("one officer's signature under another's key id does not count") {
  const Signed own;
  Envelope changed = own.envelope;
  changed.signatures[0].keyid = own.world.trust.key("Ben").keyid();
  CHECK(own.outcome_of(changed) == "bad_signature");
}

TEST_CASE("a drill's envelope is refused by the live system with the same officers") {
  Signed own;
  own.world.trust.live();
  CHECK(outcome(own.world.verdict(trust::envelope_json(own.envelope))) == "wrong_system");
}

TEST_CASE("no piece of an envelope is taken for a whole one") {
  const Signed own;
  const std::string body = trust::envelope_json(own.envelope);
  for (std::size_t size = 0; size < body.size(); ++size) {
    const auto verdict = decide(std::string_view(body).substr(0, size), *own.document,
                                Places::builtin(), own.world.now);
    CHECK(outcome(verdict) == "malformed_envelope");
  }
}

TEST_CASE("signatures may stand in any order but not twice nor under each other's names") {
  const Signed own;
  const auto both = AlertBuilder().envelope(own.world.keys({"Ann", "Ben"}));
  Envelope changed = both;
  std::swap(changed.signatures[0], changed.signatures[1]);
  CHECK(own.outcome_of(changed) == "admitted");
  std::swap(changed.signatures[0].signature, changed.signatures[1].signature);
  CHECK(own.outcome_of(changed) == "bad_signature");
  changed = both;
  changed.signatures[1] = changed.signatures[0];
  CHECK(own.outcome_of(changed) == "malformed_envelope");
}
