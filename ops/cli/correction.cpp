#include "ops/cli/correction.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "engine/cap/compose.hpp"
#include "engine/cap/judge.hpp"
#include "ops/cli/draft_parts.hpp"
#include "ops/cli/files.hpp"
#include "ops/cli/visible.hpp"
#include "ops/cli/words.hpp"

namespace ops::cli {

namespace cap = engine::cap;

cap::Alert cancel_of(const cap::Alert& alert, const std::string& reason, engine::Time now) {
  cap::Alert cancel;
  cancel.identifier = new_identifier(now);
  cancel.sender = alert.sender;
  cancel.sent = std::chrono::floor<std::chrono::seconds>(now);
  cancel.status = alert.status;
  cancel.msg_type = cap::MsgType::cancel;
  cancel.scope = alert.scope;
  cancel.restriction = alert.restriction;
  cancel.addresses = alert.addresses;
  cancel.codes = {"system:" + system_of(alert)};
  cancel.note = reason;
  cancel.references = {alert.identity()};
  return cancel;
}

std::string plain_correction(const cap::Alert& alert) {
  return fmt::format("Sent in error: \"{}\". There is no such danger.", headline_of(alert));
}

Outcome<void> write_correction(Session& session, const std::string& file, const cap::Alert& alert,
                               const std::string& reason) {
  const std::string xml = cap::compose(cancel_of(alert, reason, session.now()));
  const auto judgement = cap::judge(xml);
  say_faults(session, "error", judgement.errors);
  if (!judgement.alert) {
    return trouble(Exit::refused, "the correction's reason cannot be sent as it is",
                   "write it in plain text");
  }
  return write_file(file, xml);
}

Outcome<void> may_hold_correction(const std::string& file, const cap::Alert& alert) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return {};
  const auto bytes = read_file(file, kAlertBytesMax);
  if (!bytes) return bytes.error();
  const auto judgement = cap::judge(*bytes);
  if (judgement.alert && judgement.alert->msg_type == cap::MsgType::cancel &&
      judgement.alert->references == std::vector{alert.identity()}) {
    return {};
  }
  const std::string named = judgement.alert && !judgement.alert->references.empty()
                                ? visible(judgement.alert->references.front().identifier)
                                : "something else";
  return trouble(Exit::usage,
                 fmt::format("{} takes back {}, which may be out", visible(file), named),
                 "give --out another name, or remove that file where its alert was never sent");
}

}  // namespace ops::cli
