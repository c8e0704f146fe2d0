// tocsin alert draft: from flags, from a template, or from any CAP document made our own.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "engine/cap/compose.hpp"
#include "engine/cap/judge.hpp"
#include "ops/cli/commands.hpp"
#include "ops/cli/draft_parts.hpp"
#include "ops/cli/drafting.hpp"
#include "ops/cli/files.hpp"
#include "ops/cli/trust_file.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace trust = engine::trust;
namespace cap = engine::cap;
namespace json = boost::json;

namespace {

/// A document, and what its correction says where a template knows.
struct Written {
  std::string text, reason;
};

cap::Alert alert_of(const DraftParts& parts) {
  cap::Alert alert;
  alert.identifier = parts.identifier;
  alert.sender = parts.sender;
  alert.sent = parts.sent;
  alert.status = parts.status;
  alert.codes = {"system:" + parts.system};
  return alert;
}

/// From flags alone.
Outcome<Written> compose_text(const AlertDraft& options, const DraftParts& parts) {
  cap::Alert alert = alert_of(parts);
  auto info = info_of(options);
  if (!info) return info.error();
  info->expires = parts.sent + parts.expires_in.value_or(kExpiresIn);
  alert.infos.push_back(std::move(*info));
  return Written{cap::compose(alert), {}};
}

/// From a template, its blanks filled; where it is, only the flags say.
Outcome<Written> fill_text(const AlertDraft& options, const DraftParts& parts,
                           const trust::TrustDocument* document) {
  if (options.areas.empty() && options.polygons.empty() && options.circles.empty()) {
    return trouble(Exit::usage, "it is not said where: no place means no alert, never everywhere",
                   "give --area CODE, --polygon or --circle");
  }
  auto filled = from_template(options, Part::alert);
  if (!filled) return filled.error();
  cap::Alert alert = alert_of(parts);
  alert.infos = std::move(filled->infos);
  const auto lasts = parts.expires_in.value_or(filled->expires_in.value_or(kExpiresIn));
  for (auto& info : alert.infos) {
    info.expires = parts.sent + lasts;
    if (!info.sender_name.empty() || document == nullptr) continue;
    for (const auto& sender : document->senders) {
      if (sender.sender == alert.sender) info.sender_name = sender.name;
    }
  }
  return Written{cap::compose(alert), std::move(filled->correction)};
}

/// From somebody's document. Without --expires-in it lasts as long as it was meant to last.
Outcome<Written> rewrite_text(const AlertDraft& options, const DraftParts& parts) {
  if (auto left = words_left_to_document(options); !left) return left.error();
  const auto document = read_file(options.cap, kAlertBytesMax);
  if (!document) return document.error();
  cap::Rewrite changes;
  changes.identifier = parts.identifier;
  changes.sender = parts.sender;
  changes.sent = parts.sent;
  changes.status = parts.status;
  changes.system = parts.system;
  if (parts.expires_in) {
    changes.expires = parts.sent + *parts.expires_in;
  } else {
    cap::Profile profile;
    profile.encoding = cap::Encoding::any;
    const auto judgement = cap::judge(*document, profile);
    if (judgement.alert) {
      changes.expires = parts.sent + (cap::expires_of(*judgement.alert) - judgement.alert->sent);
    }
  }
  auto text = cap::rewrite(*document, changes);
  if (!text) {
    return refused(text.error(),
                   fmt::format("look at it with: tocsin alert check {}", visible(options.cap)));
  }
  return Written{std::move(*text), {}};
}

json::object template_json(const Template& one) {
  json::array languages, blanks;
  for (const auto& info : one.alert.infos) languages.emplace_back(info.language);
  for (const auto& blank : one.blanks) {
    blanks.push_back(json::object{{"name", blank.name},
                                  {"about", blank.about},
                                  {"example", blank.example},
                                  {"letters_max", blank.letters_max}});
  }
  return {{"template", one.name},
          {"about", one.about},
          {"languages", std::move(languages)},
          {"update", one.update.has_value()},
          {"correction", !one.correction.empty()},
          {"blanks", std::move(blanks)}};
}

std::string template_text(const Terminal& terminal, const Template& one) {
  std::vector<std::string> languages;
  for (const auto& info : one.alert.infos) languages.push_back(visible(info.language));
  std::string text = fmt::format("{}  {} [{}{}]\n", terminal.out_ink(Ink::bold, visible(one.name)),
                                 visible(one.about), fmt::join(languages, ", "),
                                 one.update ? ", with an update" : "");
  for (const auto& blank : one.blanks) {
    text +=
        fmt::format("  {:<12} {}{}\n", visible(blank.name), visible(blank.about),
                    blank.example.empty() ? "" : fmt::format(" (\"{}\")", visible(blank.example)));
  }
  return text;
}

Outcome<Exit> list_templates(Session& session, const AlertDraft& options) {
  const auto all = read_templates(options.templates);
  if (!all) return all.error();
  for (const auto& one : *all) {
    session.terminal->out(options.form == Form::json
                              ? visible_json(json::serialize(template_json(one)))
                              : template_text(*session.terminal, one));
  }
  if (all->empty()) session.terminal->say("There is no template here.");
  return Exit::done;
}

}  // namespace

Outcome<Exit> alert_draft(Session& session, const AlertDraft& options) {
  if (options.act == AlertDraft::Act::list_templates) return list_templates(session, options);
  if (options.out.empty()) return trouble(Exit::usage, "--out is required");
  if (!options.cap.empty() && !options.template_name.empty()) {
    return trouble(Exit::usage, "--cap and --template cannot both be what it starts from");
  }
  if (options.template_name.empty() && !options.fills.empty()) {
    return trouble(Exit::usage, "--fill needs a --template with blanks");
  }
  const auto document = given_trust(session);
  if (!document) return document.error();
  const auto parts = parts_of(session, options, document->get());
  if (!parts) return parts.error();
  const auto written = !options.cap.empty() ? rewrite_text(options, *parts)
                       : !options.template_name.empty()
                           ? fill_text(options, *parts, document->get())
                           : compose_text(options, *parts);
  if (!written) return written.error();
  return finish_draft(session, options, written->text, written->reason, document->get());
}

}  // namespace ops::cli
