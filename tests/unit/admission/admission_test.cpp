#include "engine/admission.hpp"

#include <functional>

#include "engine/trust/signature.hpp"
#include "tests/unit/admission/world.hpp"

using namespace engine;
using namespace tests;

namespace {

struct Row {
  std::string story;
  const char* outcome;
  std::function<std::string(const World&)> body;
};

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

/// The default alert's body, signed by those.
std::string from(const World& world, const std::vector<std::string>& names) {
  return AlertBuilder().signed_by(world.keys(names));
}

std::string bytes(const World& world, std::string_view payload, std::string_view type = kCapType) {
  return trust::envelope_json(sign(payload, world.keys({"Ann"}), type));
}

std::string unsigned_body() {
  Envelope envelope = sign("x", {});
  return trust::envelope_json(envelope);
}

std::string broken_signature(const World& world, const std::vector<std::string>& names,
                             std::size_t which) {
  Envelope envelope = AlertBuilder().envelope(world.keys(names));
  envelope.signatures[which].signature[10] ^= 1;
  return trust::envelope_json(envelope);
}

const std::vector<Row>& envelopes() {
  static const std::vector<Row> rows = {
      {"a sound envelope", "admitted", [](const World& w) { return from(w, {"Ann"}); }},
      {"a member of its own is ignored", "admitted",
       [](const World& w) { return replaced(from(w, {"Ann"}), "{", R"({"note":1,)"); }},
      {"eight signatures", "unknown_key",
       [](const World& w) {
         return from(w, {"s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8"});
       }},
      {"nine signatures", "too_large",
       [](const World& w) {
         return from(w, {"s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9"});
       }},
      {"no signature", "too_large", [](const World&) { return unsigned_body(); }},
      {"a body of 512 KiB and an octet", "too_large",
       [](const World& w) { return from(w, {"Ann"}) + std::string(512 * 1024, ' '); }},
      {"a payload of 256 KiB and an octet", "too_large",
       [](const World& w) { return bytes(w, std::string(256 * 1024 + 1, ' ')); }},
      {"a payload of 256 KiB", "invalid_alert",
       [](const World& w) { return bytes(w, std::string(256 * 1024, ' ')); }},
      {"no JSON", "malformed_envelope", [](const World&) { return std::string("<alert/>"); }},
      {"nothing", "malformed_envelope", [](const World&) { return std::string(); }},
      {"a key twice", "malformed_envelope",
       [](const World& w) { return replaced(from(w, {"Ann"}), "{", R"({"payload":"",)"); }},
      {"base64 without its padding", "malformed_envelope",
       [](const World& w) { return replaced(from(w, {"Ann"}), "==\"", "\""); }},
      {"a key id twice", "malformed_envelope",
       [](const World& w) {
         return from(w, {"Ann", "Ann"});
       }},
      {"another payloadType", "unsupported_type",
       [](const World& w) { return bytes(w, AlertBuilder().xml(), "application/xml"); }},
  };
  return rows;
}

const std::vector<Row>& signers_and_payloads() {
  static const std::vector<Row> rows = {
      {"an unknown key", "unknown_key", [](const World& w) { return from(w, {"Mallory"}); }},
      {"a key of each of two senders", "unknown_key",
       [](const World& w) {
         return from(w, {"Ann", "Mia"});
       }},
      {"a key past its time", "key_expired", [](const World& w) { return from(w, {"Old"}); }},
      {"a key before its time", "key_expired", [](const World& w) { return from(w, {"New"}); }},
      {"a revoked key", "key_revoked", [](const World& w) { return from(w, {"Lost"}); }},
      {"a revoked key beside good ones", "key_revoked",
       [](const World& w) {
         return from(w, {"Ann", "Ben", "Lost"});
       }},
      {"a signature that was changed", "bad_signature",
       [](const World& w) { return broken_signature(w, {"Ann"}, 0); }},
      {"one changed signature of two", "bad_signature",
       [](const World& w) {
         return broken_signature(w, {"Ann", "Ben"}, 1);
       }},
      {"bytes that are no XML", "invalid_alert",
       [](const World& w) { return bytes(w, "Flooding!"); }},
      {"a DOCTYPE", "invalid_alert",
       [](const World& w) {
         return bytes(w, replaced(AlertBuilder().xml(), "<alert", "<!DOCTYPE alert><alert"));
       }},
      {"an element that CAP does not have", "invalid_alert",
       [](const World& w) {
         return bytes(w, replaced(AlertBuilder().xml(), "<status>", "<mood>glad</mood><status>"));
       }},
      {"an Update that names nothing", "invalid_alert",
       [](const World& w) {
         return bytes(w, replaced(AlertBuilder().xml(), ">Alert<", ">Update<"));
       }},
  };
  return rows;
}

void check(const std::vector<Row>& rows) {
  const World world;
  for (const Row& row : rows) {
    CAPTURE(row.story);
    CHECK(outcome(world.verdict(row.body(world))) == row.outcome);
  }
}

}  // namespace

