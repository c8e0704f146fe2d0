#include "engine/log/tables.hpp"

#include "engine/base/octet_io.hpp"

namespace engine {
namespace {

constexpr std::uint8_t kNul = 0;

/// A time whose octets sort as the time does, those before 1970 included.
std::uint64_t sortable(Time time) {
  return static_cast<std::uint64_t>(time.time_since_epoch().count()) ^ (std::uint64_t{1} << 63);
}

Time from_sortable(std::uint64_t value) {
  return Time{Duration{static_cast<std::int64_t>(value ^ (std::uint64_t{1} << 63))}};
}

}  // namespace

Bytes sequence_key(Sequence sequence) {
  OctetWriter out;
  out.put(number(sequence));
  return out.take();
}

std::optional<Sequence> parse_sequence_key(BytesView key) {
  OctetReader in(key);
  const Sequence sequence{in.number<std::uint64_t>()};
  if (!in.finished()) return std::nullopt;
  return sequence;
}

Bytes standing_value(const Standing& standing) {
  OctetWriter out;
  out.put(number(standing.sequence));
  out.put(standing.at);
  return out.take();
}

std::optional<Standing> parse_standing(BytesView value) {
  OctetReader in(value);
  const Sequence sequence{in.number<std::uint64_t>()};
  const Time at = in.time();
  if (!in.finished()) return std::nullopt;
  return Standing{sequence, at};
}

Bytes identity_key(const cap::Identity& identity) {
  OctetWriter out;
  out.put_raw(identity.sender);
  out.put(kNul);
  out.put_raw(identity.identifier);
  out.put(kNul);
  out.put(sortable(identity.sent));
  return out.take();
}

Bytes ended_value(const Ended& ended) {
  OctetWriter out;
  out.put(static_cast<std::uint8_t>(ended.how));
  for (const Sequence by : ended.by) out.put(number(by));
  return out.take();
}

std::optional<Ended> parse_ended(BytesView value) {
  OctetReader in(value);
  Ended ended;
  ended.how = in.value_up_to(Ending::cancelled);
  while (in.good() && !in.finished()) ended.by.push_back(Sequence{in.number<std::uint64_t>()});
  const bool counts = !ended.by.empty() && ended.by.size() <= kEndedByMax;
  if (!in.finished() || ended.how == Ending{} || !counts) return std::nullopt;
  return ended;
}

Bytes expiry_value(Time expires) {
  OctetWriter out;
  out.put(expires);
  return out.take();
}

std::optional<Time> parse_expiry(BytesView value) {
  OctetReader in(value);
  const Time expires = in.time();
  if (!in.finished()) return std::nullopt;
  return expires;
}

Bytes expiry_key(Time expires, Sequence sequence) {
  OctetWriter out;
  out.put(sortable(expires));
  out.put(number(sequence));
  return out.take();
}

std::optional<Expiry> parse_expiry_key(BytesView key) {
  OctetReader in(key);
  const Time expires = from_sortable(in.number<std::uint64_t>());
  const Sequence sequence{in.number<std::uint64_t>()};
  if (!in.finished()) return std::nullopt;
  return Expiry{expires, sequence};
}

Bytes spending_key(std::string_view sender, const Spending& spending) {
  OctetWriter out;
  out.put_raw(sender);
  out.put(kNul);
  out.put(sortable(spending.at));
  out.put(number(spending.sequence));
  return out.take();
}

std::optional<Spending> parse_spending_key(std::string_view sender, BytesView key) {
  OctetReader in(key);
  if (in.raw(sender.size()) != sender || in.number<std::uint8_t>() != kNul) return std::nullopt;
  const Time at = from_sortable(in.number<std::uint64_t>());
  const Sequence sequence{in.number<std::uint64_t>()};
  if (!in.finished()) return std::nullopt;
  return Spending{at, sequence};
}

}  // namespace engine
