#include "engine/delivery/rows.hpp"

#include <algorithm>

#include "engine/base/octet_io.hpp"
#include "engine/trust/signature.hpp"

namespace engine::delivery {
namespace {

constexpr std::uint64_t kSign = std::uint64_t{1} << 63U;

void put_ordered(OctetWriter& out, Time time) {
  out.put(static_cast<std::uint64_t>(time.time_since_epoch().count()) ^ kSign);
}
Time ordered_time(OctetReader& in) {
  return Time{Duration{static_cast<Duration::rep>(in.number<std::uint64_t>() ^ kSign)}};
}

void put(OctetWriter& out, bool flag) { out.put(static_cast<std::uint8_t>(flag ? 1 : 0)); }
bool flag(OctetReader& in) { return in.number<std::uint8_t>() != 0; }

template <class Enum>
void put_value(OctetWriter& out, Enum value) {
  out.put(static_cast<std::uint8_t>(value));
}

void put(OctetWriter& out, const std::optional<Time>& time) {
  put(out, time.has_value());
  if (time) out.put(*time);
}
std::optional<Time> maybe_time(OctetReader& in) {
  return flag(in) ? std::optional<Time>(in.time()) : std::nullopt;
}

void put(OctetWriter& out, const Counts& counts) {
  for (const std::uint64_t count : counts.organisations) out.put(count);
  for (const auto& way : counts.deliveries) {
    for (const std::uint64_t count : way) out.put(count);
  }
}
Counts counts_in(OctetReader& in) {
  Counts counts;
  for (std::uint64_t& count : counts.organisations) count = in.number<std::uint64_t>();
  for (auto& way : counts.deliveries) {
    for (std::uint64_t& count : way) count = in.number<std::uint64_t>();
  }
  return counts;
}

void put(OctetWriter& out, const Standing& standing) {
  put_value(out, standing.state);
  out.put(standing.attempts);
  put(out, standing.uncertain);
  out.put(standing.parts);
  out.put(standing.parts_delivered);
  out.put_text(standing.words);
  out.put(standing.changed);
  put(out, standing.again);
}
Standing standing_in(OctetReader& in) {
  Standing standing;
  standing.state = in.value_up_to(State::expired);
  standing.attempts = in.number<std::uint32_t>();
  standing.uncertain = flag(in);
  standing.parts = in.number<std::uint8_t>();
  standing.parts_delivered = in.number<std::uint64_t>();
  standing.words = in.text();
  standing.changed = in.time();
  standing.again = maybe_time(in);
  return standing;
}

template <class Row>
std::optional<Row> whole(const OctetReader& in, Row row) {
  if (!in.finished()) return std::nullopt;
  return row;
}

}  // namespace

bool is_queued(const DeliveryRow& row) {
  return row.standing.state == State::owed && !row.standing.again;
}

DeliveryId delivery_id(const BulletinId& bulletin, std::string_view organisation,
                       std::uint32_t contact) {
  OctetWriter out(bulletin.size() + organisation.size() + 8);
  out.put_raw(view(bulletin));
  out.put_text(organisation);
  out.put(contact);
  const Octets<32> hash = trust::sha256(out.bytes());
  DeliveryId id{};
  std::copy_n(hash.begin(), id.size(), id.begin());
  return id;
}

Bytes sequence_key(Sequence sequence) {
  OctetWriter out(8);
  out.put(number(sequence));
  return out.take();
}

std::optional<Sequence> sequence_in(BytesView key) {
  OctetReader in(key);
  const Sequence sequence{in.number<std::uint64_t>()};
  return whole(in, sequence);
}

Octets<32> identity_of(const cap::Identity& identity) {
  OctetWriter out;
  out.put_text(identity.sender);
  out.put_text(identity.identifier);
  out.put(identity.sent);
  return trust::sha256(out.bytes());
}

Bytes planning_key(const AlertRow& alert, Sequence sequence) {
  const Order order = order_of(alert.urgency, alert.severity, 0, {}, {});
  OctetWriter out(10);
  out.put(order.urgency);
  out.put(order.severity);
  out.put(number(sequence));
  return out.take();
}

std::optional<PlanningKey> planning_in(BytesView key) {
  OctetReader in(key);
  PlanningKey found;
  found.urgency = in.number<std::uint8_t>();
  found.severity = in.number<std::uint8_t>();
  found.sequence = Sequence{in.number<std::uint64_t>()};
  return whole(in, found);
}

Bytes case_key(Sequence sequence, std::string_view organisation) {
  Bytes key = sequence_key(sequence);
  key += organisation;
  return key;
}

std::optional<CaseKey> case_in(BytesView key) {
  OctetReader in(key);
  CaseKey found;
  found.sequence = Sequence{in.number<std::uint64_t>()};
  if (!in.good() || key.size() == 8) return std::nullopt;
  found.organisation = key.substr(8);
  return found;
}

// Its mark, every bit of the sequence turned, the organisation.
Bytes told_key(const ToldKey& told) {
  OctetWriter out(24 + told.organisation.size());
  out.put_raw(view(told.mark));
  out.put(~number(told.sequence));
  out.put_raw(told.organisation);
  return out.take();
}

std::optional<ToldKey> told_in(BytesView key) {
  OctetReader in(key);
  ToldKey found;
  found.mark = in.octets<16>();
  found.sequence = Sequence{~in.number<std::uint64_t>()};
  if (!in.good() || key.size() == 24) return std::nullopt;
  found.organisation = key.substr(24);
  return found;
}

DeliveryRow owed_to(const CaseKey& key, const AlertRow& alert, const CaseRow::Tried& tried) {
  const DeliveryId id = delivery_id(alert.bulletin, key.organisation, tried.contact);
  const Order order = order_of(alert.urgency, alert.severity, tried.metres, tried.since, id);
  return owed_row(tried.way, key_of(order), {key.sequence, tried.contact, false, key.organisation});
}

Bytes queue_key(Way way, const OrderKey& order) {
  Bytes key(1, static_cast<char>(way));
  key += view(order);
  return key;
}

DeliveryId id_in(const OrderKey& order) { return order_in(view(order)).value_or(Order{}).id; }

DeliveryRow owed_row(Way way, const OrderKey& order, const QueueRow& row) {
  DeliveryRow owed;
  owed.sequence = row.sequence;
  owed.organisation = row.organisation;
  owed.contact = row.contact;
  owed.way = way;
  owed.order = order;
  owed.standing.changed = order_in(view(order)).value_or(Order{}).since;
  return owed;
}

std::uint8_t due_level(cap::Severity severity) {
  return static_cast<std::uint8_t>(cap::rank(cap::Severity::extreme) - cap::rank(severity));
}

Bytes due_key(const Due& due) {
  OctetWriter out(14 + due.what.size() + due.through.size());
  out.put(due.level);
  put_ordered(out, due.at);
  put_value(out, due.kind);
  if (due.kind == DueKind::walk) {
    out.put_text(due.what);
  } else {
    out.put_raw(due.what);
  }
  out.put_raw(due.through);
  return out.take();
}

std::optional<Due> due_in(BytesView key) {
  OctetReader in(key);
  Due due;
  due.level = in.number<std::uint8_t>();
  due.at = ordered_time(in);
  due.kind = in.value_up_to(DueKind::walk);
  if (!in.good() || due.level >= kDueLevels) return std::nullopt;
  due.what = key.substr(10);
  if (due.kind != DueKind::walk) return due;
  due.what = in.text();
  if (!in.good()) return std::nullopt;
  due.through = key.substr(14 + due.what.size());
  return due;
}

Bytes group_key(const GroupKey& key) {
  OctetWriter out(9 + key.name.size());
  out.put(number(key.sequence));
  put_value(out, key.kind);
  out.put_raw(key.name);
  return out.take();
}

std::optional<GroupKey> group_in(BytesView key) {
  OctetReader in(key);
  GroupKey found;
  found.sequence = Sequence{in.number<std::uint64_t>()};
  found.kind = in.value_up_to(GroupKey::Kind::sector);
  if (!in.good()) return std::nullopt;
  found.name = key.substr(9);
  return found;
}

Bytes name_key(std::string_view gateway, std::string_view name) {
  OctetWriter out(gateway.size() + name.size() + 4);
  out.put_text(gateway);
  out.put_raw(name);
  return out.take();
}

Bytes to_octets(const AlertRow& row) {
  OctetWriter out(512);
  out.put_raw(view(row.bulletin));
  out.put_raw(view(row.identity));
  put_value(out, row.msg_type);
  put_value(out, row.urgency);
  put_value(out, row.severity);
  out.put(row.since);
  out.put(row.expires);
  out.put_text(row.title);
  out.put_count(row.named.size());
  for (const Sequence sequence : row.named) out.put(number(sequence));
  out.put(number(row.ended_by));
  put_value(out, row.phase);
  out.put(row.following);
  out.put_text(row.cursor);
  put(out, row.counts);
  return out.take();
}

std::optional<AlertRow> alert_row(BytesView octets) {
  OctetReader in(octets);
  AlertRow row;
  row.bulletin = in.octets<32>();
  row.identity = in.octets<32>();
  row.msg_type = in.value_up_to(cap::MsgType::error);
  row.urgency = in.value_up_to(cap::Urgency::unknown);
  row.severity = in.value_up_to(cap::Severity::unknown);
  row.since = in.time();
  row.expires = in.time();
  row.title = in.text();
  for (std::size_t left = in.count(8); left > 0; --left) {
    row.named.push_back(Sequence{in.number<std::uint64_t>()});
  }
  row.ended_by = Sequence{in.number<std::uint64_t>()};
  row.phase = in.value_up_to(AlertRow::Phase::planned);
  row.following = in.number<std::uint32_t>();
  row.cursor = in.text();
  row.counts = counts_in(in);
  return whole(in, std::move(row));
}

Bytes to_octets(const CaseRow& row) {
  OctetWriter out(64);
  put_value(out, row.kind);
  put(out, row.acknowledged);
  put_value(out, row.standpoint);
  put_value(out, row.step);
  out.put(row.metres);
  put(out, row.look_again);
  out.put_count(row.tried.size());
  for (const CaseRow::Tried& tried : row.tried) {
    out.put(tried.contact);
    put_value(out, tried.way);
    put_value(out, tried.reached);
    out.put(tried.since);
    out.put(tried.metres);
  }
  out.put_text(row.grouping.area);
  out.put_count(row.grouping.sectors.size());
  for (const std::string& sector : row.grouping.sectors) out.put_text(sector);
  return out.take();
}

std::optional<CaseRow> case_row(BytesView octets) {
  OctetReader in(octets);
  CaseRow row;
  row.kind = in.value_up_to(CaseRow::Kind::following);
  row.acknowledged = flag(in);
  row.standpoint = in.value_up_to(Standpoint::not_contactable);
  row.step = in.value_up_to(Step::nobody_contactable);
  row.metres = in.number<std::uint32_t>();
  row.look_again = maybe_time(in);
  for (std::size_t left = in.count(18); left > 0; --left) {
    CaseRow::Tried tried;
    tried.contact = in.number<std::uint32_t>();
    tried.way = in.value_up_to(Way::webhook);
    tried.reached = in.value_up_to(Reached::unknown);
    tried.since = in.time();
    tried.metres = in.number<std::uint32_t>();
    row.tried.push_back(tried);
  }
  row.grouping.area = in.text();
  for (std::size_t left = in.count(4); left > 0; --left) {
    row.grouping.sectors.emplace_back(in.text());
  }
  return whole(in, std::move(row));
}

Bytes to_octets(const DeliveryRow& row) {
  OctetWriter out(192);
  out.put(number(row.sequence));
  out.put_text(row.organisation);
  out.put(row.contact);
  put_value(out, row.way);
  out.put_raw(view(row.order));
  put(out, row.standing);
  out.put_count(row.names.size());
  for (const KnownName& name : row.names) {
    out.put(name.part);
    out.put_text(name.gateway);
    out.put_text(name.name);
  }
  if (row.mark) out.put_raw(view(*row.mark));
  return out.take();
}

std::optional<DeliveryRow> delivery_row(BytesView octets) {
  OctetReader in(octets);
  DeliveryRow row;
  row.sequence = Sequence{in.number<std::uint64_t>()};
  row.organisation = in.text();
  row.contact = in.number<std::uint32_t>();
  row.way = in.value_up_to(Way::webhook);
  row.order = in.octets<kOrderKeyBytes>();
  row.standing = standing_in(in);
  for (std::size_t left = in.count(9); left > 0; --left) {
    KnownName name;
    name.part = in.number<std::uint8_t>();
    name.gateway = in.text();
    name.name = in.text();
    row.names.push_back(std::move(name));
  }
  if (!in.finished()) row.mark = in.octets<16>();
  return whole(in, std::move(row));
}

Bytes to_octets(const QueueRow& row) {
  OctetWriter out(32);
  out.put(number(row.sequence));
  out.put(row.contact);
  put(out, row.has_row);
  out.put_text(row.organisation);
  return out.take();
}

std::optional<QueueRow> queue_row(BytesView octets) {
  OctetReader in(octets);
  QueueRow row;
  row.sequence = Sequence{in.number<std::uint64_t>()};
  row.contact = in.number<std::uint32_t>();
  row.has_row = flag(in);
  row.organisation = in.text();
  return whole(in, std::move(row));
}

Bytes to_octets(const std::vector<FlightRow>& flight) {
  OctetWriter out(4 + flight.size() * 48);
  out.put_count(flight.size());
  for (const FlightRow& one : flight) {
    put_value(out, one.way);
    out.put_raw(view(one.order));
    put(out, one.mark.has_value());
    if (one.mark) out.put_raw(view(*one.mark));
  }
  return out.take();
}

std::optional<std::vector<FlightRow>> flight_rows(BytesView octets) {
  OctetReader in(octets);
  std::vector<FlightRow> flight;
  for (std::size_t left = in.count(1 + kOrderKeyBytes + 1); left > 0; --left) {
    FlightRow& one = flight.emplace_back();
    one.way = in.value_up_to(Way::webhook);
    one.order = in.octets<kOrderKeyBytes>();
    if (flag(in)) one.mark = in.octets<16>();
  }
  return whole(in, std::move(flight));
}

Bytes to_octets(const NameRow& row) {
  OctetWriter out(17);
  out.put_raw(view(row.id));
  out.put(row.part);
  return out.take();
}

Bytes to_octets(const Standpoints& counts) {
  OctetWriter out(8 * kStandpoints);
  for (const std::uint64_t count : counts) out.put(count);
  return out.take();
}

std::optional<Standpoints> standpoints_row(BytesView octets) {
  OctetReader in(octets);
  Standpoints counts{};
  for (std::uint64_t& count : counts) count = in.number<std::uint64_t>();
  return whole(in, counts);
}

std::optional<NameRow> name_row(BytesView octets) {
  OctetReader in(octets);
  NameRow row;
  row.id = in.octets<16>();
  row.part = in.number<std::uint8_t>();
  return whole(in, row);
}

}  // namespace engine::delivery
