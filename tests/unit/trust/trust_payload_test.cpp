#include "engine/trust/trust_payload.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/json.hpp>

#include "tests/unit/trust/temp_dir.hpp"
#include "tests/unit/trust/trust_fixture.hpp"

using namespace engine;
using namespace tests;
namespace json = boost::json;

namespace {

/// The object or array that holds the last name of a path ("senders.0.name"), and that name.
std::pair<json::value*, std::string> place(json::value& whole, const std::string& path) {
  std::string pointer = "/" + path;
  std::replace(pointer.begin(), pointer.end(), '.', '/');
  const auto last = pointer.rfind('/');
  return {&whole.at_pointer(pointer.substr(0, last)), pointer.substr(last + 1)};
}

/// Why a payload is refused that has another value at one place ("root.threshold").
std::string with(const char* path, const json::value& other) {
  json::value whole = json::parse(trust::trust_payload_json(draft()));
  const auto [parent, name] = place(whole, path);
  if (parent->is_object()) parent->as_object()[name] = other;
  if (parent->is_array()) parent->as_array().at(std::stoul(name)) = other;
  return fault(trust::read_payload(json::serialize(whole)));
}

/// Why a payload is refused that lacks one member.
std::string without(const char* path) {
  json::value whole = json::parse(trust::trust_payload_json(draft()));
  const auto [parent, name] = place(whole, path);
  REQUIRE(parent->as_object().erase(name) == 1);
  return fault(trust::read_payload(json::serialize(whole)));
}

struct Row {
  const char* path;
  json::value value;
  const char* says;
};

void check_rows(const std::vector<Row>& rows) {
  for (const auto& row : rows) {
    CAPTURE(row.path);
    CAPTURE(json::serialize(row.value));
    const std::string why = with(row.path, row.value);
    CAPTURE(why);
    CHECK(mentions(why, row.says));
    CHECK(why.starts_with("The trust document's "));
    CHECK(why.ends_with('.'));
  }
}

}  // namespace

TEST_CASE("a payload is read as it was written") {
  const auto document = trust::read_payload(trust::trust_payload_json(draft()));
  REQUIRE(fault(document) == "");
  CHECK(trust::trust_payload_json(*document) == trust::trust_payload_json(draft()));
  const auto& sender = document->senders.at(0);
  CHECK(sender.authority.max_severity == cap::Severity::severe);
  CHECK(sender.authority.scopes == std::set<cap::Scope>{cap::Scope::public_});
  CHECK_FALSE(sender.officers.at(1).duties.originate);
  CHECK(sender.officers.at(1).duties.cancel);
  CHECK(document->kind == trust::SystemKind::exercise);
  CHECK(document->revocation_keys.at(0).holder == "dan");
  CHECK(document->by_keyid.empty());
}

TEST_CASE("the examples in schemas are judged as they say") {
  const std::filesystem::path folder = TOCSIN_SOURCE_DIR "/schemas/examples";
  CHECK(fault(trust::read_payload(contents(folder / "trust.json"))) == "");
  int refused = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().stem().string();
    if (!name.starts_with("invalid-trust-") || mentions(name, "envelope")) continue;
    CAPTURE(name);
    CHECK_FALSE(trust::read_payload(contents(entry.path())).has_value());
    ++refused;
  }
  CHECK(refused >= 4);
}

TEST_CASE("members nobody knows are passed over, and some may be left out") {
  CHECK(with("colour", "red") == "");
  CHECK(with("senders.0.officers.0.colour", {{"a", 1}}) == "");
  CHECK(with("log", nullptr) == "");
  CHECK(with("revoked.0.reason", "") == "");
  CHECK(with("senders", json::array{}) == "");
  CHECK(with("senders.0.officers", json::array{}) == "");
  for (const auto* path :
       {"revocation", "revoked", "senders.0.approvals", "senders.0.rate_per_hour"}) {
    CAPTURE(path);
    CHECK(without(path) == "");
  }
}

TEST_CASE("what every document has to have may not be left out") {
  for (const auto* path : {"system",
                           "kind",
                           "version",
                           "issued",
                           "expires",
                           "root",
                           "root.threshold",
                           "root.keys",
                           "root.keys.0.keyid",
                           "root.keys.0.public",
                           "root.keys.0.holder",
                           "senders",
                           "senders.0.sender",
                           "senders.0.name",
                           "senders.0.officers",
                           "senders.0.officers.0.duties",
                           "senders.0.officers.0.not_before",
                           "senders.0.officers.0.not_after",
                           "senders.0.authority",
                           "senders.0.authority.areas",
                           "senders.0.authority.categories",
                           "senders.0.authority.max_severity",
                           "senders.0.authority.statuses",
                           "senders.0.authority.scopes",
                           "senders.0.approvals.0.status",
                           "senders.0.approvals.0.severity_at_least",
                           "senders.0.approvals.0.holders",
                           "revoked.0.keyid",
                           "revoked.0.since",
                           "revoked.0.reason"}) {
    CAPTURE(path);
    CHECK(mentions(without(path), "is missing; add it."));
  }
}

