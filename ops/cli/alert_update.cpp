// tocsin alert update: drafts what replaces an alert. What the flags do not change is taken over
// from it.
#include <fmt/format.h>

#include <algorithm>

#include "engine/cap/compose.hpp"
#include "engine/trust/signature.hpp"
#include "ops/cli/commands.hpp"
#include "ops/cli/draft_changes.hpp"
#include "ops/cli/draft_parts.hpp"
#include "ops/cli/drafting.hpp"
#include "ops/cli/fetching.hpp"
#include "ops/cli/inputs.hpp"
#include "ops/cli/standing.hpp"
#include "ops/cli/visible.hpp"
#include "ops/cli/words.hpp"

namespace ops::cli {

namespace cap = engine::cap;

namespace {

/// The alert, and what it replaced itself: a partner may have seen only the first of them.
std::vector<cap::Identity> references_of(const cap::Alert& alert) {
  std::vector<cap::Identity> all = {alert.identity()};
  if (alert.msg_type != cap::MsgType::update) return all;
  for (const auto& named : alert.references) {
    if (std::find(all.begin(), all.end(), named) == all.end()) all.push_back(named);
  }
  return all;
}

bool has_shapes(const cap::Info& info) {
  return std::any_of(info.areas.begin(), info.areas.end(), [](const cap::Area& area) {
    return !area.polygons.empty() || !area.circles.empty() || !area.geocodes.empty();
  });
}

/// A template names the place; where it is, it has from the alert unless the flags say.
void place_from(const cap::Alert& alert, std::vector<cap::Info>& infos) {
  for (auto& info : infos) {
    if (has_shapes(info)) continue;
    const std::string name = info.areas.empty() ? "" : info.areas.front().description;
    info.areas = alert.infos.front().areas;
    if (info.areas.size() == 1 && !name.empty()) info.areas.front().description = name;
  }
}

/// What the program's own form of an alert has no room for.
void say_left_out(Session& session, std::string_view xml) {
  for (const std::string_view name : {"eventCode", "audience", "altitude", "ceiling", "derefUri"}) {
    if (xml.find(fmt::format("{}>", name)) == std::string_view::npos) continue;
    session.terminal->warn(fmt::format("its {} is not taken over", name));
  }
}

Outcome<engine::Time> expires_at(const AlertDraft& flags, std::optional<engine::Duration> prepared,
                                 const cap::Alert& alert, engine::Time now) {
  if (!flags.expires_in.empty()) {
    const auto duration = parse_duration(flags.expires_in);
    if (!duration) return trouble(Exit::usage, duration.error().what);
    return now + *duration;
  }
  if (prepared) return now + *prepared;
  if (cap::expires_of(alert) > now) return cap::expires_of(alert);
  return trouble(Exit::usage,
                 fmt::format("that alert ended on {}", engine::format_time(cap::expires_of(alert))),
                 "say how long the update lasts: --expires-in 2h");
}

/// Whether the engine lists it among what is active. Without an answer it is not said: an update
/// must not depend on a list.
bool is_over(Session& session, const ToAnswer& found) {
  const std::string id = engine::to_hex(engine::view(engine::trust::sha256(found.xml)));
  const auto active = listed_of(session, found.verified.alert.sender, AlertList::Which::active);
  return active && std::none_of(active->begin(), active->end(),
                                [&](const Listed& one) { return one.id == id; });
}

Outcome<void> may_be_updated(const cap::Alert& alert) {
  if (alert.msg_type != cap::MsgType::alert && alert.msg_type != cap::MsgType::update) {
    return trouble(Exit::refused,
                   fmt::format("that is a message of type {}, and nothing to update",
                               cap::text(alert.msg_type)),
                   "name the alert itself");
  }
  if (!alert.infos.empty()) return {};
  return trouble(Exit::refused, "that alert says nothing that could be taken over",
                 "draft a new one with tocsin alert draft");
}

}  // namespace

Outcome<Exit> alert_update(Session& session, const AlertUpdate& options) {
  const AlertDraft& flags = options.draft;
  if (flags.template_name.empty() && !flags.fills.empty()) {
    return trouble(Exit::usage, "--fill needs a --template with blanks");
  }
  const auto trusted = trust_for_reading(session);
  if (!trusted) return trusted.error();
  const auto found = fetch_to_answer(session, options.alert, *trusted);
  if (!found) return found.error();
  const cap::Alert& old = found->verified.alert;
  if (auto may = may_be_updated(old); !may) return may.error();
  const engine::Time now = std::chrono::floor<std::chrono::seconds>(session.now());

  cap::Alert update = old;
  update.identifier = flags.identifier.empty() ? new_identifier(now) : flags.identifier;
  update.sent = now;
  update.msg_type = cap::MsgType::update;
  update.references = references_of(old);
  std::string reason;
  std::optional<engine::Duration> prepared;
  if (flags.template_name.empty()) {
    if (auto changed = change_infos(update.infos, flags); !changed) return changed.error();
    say_left_out(session, found->xml);
  } else {
    auto filled = from_template(flags, Part::update);
    if (!filled) return filled.error();
    update.infos = std::move(filled->infos);
    reason = std::move(filled->correction);
    prepared = filled->expires_in;
    place_from(old, update.infos);
    for (auto& info : update.infos) info.sender_name = old.infos.front().sender_name;
  }
  const auto expires = expires_at(flags, prepared, old, now);
  if (!expires) return expires.error();
  for (auto& info : update.infos) {
    info.expires = *expires;
    info.effective.reset();
  }
  session.terminal->say(fmt::format("This replaces \"{}\" of {}, sent {}.", headline_of(old),
                                    visible(old.sender), engine::format_time(old.sent)));
  if (cap::expires_of(old) > now && is_over(session, *found)) {
    session.terminal->warn(
        "the engine lists it as active no longer: it was cancelled, or another replaced it. Sent, "
        "the update is active again; tocsin alert list shows what came after it");
  }
  if (update.infos.size() > 1 && changes_words(flags)) {
    session.terminal->warn("words changed in one language only; read the others below");
  }
  return finish_draft(session, flags, cap::compose(update), reason, trusted->document.get());
}

}  // namespace ops::cli
