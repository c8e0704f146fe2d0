#include "engine/delivery/planner.hpp"

#include <algorithm>
#include <set>

#include "engine/base/trace.hpp"
#include "engine/cap/replacing.hpp"
#include "engine/delivery/limits.hpp"
#include "engine/delivery/words.hpp"

namespace engine::delivery {
namespace {

using Phase = AlertRow::Phase;

bool told_to_people(const cap::Alert& alert) {
  return alert.status == cap::Status::actual || alert.status == cap::Status::exercise ||
         alert.status == cap::Status::test;
}

/// The most urgent of its infos; an alert without any counts as Unknown, which is as urgent as can
/// be.
cap::Urgency urgency_of(const cap::Alert& alert) {
  if (alert.infos.empty()) return cap::Urgency::unknown;
  const auto level = [](const cap::Info& info) {
    return order_of(info.urgency, cap::Severity::minor, 0, {}, {}).urgency;
  };
  return std::min_element(
             alert.infos.begin(), alert.infos.end(),
             [&](const cap::Info& a, const cap::Info& b) { return level(a) < level(b); })
      ->urgency;
}

std::string title_of(const cap::Alert& alert) {
  if (alert.infos.empty()) return "";
  const cap::Info& info = alert.infos.front();
  return cut_to(info.headline.empty() ? info.event : info.headline, limits::kTitleBytes);
}

}  // namespace

bool Planner::given_up(Sequence sequence) {
  return desk_.now - unread_.try_emplace(sequence, desk_.now).first->second >=
         limits::kUnreadPatience;
}

/// Whether a bulletin ends what it names. Fails where that cannot be read now. What can never be
/// read again, since the disk spoilt it, is told of further: better twice than to nobody.
Result<bool> Planner::ends(const cap::Outline& outline, Sequence named) {
  if (outline.msg_type != cap::MsgType::update) return true;
  const auto record = stories_.record(named);
  if (record) {
    unread_.erase(named);
    return cap::replaces(outline, record->bulletin->outline);
  }
  if (!given_up(named)) return record.error();
  trace(Level::error, "replaced_alert_unreadable", {{"what", record.error().what}});
  return false;
}

/// Whether the log has it as in force. Where that can never be read it is told.
Result<bool> Planner::in_force(const Record& record) {
  const auto found = stories_.in_force(record, desk_.now);
  if (found || !given_up(record.sequence)) return found;
  trace(Level::error, "alert_in_force_unreadable", {{"what", found.error().what}});
  return true;
}

/// What people were told of among what a bulletin ends. Of what was itself still following others,
/// those others too: whom it has not followed yet would otherwise never hear of the end.
Result<std::vector<Sequence>> Planner::known(const cap::Outline& outline) {
  std::vector<Sequence> named;
  Result<void> read;
  if (outline.msg_type == cap::MsgType::alert) return named;
  for (const cap::Identity& identity : outline.references) {
    const auto sequence = desk_.book.sequence_of(identity);
    const auto alert = sequence ? desk_.book.alert(*sequence) : std::nullopt;
    if (!alert) continue;
    const auto ended = ends(outline, *sequence);
    if (!ended) read = ended.error();  // all are looked at, so that none waits behind another
    if (!ended || !*ended) continue;
    named.push_back(*sequence);
    if (alert->phase == Phase::follow) {
      named.insert(named.end(), alert->named.begin(), alert->named.end());
    }
  }
  if (!read) return read.error();
  std::sort(named.begin(), named.end());
  named.erase(std::unique(named.begin(), named.end()), named.end());
  return named;
}

void Planner::end(const AlertRow& alert, Sequence by) {
  for (const Sequence sequence : alert.named) {
    auto named = desk_.book.alert(sequence);
    if (!named) continue;
    desk_.book.plan_no_more(sequence, *named);
    named->phase = Phase::planned;
    named->ended_by = by;
    desk_.book.put_alert(sequence, *std::move(named));
  }
}

bool Planner::concerns_anybody(const Record& record) {
  const cap::Outline& outline = record.bulletin->outline;
  if (outline.msg_type == cap::MsgType::cancel || desk_.now >= outline.expires) return false;
  const Addressees& addressees = desk_.parts.addressees;
  return addressees.concerns_anybody ? addressees.concerns_anybody(record)
                                     : !addressees.concerned(record, "", 1).empty();
}

/// A Cancel is as urgent as the most urgent of what it takes back, and is worth telling for as long
/// as any of it would hold, whatever it says of its own end.
void Planner::take_over(AlertRow& cancel) {
  std::optional<Order> first;
  for (const Sequence sequence : cancel.named) {
    const auto ended = desk_.book.alert(sequence);
    if (!ended) continue;
    cancel.expires = std::max(cancel.expires, ended->expires);
    const Order order = order_of(ended->urgency, ended->severity, 0, {}, {});
    if (first && *first <= order) continue;
    first = order;
    cancel.urgency = ended->urgency;
    cancel.severity = ended->severity;
  }
}

Result<void> Planner::note(const Record& record) {
  const cap::Outline& outline = record.bulletin->outline;
  if (!outline.shown()) return {};
  auto named = known(outline);
  if (!named) return named.error();
  if (unread_.size() > limits::kAlertsKept) unread_.clear();
  // Most of a flood concern nobody here; they are not so much as parsed.
  if (named->empty() && !concerns_anybody(record)) return {};
  // What came after its own Update was never in force. What follows others is told to
  // them all the same, since they would hear of no end otherwise.
  if (named->empty() && outline.msg_type != cap::MsgType::cancel) {
    const auto told = in_force(record);
    if (!told) return told.error();
    if (!*told) return {};
  }
  const StoryPtr story = stories_.remember(record, {});
  if (!told_to_people(story->alert)) return {};
  AlertRow alert;
  alert.bulletin = record.bulletin->id;
  alert.identity = identity_of(outline.identity);
  alert.msg_type = outline.msg_type;
  alert.urgency = urgency_of(story->alert);
  alert.severity = cap::severity_of(story->alert);
  // Where the log's clock was ahead, nobody waits until that time has come.
  alert.since = std::min(record.at, desk_.now);
  alert.expires = outline.expires;
  alert.title = title_of(story->alert);
  alert.named = *std::move(named);
  if (outline.msg_type == cap::MsgType::cancel) take_over(alert);
  end(alert, record.sequence);
  const bool follows = !alert.named.empty();
  if (desk_.now < alert.expires && (follows || outline.msg_type != cap::MsgType::cancel)) {
    alert.phase = follows ? Phase::follow : Phase::concerned;
    desk_.book.plan(record.sequence, alert);
  }
  desk_.book.put_alert(record.sequence, alert);
  desk_.book.put_identity(alert.identity, record.sequence);
  desk_.book.add_due({kDueLevels - 1, std::max(alert.expires, record.at) + desk_.kept,
                      DueKind::prune, sequence_key(record.sequence)});
  return {};
}

void Planner::plan_some() {
  std::set<Sequence> unread;
  std::size_t cases = 0;
  for (std::size_t pieces = 0; pieces < limits::kPiecesAtOnce; ++pieces) {
    if (cases == limits::kCasesAtOnce) break;
    const auto first = desk_.book.first_to_plan(unread);
    if (!first) break;
    const auto planned = plan_piece(first->sequence, limits::kCasesAtOnce - cases);
    if (planned) {
      cases += *planned;
    } else {
      desk_.log_read = planned.error();
      unread.insert(first->sequence);
    }
  }
}

Result<std::size_t> Planner::plan_piece(Sequence sequence, std::size_t most) {
  auto alert = desk_.book.alert(sequence);
  if (!alert) return most;
  const AlertRow before = *alert;
  Result<std::size_t> cases{0};
  if (alert->phase == Phase::follow) {
    cases = follow_piece(sequence, *alert, most);
  } else if (alert->phase == Phase::concerned) {
    cases = concerned_piece(sequence, *alert, most);
  }
  if (!cases) return cases;
  if (alert->phase == Phase::planned) desk_.book.plan_no_more(sequence, before);
  desk_.book.put_alert(sequence, *std::move(alert));
  return cases;
}

/// To the next one that it names, then to those it concerns itself, then to its end.
void Planner::advance(AlertRow& alert) {
  alert.cursor.clear();
  if (alert.phase == Phase::follow && ++alert.following < alert.named.size()) return;
  const bool cancels = alert.msg_type == cap::MsgType::cancel;
  alert.phase = alert.phase == Phase::follow && !cancels ? Phase::concerned : Phase::planned;
}

std::size_t Planner::follow_piece(Sequence sequence, AlertRow& alert, std::size_t most) {
  const Sequence named = alert.named[alert.following];
  const auto named_alert = desk_.book.alert(named);
  auto cases =
      named_alert ? desk_.book.cases(named, alert.cursor, most) : std::vector<Book::Case>{};
  desk_.book.walking(true);
  for (Book::Case& one : cases) {
    alert.cursor = one.organisation;
    cases_.follow({named, one.organisation}, std::move(one.row), *named_alert, sequence, alert);
  }
  desk_.book.walking(false);
  if (cases.size() < most) advance(alert);
  return cases.size();
}

Result<std::size_t> Planner::concerned_piece(Sequence sequence, AlertRow& alert, std::size_t most) {
  const auto record = stories_.record(sequence);
  if (!record) return record.error();
  const auto concerned = desk_.parts.addressees.concerned(*record, alert.cursor, most);
  desk_.book.walking(true);
  for (const Addressees::Concerned& who : concerned) {
    alert.cursor = who.organisation;
    if (desk_.any_way()) {
      cases_.open(sequence, alert, who);
    } else {
      desk_.book.count_not_contactable(sequence, who.grouping);
    }
  }
  desk_.book.walking(false);
  if (concerned.size() < most) advance(alert);
  return concerned.size();
}

}  // namespace engine::delivery