TEST_CASE("a member of the wrong type is refused wherever it is") {
  for (const auto* path : {"system",
                           "kind",
                           "version",
                           "issued",
                           "expires",
                           "root",
                           "root.threshold",
                           "root.keys",
                           "root.keys.0",
                           "root.keys.0.keyid",
                           "root.keys.0.public",
                           "root.keys.0.holder",
                           "revocation",
                           "senders",
                           "senders.0",
                           "senders.0.sender",
                           "senders.0.name",
                           "senders.0.officers",
                           "senders.0.officers.0",
                           "senders.0.officers.0.duties",
                           "senders.0.officers.0.duties.0",
                           "senders.0.officers.0.not_before",
                           "senders.0.authority",
                           "senders.0.authority.areas",
                           "senders.0.authority.areas.0",
                           "senders.0.authority.categories",
                           "senders.0.authority.max_severity",
                           "senders.0.authority.statuses",
                           "senders.0.authority.scopes",
                           "senders.0.approvals",
                           "senders.0.approvals.0",
                           "senders.0.rate_per_hour",
                           "revoked",
                           "revoked.0",
                           "revoked.0.since",
                           "revoked.0.reason",
                           "log"}) {
    CAPTURE(path);
    const std::string why = with(path, true);
    CHECK(mentions(why, " must be "));
    CHECK(why.ends_with('.'));
  }
  CHECK(fault(trust::read_payload("[]")) == "The trust document's contents must be a JSON object.");
}

TEST_CASE("a heading and roots that make no sense are refused with what to do") {
  check_rows(
      {{"system", "exercise gb", "system must be of letters, digits"},
       {"system", "", "system must have 1 to 1,000 octets"},
       {"kind", "drill", "kind must be \"live\" or \"exercise\""},
       {"version", 0, "version must be a whole number from 1"},
       {"version", 7.5, "version must be a whole number from 1"},
       {"version", 9007199254740992, "version must be a whole number from 1"},
       {"version", 18446744073709551615U, "version must be a whole number from 1"},
       {"issued", "2026-11-01T00:00:00+00:00", "issued must be a time such as"},
       {"issued", "2026-11-31T00:00:00Z", "issued must be a time such as"},
       {"issued", "2027-11-01T00:00:00Z", "expires is not after issued"},
       {"root.threshold", 0, "root.threshold must be a whole number from 1"},
       {"root.threshold", 4, "root.threshold asks for more holders than root.keys has; write 3"},
       {"root.keys", json::array{}, "root.keys is empty"},
       {"root.keys.0.holder", "", "root.keys[0].holder must have 1 to 1,000 octets"},
       {"root.keys.0.holder", "ann ", "root.keys[0].holder begins or ends with a space"},
       {"root.keys.0.holder", "an\tn", "root.keys[0].holder has control characters"},
       {"root.keys.0.holder", json::string(1001, 'a'), "must have 1 to 1,000 octets"}});
  CHECK(with("version", 9007199254740991) == "");
  CHECK(with("root.threshold", 3) == "");
}

TEST_CASE("senders and revocations that make no sense are refused with what to do") {
  check_rows(
      {{"senders.0.sender", "a b", "senders[0].sender has a space, a comma"},
       {"senders.0.sender", "a,b", "senders[0].sender has a space, a comma"},
       {"senders.0.sender", "a<b", "senders[0].sender has a space, a comma"},
       {"senders.0.sender", "a&b", "senders[0].sender has a space, a comma"},
       {"senders.0.officers.0.duties", json::array{}, "officers[0].duties is empty"},
       {"senders.0.officers.0.duties.0", "sign", "officers[0].duties has an unknown word"},
       {"senders.0.officers.0.not_after", "2026-11-01T00:00:00Z", "not_after is not after"},
       {"senders.0.authority.areas", json::array{}, "authority.areas is empty"},
       {"senders.0.authority.areas.0", "London", "authority.areas has what is no GSS code"},
       {"senders.0.authority.areas.0", "e12000007", "authority.areas has what is no GSS code"},
       {"senders.0.authority.areas.0", "E1200000A", "authority.areas has what is no GSS code"},
       {"senders.0.authority.areas.0", "E120000071", "authority.areas has what is no GSS code"},
       {"senders.0.authority.categories", json::array{}, "categories is empty"},
       {"senders.0.authority.categories.0", "safety", "categories has a word that is none"},
       {"senders.0.authority.max_severity", "High", "max_severity is no word for this"},
       {"senders.0.authority.max_severity", "Unknown", "max_severity is no word for this"},
       {"senders.0.authority.statuses", json::array{}, "statuses is empty"},
       {"senders.0.authority.statuses.0", "Draft", "statuses has a word that is none"},
       {"senders.0.authority.scopes.0", "public", "scopes has a word that is none"},
       {"senders.0.approvals.0.status", "System", "approvals[0].status is no word for this"},
       {"senders.0.approvals.0.severity_at_least", "Unknown", "is no word for this"},
       {"senders.0.approvals.0.holders", 0, "holders must be a whole number from 1 to 8"},
       {"senders.0.approvals.0.holders", 9, "holders must be a whole number from 1 to 8"},
       {"senders.0.rate_per_hour", 0, "rate_per_hour must be a whole number from 1"},
       {"senders.0.rate_per_hour", 1'000'001, "a whole number from 1 to 1000000"},
       {"revoked.0.keyid", "abc", "revoked[0].keyid must be 64 lower-case"}});
  CHECK(with("senders.0.approvals.0.holders", 8) == "");
  CHECK(with("senders.0.rate_per_hour", 1) == "");
  CHECK(with("senders.0.rate_per_hour", 1'000'000) == "");
}

