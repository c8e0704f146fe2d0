// tocsin alert cancel: one command, one person. Fetches the alert, verifies it, writes the Cancel
// that names it, signs it and sends it; or signs and sends the one prepared with the draft.
#include <fmt/format.h>

#include "engine/cap/compose.hpp"
#include "engine/cap/judge.hpp"
#include "engine/trust/envelope.hpp"
#include "ops/cli/commands.hpp"
#include "ops/cli/correction.hpp"
#include "ops/cli/engine_link.hpp"
#include "ops/cli/fetching.hpp"
#include "ops/cli/files.hpp"
#include "ops/cli/keys.hpp"
#include "ops/cli/sending.hpp"
#include "ops/cli/signing.hpp"
#include "ops/cli/standing.hpp"
#include "ops/cli/visible.hpp"
#include "ops/cli/words.hpp"

namespace ops::cli {

namespace trust = engine::trust;
namespace cap = engine::cap;

namespace {

Outcome<void> may_cancel(const trust::Key& key, const cap::Alert& alert,
                         const trust::TrustDocument& document, engine::Time now) {
  if (auto may = may_sign(key, alert, &document, now); !may) return may;
  if (document.find(key.keyid)->officer->duties.cancel) return {};
  return trouble(
      Exit::refused,
      fmt::format("{} has no duty to cancel for {}", visible(key.holder), visible(alert.sender)),
      "tocsin trust show says who has; one such person is enough");
}

std::string numbers_text(const std::vector<std::uint64_t>& numbers) {
  return fmt::format("{} {}", numbers.size() == 1 ? "alert" : "alerts", fmt::join(numbers, ", "));
}

/// What the Cancel came to. It is out whatever the engine lists afterwards, so nothing but what the
/// lists say for certain is a trouble.
Outcome<Exit> tell_aftermath(Session& session, const cap::Alert& cancel) {
  Terminal& terminal = *session.terminal;
  const auto all = listed_of(session, cancel.sender, AlertList::Which::all);
  const auto active = listed_of(session, cancel.sender, AlertList::Which::active);
  if (!all || !active) {
    terminal.say("The Cancel is out: everybody whom the alert it names reached is told.");
    terminal.warn(
        "the engine does not say what is active now: whether the Cancel stopped it, and whether "
        "an update of it goes on, tocsin alert list --active shows");
    return Exit::done;
  }
  const auto aftermath = aftermath_of(cancel.references, *all, *active);
  if (!aftermath.still_active.empty()) {
    return trouble(
        Exit::refused,
        fmt::format("the Cancel is out, but {} of this sender, about the same, {} active still",
                    numbers_text(aftermath.still_active),
                    aftermath.still_active.size() == 1 ? "is" : "are"),
        fmt::format("tocsin alert cancel {} --reason TEXT --key KEYFILE",
                    aftermath.still_active.back()));
  }
  if (aftermath.any_listed) {
    terminal.say("Cancelled: everybody the alert reached is told.");
    return Exit::done;
  }
  if (cancel.scope != cap::Scope::public_) {
    terminal.say("The Cancel is out: everybody whom the alert it names reached is told.");
    terminal.warn("the alert it names is none that the engine shows here");
    return Exit::done;
  }
  return trouble(Exit::refused,
                 "the Cancel is out and stops nothing that was sent: the engine lists no alert "
                 "that it names",
                 "tocsin alert list --active shows what there is to stop");
}

/// The engine takes every Cancel, since a second one may mend the words of the first, and tells
/// everybody once more; so whoever types one is told before. Where the lists do not come nothing is
/// in its way.
Outcome<void> not_cancelled_yet(Session& session, const cap::Alert& cancel) {
  const auto active = listed_of(session, cancel.sender, AlertList::Which::active);
  if (!active || !aftermath_of(cancel.references, *active, *active).still_active.empty()) return {};
  const auto all = listed_of(session, cancel.sender, AlertList::Which::all);
  const auto before = all ? cancelled_before(cancel.references, *all, *active) : std::nullopt;
  if (!before) return {};
  return trouble(Exit::refused,
                 fmt::format("it is cancelled already, by alert {}: everybody whom it reached is "
                             "told of that, and nothing was sent now",
                             before->sequence),
                 "to tell them all once more, in other words, say --again");
}

/// The signed Cancel goes out, and its answer is told.
Outcome<Exit> sign_and_send(Session& session, const AlertCancel& options, const std::string& xml,
                            const cap::Alert& cancel) {
  const auto key = unlock(options.key, options.passphrase_fd);
  if (!key) return key.error();
  engine::Envelope envelope{std::string(engine::kCapType), xml, {}};
  envelope.signatures.push_back(key->sign(engine::kCapType, xml));
  const auto sent = send_envelope(session, envelope);
  if (!sent) return sent.error();
  show_sent(session, *sent, options.form);
  warn_of_expiry_there(session);
  return tell_aftermath(session, cancel);
}

/// The correction written with the draft. The engine is asked nothing first: what is to be stopped
/// is named in the document.
Outcome<Exit> send_prepared(Session& session, const AlertCancel& options) {
  if (!options.alert.empty() || !options.reason.empty()) {
    return trouble(Exit::usage, "a prepared correction names its alert and its reason itself",
                   "give either SEQ|ID with --reason, or --prepared FILE");
  }
  const auto xml = read_file(options.prepared, trust::EnvelopeLimits{}.payload_max);
  if (!xml) return xml.error();
  const auto document = given_trust(session);
  if (!document) return document.error();
  const auto cancel = read_alert(session, *xml);
  if (!cancel) return cancel.error();
  if (cancel->msg_type != cap::MsgType::cancel) {
    return trouble(Exit::refused, fmt::format("{} is no Cancel", visible(options.prepared)),
                   "the correction of FILE.xml is FILE.cancel.xml");
  }
  const auto label = read_public_key(options.key);
  if (!label) return label.error();
  if (*document != nullptr) {
    if (auto may = may_cancel(*label, *cancel, **document, session.now()); !may) return may.error();
  }
  say_where(session, document->get());
  say_words(session, *cancel);
  return sign_and_send(session, options, *xml, *cancel);
}

}  // namespace

Outcome<Exit> alert_cancel(Session& session, const AlertCancel& options) {
  if (!options.prepared.empty()) return send_prepared(session, options);
  if (options.alert.empty() || options.reason.empty()) {
    return trouble(Exit::usage, "it is not said what to cancel, and why",
                   "give SEQ|ID with --reason TEXT, or --prepared FILE");
  }
  const auto trusted = trust_for_reading(session);
  if (!trusted) return trusted.error();
  const auto label = read_public_key(options.key);
  if (!label) return label.error();
  const auto found = fetch_to_answer(session, options.alert, *trusted);
  if (!found) return found.error();
  const cap::Alert& alert = found->verified.alert;
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
  if (options.times == AlertCancel::Times::once) {
    if (auto first = not_cancelled_yet(session, *judgement.alert); !first) return first.error();
  }
  say_where(session, trusted->document.get());
  session.terminal->say(
      fmt::format("This cancels the {} alert \"{}\" of {}, saying: {}",
                  session.terminal->say_ink(status_ink(alert.status), status_word(alert.status)),
                  headline_of(alert), visible(alert.sender), visible(options.reason)));
  return sign_and_send(session, options, xml, *judgement.alert);
}

}  // namespace ops::cli
