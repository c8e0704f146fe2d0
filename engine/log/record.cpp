#include "engine/log/record.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "engine/base/crc32c.hpp"
#include "engine/base/octet_io.hpp"
#include "engine/places.hpp"

namespace engine {
namespace {

constexpr std::uint8_t kVersion = 2;
constexpr std::uint8_t kVersionOfBoxes = 1;
constexpr std::size_t kChecksumSize = 4;
constexpr std::size_t kSignatureSize = 96;
constexpr std::size_t kFixedSize = 1 + 8 + 8 + 32 + 4 + 1 + 4 + kChecksumSize;
// The fewest octets each can take, so that a wild count is noticed before anything is reserved.
constexpr std::size_t kTextSizeMin = 4;
constexpr std::size_t kIdentitySizeMin = 2 * kTextSizeMin + 8;
constexpr std::size_t kBoxSize = 32;
constexpr std::size_t kSpotSize = 8;
constexpr std::size_t kCircleSize = kSpotSize + 8;
constexpr std::size_t kReachSizeMin = 4 + 3 * kTextSizeMin;  // of version 1; of 2 it is more

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

void put_texts(OctetWriter& out, const std::vector<std::string>& texts) {
  out.put_count(texts.size());
  for (const std::string& text : texts) out.put_text(text);
}

std::vector<std::string> read_texts(OctetReader& in) {
  std::vector<std::string> texts(in.count(kTextSizeMin));
  for (std::string& text : texts) text = in.text();
  return texts;
}

void put_audience(OctetWriter& out, const cap::Audience& audience) {
  out.put(static_cast<std::uint8_t>(audience.scope));
  put_texts(out, audience.names);
}

cap::Audience read_audience(OctetReader& in) {
  cap::Audience audience;
  audience.scope = in.value_up_to(cap::Scope::private_);
  audience.names = read_texts(in);
  return audience;
}

void put_spot(OctetWriter& out, cap::Spot spot) {
  for (const std::int64_t number : {spot.y, spot.x}) {
    out.put(static_cast<std::uint32_t>(static_cast<std::int32_t>(number)));
  }
}

std::optional<cap::Spot> read_spot(OctetReader& in) {
  cap::Spot spot;
  for (std::int64_t* number : {&spot.y, &spot.x}) {
    *number = static_cast<std::int32_t>(in.number<std::uint32_t>());
  }
  const bool on_earth = std::abs(spot.y) <= 90 * cap::kSpotsPerDegree &&
                        std::abs(spot.x) <= 180 * cap::kSpotsPerDegree;
  return on_earth ? std::optional(spot) : std::nullopt;
}

void put_shapes(OctetWriter& out, const cap::Footprint& shapes) {
  out.put_count(shapes.polygons().size());
  for (const cap::Ring& ring : shapes.polygons()) {
    out.put_count(ring.size());
    for (const cap::Spot spot : ring) put_spot(out, spot);
  }
  out.put_count(shapes.circles().size());
  for (const cap::Disc& circle : shapes.circles()) {
    put_spot(out, circle.centre());
    out.put(circle.radius_km());
  }
}

/// Nothing where a number is none of a place or a radius, or the order is not that of a Footprint.
std::optional<cap::Footprint> read_shapes(OctetReader& in) {
  std::vector<cap::Ring> polygons(in.count(kTextSizeMin));
  for (cap::Ring& ring : polygons) {
    ring.resize(in.count(kSpotSize));
    for (cap::Spot& spot : ring) {
      const auto read = read_spot(in);
      if (!read) return std::nullopt;
      spot = *read;
    }
    if (ring.empty()) return std::nullopt;
  }
  std::vector<cap::Disc> circles;
  const std::size_t count = in.count(kCircleSize);
  circles.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto centre = read_spot(in);
    const double radius_km = in.real();
    if (!centre || !(radius_km >= 0)) return std::nullopt;
    circles.emplace_back(*centre, radius_km);
  }
  if (!in.good()) return std::nullopt;
  cap::Footprint shapes(polygons, circles);
  if (shapes.polygons() != polygons || shapes.circles() != circles) return std::nullopt;
  return shapes;
}

void put_reach(OctetWriter& out, const cap::Reach& reach) {
  put_audience(out, reach.audience);
  out.put(static_cast<std::uint8_t>(reach.status));
  out.put(static_cast<std::uint8_t>(reach.severity));
  out.put(reach.categories);
  out.put_text(reach.sender);
  out.put(static_cast<std::uint8_t>(reach.everywhere ? 1 : 0));
  put_texts(out, reach.codes);
  put_shapes(out, reach.shapes);
  put_texts(out, reach.met);
}

std::optional<cap::Reach> read_reach(OctetReader& in) {
  cap::Reach reach;
  reach.audience = read_audience(in);
  reach.status = in.value_up_to(cap::Status::draft);
  reach.severity = in.value_up_to(cap::Severity::unknown);
  reach.categories = in.number<cap::CategorySet>();
  reach.sender = in.text();
  const auto everywhere = in.number<std::uint8_t>();
  reach.everywhere = everywhere == 1;
  reach.codes = read_texts(in);
  auto shapes = read_shapes(in);
  if (!shapes || everywhere > 1) return std::nullopt;
  reach.shapes = *std::move(shapes);
  reach.met = read_texts(in);
  return reach;
}

/// Of version 1: no audience, and boxes in place of shapes.
std::optional<cap::Reach> read_reach_of_boxes(OctetReader& in, const cap::Audience& audience) {
  cap::Reach reach;
  reach.audience = audience;
  reach.status = in.value_up_to(cap::Status::draft);
  reach.severity = in.value_up_to(cap::Severity::unknown);
  reach.categories = in.number<cap::CategorySet>();
  reach.sender = in.text();
  reach.codes = read_texts(in);
  std::vector<cap::Ring> polygons(in.count(kBoxSize));
  for (cap::Ring& ring : polygons) {
    const double south = in.real(), west = in.real(), north = in.real(), east = in.real();
    const bool on_earth = south >= -90 && south <= north && north <= 90 &&  // and none is NaN
                          west >= -180 && west <= east && east <= 180;
    if (!on_earth) return std::nullopt;
    for (const cap::Point corner :
         {cap::Point{south, west}, {south, east}, {north, east}, {north, west}}) {
      ring.push_back(cap::spot_of(corner));
    }
  }
  reach.shapes = {std::move(polygons), {}};
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

std::optional<cap::Outline> read_outline(BytesView bytes, std::uint8_t version) {
  OctetReader in(bytes);
  cap::Outline outline;
  outline.msg_type = in.value_up_to(cap::MsgType::error);
  const bool of_boxes = version == kVersionOfBoxes;
  if (of_boxes) {
    outline.audience.scope = in.value_up_to(cap::Scope::private_);
  } else {
    outline.audience = read_audience(in);
  }
  outline.identity = read_identity(in);
  outline.expires = in.time();
  outline.references.resize(in.count(kIdentitySizeMin));
  for (cap::Identity& reference : outline.references) reference = read_identity(in);
  const std::size_t reaches = in.count(kReachSizeMin);
  for (std::size_t i = 0; i < reaches; ++i) {
    auto reach = of_boxes ? read_reach_of_boxes(in, outline.audience) : read_reach(in);
    if (!reach) return std::nullopt;
    outline.reaches.push_back(*std::move(reach));
  }
  if (!in.finished()) return std::nullopt;
  if (of_boxes) Places::builtin().complete(outline);
  return outline;
}

/// The parts of a record, still where they were read.
struct Parts {
  std::uint8_t version = 0;
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
  if (version != kVersion && version != kVersionOfBoxes) {
    return broken(sequence, fmt::format("version {} is not known here", version));
  }
  if (in.number<std::uint64_t>() != number(sequence)) {
    return broken(sequence, "it names another sequence");
  }
  Parts parts;
  parts.version = version;
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

  const std::size_t signatures = bulletin.envelope.signatures.size();
  OctetWriter out(kFixedSize + outline.bytes().size() + signatures * kSignatureSize +
                  bulletin.envelope.payload.size());
  out.put(kVersion);
  out.put(number(record.sequence));
  out.put(record.at);
  out.put_raw(view(bulletin.id));
  out.put_text(outline.bytes());
  ENSURE(signatures <= UINT8_MAX);
  out.put(static_cast<std::uint8_t>(signatures));
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
  std::optional<cap::Outline> outline = read_outline(parts->outline, parts->version);
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
  std::optional<cap::Outline> outline = read_outline(parts->outline, parts->version);
  if (!outline) return broken(sequence, "its outline cannot be read");
  return *std::move(outline);
}

}  // namespace engine
