#include "engine/log/record.hpp"

#include <fmt/format.h>

#include "engine/base/octet_io.hpp"
#include "engine/log/crc32c.hpp"

namespace engine {
namespace {

constexpr std::uint8_t kVersion = 2;
constexpr std::size_t kChecksumSize = 4;
constexpr std::size_t kSignatureSize = 96;
// The fewest octets each can take, so that a wild count is noticed before anything is reserved.
constexpr std::size_t kTextSizeMin = 4;
constexpr std::size_t kIdentitySizeMin = 2 * kTextSizeMin + 8;
constexpr std::size_t kBoxSize = 32;
constexpr std::size_t kReachSizeMin = 5 + 4 * kTextSizeMin;

void put_identity(OctetWriter& out, const cap::Identity& identity) {
  out.put_text(identity.sender);
  out.put_text(identity.identifier);
  out.put(identity.sent);
}

cap::Identity read_identity(OctetReader& in) {
  cap::Identity identity;
  identity.sender = in.text();
  identity.identifier = in.text();
  identity.sent = in.time();
  return identity;
}

void put_audience(OctetWriter& out, const cap::Audience& audience) {
  out.put(static_cast<std::uint8_t>(audience.scope));
  out.put_count(audience.names.size());
  for (const std::string& name : audience.names) out.put_text(name);
}

cap::Audience read_audience(OctetReader& in) {
  cap::Audience audience;
  audience.scope = in.value_up_to(cap::Scope::private_);
  audience.names.resize(in.count(kTextSizeMin));
  for (std::string& name : audience.names) name = in.text();
  return audience;
}

void put_reach(OctetWriter& out, const cap::Reach& reach) {
  put_audience(out, reach.audience);
  out.put(static_cast<std::uint8_t>(reach.status));
  out.put(static_cast<std::uint8_t>(reach.severity));
  out.put(reach.categories);
  out.put_text(reach.sender);
  out.put_count(reach.codes.size());
  for (const std::string& code : reach.codes) out.put_text(code);
  out.put_count(reach.boxes.size());
  for (const cap::Box& box : reach.boxes) {
    for (const double edge : {box.south, box.west, box.north, box.east}) out.put(edge);
  }
}

cap::Reach read_reach(OctetReader& in) {
  cap::Reach reach;
  reach.audience = read_audience(in);
  reach.status = in.value_up_to(cap::Status::draft);
  reach.severity = in.value_up_to(cap::Severity::unknown);
  reach.categories = in.number<cap::CategorySet>();
  reach.sender = in.text();
  reach.codes.resize(in.count(kTextSizeMin));
  for (std::string& code : reach.codes) code = in.text();
  reach.boxes.resize(in.count(kBoxSize));
  for (cap::Box& box : reach.boxes) {
    for (double* edge : {&box.south, &box.west, &box.north, &box.east}) *edge = in.real();
  }
  return reach;
}

void put_outline(OctetWriter& out, const cap::Outline& outline) {
  out.put(static_cast<std::uint8_t>(outline.msg_type));
  put_audience(out, outline.audience);
  put_identity(out, outline.identity);
  out.put(outline.expires);
  out.put_count(outline.references.size());
  for (const cap::Identity& reference : outline.references) put_identity(out, reference);
  out.put_count(outline.reaches.size());
  for (const cap::Reach& reach : outline.reaches) put_reach(out, reach);
}

std::optional<cap::Outline> read_outline(BytesView bytes) {
  OctetReader in(bytes);
  cap::Outline outline;
  outline.msg_type = in.value_up_to(cap::MsgType::error);
  outline.audience = read_audience(in);
  outline.identity = read_identity(in);
  outline.expires = in.time();
  outline.references.resize(in.count(kIdentitySizeMin));
  for (cap::Identity& reference : outline.references) reference = read_identity(in);
  outline.reaches.resize(in.count(kReachSizeMin));
  for (cap::Reach& reach : outline.reaches) reach = read_reach(in);
  if (!in.finished()) return std::nullopt;
  return outline;
}

/// The parts of a record, still where they were read.
struct Parts {
  Time at;
  BulletinId id{};
  BytesView outline;
  BytesView signatures;
  BytesView payload;
};

Failure broken(Sequence sequence, std::string_view how) {
  return {fmt::format("record {} is damaged: {}", number(sequence), how)};
}

Result<Parts> take_apart(BytesView bytes, Sequence sequence) {
  if (bytes.size() < kChecksumSize) return broken(sequence, "it is cut short");
  const BytesView body = bytes.substr(0, bytes.size() - kChecksumSize);
  OctetReader checksum(bytes.substr(body.size()));
  if (checksum.number<std::uint32_t>() != crc32c(body)) {
    return broken(sequence, "its checksum is wrong");
  }
  OctetReader in(body);
  const auto version = in.number<std::uint8_t>();
  if (version != kVersion) {
    return broken(sequence, fmt::format("version {} is not known here", version));
  }
  if (in.number<std::uint64_t>() != number(sequence)) {
    return broken(sequence, "it names another sequence");
  }
  Parts parts;
  parts.at = in.time();
  parts.id = in.octets<32>();
  parts.outline = in.text();
  parts.signatures = in.raw(in.number<std::uint8_t>() * kSignatureSize);
  parts.payload = in.text();
  if (!in.finished()) return broken(sequence, "its lengths do not add up");
  return parts;
}

std::vector<SignatureBlock> read_signatures(BytesView bytes) {
  OctetReader in(bytes);
  std::vector<SignatureBlock> signatures(bytes.size() / kSignatureSize);
  for (SignatureBlock& block : signatures) {
    block.keyid = in.octets<32>();
    block.signature = in.octets<64>();
  }
  return signatures;
}

}  // namespace

Bytes encode_record(const Record& record) {
  const Bulletin& bulletin = *record.bulletin;
  OctetWriter outline;
  put_outline(outline, bulletin.outline);

  OctetWriter out;
  out.put(kVersion);
  out.put(number(record.sequence));
  out.put(record.at);
  out.put_raw(view(bulletin.id));
  out.put_text(outline.bytes());
  ENSURE(bulletin.envelope.signatures.size() <= UINT8_MAX);
  out.put(static_cast<std::uint8_t>(bulletin.envelope.signatures.size()));
  for (const SignatureBlock& block : bulletin.envelope.signatures) {
    out.put_raw(view(block.keyid));
    out.put_raw(view(block.signature));
  }
  out.put_text(bulletin.envelope.payload);
  out.put(crc32c(out.bytes()));
  return out.take();
}

Result<Record> decode_record(BytesView bytes, Sequence sequence) {
  const Result<Parts> parts = take_apart(bytes, sequence);
  if (!parts) return parts.error();
  std::optional<cap::Outline> outline = read_outline(parts->outline);
  if (!outline) return broken(sequence, "its outline cannot be read");
  if (trust::sha256(parts->payload) != parts->id) {
    return broken(sequence, "its payload does not hash to its id");
  }
  auto bulletin = std::make_shared<Bulletin>();
  bulletin->id = parts->id;
  bulletin->envelope.payload_type = kCapType;
  bulletin->envelope.payload = parts->payload;
  bulletin->envelope.signatures = read_signatures(parts->signatures);
  bulletin->outline = *std::move(outline);
  return Record{sequence, parts->at, std::move(bulletin)};
}

Result<cap::Outline> decode_record_outline(BytesView bytes, Sequence sequence) {
  const Result<Parts> parts = take_apart(bytes, sequence);
  if (!parts) return parts.error();
  std::optional<cap::Outline> outline = read_outline(parts->outline);
  if (!outline) return broken(sequence, "its outline cannot be read");
  return *std::move(outline);
}

}  // namespace engine
