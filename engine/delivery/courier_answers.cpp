// What the courier answers of what it has written down: how far an alert has come, with whom.
#include "engine/delivery/courier.hpp"
#include "engine/delivery/limits.hpp"

namespace engine::delivery {
namespace {

OutboxSums sums_of(const Standpoints& counts) {
  const auto count = [&](Standpoint standpoint) {
    return counts[static_cast<std::size_t>(standpoint)];
  };
  OutboxSums sums{0, count(Standpoint::reached), count(Standpoint::trying),
                  count(Standpoint::failed), count(Standpoint::not_contactable)};
  sums.matched = sums.reached + sums.trying + sums.failed + sums.not_contactable;
  return sums;
}

/// What became of each contact that a case has tried.
std::vector<Unreached::Tried> tried_of(Book& book, const CaseKey& key, const AlertRow& alert,
                                       const CaseRow& row) {
  std::vector<Unreached::Tried> all;
  for (const CaseRow::Tried& tried : row.tried) {
    const Standing standing = book.delivery(key, alert, tried).standing;
    all.push_back({tried.contact, tried.way, standing.state, standing.attempts, standing.uncertain,
                   standing.words, standing.changed});
  }
  return all;
}

}  // namespace

Result<std::optional<OutboxReach>> Courier::reach(Sequence sequence) {
  const auto alert = book_.alert(sequence);
  if (book_.fault()) return Failure{*book_.fault()};
  OutboxReach reach;
  if (!alert && sequence <= planned_.load()) return std::optional<OutboxReach>{};
  if (!alert) return std::optional(reach);  // not looked at yet
  static_cast<OutboxSums&>(reach) = sums_of(alert->counts.organisations);
  for (Book::Group& group : book_.groups(sequence)) {
    auto& among = group.key.kind == GroupKey::Kind::area ? reach.areas : reach.sectors;
    among.push_back({std::move(group.key.name), sums_of(group.counts)});
  }
  if (book_.fault()) return Failure{*book_.fault()};
  reach.messages = alert->counts.deliveries;
  reach.planned = alert->phase == AlertRow::Phase::planned;
  return std::optional(reach);
}

Result<std::optional<DeliveryFound>> Courier::find(const DeliveryId& id) {
  const auto row = book_.delivery(id);
  const auto alert = row ? book_.alert(row->sequence) : std::nullopt;
  if (book_.fault()) return Failure{*book_.fault()};
  if (!alert) return std::optional<DeliveryFound>{};
  DeliveryFound found{row->sequence,
                      row->organisation,
                      row->contact,
                      row->way,
                      row->mark,
                      alert->title,
                      alert->expires,
                      alert->ended_by != Sequence::none,
                      alert->msg_type == cap::MsgType::cancel};
  return std::optional(std::move(found));
}

Result<UnreachedPage> Courier::unreached(Sequence sequence, std::string cursor) {
  UnreachedPage page;
  page.cursor = std::move(cursor);
  const auto alert = book_.alert(sequence);
  const auto cases = book_.cases(sequence, page.cursor, limits::kListedLooked);
  for (const Book::Case& one : cases) {
    if (page.organisations.size() == limits::kListed) return page;
    page.cursor = one.organisation;
    if (!alert) continue;
    const bool over = alert->ended_by != Sequence::none || desk_.now >= alert->expires;
    const bool sent = one.row.standpoint == Standpoint::trying && over;
    const bool unreached = sent || one.row.standpoint == Standpoint::failed ||
                           one.row.standpoint == Standpoint::not_contactable;
    if (!unreached) continue;
    Unreached& added = page.organisations.emplace_back();
    added.organisation = one.organisation;
    added.sent = sent;
    added.step = one.row.step;
    added.tried = tried_of(book_, {sequence, one.organisation}, *alert, one.row);
  }
  page.end = cases.size() < limits::kListedLooked;
  if (book_.fault()) return Failure{*book_.fault()};
  return page;
}

/// A case is looked up of each alert there is: they are few beside the cases of all organisations.
Result<SentPage> Courier::sent_to(std::string_view organisation, Sequence after) {
  SentPage page;
  page.cursor = after;
  const auto sequences = book_.alerts_after(after, limits::kSentLooked);
  for (const Sequence sequence : sequences) {
    page.cursor = sequence;
    const auto row = book_.one_case(sequence, organisation);
    const auto alert = row ? book_.alert(sequence) : std::nullopt;
    if (!alert) continue;
    page.alerts.push_back({sequence, alert->title, alert->since, row->acknowledged, row->step,
                           row->grouping,
                           tried_of(book_, {sequence, std::string(organisation)}, *alert, *row)});
  }
  page.end = sequences.size() < limits::kSentLooked;
  if (book_.fault()) return Failure{*book_.fault()};
  return page;
}

}  // namespace engine::delivery
