#include "engine/delivery/sweeper.hpp"

#include <algorithm>
#include <set>

#include "engine/delivery/limits.hpp"

namespace engine::delivery {
namespace {
constexpr BytesView kErasing = "erasing ";
}  // namespace

void Sweeper::erase(const CaseKey& key, const AlertRow& alert, const CaseRow& row) {
  for (const CaseRow::Tried& tried : row.tried) {
    desk_.book.erase_delivery(delivery_id(alert.bulletin, key.organisation, tried.contact),
                              desk_.book.delivery(key, alert, tried));
  }
  desk_.book.erase_case(key.sequence, key.organisation);
}

/// Timers name the organisation. One that nobody waits for any more stands there until it runs out,
/// so every time is looked at for which there may have been one.
void Sweeper::erase_timers(const CaseKey& key, const AlertRow& alert, const CaseRow& row) {
  const std::uint8_t level = due_level(alert.severity);
  const auto& patience =
      desk_.rules.patience[static_cast<std::size_t>(cap::rank(alert.severity)) - 1];
  std::set<Time> times{alert.expires, std::min(alert.since + patience.acknowledged, alert.expires)};
  if (row.look_again) times.insert(*row.look_again);
  for (const CaseRow::Tried& tried : row.tried) {
    times.insert(std::min(tried.since + patience.delivered, alert.expires));
  }
  for (const Time at : times) desk_.book.erase_look(level, at, key);
}

bool Sweeper::prune(Sequence sequence) {
  const auto alert = desk_.book.alert(sequence);
  if (!alert) return true;
  const auto cases = desk_.book.cases(sequence, {}, limits::kSweptAtOnce);
  for (const Book::Case& one : cases) erase({sequence, one.organisation}, *alert, one.row);
  if (cases.size() == limits::kSweptAtOnce) return false;
  desk_.book.plan_no_more(sequence, *alert);
  desk_.book.erase_alert(sequence);
  return true;
}

void Sweeper::begin_erasing(std::string_view organisation) {
  desk_.book.put_meta(Bytes(kErasing) + Bytes(organisation), {});
}

Sweeper::Erased Sweeper::erase_piece() {
  Erased erased;
  const auto wanted = desk_.book.meta_beginning(kErasing);
  if (wanted.empty()) return erased;
  erased.worked = true;
  const auto& [organisation, cursor] = wanted.front();
  const auto alerts =
      desk_.book.alerts_after(sequence_in(cursor).value_or(Sequence::none), limits::kLookedAtOnce);
  for (const Sequence sequence : alerts) {
    const CaseKey key{sequence, organisation};
    auto row = desk_.book.one_case(sequence, organisation);
    const auto alert = row ? desk_.book.alert(sequence) : std::nullopt;
    if (!alert) continue;
    // It stays a number among those that were matched, and nobody tries it any more.
    for (const CaseRow::Tried& tried : row->tried) {
      const DeliveryId id = delivery_id(alert->bulletin, organisation, tried.contact);
      DeliveryRow delivery = desk_.book.delivery(key, *alert, tried);
      if (is_over(delivery.standing)) continue;
      delivery.standing.state = State::failed;
      desk_.book.put_delivery(id, State::owed, delivery);
    }
    const Standpoint before = row->standpoint;
    if (before == Standpoint::trying) row->standpoint = Standpoint::failed;
    desk_.book.put_case(key, before, *row);
    erase_timers(key, *alert, *row);
    erase(key, *alert, *row);
  }
  const Bytes key = Bytes(kErasing) + organisation;
  if (alerts.size() < limits::kLookedAtOnce) {
    desk_.book.erase_meta(key);
    erased.finished.push_back(organisation);
  } else {
    desk_.book.put_meta(key, sequence_key(alerts.back()));
  }
  return erased;
}

}  // namespace engine::delivery
