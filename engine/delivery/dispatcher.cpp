#include "engine/delivery/dispatcher.hpp"

#include <algorithm>

#include "engine/delivery/limits.hpp"

namespace engine::delivery {
namespace {

const engine::Contact* contact_of(const Profile& profile, const DeliveryRow& row) {
  for (const engine::Contact& contact : profile.contacts) {
    if (contact.number == row.contact && contact.way == row.way) return &contact;
  }
  return nullptr;
}

}  // namespace

Kept kept_of(const Heard& heard) {
  return std::visit(
      [](const auto& one) -> Kept {
        if constexpr (requires { one.kept; }) return one.kept;
        return nullptr;
      },
      heard);
}

// --- out

std::vector<Taken> Dispatcher::take(Way way, std::size_t room) {
  std::vector<Taken> attempts;
  for (const auto& place : desk_.book.first_in_queue(way, std::min(room, limits::kTakenAtOnce))) {
    const DeliveryId id = id_in(place.order);
    const auto row = place.row.has_row ? desk_.book.delivery(id)
                                       : std::optional(owed_row(way, place.order, place.row));
    if (!row || !is_queued(*row)) {
      desk_.book.leave_queue(way, place.order);
      continue;
    }
    auto attempt = attempt_of(id, *row);
    if (!attempt) continue;
    Taken taken{*std::move(attempt), row->organisation, {}};
    if (way != Way::webhook && desk_.parts.addressees.mark) {
      taken.mark = desk_.parts.addressees.mark(way, taken.attempt.address);
    }
    desk_.book.put_under_way(*row, taken.mark);
    ++desk_.tally.attempts[static_cast<std::size_t>(way)];
    attempts.push_back(std::move(taken));
  }
  return attempts;
}

/// Nothing where it is not to be made any more; then that is noted.
std::optional<Attempt> Dispatcher::attempt_of(const DeliveryId& id, const DeliveryRow& row) {
  const auto alert = desk_.book.alert(row.sequence);
  if (!alert) {
    desk_.book.leave_queue(row);
    return std::nullopt;
  }
  DeliveryRow after = row;
  const auto told = cases_.told_before(*alert, row.organisation, row.contact);
  // What was under way when its Cancel came, and then was not sent after all, leaves nothing to
  // take back: that contact hears of neither.
  const bool takes_nothing_back = alert->msg_type == cap::MsgType::cancel && told.empty();
  if (alert->ended_by != Sequence::none || takes_nothing_back) {
    after.standing = after_end(row.standing, desk_.now);
  } else if (desk_.now >= alert->expires) {
    after.standing = after_expiry(row.standing, desk_.now);
  }
  if (is_over(after.standing)) {
    move(id, row, std::move(after));
    return std::nullopt;
  }
  const auto read = desk_.parts.addressees.profile(row.organisation);
  if (!read) {
    put_off(id, row, *alert);
    return std::nullopt;
  }
  const auto& profile = *read;
  const engine::Contact* contact = profile ? contact_of(*profile, row) : nullptr;
  if (contact == nullptr || !contact->consents || contact->dead) {
    give_up(id, row, "The contact is not there any more, or may not be sent messages.");
    return std::nullopt;
  }
  auto story = stories_.story(row.sequence, alert->named);
  if (!story) {
    desk_.log_read = story.error();
    put_off(id, row, *alert);
    return std::nullopt;
  }
  Attempt attempt;
  attempt.delivery = id;
  attempt.number = row.standing.attempts + 1;
  attempt.address = contact->address;
  attempt.secret = contact->secret;
  attempt.language = profile->language;
  attempt.story = *std::move(story);
  for (const Cases::ToldOf& one : told) {
    if (!one.under_way) attempt.earlier.push_back(one.told);
  }
  attempt.expires = alert->expires;
  return attempt;
}

void Dispatcher::give_up(const DeliveryId& id, const DeliveryRow& row, std::string_view why) {
  DeliveryRow after = row;
  after.standing.state = State::failed;
  after.standing.changed = desk_.now;
  after.standing.again.reset();
  after.standing.words = why;
  move(id, row, std::move(after));
}

/// Whom to send it to, or what, cannot be read now: nobody else waits for that.
void Dispatcher::put_off(const DeliveryId& id, const DeliveryRow& row, const AlertRow& alert) {
  DeliveryRow after = row;
  after.standing.again = std::min(desk_.now + limits::kUnreadPause, alert.expires);
  desk_.book.leave_queue(row);
  desk_.book.put_delivery(id, row.standing.state, after);
  desk_.book.add_due(
      {due_level(alert.severity), *after.standing.again, DueKind::retry, Bytes(view(id))});
}

/// Everything that follows from where a delivery stands now.
void Dispatcher::move(const DeliveryId& id, const DeliveryRow& before, DeliveryRow after) {
  if (is_over(after.standing) && is_queued(before) && !desk_.is_under_way(id)) {
    desk_.book.leave_queue(before);
  }
  const State state = after.standing.state;
  if (state == State::delivered || state == State::failed) {
    desk_.book.erase_names(after);
    after.names.clear();
  }
  desk_.book.put_delivery(id, before.standing.state, after);
  if (state == before.standing.state) {
    // What was not known of an attempt is known now.
    const bool known = before.standing.uncertain && !after.standing.uncertain;
    if (known && is_over(after.standing)) cases_.delivery_changed(after);
    return;
  }
  ++desk_.tally.settled[static_cast<std::size_t>(after.way)][static_cast<std::size_t>(state)];
  if (state != State::sent) cases_.delivery_changed(after);
}

// --- back

void Dispatcher::hear(const Heard& heard) {
  std::visit([this](const auto& one) { hear_one(one); }, heard);
}

void Dispatcher::hear_one(const Answered& heard) {
  desk_.book.erase_under_way(heard.id);
  desk_.answered.insert(heard.id);
  const auto row = desk_.book.delivery(heard.id);
  const auto alert = row ? desk_.book.alert(row->sequence) : std::nullopt;
  if (!row || !alert) return;  // erased meanwhile
  desk_.book.leave_queue(*row);
  DeliveryRow after = *row;
  const Terms terms{heard.id, row->way, alert->expires, alert->ended_by != Sequence::none};
  after.standing = after_attempt(row->standing, terms, heard.attempted, desk_.now);
  keep_names(heard.id, after, heard.attempted);
  const auto handed = desk_.under_way.find(heard.id);
  if (handed != desk_.under_way.end()) keep_mark(after, handed->second.mark);
  if (heard.attempted.uncertain) ++desk_.tally.uncertain;
  if (heard.attempted.outcome.contact_dead)
    desk_.dead.emplace_back(row->organisation, row->contact);
  if (after.standing.again) {
    desk_.book.add_due(
        {due_level(alert->severity), *after.standing.again, DueKind::retry, Bytes(view(heard.id))});
  }
  move(heard.id, *row, std::move(after));
  const auto& said = heard.attempted.said;
  if (said && said->state == Receipt::State::acknowledged) {
    cases_.acknowledge({row->sequence, row->organisation});
  }
}

/// Who may have been told may answer: by a link of the mail's own, or by a text message, which says
/// nothing but whose it is.
void Dispatcher::keep_mark(DeliveryRow& row, const std::optional<AddressMark>& mark) {
  if (!mark || !may_have_arrived(row.standing)) return;
  row.mark = mark;
  if (row.way == Way::sms) desk_.book.put_told(row);
}

/// Of several uncertain attempts any may be reported: the names of all are kept, within a bound.
void Dispatcher::keep_names(const DeliveryId& id, DeliveryRow& row, const Attempted& attempted) {
  for (const Attempted::Name& name : attempted.names) {
    desk_.book.put_name(attempted.gateway, name.name, {id, name.part});
    row.names.push_back({attempted.gateway, name.name, name.part});
  }
  while (row.names.size() > limits::kNamesKept) {
    DeliveryRow oldest;
    oldest.names = {row.names.front()};
    desk_.book.erase_names(oldest);
    row.names.erase(row.names.begin());
  }
}

void Dispatcher::hear_one(const NotMade& heard) {
  desk_.book.erase_under_way(heard.id);
  desk_.answered.insert(heard.id);
  const auto row = desk_.book.delivery(heard.id);
  if (!row) return;
  if (is_queued(*row)) return desk_.book.come_back(*row);
  desk_.book.leave_queue(*row);
}

void Dispatcher::hear_one(const ReportedId& heard) { report(heard.id, {}, heard.report); }

void Dispatcher::hear_one(const ReportedName& heard) {
  for (const std::string& name : heard.names) {
    const auto known = desk_.book.named(heard.gateway, name);
    if (known) return report(known->id, known->part, heard.report);
  }
}

void Dispatcher::report(const DeliveryId& id, std::optional<std::uint8_t> part,
                        const Report& report) {
  const auto row = desk_.book.delivery(id);
  if (!row) return;
  if (report.contact_dead) desk_.dead.emplace_back(row->organisation, row->contact);
  DeliveryRow after = *row;
  after.standing = after_report(row->standing, report, part, desk_.now);
  if (after != *row) move(id, *row, std::move(after));
}

void Dispatcher::hear_one(const Acknowledged& heard) {
  cases_.acknowledge({heard.sequence, heard.organisation});
}

void Dispatcher::retry(const DeliveryId& id, Time due) {
  const auto row = desk_.book.delivery(id);
  if (!row || is_over(row->standing) || row->standing.again != due) return;
  DeliveryRow after = *row;
  after.standing.again.reset();
  desk_.book.put_delivery(id, row->standing.state, after);
  desk_.book.enqueue(after);
}

void Dispatcher::recover() {
  for (const FlightRow& one : desk_.book.read_under_way()) {
    const DeliveryId id = id_in(one.order);
    desk_.book.erase_under_way(id);
    const auto row = desk_.book.delivery(id);
    if (!row) continue;
    DeliveryRow after = *row;
    after.standing = after_crash(row->standing, desk_.now);
    keep_mark(after, one.mark);
    desk_.book.put_delivery(id, row->standing.state, after);
    if (is_queued(after)) {
      desk_.book.enqueue(after);
    } else {
      desk_.book.leave_queue(after);
    }
    ++desk_.tally.uncertain;
  }
}

}  // namespace engine::delivery
