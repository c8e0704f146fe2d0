#include "ops/cli/trust_file.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "ops/cli/files.hpp"
#include "ops/cli/inputs.hpp"
#include "ops/cli/keys.hpp"
#include "ops/cli/revocations.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace trust = engine::trust;
using std::chrono::days;

Outcome<trust::TrustPtr> read_trust_file(const std::string& file,
                                         const std::set<engine::KeyId>& roots) {
  trust::Pins pins;
  pins.root_keys = roots;
  pins.threshold = 0;  // as many as the document asks, but no more than are named
  return read_trust_file(file, pins);
}

Outcome<trust::TrustPtr> read_trust_file(const std::string& file, const trust::Pins& pins) {
  const auto bytes = read_file(file, kTrustBytesMax);
  if (!bytes) return bytes.error();
  auto document = trust::read_trust(*bytes, pins);
  if (!document) {
    return trouble(Exit::bad_signature,
                   fmt::format("{} is not a trust document to rely on: {}", visible(file),
                               document.error().what),
                   fmt::format("look at it with: tocsin trust show {}", visible(file)));
  }
  const auto revoked = revocations_beside(file);
  if (!revoked) return revoked.error();
  return trust::with_revocations(*document, *revoked);
}

Outcome<std::set<engine::KeyId>> read_roots(const std::vector<std::string>& texts) {
  std::set<engine::KeyId> roots;
  for (const auto& text : texts) {
    const auto keyid = parse_key_id(text);
    if (!keyid) return keyid.error();
    roots.insert(*keyid);
  }
  return roots;
}

void say_where(Session& session, const trust::TrustDocument* document) {
  if (document == nullptr && session.context.empty()) return;
  Terminal& terminal = *session.terminal;
  std::string text =
      session.context.empty() ? "" : fmt::format("context {}: ", visible(session.context));
  if (document == nullptr) {
    terminal.say(fmt::format("{}{} (live or exercise is not known: no --trust was given)", text,
                             visible(session.server)));
    return;
  }
  const bool live = document->kind == trust::SystemKind::live;
  terminal.say(
      terminal.say_ink(live ? Ink::red : Ink::green,
                       fmt::format("{}{} system {} at {}", text, live ? "LIVE" : "exercise",
                                   visible(document->system), visible(session.server))));
}

Outcome<trust::TrustPtr> given_trust(Session& session) {
  if (session.trust_file.empty()) return trust::TrustPtr{};
  const auto roots = read_roots(session.roots);
  if (!roots) return roots.error();
  auto document = read_trust_file(session.trust_file, *roots);
  if (document) warn_of_expiry(session, **document);
  return document;
}

std::string expiry_sentence(engine::Time expires, engine::Time now) {
  const auto when = engine::format_time(expires);
  if (now >= expires) {
    return fmt::format(
        "THE TRUST DOCUMENT EXPIRED on {} ({} ago). Alerts still go out, but nobody renewed who "
        "may "
        "send them: have the roots sign a new one today.",
        when, duration_text(now - expires));
  }
  if (expires - now <= days{7}) {
    return fmt::format(
        "THE TRUST DOCUMENT EXPIRES in {}, on {}: have the roots sign a new one now.",
        duration_text(expires - now), when);
  }
  if (expires - now <= days{30}) {
    return fmt::format(
        "the trust document expires in {}, on {}: plan for the roots to sign a new "
        "one.",
        duration_text(expires - now), when);
  }
  return {};
}

void warn_of_expiry(Session& session, const trust::TrustDocument& document) {
  const std::string sentence = expiry_sentence(document.expires, session.now());
  if (sentence.empty()) return;
  const std::string which =
      fmt::format("{} {} {}", document.system, engine::format_time(document.expires),
                  static_cast<int>(trust::expiry_of(document.expires, session.now())));
  if (!session.expiries_said.insert(which).second) return;
  Terminal& terminal = *session.terminal;
  if (document.expires - session.now() <= days{7}) {
    terminal.say(terminal.say_ink(Ink::red, sentence));
  } else {
    terminal.warn(sentence);
  }
}

void warn_of_expiry_in(Session& session, const std::string& file,
                       const std::vector<std::string>& roots) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return;
  const auto keys = read_roots(roots);
  if (!keys) return;
  const auto document = read_trust_file(file, *keys);
  if (document) warn_of_expiry(session, **document);
}

}  // namespace ops::cli