TEST_CASE("questions 1 to 3 are asked of the envelope") { check(envelopes()); }

TEST_CASE("questions 4 to 6 are asked of the keys and then of the XML") {
  check(signers_and_payloads());
}

TEST_CASE("a Cancel is asked questions 1 to 6 as well") {
  const World world;
  const auto cancel = AlertBuilder().cancel(earlier_alert());
  CHECK(outcome(world.verdict(cancel, {"Dan"})) == "admitted");
  CHECK(outcome(world.verdict(cancel.signed_by(world.keys({"Dan"})) + " x")) ==
        "malformed_envelope");
  CHECK(outcome(world.verdict(trust::envelope_json(
            sign(cancel.xml(), world.keys({"Dan"}), "x")))) == "unsupported_type");
  CHECK(outcome(world.verdict(cancel, {"Mallory"})) == "unknown_key");
  CHECK(outcome(world.verdict(cancel, {"Old"})) == "key_expired");
  CHECK(outcome(world.verdict(cancel, {"Lost"})) == "key_revoked");
  auto envelope = cancel.envelope(world.keys({"Dan"}));
  envelope.signatures[0].signature[0] ^= 1;
  CHECK(outcome(world.verdict(trust::envelope_json(envelope))) == "bad_signature");
  auto bare = AlertBuilder();
  CHECK(outcome(world.verdict(bytes(world, replaced(bare.xml(), ">Alert<", ">Cancel<")))) ==
        "invalid_alert");
}

TEST_CASE("the first fault in the envelope's order decides") {
  const World world;
  const std::vector<std::pair<std::vector<std::string>, const char*>> rows = {
      {{"Mallory", "Old", "Lost"}, "unknown_key"}, {{"Old", "Lost", "Mallory"}, "key_expired"},
      {{"Lost", "Mallory", "Old"}, "key_revoked"}, {{"Ann", "Old", "Mia"}, "key_expired"},
      {{"Ann", "Mia", "Old"}, "unknown_key"},      {{"Mia", "Ann"}, "unknown_key"},
  };
  for (const auto& [names, expected] : rows) {
    CHECK(outcome(world.verdict(AlertBuilder(), names)) == expected);
  }
  Envelope envelope = AlertBuilder().envelope(world.keys({"Ann", "Ben", "Old"}));
  envelope.signatures[0].signature[0] ^= 1;
  CHECK(outcome(world.verdict(trust::envelope_json(envelope))) == "key_expired");
  envelope.signatures.pop_back();
  const auto refusal = refusal_of(world.verdict(trust::envelope_json(envelope)));
  CHECK(refusal.code == Code::bad_signature);
  CHECK(says(refusal, "Ann"));
}

TEST_CASE("questions are asked in their order, so that the first of many faults is told") {
  // Each step mends the fault that was told and leaves those behind it.
  World world = World::live();
  world.trust.sender("narrow@example.uk").areas({"E08000003"}).officer("Nia");
  AlertBuilder alert;
  alert.status(cap::Status::actual).sent("2026-11-19T12:00:00Z").no_shape();
  alert.update(earlier_alert("somebody@example.uk")).expires("2026-11-19T13:00:00Z");
  alert.sender("narrow@example.uk").geocode("X");
  const auto told = [&](const std::vector<std::string>& names) {
    return outcome(world.verdict(alert, names));
  };
  CHECK(outcome(world.verdict(trust::envelope_json(
            sign(alert.xml(), world.keys({"Mallory"}), "text/plain")))) == "unsupported_type");
  CHECK(told({"Mallory"}) == "unknown_key");
  Envelope changed = alert.envelope(world.keys({"Nia"}));
  changed.signatures[0].signature[0] ^= 1;
  CHECK(outcome(world.verdict(trust::envelope_json(changed))) == "bad_signature");
  CHECK(outcome(world.verdict(trust::envelope_json(
            sign(alert.xml() + "<", world.keys({"Nia"}))))) == "invalid_alert");
  CHECK(told({"Nia"}) == "wrong_system");
  alert.codes({"system:live-gb"});
  CHECK(told({"Nia"}) == "outside_authority");
  alert.no_shape().geocode("X", "SAME");
  CHECK(told({"Nia"}) == "needs_approval");
  world.trust.officer("Noa");
  CHECK(told({"Nia", "Noa"}) == "foreign_reference");
  AlertBuilder mended;
  mended.status(cap::Status::actual).codes({"system:live-gb"}).sender("narrow@example.uk");
  mended.no_shape().geocode("X", "SAME").update(earlier_alert("narrow@example.uk"));
  alert = mended.sent("2026-11-22T12:00:00Z").expires("2026-11-22T13:00:00Z");
  CHECK(told({"Nia", "Noa"}) == "sent_in_future");
  alert.sent("2026-11-19T12:00:00Z").expires("2026-11-19T13:00:00Z");
  CHECK(told({"Nia", "Noa"}) == "too_old");
  alert.sent("2026-11-21T11:00:00Z").expires("2026-11-21T12:00:00Z");
  CHECK(told({"Nia", "Noa"}) == "expired");
  alert.expires("2026-11-21T13:00:00Z");
  CHECK(told({"Nia", "Noa"}) == "no_place");
  alert.geocode("E08000003");
  CHECK(told({"Nia", "Noa"}) == "admitted");
}

