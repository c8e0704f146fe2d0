#include "tests/support/trust_builder.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <stdexcept>

#include "tests/support/alert_builder.hpp"

namespace tests {
namespace {

namespace json = boost::json;
using engine::trust::SigningKey;

json::array texts(const std::vector<std::string>& values) {
  json::array array;
  for (const auto& value : values) array.emplace_back(value);
  return array;
}

json::object key_json(const SigningKey& key, const std::string& holder) {
  return {{"keyid", engine::to_hex(engine::view(key.keyid()))},
          {"public", engine::to_base64(engine::view(key.public_key()))},
          {"holder", holder}};
}

}  // namespace

TrustBuilder::TrustBuilder() : keys_(std::make_shared<std::map<std::string, SigningKey>>()) {
  if (!engine::trust::start_crypto()) throw std::runtime_error("libsodium does not start");
  roots(1, 1);
}

TrustBuilder& TrustBuilder::live(std::string_view system) {
  system_ = system;
  kind_ = "live";
  return *this;
}
TrustBuilder& TrustBuilder::exercise(std::string_view system) {
  system_ = system;
  kind_ = "exercise";
  return *this;
}
TrustBuilder& TrustBuilder::version(std::uint64_t version) {
  version_ = version;
  return *this;
}
TrustBuilder& TrustBuilder::expires(std::string_view time) {
  expires_ = time;
  return *this;
}
TrustBuilder& TrustBuilder::roots(int count, int threshold) {
  roots_.clear();
  for (int i = 1; i <= count; ++i) roots_.push_back("root " + std::to_string(i));
  threshold_ = threshold;
  return *this;
}

TrustBuilder& TrustBuilder::sender(std::string_view sender) {
  senders_.emplace_back();
  senders_.back().sender = sender;
  for (int i = 0; i <= static_cast<int>(engine::cap::Category::other); ++i) {
    senders_.back().categories.emplace_back(
        engine::cap::text(static_cast<engine::cap::Category>(i)));
  }
  return *this;
}
TrustBuilder& TrustBuilder::areas(std::vector<std::string> codes) {
  senders_.back().areas = std::move(codes);
  return *this;
}
TrustBuilder& TrustBuilder::categories(std::vector<std::string> categories) {
  senders_.back().categories = std::move(categories);
  return *this;
}
TrustBuilder& TrustBuilder::max_severity(std::string_view severity) {
  senders_.back().max_severity = severity;
  return *this;
}
TrustBuilder& TrustBuilder::statuses(std::vector<std::string> statuses) {
  senders_.back().statuses = std::move(statuses);
  return *this;
}
TrustBuilder& TrustBuilder::scopes(std::vector<std::string> scopes) {
  senders_.back().scopes = std::move(scopes);
  return *this;
}
TrustBuilder& TrustBuilder::approval(std::string_view status, std::string_view severity_at_least,
                                     int holders) {
  senders_.back().approvals.push_back(
      {std::string(status), std::string(severity_at_least), holders});
  return *this;
}
TrustBuilder& TrustBuilder::rate_per_hour(int rate) {
  senders_.back().rate_per_hour = rate;
  return *this;
}

TrustBuilder& TrustBuilder::officer(const std::string& key, OfficerTerms terms) {
  if (terms.holder.empty()) terms.holder = key;
  senders_.back().officers.push_back({key, std::move(terms)});
  return *this;
}
TrustBuilder& TrustBuilder::revoke(const std::string& key, std::string_view since,
                                   std::string_view reason) {
  revoked_.push_back({key, std::string(since), std::string(reason)});
  return *this;
}

const SigningKey& TrustBuilder::key(const std::string& name) const {
  const auto found = keys_->find(name);
  if (found != keys_->end()) return found->second;
  return keys_->emplace(name, SigningKey::generate()).first->second;
}

std::string TrustBuilder::payload() const {
  json::array roots, senders, revoked;
  for (const auto& name : roots_) roots.push_back(key_json(key(name), name));
  for (const auto& lines : senders_) {
    json::array officers, approvals;
    for (const auto& [name, terms] : lines.officers) {
      json::object officer = key_json(key(name), terms.holder);
      officer["duties"] = texts(terms.duties);
      officer["not_before"] = terms.not_before;
      officer["not_after"] = terms.not_after;
      officers.push_back(std::move(officer));
    }
    for (const auto& [status, severity, holders] : lines.approvals) {
      approvals.push_back(
          json::object{{"status", status}, {"severity_at_least", severity}, {"holders", holders}});
    }
    senders.push_back(
        json::object{{"sender", lines.sender},
                     {"name", "Control room of " + lines.sender},
                     {"officers", std::move(officers)},
                     {"authority", json::object{{"areas", texts(lines.areas)},
                                                {"categories", texts(lines.categories)},
                                                {"max_severity", lines.max_severity},
                                                {"statuses", texts(lines.statuses)},
                                                {"scopes", texts(lines.scopes)}}},
                     {"approvals", std::move(approvals)},
                     {"rate_per_hour", lines.rate_per_hour}});
  }
  for (const auto& [name, since, reason] : revoked_) {
    revoked.push_back(json::object{{"keyid", engine::to_hex(engine::view(key(name).keyid()))},
                                   {"since", since},
                                   {"reason", reason}});
  }
  const json::object root{{"threshold", threshold_}, {"keys", std::move(roots)}};
  return json::serialize(json::object{{"system", system_},
                                      {"kind", kind_},
                                      {"version", version_},
                                      {"issued", "2026-01-01T00:00:00Z"},
                                      {"expires", expires_},
                                      {"root", root},
                                      {"revocation", json::array{}},
                                      {"senders", std::move(senders)},
                                      {"revoked", std::move(revoked)}});
}

std::string TrustBuilder::file() const {
  std::vector<const SigningKey*> keys;
  for (const auto& name : roots_) keys.push_back(&key(name));
  return engine::trust::envelope_json(sign(payload(), keys, engine::trust::kTrustType));
}

engine::trust::TrustPtr TrustBuilder::document() const {
  auto document = engine::trust::read_trust(file(), {});
  if (!document) throw std::runtime_error("the test's trust document: " + document.error().what);
  return *document;
}

}  // namespace tests
