#include "ops/cli/signing.hpp"

#include <fmt/format.h>

#include "engine/admission.hpp"
#include "engine/trust/envelope.hpp"
#include "ops/cli/files.hpp"
#include "ops/cli/visible.hpp"
#include "ops/cli/words.hpp"

namespace ops::cli {

namespace trust = engine::trust;
namespace cap = engine::cap;

Outcome<engine::Envelope> read_envelope(const std::string& file) {
  const auto bytes = read_file(file, trust::EnvelopeLimits{}.body_max);
  if (!bytes) return bytes.error();
  auto parsed = trust::parse_envelope(*bytes);
  if (auto* envelope = std::get_if<engine::Envelope>(&parsed)) return std::move(*envelope);
  return trouble(Exit::refused,
                 fmt::format("{} is not a signed alert: {}", visible(file),
                             visible(std::get<engine::Refusal>(parsed).detail)),
                 "a signed alert comes from tocsin alert sign");
}

Outcome<cap::Alert> read_alert(Session& session, std::string_view xml) {
  auto judgement = cap::judge(xml);
  say_faults(session, "error", judgement.errors);
  if (!judgement.alert) {
    return trouble(Exit::refused, "this is not an alert anybody may be shown, so it is not signed",
                   "change what the lines above name");
  }
  say_faults(session, "warning", judgement.warnings);
  return std::move(*judgement.alert);
}

Outcome<void> may_sign(const trust::Key& key, const cap::Alert& alert,
                       const trust::TrustDocument* document, engine::Time now) {
  if (document == nullptr) return {};
  const std::string holder = visible(key.holder);
  if (system_of(alert) != document->system) {
    return trouble(Exit::refused,
                   fmt::format("this alert is for system \"{}\" and the trust document is of {}",
                               visible(system_of(alert)), visible(document->system)),
                   "draft it again with this --trust, or name the other trust document");
  }
  const auto found = document->find(key.keyid);
  if (!found) {
    return trouble(Exit::refused,
                   fmt::format("the key of {} is no officer's of system {}", holder,
                               visible(document->system)),
                   "use an officer's key; tocsin trust show lists them");
  }
  if (found->sender->sender != alert.sender) {
    return trouble(Exit::refused,
                   fmt::format("this alert is of {}, and {} is an officer of {}",
                               visible(alert.sender), holder, visible(found->sender->sender)));
  }
  if (document->revocation_of(key.keyid) != nullptr) {
    return trouble(Exit::refused, fmt::format("the key of {} is revoked", holder));
  }
  if (now < found->officer->not_before || now >= found->officer->not_after) {
    return trouble(Exit::refused,
                   fmt::format("the key of {} is valid from {} until {}, not now", holder,
                               engine::format_time(found->officer->not_before),
                               engine::format_time(found->officer->not_after)),
                   "use a key that is valid, or have the roots renew this one");
  }
  return {};
}

void say_next(Session& session, const std::string& file, const engine::Envelope& envelope,
              const trust::TrustDocument* document) {
  Terminal& terminal = *session.terminal;
  const std::string name = visible(file);
  if (document == nullptr) {
    terminal.say(fmt::format(
        "Without --trust it is not known here how many holders it takes. Next, one of:\n"
        "  tocsin alert approve {} --key ANOTHER-KEYFILE\n  tocsin alert send {}",
        name, name));
    return;
  }
  const auto verdict = engine::decide(trust::envelope_json(envelope), *document,
                                      engine::Places::builtin(), session.now());
  if (std::holds_alternative<engine::Candidate>(verdict)) {
    terminal.say(fmt::format("Complete. Next:\n  tocsin alert send {}", name));
    return;
  }
  const auto& refusal = std::get<engine::Refused>(verdict).refusal;
  if (refusal.code != engine::Code::needs_approval) {
    terminal.warn(fmt::format("the engine would refuse it ({}): {}", engine::text(refusal.code),
                              visible(refusal.detail)));
    return;
  }
  std::string could;
  for (const auto& holder : refusal.could) {
    could += could.empty() ? "" : ", ";
    could += visible(holder);
  }
  terminal.say(
      fmt::format("Signed by {} of the {} holders it takes. Could sign: {}. Next:\n"
                  "  tocsin alert approve {} --key THEIR-KEYFILE",
                  refusal.have, refusal.need, could.empty() ? "nobody" : could, name));
}

}  // namespace ops::cli
