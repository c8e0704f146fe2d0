#include "engine/trust/envelope.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "engine/trust/strict_json.hpp"

namespace engine::trust {
namespace {

namespace json = boost::json;

Refusal refusal(Code code, std::string detail) {
  Refusal answer;
  answer.code = code;
  answer.detail = std::move(detail);
  return answer;
}
Refusal too_large(std::string detail) { return refusal(Code::too_large, std::move(detail)); }
Refusal malformed(std::string detail) {
  return refusal(Code::malformed_envelope, std::move(detail));
}

/// The three members an envelope has, as JSON holds them; null where one is absent or of another
/// type.
struct Members {
  const json::string* payload_type = nullptr;
  const json::string* payload = nullptr;
  const json::array* signatures = nullptr;
};

Members members_of(const json::object& object) {
  Members members;
  if (const auto* value = object.if_contains("payloadType")) {
    members.payload_type = value->if_string();
  }
  if (const auto* value = object.if_contains("payload")) members.payload = value->if_string();
  if (const auto* value = object.if_contains("signatures")) members.signatures = value->if_array();
  return members;
}

std::string missing(const Members& members) {
  if (members.payload_type == nullptr) return "payloadType must be a string";
  if (members.payload == nullptr) return "payload must be a string of base64";
  return "signatures must be an array of objects with keyid and sig";
}

/// How many octets that base64 would decode to, told from its length alone.
std::size_t decoded_size(std::string_view base64) {
  std::size_t padding = 0;
  while (padding < 2 && padding < base64.size() && base64[base64.size() - 1 - padding] == '=') {
    ++padding;
  }
  return base64.size() / 4 * 3 - std::min(padding, base64.size() / 4 * 3);
}

std::optional<Refusal> sizes(const Members& members, const EnvelopeLimits& limits) {
  const std::size_t count = members.signatures->size();
  if (count == 0 || count > limits.signatures_max) {
    return too_large(
        fmt::format("The envelope has {} signatures; send 1 to {}.", count, limits.signatures_max));
  }
  const std::size_t size = decoded_size(*members.payload);
  if (size > limits.payload_max) {
    return too_large(
        fmt::format("The payload has {} octets; at most {} are taken. Shorten its text "
                    "or simplify its polygons.",
                    size, limits.payload_max));
  }
  return std::nullopt;
}

template <std::size_t N>
std::optional<Octets<N>> decoded(const json::value* text,
                                 std::optional<Bytes> (*decode)(std::string_view)) {
  if (text == nullptr || !text->is_string()) return std::nullopt;
  const std::optional<Bytes> bytes = decode(text->get_string());
  return bytes ? exactly<N>(*bytes) : std::nullopt;
}

/// Reads one member of `signatures` into `block`; otherwise says what is wrong with it.
std::string read_block(const json::value& value, SignatureBlock& block) {
  const json::object* object = value.if_object();
  if (object == nullptr) return "is not an object; give it keyid and sig";
  const auto keyid = decoded<32>(object->if_contains("keyid"), from_hex);
  if (!keyid) {
    return "has no keyid of 64 lower-case hexadecimal digits; give the SHA-256 of the public key";
  }
  const auto signature = decoded<64>(object->if_contains("sig"), from_base64);
  if (!signature) return "has no sig of 64 octets in padded base64; give the Ed25519 signature";
  block = {*keyid, *signature};
  return {};
}

bool already_there(const std::vector<SignatureBlock>& blocks, const KeyId& keyid) {
  return std::any_of(blocks.begin(), blocks.end(),
                     [&](const SignatureBlock& block) { return block.keyid == keyid; });
}

}  // namespace

std::variant<Envelope, Refusal> parse_envelope(std::string_view body,
                                               const EnvelopeLimits& limits) {
  if (body.size() > limits.body_max) {
    return too_large(
        fmt::format("The body has {} octets; at most {} are taken.", body.size(), limits.body_max));
  }
  const auto parsed = parse_strict_json(body);
  if (!parsed) return malformed(parsed.error().what + " Send a DSSE envelope as one JSON object.");
  const json::object* object = parsed->if_object();
  if (object == nullptr) return malformed("The body is JSON but no object; send a DSSE envelope.");
  const Members members = members_of(*object);
  if (!members.payload_type || !members.payload || !members.signatures) {
    return malformed("The envelope's " + missing(members) + ".");
  }
  if (auto exceeded = sizes(members, limits)) return *std::move(exceeded);

  Envelope envelope;
  envelope.payload_type = *members.payload_type;
  auto payload = from_base64(*members.payload);
  if (!payload) {
    return malformed(
        "The envelope's payload is not base64 as RFC 4648 section 4 has it; pad it with '=' and "
        "leave out white space.");
  }
  envelope.payload = *std::move(payload);
  for (std::size_t i = 0; i < members.signatures->size(); ++i) {
    SignatureBlock block;
    const std::string fault = read_block((*members.signatures)[i], block);
    if (!fault.empty()) return malformed(fmt::format("signatures[{}] {}.", i, fault));
    if (already_there(envelope.signatures, block.keyid)) {
      return malformed(
          fmt::format("signatures[{}] repeats the key id {}; send each key's signature "
                      "once.",
                      i, to_hex(view(block.keyid))));
    }
    envelope.signatures.push_back(block);
  }
  return envelope;
}

std::string envelope_json(const Envelope& envelope) {
  std::string text;
  append_envelope_json(text, envelope);
  return text;
}

void append_envelope_json(std::string& text, const Envelope& envelope) {
  constexpr std::size_t kBlockSize = 192;  // a signature with its key id and all around them
  text.reserve(text.size() + 64 + envelope.payload_type.size() +
               (envelope.payload.size() + 2) / 3 * 4 + envelope.signatures.size() * kBlockSize);
  text += R"({"payloadType":)";
  text += json::serialize(json::string(envelope.payload_type));
  text += R"(,"payload":")";
  append_base64(text, envelope.payload);
  text += R"(","signatures":[)";
  for (const SignatureBlock& block : envelope.signatures) {
    if (text.back() == '}') text += ',';
    text += R"({"keyid":")";
    append_hex(text, view(block.keyid));
    text += R"(","sig":")";
    append_base64(text, view(block.signature));
    text += R"("})";
  }
  text += "]}";
}

}  // namespace engine::trust
