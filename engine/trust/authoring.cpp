#include "engine/trust/authoring.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "engine/trust/envelope.hpp"
#include "engine/trust/strict_json.hpp"
#include "engine/trust/trust_payload.hpp"

namespace engine::trust {
namespace {

namespace json = boost::json;

json::object key_json(const Key& key) {
  return {{"keyid", to_hex(view(key.keyid))},
          {"public", to_base64(view(key.public_key))},
          {"holder", key.holder}};
}

json::array keys_json(const std::vector<Key>& keys) {
  json::array array;
  for (const Key& key : keys) array.push_back(key_json(key));
  return array;
}

template <class Values>
json::array texts_json(const Values& values) {
  json::array array;
  for (const auto& value : values) array.push_back(json::string(cap::text(value)));
  return array;
}

json::array duties_json(const Duties& duties) {
  json::array array;
  if (duties.originate) array.push_back("originate");
  if (duties.approve) array.push_back("approve");
  if (duties.cancel) array.push_back("cancel");
  return array;
}

json::array categories_json(cap::CategorySet set) {
  json::array array;
  for (int i = 0; i <= static_cast<int>(cap::Category::other); ++i) {
    const auto category = static_cast<cap::Category>(i);
    if ((set & cap::bit(category)) != 0) array.push_back(json::string(cap::text(category)));
  }
  return array;
}

json::object officer_json(const Officer& officer) {
  json::object object = key_json(officer.key);
  object["duties"] = duties_json(officer.duties);
  object["not_before"] = format_time(officer.not_before);
  object["not_after"] = format_time(officer.not_after);
  return object;
}

json::object authority_json(const Authority& authority) {
  return {{"areas", json::array(authority.areas.begin(), authority.areas.end())},
          {"categories", categories_json(authority.categories)},
          {"max_severity", json::string(cap::text(authority.max_severity))},
          {"statuses", texts_json(authority.statuses)},
          {"scopes", texts_json(authority.scopes)}};
}

json::object sender_json(const Sender& sender) {
  json::array officers;
  for (const Officer& officer : sender.officers) officers.push_back(officer_json(officer));
  json::array approvals;
  for (const ApprovalRule& rule : sender.approvals) {
    approvals.push_back(
        json::object{{"status", json::string(cap::text(rule.status))},
                     {"severity_at_least", json::string(cap::text(rule.severity_at_least))},
                     {"holders", rule.holders}});
  }
  return {{"sender", sender.sender},           {"name", sender.name},
          {"officers", std::move(officers)},   {"authority", authority_json(sender.authority)},
          {"approvals", std::move(approvals)}, {"rate_per_hour", sender.rate_per_hour}};
}

json::object document_json(const TrustDocument& document) {
  json::object object{
      {"system", document.system},
      {"kind", document.kind == SystemKind::live ? "live" : "exercise"},
      {"version", document.version},
      {"issued", format_time(document.issued)},
      {"expires", format_time(document.expires)},
      {"root", {{"threshold", document.root_threshold}, {"keys", keys_json(document.root_keys)}}},
      {"revocation", keys_json(document.revocation_keys)}};
  json::array senders;
  for (const Sender& sender : document.senders) senders.push_back(sender_json(sender));
  object["senders"] = std::move(senders);
  json::array revoked;
  for (const Revoked& entry : document.revoked) {
    revoked.push_back(json::object{{"keyid", to_hex(view(entry.keyid))},
                                   {"since", format_time(entry.since)},
                                   {"reason", entry.reason}});
  }
  object["revoked"] = std::move(revoked);
  if (document.log) {
    object["log"] = {{"origin", document.log->origin},
                     {"keyid", to_hex(view(document.log->keyid))},
                     {"public", to_base64(view(document.log->public_key))}};
  }
  return object;
}

/// Two spaces a level; what holds no object inside stays on one line.
class Printer {
 public:
  void print(const json::value& value) {
    if (const auto* object = value.if_object()) {
      print_object(*object);
    } else if (const auto* array = value.if_array(); array != nullptr && holds_objects(*array)) {
      print_array(*array);
    } else {
      text_ += json::serialize(value);
    }
  }
  std::string finished() && { return std::move(text_) + "\n"; }

