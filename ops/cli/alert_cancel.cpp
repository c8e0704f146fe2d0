// tocsin alert cancel: one command, one person. Fetches the alert, verifies it, writes the Cancel
// that names it, signs it and sends it.
#include <fmt/format.h>

#include "engine/cap/compose.hpp"
#include "engine/cap/judge.hpp"
#include "engine/trust/envelope.hpp"
#include "ops/cli/commands.hpp"
#include "ops/cli/draft_parts.hpp"
#include "ops/cli/engine_link.hpp"
#include "ops/cli/keys.hpp"
#include "ops/cli/records.hpp"
#include "ops/cli/sending.hpp"
#include "ops/cli/signing.hpp"
#include "ops/cli/visible.hpp"
#include "ops/cli/words.hpp"

namespace ops::cli {

namespace trust = engine::trust;
namespace cap = engine::cap;

namespace {

Outcome<Verified> fetch(Session& session, const std::string& name, const Trusted& trusted) {
  auto path = alert_path(name);
  if (!path) return path.error();
  Request request;
  request.target = *path;
  const auto response = ask(session, request);
  if (!response) return response.error();
  const auto item = read_bulletin(response->body);
  if (!item) return item.error();
  // What was taken under an older trust document can be stopped under today's.
  auto verified = verify_envelope(item->envelope, *trusted.document, item->admitted);
  if (!verified) return verified;
  if (auto asked = is_asked_for(*verified, name); !asked) return asked.error();
  return verified;
}

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

Outcome<void> may_cancel(const trust::Key& key, const cap::Alert& alert,
                         const trust::TrustDocument& document, engine::Time now) {
  if (auto may = may_sign(key, alert, &document, now); !may) return may;
  if (document.find(key.keyid)->officer->duties.cancel) return {};
  return trouble(
      Exit::refused,
      fmt::format("{} has no duty to cancel for {}", visible(key.holder), visible(alert.sender)),
      "tocsin trust show says who has; one such person is enough");
}

}  // namespace

Outcome<Exit> alert_cancel(Session& session, const AlertCancel& options) {
  const auto trusted = trust_for_reading(session);
  if (!trusted) return trusted.error();
  const auto label = read_public_key(options.key);
  if (!label) return label.error();
  const auto found = fetch(session, options.alert, *trusted);
  if (!found) return found.error();
  const cap::Alert& alert = found->alert;
  if (alert.msg_type == cap::MsgType::cancel) {
    return trouble(Exit::refused, "that is itself a Cancel, and stays",
                   "if the danger is back, send a new alert");
  }
  if (auto may = may_cancel(*label, alert, *trusted->document, session.now()); !may) {
    return may.error();
  }
  const std::string xml = cap::compose(cancel_of(alert, options.reason, session.now()));
  const auto judgement = cap::judge(xml);
  say_faults(session, "error", judgement.errors);
  if (!judgement.alert) {
    return trouble(Exit::refused, "the reason cannot be sent as it is", "write it in plain text");
  }
  Terminal& terminal = *session.terminal;
  terminal.say(fmt::format("This cancels the {} alert \"{}\" of {}, saying: {}",
                           terminal.say_ink(status_ink(alert.status), status_word(alert.status)),
                           headline_of(alert), visible(alert.sender), visible(options.reason)));
  const auto key = unlock(options.key, options.passphrase_fd);
  if (!key) return key.error();
  engine::Envelope envelope{std::string(engine::kCapType), xml, {}};
  envelope.signatures.push_back(key->sign(engine::kCapType, xml));
  const auto sent = send_envelope(session, envelope);
  if (!sent) return sent.error();
  show_sent(session, *sent, options.form);
  terminal.say("Cancelled: everybody the alert reached is told.");
  return Exit::done;
}

}  // namespace ops::cli
