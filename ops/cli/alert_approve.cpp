// tocsin alert approve: a second person reads the very bytes, names the place, and signs them too.
#include <fmt/format.h>

#include <algorithm>

#include "engine/trust/envelope.hpp"
#include "ops/cli/commands.hpp"
#include "ops/cli/confirmation.hpp"
#include "ops/cli/files.hpp"
#include "ops/cli/inputs.hpp"
#include "ops/cli/keys.hpp"
#include "ops/cli/signing.hpp"
#include "ops/cli/trust_file.hpp"
#include "ops/cli/verification.hpp"
#include "ops/cli/visible.hpp"
#include "ops/cli/words.hpp"

namespace ops::cli {

namespace trust = engine::trust;
namespace cap = engine::cap;

namespace {

Trouble signed_already(const std::string& holder) {
  return trouble(Exit::refused, fmt::format("{} has signed it already", visible(holder)),
                 "approval is for another person, with a key of their own");
}

/// Nobody approves what they signed; and what was signed must truly have been.
Outcome<void> others_signed(Session& session, const engine::Envelope& envelope,
                            const trust::Key& key, const trust::TrustDocument* document) {
  for (const auto& block : envelope.signatures) {
    if (block.keyid == key.keyid) return signed_already(key.holder);
  }
  if (document == nullptr) {
    session.terminal->warn(
        "without --trust, who signed it so far was not checked: read the words for themselves");
    return {};
  }
  const auto verified = verify_envelope(envelope, *document, session.now());
  if (!verified) return verified.error();
  const auto own = document->find(key.keyid);
  const std::string holder = own ? own->officer->key.holder : key.holder;
  for (const auto& signer : verified->signers) {
    if (signer.holder == holder) return signed_already(holder);
  }
  session.terminal->say(fmt::format("Signed so far by {} of {}.", names_text(verified->signers),
                                    visible(verified->sender->name)));
  return {};
}

}  // namespace

Outcome<Exit> alert_approve(Session& session, const AlertApprove& options) {
  auto envelope = read_envelope(options.file);
  if (!envelope) return envelope.error();
  const auto document = given_trust(session);
  if (!document) return document.error();
  const auto label = read_public_key(options.key);
  if (!label) return label.error();
  const auto alert = read_alert(session, envelope->payload);
  if (!alert) return alert.error();
  if (auto others = others_signed(session, *envelope, *label, document->get()); !others) {
    return others.error();
  }
  if (auto may = may_sign(*label, *alert, document->get(), session.now()); !may) {
    return may.error();
  }
  if (envelope->signatures.size() >= trust::EnvelopeLimits{}.signatures_max) {
    return trouble(Exit::refused, "it carries as many signatures as an alert may");
  }
  say_words(session, *alert);
  const Naming naming{"approve", "it was not signed", "name it with --area-name \"{}\"",
                      options.area_name};
  if (auto named = place_named(session, *alert, naming); !named) return named.error();
  const auto key = unlock(options.key, options.passphrase_fd);
  if (!key) return key.error();

  envelope->signatures.push_back(key->sign(engine::kCapType, envelope->payload));
  if (auto written = write_file(options.file, trust::envelope_json(*envelope) + "\n"); !written) {
    return written.error();
  }
  session.terminal->say(
      fmt::format("{} approved it: {}", visible(label->holder), visible(options.file)));
  say_next(session, options.file, *envelope, document->get());
  return Exit::done;
}

}  // namespace ops::cli
