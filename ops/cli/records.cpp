#include "ops/cli/records.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "engine/trust/envelope.hpp"
#include "engine/trust/strict_json.hpp"
#include "ops/cli/visible.hpp"
#include "ops/cli/words.hpp"

namespace ops::cli {

namespace trust = engine::trust;
namespace json = boost::json;

namespace {

Trouble unreadable(std::string_view why) {
  return trouble(
      Exit::refused,
      fmt::format("this is neither an envelope nor an alert of the stream: {}", visible(why)));
}

Outcome<engine::Envelope> envelope_of(std::string_view text) {
  auto parsed = trust::parse_envelope(text);
  if (auto* envelope = std::get_if<engine::Envelope>(&parsed)) return std::move(*envelope);
  return unreadable(std::get<engine::Refusal>(parsed).detail);
}

}  // namespace

Outcome<Bulletins::Item> read_bulletin(std::string_view text) {
  const auto value = trust::parse_strict_json(text);
  if (!value) return unreadable(value.error().what);
  if (!value->is_object()) return unreadable("it is no JSON object");
  const auto& object = value->get_object();
  Bulletins::Item item;
  const auto* inner = object.if_contains("envelope");
  auto envelope = envelope_of(inner == nullptr ? std::string(text) : json::serialize(*inner));
  if (!envelope) return envelope.error();
  item.envelope = std::move(*envelope);
  if (inner == nullptr) return item;
  const auto* id = object.if_contains("id");
  const auto* sequence = object.if_contains("seq");
  const auto* at = object.if_contains("at");
  if (id == nullptr || !id->is_string() || at == nullptr || !at->is_string() ||
      sequence == nullptr || !sequence->is_int64() || sequence->get_int64() < 1) {
    return unreadable("an alert has seq, at, id and envelope");
  }
  item.id = std::string(id->get_string());
  item.sequence = static_cast<std::uint64_t>(sequence->get_int64());
  item.admitted = engine::parse_time(std::string(at->get_string()));
  if (!item.admitted) return unreadable("its \"at\" is no time");
  return item;
}

Outcome<Bulletins> read_bulletins(std::string_view text) {
  Bulletins bulletins;
  if (auto whole = read_bulletin(text)) {
    bulletins.items.push_back(std::move(*whole));
    return bulletins;
  }
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    auto item = read_bulletin(line);
    if (!item) return item.error();
    bulletins.items.push_back(std::move(*item));
  }
  if (bulletins.items.empty()) return unreadable("it is empty");
  return bulletins;
}

Outcome<Verified> verify_item(const Bulletins::Item& item, const trust::TrustDocument& document) {
  auto verified = verify_taken(item.envelope, document, item.admitted);
  if (!verified || item.id.empty()) return verified;
  if (engine::to_hex(engine::view(verified->id)) != item.id) {
    return trouble(Exit::bad_signature, "the id beside it is not the hash of what was signed",
                   "do not act on it, and tell whoever runs the engine");
  }
  return verified;
}

Outcome<void> is_asked_for(const Verified& verified, std::string_view name) {
  const std::string id = engine::to_hex(engine::view(verified.id));
  if (name.size() != id.size() || name == id) return {};
  return trouble(Exit::bad_signature, "the engine answered with another alert than was asked for",
                 "do not act on it, and tell whoever runs the engine");
}

void add_verified(json::object& object, const Verified& verified) {
  const auto& alert = verified.alert;
  json::array signers;
  for (const auto& signer : verified.signers) {
    signers.push_back(json::object{{"keyid", engine::to_hex(engine::view(signer.keyid))},
                                   {"holder", signer.holder}});
  }
  json::array remarks;
  for (const auto& remark : verified.remarks) remarks.emplace_back(remark);
  object["id"] = engine::to_hex(engine::view(verified.id));
  object["system"] = system_of(alert);
  object["sender"] = alert.sender;
  object["identifier"] = alert.identifier;
  object["sent"] = engine::format_time(alert.sent);
  object["expires"] = engine::format_time(engine::cap::expires_of(alert));
  object["status"] = std::string(engine::cap::text(alert.status));
  object["msgType"] = std::string(engine::cap::text(alert.msg_type));
  object["severity"] = std::string(engine::cap::text(engine::cap::severity_of(alert)));
  object["headline"] = headline_of(alert);
  object["signers"] = std::move(signers);
  object["remarks"] = std::move(remarks);
}

}  // namespace ops::cli
