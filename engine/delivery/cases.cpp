#include "engine/delivery/cases.hpp"

#include <algorithm>
#include <set>

#include "engine/delivery/limits.hpp"

namespace engine::delivery {
namespace {

bool any(const CaseRow& row, Reached reached) {
  return std::any_of(row.tried.begin(), row.tried.end(),
                     [&](const CaseRow::Tried& tried) { return tried.reached == reached; });
}

CaseRow::Tried* tried_of(CaseRow& row, std::uint32_t contact) {
  const auto at =
      std::find_if(row.tried.begin(), row.tried.end(),
                   [&](const CaseRow::Tried& tried) { return tried.contact == contact; });
  return at == row.tried.end() ? nullptr : &*at;
}

Reached reached_by(const Standing& standing) {
  const Reached otherwise = may_have_arrived(standing) ? Reached::unknown : Reached::failed;
  switch (standing.state) {
    case State::owed:
    case State::sent:
      return Reached::trying;
    case State::delivered:
      return Reached::delivered;
    case State::failed:
    case State::replaced:
    case State::expired:
      return otherwise;
  }
  return otherwise;
}

/// Where it stands: `open` while somebody is tried or waited for. A message that was handed over
/// and that nobody has reported on may arrive after the end too, or have arrived; and so has
/// perhaps one of which nobody knows how its attempt ended.
Standpoint standpoint_of(const CaseRow& row, bool open) {
  if (row.acknowledged || any(row, Reached::delivered)) return Standpoint::reached;
  if (open || any(row, Reached::trying) || any(row, Reached::unknown)) return Standpoint::trying;
  const bool nobody = row.tried.empty() && row.step == Step::nobody_contactable;
  return nobody ? Standpoint::not_contactable : Standpoint::failed;
}

/// The organisation's contacts with what has come of each; those that were tried and are not there
/// any more stand last.
Case case_of(const CaseRow& row, const AlertRow& alert, const std::optional<Profile>& profile,
             const Desk& desk) {
  Case one{alert.severity, alert.since, alert.expires, row.acknowledged, {}};
  std::vector<CaseRow::Tried> left = row.tried;
  static const Profile kNobody;
  for (const engine::Contact& contact : (profile ? *profile : kNobody).contacts) {
    delivery::Contact& added = one.contacts.emplace_back();
    added.way = contact.way;
    added.consents = contact.consents && desk.ways[static_cast<std::size_t>(contact.way)];
    added.dead = contact.dead;
    added.fallback = contact.fallback;
    added.hours = contact.hours;
    const auto at = std::find_if(left.begin(), left.end(), [&](const CaseRow::Tried& tried) {
      return tried.contact == contact.number;
    });
    if (at == left.end()) continue;
    added.reached = at->reached;
    added.since = at->since;
    left.erase(at);
  }
  for (const CaseRow::Tried& tried : left) {
    one.contacts.push_back({.way = tried.way, .reached = tried.reached, .since = tried.since});
  }
  return one;
}

}  // namespace

void Cases::put(const CaseKey& key, const AlertRow& alert, std::optional<Standpoint> before,
                const CaseRow& row, std::optional<Time> looked_before) {
  desk_.book.put_case(key, before, row);
  if (row.look_again && row.look_again != looked_before) {
    desk_.book.add_look(due_level(alert.severity), *row.look_again, key);
  }
}

void Cases::open(Sequence sequence, const AlertRow& alert, const Addressees::Concerned& who) {
  const CaseKey key{sequence, who.organisation};
  const auto there = desk_.book.one_case(sequence, who.organisation);
  CaseRow row = there.value_or(CaseRow{});
  row.kind = CaseRow::Kind::escalating;
  row.metres = order_of(alert.urgency, alert.severity, who.metres, {}, {}).distance;
  const auto patience =
      desk_.rules.patience[static_cast<std::size_t>(cap::rank(alert.severity)) - 1];
  if (!there) row.grouping = who.grouping;
  const auto before = there ? std::optional(there->standpoint) : std::nullopt;
  const auto looked_before = row.look_again;
  // Nobody's contacts are read before it is known that they are needed.
  row.look_again = std::min(alert.since + patience.acknowledged, alert.expires);
  put(key, alert, before, row, looked_before);
  ++desk_.tally.planned;
}

std::size_t Cases::look(const Due& due, std::size_t most) {
  const auto first = case_in(due.what);
  const auto alert = first ? desk_.book.alert(first->sequence) : std::nullopt;
  if (!alert) return 1;
  desk_.book.walking(true);
  if (auto row = desk_.book.one_case(first->sequence, first->organisation)) {
    look_at(*first, *alert, *std::move(row), due.at);
  }
  std::vector<Book::Case> others;
  if (due.kind == DueKind::walk && most > 0) {
    others = desk_.book.cases(first->sequence, first->organisation, most, due.through);
  }
  for (Book::Case& one : others) {
    look_at({first->sequence, one.organisation}, *alert, std::move(one.row), due.at);
  }
  desk_.book.walking(false);
  if (due.kind == DueKind::walk && others.size() == most) {  // there may be more
    Due rest = due;
    if (most > 0) rest.what = case_key(first->sequence, others.back().organisation);
    desk_.book.add_due(rest);
  }
  return 1 + others.size();
}

void Cases::look_at(const CaseKey& key, const AlertRow& alert, CaseRow row, Time due) {
  if (row.look_again != due) return;
  const auto& ask = desk_.parts.acknowledged;
  if (!row.acknowledged && ask) row.acknowledged = ask(key.sequence, key.organisation);
  const Standpoint before = row.standpoint;
  examine(key, alert, before, std::move(row));
}

void Cases::acknowledge(const CaseKey& key) {
  auto row = desk_.book.one_case(key.sequence, key.organisation);
  if (!row || row->acknowledged) return;
  const auto alert = desk_.book.alert(key.sequence);
  if (!alert) return;
  row->acknowledged = true;
  const Standpoint before = row->standpoint;
  examine(key, *alert, before, *std::move(row));
}

void Cases::delivery_changed(const DeliveryRow& delivery) {
  const CaseKey key{delivery.sequence, delivery.organisation};
  auto row = desk_.book.one_case(key.sequence, key.organisation);
  CaseRow::Tried* tried = row ? tried_of(*row, delivery.contact) : nullptr;
  const Reached reached = reached_by(delivery.standing);
  if (tried == nullptr || tried->reached == reached) return;
  const auto alert = desk_.book.alert(key.sequence);
  if (!alert) return;
  tried->reached = reached;
  const Standpoint before = row->standpoint;
  examine(key, *alert, before, *std::move(row));
}

/// What follows from what the case knows now.
void Cases::examine(const CaseKey& key, const AlertRow& alert, std::optional<Standpoint> before,
                    CaseRow row) {
  const auto looked_before = row.look_again;
  const bool over = desk_.now >= alert.expires;
  if (over) expire(key, alert, row);
  if (row.kind == CaseRow::Kind::escalating && alert.ended_by == Sequence::none) {
    escalate(key, alert, row);
  } else {
    const bool open = alert.ended_by == Sequence::none && !over && any(row, Reached::trying);
    row.look_again = open ? std::optional(alert.expires) : std::nullopt;
  }
  row.standpoint = standpoint_of(row, row.look_again.has_value());
  put(key, alert, before, row, looked_before);
}

void Cases::escalate(const CaseKey& key, const AlertRow& alert, CaseRow& row) {
  std::optional<Profile> profile;
  if (!row.acknowledged && !any(row, Reached::delivered) && desk_.now < alert.expires) {
    auto read = desk_.parts.addressees.profile(key.organisation);
    if (!read) {
      row.look_again = std::min(desk_.now + limits::kUnreadPause, alert.expires);
      return;
    }
    profile = *std::move(read);
  }
  const Plan next = plan(case_of(row, alert, profile, desk_), desk_.rules, desk_.now);
  row.step = next.step;
  row.look_again = next.look_again;
  if (next.contact) {
    const engine::Contact& contact = profile->contacts[*next.contact];
    owe(key, alert, row, contact.number, contact.way);
  }
  // While a message was sent and is not known to have arrived it stands open until the end.
  if (next.step == Step::nobody_left && any(row, Reached::trying)) row.look_again = alert.expires;
}

void Cases::owe(const CaseKey& key, const AlertRow& alert, CaseRow& row, std::uint32_t contact,
                Way way) {
  row.tried.push_back({contact, way, Reached::trying, desk_.now, row.metres});
  desk_.book.owe(owed_to(key, alert, row.tried.back()));
}

void Cases::end_delivery(const DeliveryId& id, const DeliveryRow& row, const Standing& ended) {
  DeliveryRow after = row;
  after.standing = ended;
  desk_.book.leave_queue(row);
  desk_.book.put_delivery(id, row.standing.state, after);
  ++desk_.tally.settled[static_cast<std::size_t>(row.way)][static_cast<std::size_t>(ended.state)];
}

/// What could not be sent before the alert was over. What is under way decides for itself.
void Cases::expire(const CaseKey& key, const AlertRow& alert, CaseRow& row) {
  for (CaseRow::Tried& tried : row.tried) {
    if (tried.reached != Reached::trying) continue;
    const DeliveryId id = delivery_id(alert.bulletin, key.organisation, tried.contact);
    const DeliveryRow delivery = desk_.book.delivery(key, alert, tried);
    if (is_over(delivery.standing) || desk_.is_under_way(id)) continue;
    const Standing expired = after_expiry(delivery.standing, desk_.now);
    end_delivery(id, delivery, expired);
    tried.reached = reached_by(expired);
  }
}

/// Whether the contact may have been told. What is still owed is owed no more.
bool Cases::take_back(const CaseKey& key, const AlertRow& alert, CaseRow::Tried& tried) {
  const DeliveryId id = delivery_id(alert.bulletin, key.organisation, tried.contact);
  if (desk_.is_under_way(id)) return true;
  const DeliveryRow delivery = desk_.book.delivery(key, alert, tried);
  if (!is_over(delivery.standing)) {
    const Standing replaced = after_end(delivery.standing, desk_.now);
    end_delivery(id, delivery, replaced);
    tried.reached = reached_by(replaced);
  }
  return may_have_arrived(delivery.standing);
}

std::vector<Cases::ToldOf> Cases::told_before(const AlertRow& alert, std::string_view organisation,
                                              std::uint32_t contact) {
  std::vector<ToldOf> told;
  std::vector<Sequence> left = alert.named;
  std::set<Sequence> seen(left.begin(), left.end());
  while (!left.empty()) {
    const Sequence sequence = left.back();
    left.pop_back();
    const auto named = desk_.book.alert(sequence);
    if (!named) continue;
    const DeliveryId id = delivery_id(named->bulletin, organisation, contact);
    const auto delivery = desk_.book.delivery(id);
    const bool under_way = desk_.is_under_way(id);
    if (delivery && (under_way || may_have_arrived(delivery->standing))) {
      told.push_back({sequence, under_way, {id, named->title}});
      continue;
    }
    for (const Sequence earlier : named->named) {
      if (seen.insert(earlier).second) left.push_back(earlier);
    }
  }
  std::sort(told.begin(), told.end(),
            [](const ToldOf& one, const ToldOf& other) { return one.sequence < other.sequence; });
  return told;
}

void Cases::follow(const CaseKey& ended, CaseRow row, const AlertRow& ended_alert, Sequence by,
                   const AlertRow& by_alert) {
  const CaseKey key{by, ended.organisation};
  const auto there = desk_.book.one_case(by, ended.organisation);
  CaseRow following = there.value_or(CaseRow{});
  if (!there) {
    following.kind = CaseRow::Kind::following;
    following.metres = row.metres;
    following.grouping = row.grouping;
    following.step = Step::wait_for_delivery;
  }
  const std::size_t tried_before = following.tried.size();
  for (CaseRow::Tried& tried : row.tried) {
    if (!take_back(ended, ended_alert, tried) &&
        told_before(ended_alert, ended.organisation, tried.contact).empty()) {
      continue;
    }
    if (tried_of(following, tried.contact) != nullptr) continue;
    owe(key, by_alert, following, tried.contact, tried.way);
  }
  const Standpoint before = row.standpoint;
  row.look_again.reset();
  row.standpoint = standpoint_of(row, false);
  put(ended, ended_alert, before, row, std::nullopt);
  if (following.tried.size() == tried_before) return;
  const auto looked_before = following.look_again;
  following.standpoint = Standpoint::trying;
  following.look_again = by_alert.expires;
  put(key, by_alert, there ? std::optional(there->standpoint) : std::nullopt, following,
      looked_before);
}

}  // namespace engine::delivery
