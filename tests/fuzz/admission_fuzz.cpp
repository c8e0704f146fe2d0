// Any bytes asked questions 1 to 12: as a body, as a document that nobody signed, and as one that
// officers of the first octet's choice did sign. Nothing unsigned is ever admitted; what is, keeps
// the trust document's promises, and not with one bit of a signature changed. The signatures are
// real, so what lies behind them is reached as well.
#include <boost/json/parse.hpp>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "engine/admission.hpp"
#include "engine/base/ensure.hpp"
#include "tests/support/alert_builder.hpp"
#include "tests/support/trust_builder.hpp"

namespace {

using namespace engine;

struct World {
  tests::TrustBuilder trust;
  trust::TrustPtr document;
  Time now = tests::at("2026-11-21T12:00:30Z");
  std::vector<const trust::SigningKey*> keys;

  World() {
    trust.sender().officer("Ann").officer("Ben").approval("Exercise", "Extreme", 2);
    trust.officer("Cat", {.duties = {"approve"}}).officer("Dan", {.duties = {"cancel"}});
    trust.officer("Old", {.not_after = "2026-06-01T00:00:00Z"});
    trust.officer("Lost").revoke("Lost", "2026-11-20T00:00:00Z");
    trust.sender("control@manchester.example.uk").areas({"E08000003"}).officer("Mia");
    trust.categories({"Safety", "Met"}).max_severity("Severe").statuses({"Exercise"});
    trust.scopes({"Public"});
    document = trust.document();
    for (const char* name : {"Ann", "Ben", "Cat", "Dan", "Old", "Lost", "Mia", "Nobody"}) {
      keys.push_back(&trust.key(name));
    }
  }
};

const World& world() {
  static const World one;
  return one;
}

Verdict asked(std::string_view body) {
  return decide(body, *world().document, Places::builtin(), world().now);
}

void check_refusal(const Refused& refused) {
  const Refusal& refusal = refused.refusal;
  ENSURE(refusal.code < Code::identity_conflict && !refusal.detail.empty());
  ENSURE(refused.signed_id.has_value() == (refusal.code > Code::bad_signature));
  ENSURE((refusal.code == Code::invalid_alert) == !refusal.errors.empty());
  ENSURE(http_status(refusal.code) >= 400 && !title(refusal.code).empty());
  boost::system::error_code error;
  boost::json::parse(problem_json(refusal), error);
  ENSURE(!error);
}

void check_holders(const Bulletin& bulletin, cap::Severity severity, cap::Status status) {
  std::set<std::string> holders;
  const trust::Sender* sender = nullptr;
  for (const SignatureBlock& block : bulletin.envelope.signatures) {
    const auto officer = world().document->find(block.keyid);
    ENSURE(officer.has_value());
    ENSURE(sender == nullptr || sender == officer->sender);
    sender = officer->sender;
    holders.insert(officer->officer->key.holder);
  }
  ENSURE(sender != nullptr && bulletin.outline.identity.sender == sender->sender);
  if (bulletin.outline.msg_type == cap::MsgType::cancel) return;
  ENSURE(static_cast<int>(holders.size()) >= holders_needed(*sender, status, severity));
}

void check_admitted(const Candidate& candidate) {
  const Bulletin& bulletin = *candidate.bulletin;
  const cap::Outline& outline = bulletin.outline;
  ENSURE(bulletin.id == trust::sha256(bulletin.envelope.payload));
  ENSURE(bulletin.envelope.payload.find("system:exercise-gb") != std::string::npos);
  cap::Severity severity = cap::Severity::extreme;
  cap::Status status = cap::Status::exercise;
  for (const cap::Reach& reach : outline.reaches) {
    ENSURE(reach.status == cap::Status::exercise || reach.status == cap::Status::test);
    ENSURE(reach.sender == outline.identity.sender);
    severity = reach.severity;
    status = reach.status;
  }
  const bool places =
      outline.msg_type == cap::MsgType::alert || outline.msg_type == cap::MsgType::update;
  ENSURE(outline.reaches.size() == (places ? 1U : 0U));
  for (const cap::Identity& named : outline.references) {
    ENSURE(named.sender == outline.identity.sender);
  }
  if (places) check_holders(bulletin, severity, status);
}

/// No bit of any signature of an admitted bulletin may change; which one is tried depends on it.
void check_tampering(const Candidate& candidate) {
  Envelope envelope = candidate.bulletin->envelope;
  const std::size_t bit = candidate.bulletin->id[0] * 2U + (candidate.bulletin->id[1] & 1U);
  envelope.signatures.back().signature[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
  const Verdict verdict = asked(trust::envelope_json(envelope));
  const auto* refused = std::get_if<Refused>(&verdict);
  ENSURE(refused != nullptr && refused->refusal.code == Code::bad_signature);
}

void check_signed(std::uint8_t who, std::string_view payload) {
  tests::KeyPtrs keys;
  for (unsigned i = 0; i < 8; ++i) {
    if ((who & 1U << i) != 0) keys.push_back(world().keys[i]);
  }
  const Envelope envelope = tests::sign(payload, keys);
  const Verdict verdict = asked(trust::envelope_json(envelope));
  if (const auto* refused = std::get_if<Refused>(&verdict)) return check_refusal(*refused);
  const auto& candidate = std::get<Candidate>(verdict);
  ENSURE(candidate.bulletin->envelope.payload == payload);
  check_admitted(candidate);
  check_tampering(candidate);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Verdict unsigned_body = asked(bytes);
  const auto* refused = std::get_if<Refused>(&unsigned_body);
  ENSURE(refused != nullptr && !refused->signed_id.has_value());
  check_refusal(*refused);
  if (size > 0) check_signed(data[0], bytes.substr(1));
  return 0;
}