 private:
  static bool holds_objects(const json::array& array) {
    return std::any_of(array.begin(), array.end(),
                       [](const json::value& value) { return value.is_object(); });
  }
  void new_line() {
    text_ += '\n';
    text_.append(indent_, ' ');
  }
  void open(char bracket) {
    text_ += bracket;
    indent_ += 2;
  }
  void close(char bracket) {
    indent_ -= 2;
    new_line();
    text_ += bracket;
  }
  void print_object(const json::object& object) {
    open('{');
    bool first = true;
    for (const auto& member : object) {
      if (!first) text_ += ',';
      first = false;
      new_line();
      text_ += json::serialize(json::string(member.key())) + ": ";
      print(member.value());
    }
    close('}');
  }
  void print_array(const json::array& array) {
    open('[');
    for (std::size_t i = 0; i < array.size(); ++i) {
      if (i > 0) text_ += ',';
      new_line();
      print(array[i]);
    }
    close(']');
  }

  std::string text_;
  std::size_t indent_ = 0;
};

/// Whether it says of itself that it is an envelope. Neither CAP nor a trust document's payload
/// does.
bool looks_like_envelope(BytesView bytes) {
  const auto value = parse_strict_json(bytes);
  return value && value->is_object() && value->get_object().contains("payloadType");
}

/// The envelope that is signed further, or a new one around the bare payload.
Result<Envelope> envelope_of(BytesView file_or_payload, std::string_view payload_type,
                             const EnvelopeLimits& limits) {
  if (!looks_like_envelope(file_or_payload)) {
    if (file_or_payload.size() > limits.payload_max) {
      return Failure{fmt::format("This has {} octets, and at most {} can be sent; shorten it.",
                                 file_or_payload.size(), limits.payload_max)};
    }
    return Envelope{std::string(payload_type), Bytes(file_or_payload), {}};
  }
  auto parsed = parse_envelope(file_or_payload, limits);
  if (const auto* refusal = std::get_if<Refusal>(&parsed)) return Failure{refusal->detail};
  auto& envelope = std::get<Envelope>(parsed);
  if (envelope.payload_type != payload_type) {
    return Failure{fmt::format("This envelope holds {}, not {}; give the right file.",
                               json::serialize(json::string(envelope.payload_type)), payload_type)};
  }
  if (envelope.signatures.size() == limits.signatures_max) {
    return Failure{
        fmt::format("This envelope has {} signatures and takes no more.", limits.signatures_max)};
  }
  return std::move(envelope);
}

}  // namespace

std::string trust_payload_json(const TrustDocument& document) {
  Printer printer;
  printer.print(document_json(document));
  return std::move(printer).finished();
}

Result<TrustDocument> read_trust_payload(BytesView json) { return read_payload(json); }

Result<Bytes> add_signature(BytesView file_or_payload, std::string_view payload_type,
                            const SigningKey& key) {
  const EnvelopeLimits limits =
      payload_type == kTrustType ? kTrustEnvelopeLimits : EnvelopeLimits{};
  auto envelope = envelope_of(file_or_payload, payload_type, limits);
  if (!envelope) return envelope.error();
  if (payload_type == kTrustType) {
    const auto contents = read_payload(envelope->payload);
    if (!contents) return contents.error();
  }
  const KeyId keyid = key.keyid();
  const auto same = [&](const SignatureBlock& block) { return block.keyid == keyid; };
  if (std::any_of(envelope->signatures.begin(), envelope->signatures.end(), same)) {
    return Failure{"This key has signed it already; another holder has to sign next."};
  }
  envelope->signatures.push_back(key.sign(envelope->payload_type, envelope->payload));
  return {boost::system::in_place_value, envelope_json(*envelope)};
}

}  // namespace engine::trust