TEST_CASE("the id is told from question 6 on and not before") {
  const World world;
  const auto id_of = [](const Verdict& verdict) { return std::get<Refused>(verdict).signed_id; };
  CHECK_FALSE(id_of(world.verdict("")).has_value());
  CHECK_FALSE(id_of(world.verdict(AlertBuilder(), {"Mallory"})).has_value());
  CHECK_FALSE(id_of(world.verdict(broken_signature(world, {"Ann", "Ben"}, 1))).has_value());
  CHECK(id_of(world.verdict(bytes(world, "no XML"))) == trust::sha256("no XML"));
  const auto old = AlertBuilder().sent("2026-11-19T12:00:00Z");
  CHECK(id_of(world.verdict(old, {"Ann"})) == trust::sha256(old.xml()));
}

TEST_CASE("a candidate is what was signed") {
  const World world;
  const auto alert =
      AlertBuilder().polygon({{51.50, -0.13}, {51.51, -0.13}, {51.51, -0.12}, {51.50, -0.13}});
  const auto candidate = std::get<Candidate>(world.verdict(alert, {"Ben", "Ann"}));
  const Bulletin& bulletin = *candidate.bulletin;
  CHECK(bulletin.envelope.payload == alert.xml());
  CHECK(bulletin.envelope.payload_type == kCapType);
  CHECK(bulletin.envelope.signatures == alert.envelope(world.keys({"Ben", "Ann"})).signatures);
  CHECK(bulletin.id == trust::sha256(alert.xml()));
  cap::Outline outline = cap::outline_of(alert.alert());
  Places::builtin().complete(outline);
  CHECK(bulletin.outline == outline);
  CHECK(outline.reaches[0].met == std::vector<std::string>{"E09000033", "E12000007", "E92000001",
                                                           "K02000001", "K03000001", "K04000001"});
  CHECK(bulletin.outline.reaches.size() == 1);
  CHECK(candidate.rate_per_hour == 60);
}

TEST_CASE("a Cancel with areas and severity of its own moves nobody by them") {
  const World world;
  const auto hostile = AlertBuilder()
                           .cancel(earlier_alert())
                           .severity(cap::Severity::extreme)
                           .headline("EVACUATE")
                           .geocode("K02000001");
  const auto candidate = std::get<Candidate>(world.verdict(hostile, {"Dan"}));
  CHECK(candidate.bulletin->outline.reaches.empty());
  CHECK(candidate.bulletin->outline.references == std::vector{earlier_alert()});
  CHECK_FALSE(candidate.rate_exempt);
  CHECK_FALSE(std::get<Candidate>(world.verdict(hostile, {"Dan", "Ann"})).rate_exempt);
}

TEST_CASE("the rate is not asked of an Extreme alert with two holders") {
  const World world;
  struct Line {
    cap::Severity severity;
    std::vector<std::string> names;
    const char* exempt;
  };
  const std::vector<Line> rows = {
      {cap::Severity::extreme, {"Ann", "Ben"}, "yes"},
      {cap::Severity::unknown, {"Ann", "Ben"}, "yes"},
      {cap::Severity::severe, {"Ann", "Ben"}, "no"},
      {cap::Severity::extreme, {"Ann"}, "no"},
      {cap::Severity::extreme, {"Ann", "Ann's spare"}, "no"},
  };
  for (const auto& [severity, names, exempt] : rows) {
    const auto verdict = world.verdict(AlertBuilder().severity(severity), names);
    CHECK(std::get<Candidate>(verdict).rate_exempt == (std::string_view(exempt) == "yes"));
  }
}

