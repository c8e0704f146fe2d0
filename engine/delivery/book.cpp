#include "engine/delivery/book.hpp"

#include <algorithm>

#include "engine/base/octet_io.hpp"
#include "engine/delivery/limits.hpp"

namespace engine::delivery {
namespace {

using T = OutboxTable;

/// After every key of a table that the store does not keep for itself.
BytesView after_all() {
  static const Bytes all(64, '\xff');
  return all;
}

/// The least key after all that begin so.
Bytes after_prefix(BytesView prefix) {
  Bytes key(prefix);
  while (!key.empty() && key.back() == '\xff') key.pop_back();
  if (key.empty()) return Bytes(after_all());
  key.back() = static_cast<char>(static_cast<unsigned char>(key.back()) + 1);
  return key;
}

/// The least key after that one.
Bytes after_key(BytesView key) { return Bytes(key) + '\0'; }

Bytes one_octet(std::size_t octet) { return Bytes(1, static_cast<char>(octet)); }

std::uint64_t& count_of(AlertRow& alert, Way way, State state) {
  return alert.counts.deliveries[static_cast<std::size_t>(way)][static_cast<std::size_t>(state)];
}
std::uint64_t& count_of(AlertRow& alert, Standpoint standpoint) {
  return alert.counts.organisations[static_cast<std::size_t>(standpoint)];
}

}  // namespace

Book::Book(Store& store) : store_(store), change_(store.change()) { begin_anew(); }

void Book::begin_anew() {
  kept_.clear();
  for (QueueFront& queue : queue_) queue.begin_anew();
  flights_.begin_anew();
  for (std::size_t level = 0; level < kDueLevels; ++level) due_[level].from = one_octet(level);
  planning_.from.clear();
  begin();
}

void Book::fail(std::string_view why) {
  if (!fault_) fault_ = std::string(why);
}

std::optional<Bytes> Book::read(Table table, BytesView key) {
  auto found = change_.get(table, key);
  if (found) return *std::move(found);
  fail(found.error().what);
  return std::nullopt;
}

template <class Row>
std::optional<Row> Book::read_row(Table table, BytesView key,
                                  std::optional<Row> (*row_of)(BytesView)) {
  const auto octets = read(table, key);
  if (!octets) return std::nullopt;
  auto row = row_of(*octets);
  if (!row) fail("an entry of the outbox is damaged");
  return row;
}

void Book::scan(Table table, BytesView from, BytesView until, const Store::Visit& visit) {
  const auto scanned = store_.scan(table, from, until, visit);
  if (!scanned) fail(scanned.error().what);
}

// --- what there is

std::optional<AlertRow> Book::alert(Sequence sequence) {
  if (const auto at = touched_.find(sequence); at != touched_.end()) return at->second;
  if (const auto at = kept_.find(sequence); at != kept_.end()) return at->second;
  auto row = read_row<AlertRow>(T::alerts, sequence_key(sequence), alert_row);
  if (row) keep({{sequence, *row}});
  return row;
}

void Book::keep(const std::map<Sequence, AlertRow>& rows) {
  for (const auto& [sequence, row] : rows) kept_.insert_or_assign(sequence, row);
  while (kept_.size() > limits::kAlertsKept) kept_.erase(kept_.begin());
}

AlertRow* Book::counted(Sequence sequence) {
  const auto at = touched_.find(sequence);
  if (at != touched_.end()) return &at->second;
  auto row = alert(sequence);
  if (!row) return nullptr;
  return &touched_.insert_or_assign(sequence, *std::move(row)).first->second;
}

std::optional<Sequence> Book::sequence_of(const cap::Identity& identity) {
  return read_row<Sequence>(T::identities, view(identity_of(identity)), sequence_in);
}

std::optional<CaseRow> Book::one_case(Sequence sequence, std::string_view organisation) {
  return read_row<CaseRow>(T::cases, case_key(sequence, organisation), case_row);
}

std::optional<DeliveryRow> Book::delivery(const DeliveryId& id) {
  if (const auto found = flights_.find(id)) {
    return found->row != nullptr ? std::optional(*found->row) : std::nullopt;
  }
  return read_row<DeliveryRow>(T::deliveries, view(id), delivery_row);
}

DeliveryRow Book::delivery(const CaseKey& key, const AlertRow& alert, const CaseRow::Tried& tried) {
  auto row = delivery(delivery_id(alert.bulletin, key.organisation, tried.contact));
  return row ? *std::move(row) : owed_to(key, alert, tried);
}

std::optional<NameRow> Book::named(std::string_view gateway, std::string_view name) {
  return read_row<NameRow>(T::names, name_key(gateway, name), name_row);
}

std::optional<Bytes> Book::meta(BytesView key) { return read(T::meta, key); }

std::vector<Book::Group> Book::groups(Sequence sequence) {
  std::vector<Group> found;
  const Bytes prefix = sequence_key(sequence);
  scan(T::groups, prefix, after_prefix(prefix), [&](BytesView key, BytesView value) {
    auto group = group_in(key);
    const auto counts = standpoints_row(value);
    if (!group || !counts) {
      fail("an entry of the outbox is damaged");
      return false;
    }
    found.push_back({*std::move(group), *counts});
    return true;
  });
  return found;
}

std::vector<Book::Case> Book::cases(Sequence sequence, std::string_view cursor, std::size_t most,
                                    std::string_view through) {
  std::vector<Case> found;
  const Bytes until = through.empty() ? after_prefix(sequence_key(sequence))
                                      : after_key(case_key(sequence, through));
  scan(T::cases, after_key(case_key(sequence, cursor)), until, [&](BytesView key, BytesView value) {
    // As this turn has left it.
    const auto changed = changed_cases_.contains(Bytes(key)) ? read(T::cases, key) : Bytes(value);
    if (!changed) return !fault_;
    const auto place = case_in(key);
    auto row = case_row(*changed);
    if (!place || !row) {
      fail("an entry of the outbox is damaged");
      return false;
    }
    found.push_back({place->organisation, *std::move(row)});
    return found.size() < most;
  });
  return found;
}

std::vector<Sequence> Book::alerts_after(Sequence sequence, std::size_t most) {
  std::vector<Sequence> found;
  scan(T::alerts, after_key(sequence_key(sequence)), after_all(), [&](BytesView key, BytesView) {
    if (const auto alert = sequence_in(key)) found.push_back(*alert);
    return found.size() < most;
  });
  return found;
}

std::optional<PlanningKey> Book::first_to_plan(const std::set<Sequence>& but) {
  std::optional<PlanningKey> first;
  Bytes front;
  scan(T::planning, planning_.from, after_all(), [&](BytesView key, BytesView) {
    if (front.empty()) front = key;
    const auto found = planning_in(key);
    if (!found) fail("an entry of the outbox is damaged");
    // One that this turn has planned to its end, or given up, is there still.
    if (found && (but.contains(found->sequence) || !read(T::planning, key))) return !fault_;
    first = found;
    return false;
  });
  if (!front.empty()) planning_.from = front;
  return first;
}

std::vector<QueueFront::Place> Book::first_in_queue(Way way, std::size_t most) {
  const auto read = [&](const OrderKey& from, const QueueFront::Visit& visit) {
    const Bytes end = one_octet(static_cast<std::size_t>(way) + 1);
    scan(T::queue, queue_key(way, from), end, [&](BytesView key, BytesView value) {
      const auto order = exactly<kOrderKeyBytes>(key.substr(1));
      auto row = queue_row(value);
      if (!order || !row) {
        fail("an entry of the outbox is damaged");
        return false;
      }
      return visit(*order, *std::move(row));
    });
  };
  return queue_[static_cast<std::size_t>(way)].first(
      most, read, [this](const DeliveryId& id) { return flights_.contains(id); });
}

std::optional<QueueRow> Book::place(Way way, const OrderKey& order) {
  return read_row<QueueRow>(T::queue, queue_key(way, order), queue_row);
}

std::vector<Due> Book::due(Time now, std::size_t most) {
  std::vector<Due> found;
  for (std::uint8_t level = 0; level < kDueLevels && found.size() < most; ++level) {
    const Bytes until = due_key({level, now + Duration{1}, DueKind::retry, {}});
    Bytes first;
    scan(T::due, due_[level].from, until, [&](BytesView key, BytesView) {
      if (first.empty()) first = key;
      auto one = due_in(key);
      if (one) found.push_back(*std::move(one));
      return found.size() < most;
    });
    if (!first.empty()) due_[level].from = first;
  }
  return found;
}

std::optional<Time> Book::next_due() {
  std::optional<Time> next;
  for (std::uint8_t level = 0; level < kDueLevels; ++level) {
    scan(T::due, due_[level].from, one_octet(level + 1), [&](BytesView key, BytesView) {
      const auto one = due_in(key);
      if (one) next = std::min(next.value_or(one->at), one->at);
      return false;
    });
  }
  return next;
}

std::vector<FlightRow> Book::read_under_way() {
  std::vector<FlightRow> all;
  flights_.begin_anew();
  scan(T::under_way, {}, after_all(), [&](BytesView key, BytesView value) {
    const auto number = sequence_in(key);
    const auto flight = flight_rows(value);
    if (!number || !flight) {
      fail("an entry of the outbox is damaged");
      return false;
    }
    Flights::Rows rows;
    for (const FlightRow& one : *flight) {
      const auto there = place(one.way, one.order);
      auto row = there && there->has_row ? delivery(id_in(one.order)) : std::nullopt;
      if (!row && there) row = owed_row(one.way, one.order, *there);
      rows.emplace_back(one, std::move(row));
    }
    flights_.known(engine::number(*number), rows);
    all.insert(all.end(), flight->begin(), flight->end());
    return true;
  });
  return all;
}

std::vector<Book::Told> Book::told(const AddressMark& mark, std::size_t most) {
  std::vector<Told> found;
  const Bytes from(view(mark));
  scan(T::told, from, after_prefix(from), [&](BytesView key, BytesView value) {
    auto told = told_in(key);
    OctetReader in(value);
    const auto contact = in.number<std::uint32_t>();
    if (!told || !in.finished()) {
      fail("an entry of the outbox is damaged");
      return false;
    }
    found.push_back({*std::move(told), contact});
    return found.size() < most;
  });
  return found;
}

std::vector<std::pair<Bytes, Bytes>> Book::meta_beginning(BytesView prefix) {
  std::vector<std::pair<Bytes, Bytes>> found;
  scan(T::meta, prefix, after_prefix(prefix), [&](BytesView key, BytesView value) {
    found.emplace_back(key.substr(prefix.size()), value);
    return true;
  });
  return found;
}

// --- what this turn changes

void Book::put_meta(BytesView key, BytesView value) { change_.put(T::meta, key, value); }
void Book::erase_meta(BytesView key) { change_.erase(T::meta, key); }

void Book::put_alert(Sequence sequence, AlertRow row) {
  if (const auto before = alert(sequence)) row.counts = before->counts;
  touched_.insert_or_assign(sequence, std::move(row));
}

void Book::put_identity(const Octets<32>& identity, Sequence sequence) {
  change_.put(T::identities, view(identity), sequence_key(sequence));
}

void Book::erase_alert(Sequence sequence) {
  if (const auto row = alert(sequence)) change_.erase(T::identities, view(row->identity));
  for (const Group& group : groups(sequence)) change_.erase(T::groups, group_key(group.key));
  std::erase_if(touched_groups_, [&](const auto& one) { return one.first.sequence == sequence; });
  touched_.erase(sequence);
  kept_.erase(sequence);
  change_.erase(T::alerts, sequence_key(sequence));
}

void Book::plan(Sequence sequence, const AlertRow& row) {
  const Bytes key = planning_key(row, sequence);
  change_.put(T::planning, key, {});
  planning_.add(key);
}
void Book::plan_no_more(Sequence sequence, const AlertRow& row) {
  change_.erase(T::planning, planning_key(row, sequence));
}

void Book::put_case(const CaseKey& key, std::optional<Standpoint> before, const CaseRow& row) {
  AlertRow* alert = counted(key.sequence);
  if (alert == nullptr) return fail("a case of an alert that the outbox does not know");
  if (before) --count_of(*alert, *before);
  ++count_of(*alert, row.standpoint);
  count(key.sequence, row.grouping, before, row.standpoint);
  Bytes place = case_key(key.sequence, key.organisation);
  change_.put(T::cases, place, to_octets(row));
  changed_cases_.insert(std::move(place));
}

void Book::erase_case(Sequence sequence, std::string_view organisation) {
  const Bytes key = case_key(sequence, organisation);
  change_.erase(T::cases, key);
  changed_cases_.insert(key);
}

void Book::count_not_contactable(Sequence sequence, const Grouping& grouping) {
  AlertRow* alert = counted(sequence);
  if (alert == nullptr) return;
  ++count_of(*alert, Standpoint::not_contactable);
  count(sequence, grouping, std::nullopt, Standpoint::not_contactable);
}

void Book::count(Sequence sequence, const Grouping& grouping, std::optional<Standpoint> before,
                 Standpoint now) {
  if (before == now) return;
  count({sequence, GroupKey::Kind::area, grouping.area}, before, now);
  for (const std::string& sector : grouping.sectors) {
    count({sequence, GroupKey::Kind::sector, sector}, before, now);
  }
}

void Book::count(GroupKey key, std::optional<Standpoint> before, Standpoint now) {
  auto at = touched_groups_.find(key);
  if (at == touched_groups_.end()) {
    const auto counts = read_row<Standpoints>(T::groups, group_key(key), standpoints_row);
    at = touched_groups_.emplace(std::move(key), counts.value_or(Standpoints{})).first;
  }
  if (before) --at->second[static_cast<std::size_t>(*before)];
  ++at->second[static_cast<std::size_t>(now)];
}

void Book::owe(const DeliveryRow& row) {
  AlertRow* alert = counted(row.sequence);
  if (alert == nullptr) return fail("a delivery of an alert that the outbox does not know");
  ++count_of(*alert, row.way, State::owed);
  put_queued(row, false);
}

void Book::put_delivery(const DeliveryId& id, State before, const DeliveryRow& row) {
  AlertRow* alert = counted(row.sequence);
  if (alert == nullptr) return fail("a delivery of an alert that the outbox does not know");
  --count_of(*alert, row.way, before);
  ++count_of(*alert, row.way, row.standing.state);
  change_.put(T::deliveries, view(id), to_octets(row));
  flights_.changed(id, row);
}

void Book::erase_delivery(const DeliveryId& id, const DeliveryRow& row) {
  erase_names(row);
  if (row.mark) change_.erase(T::told, told_key({*row.mark, row.sequence, row.organisation}));
  leave_queue(row);
  change_.erase(T::deliveries, view(id));
  flights_.changed(id, std::nullopt);
}

void Book::put_queued(const DeliveryRow& row, bool has_row) {
  QueueRow place{row.sequence, row.contact, has_row, row.organisation};
  change_.put(T::queue, queue_key(row.way, row.order), to_octets(place));
  queue_[static_cast<std::size_t>(row.way)].put(row.order, std::move(place));
}

void Book::enqueue(const DeliveryRow& row) { put_queued(row, true); }

void Book::leave_queue(Way way, const OrderKey& order) {
  change_.erase(T::queue, queue_key(way, order));
  queue_[static_cast<std::size_t>(way)].take_away(order);
}

void Book::come_back(const DeliveryRow& row) {
  auto there = place(row.way, row.order);
  if (there) queue_[static_cast<std::size_t>(row.way)].put(row.order, *std::move(there));
}

void Book::put_under_way(const DeliveryRow& row, const std::optional<AddressMark>& mark) {
  flights_.mark({row.way, row.order, mark}, row);
  queue_[static_cast<std::size_t>(row.way)].take_away(row.order);
}

void Book::add_due(const Due& due) {
  const Bytes key = due_key(due);
  change_.put(T::due, key, {});
  due_[due.level].add(key);
}

void Book::walking(bool walks) {
  walking_ = walks;
  if (walks || !open_look_) return;
  if (open_look_->through.empty()) open_look_->kind = DueKind::look;
  add_due(*std::exchange(open_look_, std::nullopt));
}

void Book::add_look(std::uint8_t level, Time at, const CaseKey& key) {
  const Bytes what = case_key(key.sequence, key.organisation);
  const bool shared = open_look_ && open_look_->level == level && open_look_->at == at &&
                      BytesView(open_look_->what).starts_with(sequence_key(key.sequence)) &&
                      open_look_->what < what;
  if (shared) {
    open_look_->through = key.organisation;
    return;
  }
  if (!walking_) return add_due({level, at, DueKind::look, what});
  walking(false);
  walking(true);
  open_look_ = Due{level, at, DueKind::walk, what};
}

/// Where it is the first or the last of a walk, the walk begins or ends with another.
void Book::erase_look(std::uint8_t level, Time at, const CaseKey& key) {
  const Bytes own = case_key(key.sequence, key.organisation);
  erase_due({level, at, DueKind::look, own});
  Bytes from = due_key({level, at, DueKind::walk, {}});
  from.resize(from.size() - 4);  // whatever its length
  std::vector<Due> named;
  scan(T::due, from, after_prefix(from), [&](BytesView found, BytesView) {
    auto due = due_in(found);
    const auto first = due ? case_in(due->what) : std::nullopt;
    if (!first || first->sequence != key.sequence) return true;
    if (due->what == own || due->through == key.organisation) named.push_back(*std::move(due));
    return true;
  });
  for (const Due& due : named) {
    erase_due(due);
    std::vector<std::string> left;
    const std::string first = case_in(due.what)->organisation;
    if (due.what != own) left.push_back(first);
    for (const Case& one : cases(key.sequence, first, limits::kDueAtOnce, due.through)) {
      if (one.organisation != key.organisation) left.push_back(one.organisation);
    }
    if (left.empty()) continue;
    add_due({level, at, DueKind::walk, case_key(key.sequence, left.front()), left.back()});
  }
}

void Book::erase_due(const Due& due) { change_.erase(T::due, due_key(due)); }

void Book::put_name(std::string_view gateway, std::string_view name, const NameRow& row) {
  change_.put(T::names, name_key(gateway, name), to_octets(row));
}

void Book::erase_names(const DeliveryRow& row) {
  for (const KnownName& name : row.names) {
    change_.erase(T::names, name_key(name.gateway, name.name));
  }
}

void Book::put_told(const DeliveryRow& row) {
  OctetWriter out(4);
  out.put(row.contact);
  change_.put(T::told, told_key({row.mark.value(), row.sequence, row.organisation}), out.bytes());
}

// --- all or nothing

bool Book::changed() const {
  return !change_.empty() || !touched_.empty() || flights_.has_changes();
}

Store::Commit Book::commit() {
  for (const auto& [sequence, row] : touched_) {
    change_.put(T::alerts, sequence_key(sequence), to_octets(row));
  }
  for (const auto& [key, counts] : touched_groups_) {
    change_.put(T::groups, group_key(key), to_octets(counts));
  }
  for (const auto& [number, octets] : flights_.rows()) {
    const Bytes key = sequence_key(Sequence{number});
    if (octets.empty()) {
      change_.erase(T::under_way, key);
    } else {
      change_.put(T::under_way, key, octets);
    }
  }
  Store::Change change = std::exchange(change_, store_.change());
  const Store::Commit end =
      change.empty() ? Store::Commit::done : store_.commit(std::move(change), Durability::synced);
  if (end == Store::Commit::done) {
    keep(touched_);
    flights_.written();
    for (QueueFront& queue : queue_) queue.written();
    for (Front& front : due_) front.written();
    planning_.written();
  }
  begin();
  return end;
}

void Book::begin() {
  touched_.clear();
  touched_groups_.clear();
  changed_cases_.clear();
  open_look_.reset();
  fault_.reset();
  flights_.forget_turn();
  for (QueueFront& queue : queue_) queue.forget_turn();
  for (Front& front : due_) front.added.reset();
  planning_.added.reset();
  change_ = store_.change();
}

}  // namespace engine::delivery
