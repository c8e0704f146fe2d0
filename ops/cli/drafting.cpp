#include "ops/cli/drafting.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "engine/cap/judge.hpp"
#include "ops/cli/correction.hpp"
#include "ops/cli/draft_changes.hpp"
#include "ops/cli/files.hpp"
#include "ops/cli/hints.hpp"
#include "ops/cli/visible.hpp"
#include "ops/cli/words.hpp"

namespace ops::cli {

namespace trust = engine::trust;
namespace cap = engine::cap;

Outcome<Filled> from_template(const AlertDraft& options, Part part) {
  const auto whole = read_template(options.templates, options.template_name);
  if (!whole) return whole.error();
  const auto fillings = parse_fillings(options.fills);
  if (!fillings) return trouble(Exit::usage, visible(fillings.error().what));
  auto filled = fill(*whole, part, *fillings);
  if (!filled) {
    return trouble(Exit::usage, visible_lines(filled.error().what),
                   "tocsin alert draft --list shows every template and its blanks");
  }
  if (auto changed = change_infos(filled->infos, options); !changed) return changed.error();
  return std::move(*filled);
}

namespace {

/// The correction's file: as named, or beside the draft; empty where there is none.
std::string correction_file(const AlertDraft& options) {
  if (!options.correction.empty()) return options.correction;
  return options.out == "-" ? std::string() : beside(options.out, kCorrectionEnding);
}

/// Neither a signed alert nor another one's correction loses the file that belongs to it.
Outcome<void> is_free(const AlertDraft& options, const cap::Alert& alert) {
  const std::string is_signed = beside(options.out, kSignedEnding);
  std::error_code error;
  if (options.out != "-" && std::filesystem::exists(is_signed, error)) {
    return trouble(
        Exit::usage,
        fmt::format("{} is of another draft by this name, and may be out", visible(is_signed)),
        "give --out another name");
  }
  const std::string file = correction_file(options);
  if (file.empty() || alert.msg_type == cap::MsgType::cancel) return {};
  return may_hold_correction(file, alert);
}

Outcome<void> correct(Session& session, const AlertDraft& options, const cap::Alert& alert,
                      const std::string& reason) {
  const std::string file = correction_file(options);
  if (file.empty() || alert.msg_type == cap::MsgType::cancel) return {};
  const std::string why = !options.correction_reason.empty() ? options.correction_reason
                          : !reason.empty()                  ? reason
                                                             : plain_correction(alert);
  if (auto written = write_correction(session, file, alert, why); !written) return written;
  session.terminal->say(fmt::format(
      "Its correction says: {}\nShould it prove wrong once it is out, one command takes it back:\n"
      "  tocsin alert cancel --prepared {} --key {}",
      visible(why), visible(file), options.key.empty() ? "KEYFILE" : visible(options.key)));
  return {};
}

}  // namespace

Outcome<Exit> finish_draft(Session& session, const AlertDraft& options, const std::string& text,
                           const std::string& reason, const trust::TrustDocument* document) {
  const auto judgement = cap::judge(text);
  say_faults(session, "error", judgement.errors);
  say_faults(session, "warning", judgement.warnings);
  if (!judgement.errors.empty() || !judgement.alert) {
    return trouble(Exit::refused, "this is not an alert anybody may be shown; nothing was written",
                   "change what the lines above name");
  }
  const cap::Alert& alert = *judgement.alert;
  for (const auto& hint : hints_of(alert, text, document)) session.terminal->warn(hint);
  if (auto free = is_free(options, alert); !free) return free.error();
  if (options.out == "-") {
    session.terminal->out(text);
  } else if (auto written = write_file(options.out, text); !written) {
    return written.error();
  }
  say_words(session, alert);
  if (auto corrected = correct(session, options, alert, reason); !corrected) {
    return corrected.error();
  }
  const std::string named = options.out == "-" ? "FILE" : visible(options.out);
  session.terminal->say(
      fmt::format("{} is drafted, not signed and not sent. Read it once more, then:\n"
                  "  tocsin alert sign {} --key {}",
                  named, named, options.key.empty() ? "KEYFILE" : visible(options.key)));
  return Exit::done;
}

}  // namespace ops::cli