TEST_CASE("a threshold counts holders and not keys") {
  auto document = draft();
  document.root_keys = {key("ann"), key("ann again"), key("ann thrice")};
  CHECK(mentions(fault(trust::read_payload(trust::trust_payload_json(document))),
                 "root.threshold asks for more holders than root.keys has; write 1"));
}

TEST_CASE("every key is screened and has the id of its own octets") {
  CHECK(mentions(with("root.keys.0.public", "AAAA"), "public must be padded base64 of 32 octets"));
  CHECK(mentions(with("root.keys.0.public", json::string(to_base64(std::string(32, '\0')))),
                 "public is no sound Ed25519 key"));
  // The base point plus the point of order two.
  const auto mixed = from_hex("9599999999999999999999999999999999999999999999999999999999999999");
  CHECK(mentions(with("senders.0.officers.1.public", json::string(to_base64(*mixed))),
                 "senders[0].officers[1].public is no sound Ed25519 key"));
  const std::string ben = to_hex(view(key("ben").keyid));
  CHECK(mentions(
      with("root.keys.0.keyid", json::string(ben)),
      "keyid is not the SHA-256 of its public key; write " + to_hex(view(key("ann").keyid))));
}

TEST_CASE("no key stands twice in one document whatever it is for") {
  const auto twice = "stands in this document already";
  for (const auto* place : {"root.keys.1", "revocation.0"}) {
    CAPTURE(place);
    const json::value ann =
        json::parse(trust::trust_payload_json(draft())).at("root").at("keys").at(0);
    CHECK(mentions(with(place, ann), twice));
  }
  auto document = draft();
  document.senders.front().officers.back().key = key("ann");
  CHECK(mentions(fault(trust::read_payload(trust::trust_payload_json(document))), twice));
  document = draft();
  document.log = trust::LogKey{"log.example", key("eve").keyid, key("eve").public_key};
  CHECK(mentions(fault(trust::read_payload(trust::trust_payload_json(document))), twice));
}

TEST_CASE("the key of the public record is kept and screened") {
  auto document = draft();
  document.log = trust::LogKey{"log.example", key("log").keyid, key("log").public_key};
  const std::string payload = trust::trust_payload_json(document);
  const auto read = trust::read_payload(payload);
  REQUIRE(fault(read) == "");
  REQUIRE(read->log.has_value());
  CHECK(read->log->origin == "log.example");
  CHECK(trust::trust_payload_json(*read) == payload);
  document.log->public_key = {};
  CHECK(mentions(fault(trust::read_payload(trust::trust_payload_json(document))),
                 "log.public is no sound Ed25519 key"));
}

TEST_CASE("senders that become one word of a NATS subject are refused") {
  auto document = draft();
  auto other = document.senders.front();
  other.officers.clear();
  for (const auto* name : {"control@example.police.uk", "Control@Example.Police.UK",
                           "control_example.police.uk", "control@example\xc3\xa9police.uk"}) {
    CAPTURE(name);
    other.sender = name;
    document.senders = {document.senders.front(), other};
    CHECK(mentions(fault(trust::read_payload(trust::trust_payload_json(document))),
                   "senders[1].sender is the same name in a NATS subject as "
                   "control@example.police.uk"));
  }
  other.sender = "control@example-police.uk";
  document.senders.back() = other;
  CHECK(fault(trust::read_payload(trust::trust_payload_json(document))) == "");
}

TEST_CASE("a key is revoked once and a root not at all") {
  auto document = draft();
  document.revoked.push_back(document.revoked.front());
  CHECK(mentions(fault(trust::read_payload(trust::trust_payload_json(document))),
                 "revoked[1].keyid is revoked twice"));
  document = draft();
  document.revoked.front().keyid = key("ben").keyid;
  CHECK(mentions(fault(trust::read_payload(trust::trust_payload_json(document))),
                 "which is revoked; take it out"));
}