TEST_CASE("the same question has the same answer at the same time and another one later") {
  World world;
  const auto body = AlertBuilder().signed_by(world.keys({"Ann"}));
  CHECK(outcome(world.verdict(body)) == "admitted");
  CHECK(outcome(world.verdict(body)) == "admitted");
  world.now = at("2026-11-21T18:00:00Z");
  CHECK(outcome(world.verdict(body)) == "expired");
  world.now = at("2026-11-22T12:00:01Z");
  CHECK(outcome(world.verdict(body)) == "too_old");
  world.now = at("2028-01-01T00:00:00Z");
  CHECK(outcome(world.verdict(body)) == "key_expired");
}

TEST_CASE("a key is valid from its first moment and no longer at its last") {
  World world;
  TrustBuilder brief;
  brief.sender().officer(
      "Ann", {.not_before = "2026-11-21T12:00:00Z", .not_after = "2026-11-21T12:01:00Z"});
  world.trust = brief;
  const std::vector<std::pair<const char*, const char*>> rows = {
      {"2026-11-21T11:59:59.999Z", "key_expired"},
      {"2026-11-21T12:00:00Z", "admitted"},
      {"2026-11-21T12:00:59.999Z", "admitted"},
      {"2026-11-21T12:01:00Z", "key_expired"},
  };
  for (const auto& [time, expected] : rows) {
    world.now = at(time);
    CHECK(outcome(world.verdict(AlertBuilder(), {"Ann"})) == expected);
  }
}

TEST_CASE("a revocation counts from its moment on and for a key that no sender has any more") {
  World world;
  world.trust.revoke("Ann", "2026-11-21T12:00:30Z").revoke("Gone", "2026-11-20T00:00:00Z");
  world.trust.revoke("Later", "2026-12-01T00:00:00Z");
  CHECK(outcome(world.verdict(AlertBuilder(), {"Ann"})) == "key_revoked");
  CHECK(outcome(world.verdict(AlertBuilder(), {"Gone"})) == "key_revoked");
  CHECK(outcome(world.verdict(AlertBuilder(), {"Later"})) == "unknown_key");
  world.now -= Duration{1};
  CHECK(outcome(world.verdict(AlertBuilder(), {"Ann"})) == "admitted");
}

TEST_CASE("an expired trust document goes on admitting") {
  World world;
  world.trust.expires("2026-02-01T00:00:00Z");
  CHECK(outcome(world.verdict(AlertBuilder(), {"Ann"})) == "admitted");
}

TEST_CASE("limits are kept at their value and not above") {
  World world;
  const auto body = AlertBuilder().signed_by(world.keys({"Ann", "Ben"}));
  world.limits.envelope.body_max = body.size();
  CHECK(outcome(world.verdict(body)) == "admitted");
  CHECK(outcome(world.verdict(body + " ")) == "too_large");
  world.limits.envelope.payload_max = AlertBuilder().xml().size() - 1;
  CHECK(outcome(world.verdict(body)) == "too_large");
  world.limits = {};
  world.limits.envelope.signatures_max = 1;
  CHECK(outcome(world.verdict(body)) == "too_large");
  world.limits = {};
  const auto triangle =
      AlertBuilder().polygon({{51.50, -0.13}, {51.51, -0.13}, {51.51, -0.12}, {51.50, -0.13}});
  world.limits.vertices_max = 4;
  CHECK(outcome(world.verdict(triangle, {"Ann"})) == "admitted");
  world.limits.vertices_max = 3;
  CHECK(outcome(world.verdict(triangle, {"Ann"})) == "invalid_alert");
}

TEST_CASE("of what the log holds already nothing is asked but who signed it") {
  const World world;
  std::vector<BulletinId> asked;
  const auto ask = [&](const std::string& body, bool known) {
    asked.clear();
    return decide(body, *world.trust.document(), Places::builtin(), world.now, world.limits,
                  [&](const BulletinId& id) {
                    asked.push_back(id);
                    return known;
                  });
  };
  const std::string no_alert = bytes(world, "this is no alert");
  const auto id = trust::sha256("this is no alert");
  const auto repeat = ask(no_alert, true);
  CHECK(outcome(repeat) == "log_unavailable");
  CHECK(std::get<Refused>(repeat).signed_id == id);
  CHECK(asked == std::vector{id});
  CHECK(outcome(ask(no_alert, false)) == "invalid_alert");
  CHECK(outcome(ask(from(world, {"Ann"}), false)) == "admitted");
  CHECK(outcome(ask(broken_signature(world, {"Ann"}, 0), true)) == "bad_signature");
  CHECK(asked.empty());
}
