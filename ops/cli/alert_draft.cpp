// tocsin alert draft: from flags, or from any CAP document made our own.
#include <fmt/format.h>

#include "engine/cap/compose.hpp"
#include "engine/cap/judge.hpp"
#include "ops/cli/commands.hpp"
#include "ops/cli/draft_parts.hpp"
#include "ops/cli/files.hpp"
#include "ops/cli/hints.hpp"
#include "ops/cli/inputs.hpp"
#include "ops/cli/trust_file.hpp"
#include "ops/cli/visible.hpp"
#include "ops/cli/words.hpp"

namespace ops::cli {

namespace cap = engine::cap;

namespace {

/// From flags alone.
Outcome<std::string> compose_text(const AlertDraft& options, const DraftParts& parts) {
  cap::Alert alert;
  alert.identifier = parts.identifier;
  alert.sender = parts.sender;
  alert.sent = parts.sent;
  alert.status = parts.status;
  alert.codes = {"system:" + parts.system};
  auto info = info_of(options);
  if (!info) return info.error();
  info->expires = parts.sent + parts.expires_in.value_or(kExpiresIn);
  alert.infos.push_back(std::move(*info));
  return cap::compose(alert);
}

/// From somebody's document. Without --expires-in it lasts as long as it was meant to last.
Outcome<std::string> rewrite_text(const AlertDraft& options, const DraftParts& parts) {
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
  return std::move(*text);
}

}  // namespace

Outcome<Exit> alert_draft(Session& session, const AlertDraft& options) {
  const auto document = given_trust(session);
  if (!document) return document.error();
  const auto parts = parts_of(session, options, document->get());
  if (!parts) return parts.error();
  const auto text =
      options.cap.empty() ? compose_text(options, *parts) : rewrite_text(options, *parts);
  if (!text) return text.error();

  const auto judgement = cap::judge(*text);
  say_faults(session, "error", judgement.errors);
  say_faults(session, "warning", judgement.warnings);
  if (!judgement.errors.empty() || !judgement.alert) {
    return trouble(Exit::refused, "this is not an alert anybody may be shown; nothing was written",
                   "change what the lines above name");
  }
  for (const auto& hint : hints_of(*judgement.alert, *text, document->get())) {
    session.terminal->warn(hint);
  }
  if (options.out == "-") {
    session.terminal->out(*text);
  } else if (auto written = write_file(options.out, *text); !written) {
    return written.error();
  }
  say_words(session, *judgement.alert);
  const std::string named = options.out == "-" ? "FILE" : visible(options.out);
  session.terminal->say(
      fmt::format("{} is drafted, not signed and not sent. Read it once more, then:\n"
                  "  tocsin alert sign {} --key {}",
                  named, named, options.key.empty() ? "KEYFILE" : visible(options.key)));
  return Exit::done;
}

}  // namespace ops::cli
