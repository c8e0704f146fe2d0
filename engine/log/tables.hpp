#pragma once
// The keys and values of the log's tables (schemas/record.md draws them). Numbers are big-endian,
// so that RocksDB's order of octets is their order. No I/O; any thread.
#include <array>
#include <optional>

#include "engine/bulletin.hpp"
#include "engine/store/store.hpp"

namespace engine {

/// The tables of a log's folder (schemas/record.md says what is in each).
struct LogTable {
  static constexpr Table meta{0}, records{1}, ids{2}, identities{3}, ended{4}, active{5},
      expiries{6}, spent{7};
  static constexpr std::array<const char*, 8> kNames = {
      "default", "records", "ids", "identities", "ended", "active", "expiries", "spent"};
};

Bytes sequence_key(Sequence sequence);
std::optional<Sequence> parse_sequence_key(BytesView key);

/// Where a bulletin stands: the value of `ids`.
struct Standing {
  Sequence sequence = Sequence::none;
  Time at;
};
Bytes standing_value(const Standing& standing);
std::optional<Standing> parse_standing(BytesView value);

/// sender NUL identifier NUL sent: the key of `identities` and `ended`. CAP texts hold no NUL.
Bytes identity_key(const cap::Identity& identity);

/// How an alert was ended by another before its time. `by`: the newest Update, or the Cancel; where
/// the alert was named before it came, every Update that might replace it then, oldest first, and
/// of more than kEndedByMax the newest. It is replaced only where one of them `replaces` it.
enum class Ending : std::uint8_t { replaced = 1, cancelled = 2 };
inline constexpr std::size_t kEndedByMax = 16;
struct Ended {
  Ending how = Ending::replaced;
  std::vector<Sequence> by;
  bool operator==(const Ended&) const = default;
};
Bytes ended_value(const Ended& ended);
std::optional<Ended> parse_ended(BytesView value);

/// The value of `active`: until when.
Bytes expiry_value(Time expires);
std::optional<Time> parse_expiry(BytesView value);

/// The key of `expiries`: the time first, so that what expires next comes first.
Bytes expiry_key(Time expires, Sequence sequence);
struct Expiry {
  Time expires;
  Sequence sequence = Sequence::none;
};
std::optional<Expiry> parse_expiry_key(BytesView key);

/// sender NUL at sequence: the key of `spent`, one for each bulletin that counts against a rate.
struct Spending {
  Time at;
  Sequence sequence = Sequence::none;
  bool operator==(const Spending&) const = default;
};
Bytes spending_key(std::string_view sender, const Spending& spending);
std::optional<Spending> parse_spending_key(std::string_view sender, BytesView key);

}  // namespace engine
