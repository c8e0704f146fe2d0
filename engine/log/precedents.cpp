#include "engine/log/precedents.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "engine/cap/replacing.hpp"
#include "engine/log/record.hpp"

namespace engine {
namespace {

Refusal refusal(Code code, std::string detail) {
  Refusal made;
  made.code = code;
  made.detail = std::move(detail);
  return made;
}

std::string text_of(const cap::Identity& identity) {
  return identity.sender + "," + identity.identifier + "," + format_cap_time(identity.sent);
}

Failure damaged(std::string_view table) {
  return {fmt::format("the log's table of {} is damaged", table)};
}

Result<std::optional<Standing>> standing_of(Result<std::optional<Bytes>> value) {
  if (!value) return value.error();
  if (!*value) return std::optional<Standing>{};
  const auto standing = parse_standing(**value);
  if (!standing) return damaged("ids");
  return standing;
}

Result<std::optional<Ended>> ended_of(const cap::Identity& identity, const Store::Change& change) {
  const auto value = change.get(LogTable::ended, identity_key(identity));
  if (!value) return value.error();
  if (!*value) return std::optional<Ended>{};
  const auto ended = parse_ended(**value);
  if (!ended) return damaged("ended alerts");
  return ended;
}

bool is_cancelled(const std::optional<Ended>& ended) {
  return ended && ended->how == Ending::cancelled;
}

}  // namespace

bool is_alert_or_update(cap::MsgType type) {
  return type == cap::MsgType::alert || type == cap::MsgType::update;
}

void Effects::add(const Named& one, cap::Outline outline) {
  named.push_back(one);
  if (!outline.shown()) return;
  if (outline.msg_type != cap::MsgType::cancel) {
    return cap::gather_reaches(reaches, std::move(outline.reaches));
  }
  for (cap::Reach& reach : outline.reaches) {
    of_cancels_bytes += cap::octets_of(reach);
    if (of_cancels_bytes > cap::kReachesOfCancelsBytes) return;
    of_cancels.push_back(std::move(reach));
  }
}

bool Effects::cancels_something() const {
  return std::any_of(named.begin(), named.end(), [](const Named& one) {
    return is_alert_or_update(one.msg_type) && one.ending != Ending::cancelled;
  });
}

std::optional<Time> Effects::latest_expiry() const {
  std::optional<Time> latest;
  for (const Named& one : named) {
    if (!is_alert_or_update(one.msg_type)) continue;
    latest = std::max(latest.value_or(one.expires), one.expires);
  }
  return latest;
}

BulletinPtr completed(const BulletinPtr& bulletin, const Effects& effects) {
  if (effects.named.empty()) return bulletin;
  auto complete = std::make_shared<Bulletin>(*bulletin);
  std::vector<cap::Reach> reaches = effects.reaches;
  reaches.insert(reaches.end(), effects.of_cancels.begin(), effects.of_cancels.end());
  // An Update goes where those it replaces went, but only to those its officers meant it for; a
  // Cancel to exactly those who were told what it stops.
  if (bulletin->outline.msg_type == cap::MsgType::update) {
    for (cap::Reach& reach : reaches) reach.audience = bulletin->outline.audience;
  }
  cap::add_reaches(complete->outline.reaches, std::move(reaches));
  return complete;
}

Result<std::optional<Appended>> Precedents::repeat_of(const Bulletin& bulletin) const {
  const auto standing = standing_of(change_.get(LogTable::ids, view(bulletin.id)));
  if (!standing) return standing.error();
  if (!*standing) return std::optional<Appended>{};
  // Of a commit that failed nothing is promised, whatever of it can be read.
  if ((*standing)->sequence > head_) return Failure{"it holds a record beyond its end"};
  return std::optional<Appended>{{(*standing)->sequence, (*standing)->at, true}};
}

Result<std::optional<Ended>> Precedents::ended_before(const cap::Outline& outline) const {
  if (!is_alert_or_update(outline.msg_type)) return std::optional<Ended>{};
  return ended_of(outline.identity, change_);
}

/// Question 13.
Result<std::optional<Refusal>> Precedents::conflict_of(const Bulletin& bulletin,
                                                       const std::optional<Ended>& before) const {
  const cap::Identity& identity = bulletin.outline.identity;
  const auto used = change_.get(LogTable::identities, identity_key(identity));
  if (!used) return used.error();
  if (*used) {
    return std::optional<Refusal>{refusal(
        Code::identity_conflict,
        fmt::format("The alert {} is in the log already, with other bytes. Give this one an "
                    "identifier or a time of its own, or send it as an Update of the other.",
                    text_of(identity)))};
  }
  if (!is_cancelled(before)) return std::optional<Refusal>{};
  return std::optional<Refusal>{
      refusal(Code::already_cancelled,
              fmt::format("The alert {} was cancelled before it arrived. If it is needed after "
                          "all, draft it anew.",
                          text_of(identity)))};
}

Result<std::optional<Precedents::Found>> Precedents::look_up(const cap::Identity& identity) const {
  const auto at = change_.get(LogTable::identities, identity_key(identity));
  if (!at) return at.error();
  if (!*at) return std::optional<Found>{};
  const auto sequence = parse_sequence_key(**at);
  if (!sequence) return damaged("identities");
  auto outline = outline_at(*sequence);
  if (!outline) return outline.error();
  return std::optional<Found>{Found{*sequence, *std::move(outline)}};
}

Result<cap::Outline> Precedents::outline_at(Sequence sequence) const {
  const auto bytes = change_.get(LogTable::records, sequence_key(sequence));
  if (!bytes) return bytes.error();
  if (!*bytes) return Failure{fmt::format("record {} is missing", number(sequence))};
  return decode_record_outline(**bytes, sequence);
}

/// Whoever ended it named it before it came, and may not have known whom it would be meant for.
Result<bool> Precedents::ended_early(const cap::Outline& outline,
                                     const std::optional<Ended>& before) const {
  if (!before) return false;
  if (is_cancelled(before)) return true;
  for (const Sequence by : before->by) {
    const auto update = outline_at(by);
    if (!update) return update.error();
    if (cap::replaces(*update, outline)) return true;
  }
  return false;
}

Result<Effects> Precedents::effects_of(const cap::Outline& outline,
                                       const std::optional<Ended>& before) const {
  Effects effects;
  const auto early = ended_early(outline, before);
  if (!early) return early.error();
  effects.ended_early = *early;
  const bool updates = outline.msg_type == cap::MsgType::update;
  if (!updates && outline.msg_type != cap::MsgType::cancel) return effects;
  std::unordered_set<std::string> seen;
  for (const cap::Identity& reference : outline.references) {
    if (!seen.insert(identity_key(reference)).second) continue;
    const auto ended = ended_of(reference, change_);
    if (!ended) return ended.error();
    auto found = look_up(reference);
    if (!found) return found.error();
    const bool stays = *found && updates && is_alert_or_update((*found)->outline.msg_type) &&
                       !cap::replaces(outline, (*found)->outline);
    // Once cancelled, always cancelled.
    if (!is_cancelled(*ended) && !stays) {
      const bool waits = updates && !*found && *ended;
      effects.ended.push_back({reference, waits ? (*ended)->by : std::vector<Sequence>{}});
    }
    if (!*found) continue;
    auto& [sequence, named] = **found;
    if (stays && !cap::same_status(outline, named)) named.reaches.clear();
    effects.add({sequence, named.msg_type, named.expires,
                 *ended ? std::optional((*ended)->how) : std::nullopt,
                 stays ? Named::Then::stays : Named::Then::ends},
                std::move(named));
  }
  return effects;
}

Result<Foresight> Precedents::foresee(const BulletinPtr& bulletin) const {
  const auto standing = standing_of(change_.get(LogTable::ids, view(bulletin->id)));
  if (!standing) return standing.error();
  // Beyond the head it is being written at this moment, and nobody has been told so yet.
  std::optional<Appended> repeat;
  if (*standing && (*standing)->sequence <= head_) {
    repeat = Appended{(*standing)->sequence, (*standing)->at, true};
  }
  const auto before = ended_before(bulletin->outline);
  if (!before) return before.error();
  if (!*standing) {
    auto conflict = conflict_of(*bulletin, *before);
    if (!conflict) return conflict.error();
    if (*conflict) return Foresight{**std::move(conflict)};
  }
  const auto effects = effects_of(bulletin->outline, *before);
  if (!effects) return effects.error();
  return Foresight{Foreseen{repeat, completed(bulletin, *effects)}};
}

}  // namespace engine
