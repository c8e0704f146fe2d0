#include "engine/subject.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <span>

#include "engine/cap/judge.hpp"
#include "engine/member.hpp"

namespace engine {
namespace {

/// What of a document stands in its subjects and not in its outline.
struct Said {
  std::string status = "none";
  std::string category = "none";
};

/// It was judged when it was admitted; where the rules are others now, what was stored of it is
/// what is known.
Said said_by(const Bulletin& bulletin) {
  Said said;
  const auto judgement = cap::judge(bulletin.envelope.payload);
  const auto& reaches = bulletin.outline.reaches;
  if (!judgement.alert) {
    if (!reaches.empty()) said.status = subject_token(cap::text(reaches.front().status));
    return said;
  }
  const cap::Alert& alert = *judgement.alert;
  said.status = subject_token(cap::text(alert.status));
  const auto severest = std::max_element(
      alert.infos.begin(), alert.infos.end(), [](const cap::Info& one, const cap::Info& other) {
        return cap::rank(one.severity) < cap::rank(other.severity);
      });
  if (severest != alert.infos.end() && !severest->categories.empty()) {
    said.category = subject_token(cap::text(severest->categories.front()));
  }
  return said;
}

/// The first of them in the order of CAP.
std::string first_of(cap::CategorySet categories) {
  if (categories == 0) return "none";
  return subject_token(cap::text(static_cast<cap::Category>(std::countr_zero(categories))));
}

/// The severest of those that `counts`; null where none does. Of equals the first, so that of an
/// Update's Unknown and Extreme its own counts.
template <class Counts>
const cap::Reach* severest(const std::vector<cap::Reach>& reaches, Counts counts) {
  const cap::Reach* found = nullptr;
  for (const cap::Reach& reach : reaches) {
    if (!counts(reach)) continue;
    if (found == nullptr || cap::rank(reach.severity) > cap::rank(found->severity)) found = &reach;
  }
  return found;
}

std::string severity_token(const cap::Reach* reach) {
  return reach == nullptr ? "none" : subject_token(cap::text(reach->severity));
}

bool for_everybody(const cap::Reach& reach) { return reach.audience.scope == cap::Scope::public_; }

void add_for_everybody(const Bulletin& bulletin, const Said& said, std::span<const Wanted> areas,
                       Subjects& subjects) {
  const cap::Outline& outline = bulletin.outline;
  const cap::Reach* reach = severest(outline.reaches, for_everybody);
  const bool stops = outline.msg_type == cap::MsgType::cancel;
  const std::string category = !stops             ? said.category
                               : reach == nullptr ? "none"
                                                  : first_of(reach->categories);
  subjects.everybody = "alerts." + said.status + '.' + subject_token(cap::text(outline.msg_type)) +
                       '.' + severity_token(reach) + '.' + category + '.' +
                       subject_token(outline.identity.sender);
  for (const Wanted& area : areas) {
    const cap::Reach* there = severest(outline.reaches, [&](const cap::Reach& one) {
      return for_everybody(one) && Places::concerns(one, area);
    });
    if (there == nullptr) continue;
    subjects.areas.push_back({area.code, "areas." + subject_token(area.code) + '.' + said.status +
                                             '.' + severity_token(there)});
  }
}

void add_for_members(const Bulletin& bulletin, const Said& said, const MembersOf& members_of,
                     Subjects& subjects) {
  const cap::Outline& outline = bulletin.outline;
  std::map<std::string, const cap::Reach*> members;  // with the severest that is for them
  if (outline.reaches.empty() && outline.audience.scope != cap::Scope::public_) {
    for (auto& key : members_of(outline.audience)) members.emplace(std::move(key), nullptr);
  }
  for (const cap::Reach& reach : outline.reaches) {
    if (for_everybody(reach)) continue;
    for (auto& key : members_of(reach.audience)) {
      const auto [member, added] = members.emplace(std::move(key), &reach);
      if (!added && cap::rank(reach.severity) > cap::rank(member->second->severity)) {
        member->second = &reach;
      }
    }
  }
  for (const auto& [key, reach] : members) {
    subjects.members.push_back(
        {key, "orgs." + subject_token(key) + '.' + said.status + '.' + severity_token(reach)});
  }
}

}  // namespace

std::string subject_token(std::string_view text) {
  std::string token;
  for (const char c : text) {
    if (c >= 'A' && c <= 'Z') {
      token += static_cast<char>(c - 'A' + 'a');
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-') {
      token += c;
    } else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {  // not inside a character
      token += '_';
    }
  }
  return token.empty() ? "none" : token;
}

Addressing::Addressing(const Places& places) {
  for (const Place& place : places.all()) areas_.push_back(places.wanted(place.code));
}

Subjects Addressing::subjects_of(const Bulletin& bulletin, const MembersOf& members_of) const {
  Subjects subjects;
  if (!bulletin.outline.shown()) return subjects;
  const Said said = said_by(bulletin);
  if (may_read(bulletin.outline, Member{})) add_for_everybody(bulletin, said, areas_, subjects);
  add_for_members(bulletin, said, members_of, subjects);
  return subjects;
}

}  // namespace engine
