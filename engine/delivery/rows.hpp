#pragma once
// The outbox's tables: names, keys and values, octet by octet (schemas/outbox.md draws them). All
// numbers big-endian. Pure; any thread.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/bulletin.hpp"
#include "engine/delivery/escalation.hpp"
#include "engine/delivery/order.hpp"
#include "engine/delivery/standing.hpp"
#include "engine/grouping.hpp"
#include "engine/position.hpp"
#include "engine/store/store.hpp"

namespace engine::delivery {

struct OutboxTable {
  static constexpr Table meta{0}, alerts{1}, identities{2}, planning{3}, cases{4}, deliveries{5},
      under_way{6}, queue{7}, due{8}, names{9}, groups{10}, told{11};
  static constexpr std::array<const char*, 12> kNames = {
      "default",   "alerts", "identities", "planning", "cases",  "deliveries",
      "under_way", "queue",  "due",        "names",    "groups", "told"};
};

/// Where an organisation stands in the sum of those that an alert concerns.
enum class Standpoint : std::uint8_t { reached, trying, failed, not_contactable };
inline constexpr std::size_t kStandpoints = 4;

using Standpoints = std::array<std::uint64_t, kStandpoints>;

/// How many there are of each: of organisations by where they stand, and of deliveries by way and
/// state.
struct Counts {
  Standpoints organisations{};
  std::array<std::array<std::uint64_t, kStates>, kWays> deliveries{};
  bool operator==(const Counts&) const = default;
};

/// A bulletin that people are told of.
struct AlertRow {
  BulletinId bulletin{};
  Octets<32> identity{};  // identity_of() it
  cap::MsgType msg_type = cap::MsgType::alert;
  cap::Urgency urgency = cap::Urgency::unknown;  // of a Cancel: of what it takes back
  cap::Severity severity = cap::Severity::unknown;
  Time since;  // when it was admitted
  Time expires;
  std::string title;
  std::vector<Sequence> named;  // what it replaces or cancels, as far as people were told of it
  Sequence ended_by = Sequence::none;
  /// What is planned next: whoever was told of what it names, then whomever it concerns itself.
  enum class Phase : std::uint8_t { follow, concerned, planned } phase = Phase::planned;
  std::uint32_t following = 0;  // which of `named`
  std::string cursor;           // the last organisation that was planned for
  Counts counts;
  bool operator==(const AlertRow&) const = default;
};

/// One organisation and one alert.
struct CaseRow {
  enum class Kind : std::uint8_t {
    escalating,  // by the rules, until somebody is reached
    following,   // those who were told of what is replaced or taken back, and nobody else
  } kind = Kind::escalating;
  bool acknowledged = false;
  Standpoint standpoint = Standpoint::trying;
  Step step = Step::wait_for_acknowledgement;
  std::uint32_t metres = 0;
  std::optional<Time> look_again;
  struct Tried {
    std::uint32_t contact = 0;
    Way way = Way::sms;
    Reached reached = Reached::trying;
    Time since;
    std::uint32_t metres = 0;  // its distance in the queue
    bool operator==(const Tried&) const = default;
  };
  std::vector<Tried> tried;
  Grouping grouping;  // as it was when the case was opened: it counts there and nowhere else
  bool operator==(const CaseRow&) const = default;
};

/// What a gateway may call a message, or one part of it.
struct KnownName {
  std::string gateway, name;
  std::uint8_t part = 0;
  bool operator==(const KnownName&) const = default;
};

/// A keyed hash of an address (Addressees::mark): the same for the same one, and it tells nobody
/// which it is.
using AddressMark = Octets<16>;

/// One message to one contact. Before its first attempt has ended it has no row: what it would say
/// follows from its case, owed_to(), and from its place in the queue.
struct DeliveryRow {
  Sequence sequence = Sequence::none;
  std::string organisation;
  std::uint32_t contact = 0;
  Way way = Way::sms;
  Octets<kOrderKeyBytes> order{};
  Standing standing;
  std::vector<KnownName> names;     // by which reports may come
  std::optional<AddressMark> mark;  // of whom it may have reached, by SMS with a row of `told`
  bool operator==(const DeliveryRow&) const = default;
};

/// Whether it stands in the queue, where it stays until its attempt has ended.
bool is_queued(const DeliveryRow& row);

/// The same for the same contact, organisation and bulletin, whenever it is asked.
DeliveryId delivery_id(const BulletinId& bulletin, std::string_view organisation,
                       std::uint32_t contact);

// Keys.

Bytes sequence_key(Sequence sequence);
std::optional<Sequence> sequence_in(BytesView key);
/// What an Update or Cancel names an alert by.
Octets<32> identity_of(const cap::Identity& identity);

struct PlanningKey {
  std::uint8_t urgency = 0, severity = 0;  // levels, as Order has them
  Sequence sequence = Sequence::none;
};
Bytes planning_key(const AlertRow& alert, Sequence sequence);
std::optional<PlanningKey> planning_in(BytesView key);

struct CaseKey {
  Sequence sequence = Sequence::none;
  std::string organisation;
};
Bytes case_key(Sequence sequence, std::string_view organisation);
std::optional<CaseKey> case_in(BytesView key);

/// Whom an address was told something for: the newest alert first.
struct ToldKey {
  AddressMark mark{};
  Sequence sequence = Sequence::none;
  std::string organisation;
};
Bytes told_key(const ToldKey& told);
std::optional<ToldKey> told_in(BytesView key);

/// What is owed to somebody that a case tries, as it is before its first attempt has ended.
DeliveryRow owed_to(const CaseKey& key, const AlertRow& alert, const CaseRow::Tried& tried);

using OrderKey = Octets<kOrderKeyBytes>;
Bytes queue_key(Way way, const OrderKey& order);
DeliveryId id_in(const OrderKey& order);
/// Who stands there.
struct QueueRow {
  Sequence sequence = Sequence::none;
  std::uint32_t contact = 0;
  bool has_row = false;  // of its own, in deliveries
  std::string organisation;
  bool operator==(const QueueRow&) const = default;
};
/// As it is before its first attempt has ended.
DeliveryRow owed_row(Way way, const OrderKey& order, const QueueRow& row);

/// One attempt that is being made: whose place in the queue it is, and the mark of the address.
struct FlightRow {
  Way way = Way::sms;
  OrderKey order{};
  std::optional<AddressMark> mark;
  bool operator==(const FlightRow&) const = default;
};

/// A timer. Those of alerts that leave earlier are looked at earlier, however many others are due.
enum class DueKind : std::uint8_t { retry, look, prune, walk };
inline constexpr std::uint8_t kDueLevels = 5;  // four of severity, and what can wait
struct Due {
  std::uint8_t level = 0;
  Time at;
  DueKind kind = DueKind::retry;
  /// Of a retry: the delivery; of a look: the case; of a prune: the sequence; of a walk, which is a
  /// look at cases that follow each other: the first of them.
  Bytes what;
  /// Of a walk: the last organisation. Cases in between that are to be looked at at another time
  /// have timers of their own.
  std::string through = {};
};
Bytes due_key(const Due& due);
std::optional<Due> due_in(BytesView key);
std::uint8_t due_level(cap::Severity severity);

Bytes name_key(std::string_view gateway, std::string_view name);
struct NameRow {
  DeliveryId id{};
  std::uint8_t part = 0;
};

/// Of one alert, by area or by sector.
struct GroupKey {
  Sequence sequence = Sequence::none;
  enum class Kind : std::uint8_t { area, sector } kind = Kind::area;
  std::string name;
  auto operator<=>(const GroupKey&) const = default;
};
Bytes group_key(const GroupKey& key);
std::optional<GroupKey> group_in(BytesView key);

// Values; nothing where they are damaged.

Bytes to_octets(const AlertRow& row);
Bytes to_octets(const CaseRow& row);
Bytes to_octets(const DeliveryRow& row);
Bytes to_octets(const QueueRow& row);
Bytes to_octets(const std::vector<FlightRow>& flight);
Bytes to_octets(const NameRow& row);
Bytes to_octets(const Standpoints& counts);
std::optional<AlertRow> alert_row(BytesView octets);
std::optional<CaseRow> case_row(BytesView octets);
std::optional<DeliveryRow> delivery_row(BytesView octets);
std::optional<QueueRow> queue_row(BytesView octets);
std::optional<std::vector<FlightRow>> flight_rows(BytesView octets);
std::optional<NameRow> name_row(BytesView octets);
std::optional<Standpoints> standpoints_row(BytesView octets);

}  // namespace engine::delivery
