// tocsin verify: does this bulletin hold, without asking anybody?
#include <fmt/format.h>

#include <boost/json.hpp>

#include "engine/trust/envelope.hpp"
#include "engine/trust/strict_json.hpp"
#include "ops/cli/commands.hpp"
#include "ops/cli/files.hpp"
#include "ops/cli/keys.hpp"
#include "ops/cli/records.hpp"
#include "ops/cli/revocations.hpp"
#include "ops/cli/trust_file.hpp"
#include "ops/cli/verification.hpp"
#include "ops/cli/visible.hpp"
#include "ops/cli/words.hpp"

namespace ops::cli {

namespace trust = engine::trust;
namespace json = boost::json;

namespace {

constexpr std::size_t kStreamBytesMax = 256UL << 20;  // many alert objects, one a line

/// What minisign calls a trusted comment: nothing in it that the signatures do not cover.
std::string trusted_comment(const Verified& verified) {
  std::string signers;
  for (const auto& signer : verified.signers) {
    signers += signers.empty() ? "" : ", ";
    signers += fmt::format("{} (key {})", visible(signer.holder), short_id(signer.keyid));
  }
  const auto& alert = verified.alert;
  return fmt::format(
      "trusted comment: {} {} {}\n  system   {}\n  sender   {} ({})\n  sent     {}\n"
      "  says     {}\n  signers  {}\n  id       {}\n",
      status_word(alert.status), engine::cap::text(alert.msg_type), visible(alert.identifier),
      visible(system_of(alert)), visible(alert.sender), visible(verified.sender->name),
      engine::format_time(alert.sent), headline_of(alert), signers,
      engine::to_hex(engine::view(verified.id)));
}

void show_text(Session& session, const Outcome<Verified>& verified) {
  Terminal& terminal = *session.terminal;
  if (!verified) {
    terminal.out(
        fmt::format("{}: {}", terminal.out_ink(Ink::red, "NOT VERIFIED"), verified.error().what));
    return;
  }
  const std::string found =
      verified->waits_for.empty()
          ? terminal.out_ink(Ink::green, "Signatures verified")
          : fmt::format("{}: {}", terminal.out_ink(Ink::red, "signed, NOT COMPLETE"),
                        verified->waits_for);
  terminal.out(found + "\n" + trusted_comment(*verified));
  for (const auto& remark : verified->remarks) terminal.warn(remark);
}

void show_json(Session& session, const Outcome<Verified>& verified) {
  json::object object{{"verified", verified && verified->waits_for.empty()}};
  if (!verified) {
    object["why"] = verified.error().what;
  } else {
    if (!verified->waits_for.empty()) object["why"] = "not complete: " + verified->waits_for;
    add_verified(object, *verified);
  }
  session.terminal->out(visible_json(json::serialize(object)));
}

/// What is truly signed and lacks signatures is no alert yet: no engine takes it.
Exit exit_of(const Outcome<Verified>& verified) {
  if (!verified) return verified.error().exit;
  return verified->waits_for.empty() ? Exit::done : Exit::refused;
}

}  // namespace

Outcome<Exit> verify_file(Session& session, const Verify& options) {
  if (session.trust_file.empty()) {
    return trouble(Exit::usage, "verifying needs the trust document",
                   "give --trust FILE, as you got it from the system's operator");
  }
  const auto roots = read_roots(options.roots.empty() ? session.roots : options.roots);
  if (!roots) return roots.error();
  const auto given = read_trust_file(session.trust_file, *roots);
  if (!given) return given.error();
  warn_of_expiry(session, **given);
  const auto document = trust::with_revocations(*given, revocations_of_named_engine(session));
  const auto bytes = read_file(options.file, kStreamBytesMax);
  if (!bytes) return bytes.error();
  const auto bulletins = read_bulletins(*bytes);
  if (!bulletins) return bulletins.error();

  Exit exit = Exit::done;
  for (Bulletins::Item item : bulletins->items) {
    // Whoever wrote the file wrote "at" as well: nobody here vouches for it.
    item.admitted.reset();
    const auto verified =
        item.id.empty() ? verify_unsent(item.envelope, *document) : verify_item(item, *document);
    if (options.form == Form::json) {
      show_json(session, verified);
    } else {
      show_text(session, verified);
    }
    const Exit found = exit_of(verified);
    if (found != Exit::done && exit != Exit::bad_signature) exit = found;
  }
  session.terminal->say(
      roots->empty()
          ? fmt::format("This holds if {} is the true trust document: compare its root ids "
                        "(tocsin trust show) with those you were told, or give --root KEYID.",
                        visible(session.trust_file))
          : fmt::format("The trust document is signed by the root you named (system {}, version "
                        "{}).",
                        visible(document->system), document->version));
  return exit;
}

}  // namespace ops::cli
