// tocsin trust show: who may do what, in plain words.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "engine/places.hpp"
#include "engine/trust/authoring.hpp"
#include "engine/trust/strict_json.hpp"
#include "ops/cli/commands.hpp"
#include "ops/cli/inputs.hpp"
#include "ops/cli/keys.hpp"
#include "ops/cli/revoked_keys.hpp"
#include "ops/cli/telling.hpp"
#include "ops/cli/trust_draft.hpp"
#include "ops/cli/trust_file.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace trust = engine::trust;
namespace cap = engine::cap;
namespace json = boost::json;

namespace {

std::string list(const std::vector<std::string>& words) {
  return words.empty() ? "none" : fmt::format("{}", fmt::join(words, ", "));
}

std::string duties_text(const trust::Duties& duties) {
  std::vector<std::string> words;
  if (duties.originate) words.emplace_back("originate");
  if (duties.approve) words.emplace_back("approve");
  if (duties.cancel) words.emplace_back("cancel");
  return list(words);
}

std::string areas_text(const std::vector<std::string>& areas) {
  std::vector<std::string> words;
  for (const auto& code : areas) {
    const auto* place = engine::Places::builtin().find(code);
    words.push_back(code == "*"        ? "anywhere"
                    : place == nullptr ? visible(code) + " (unknown here)"
                                       : fmt::format("{} ({})", visible(code), place->name));
  }
  return list(words);
}

std::string categories_text(cap::CategorySet categories) {
  std::vector<std::string> words;
  constexpr int count = static_cast<int>(cap::Category::other) + 1;
  for (int i = 0; i < count; ++i) {
    const auto category = static_cast<cap::Category>(i);
    if ((categories & cap::bit(category)) != 0) words.emplace_back(cap::text(category));
  }
  return static_cast<int>(words.size()) == count ? "all" : list(words);
}

template <class Set>
std::string words_text(const Set& set) {
  std::vector<std::string> words;
  for (const auto value : set) words.emplace_back(cap::text(value));
  return list(words);
}

std::string approvals_text(const trust::Sender& sender) {
  std::string text;
  for (const auto& rule : sender.approvals) {
    text += fmt::format("{} from {}: {}; ", cap::text(rule.status),
                        cap::text(rule.severity_at_least), rule.holders);
  }
  return text + (text.empty() ? "Actual: 2; anything else: 1" : "else Actual: 2, other: 1");
}

std::string remark_on(const trust::Officer& officer, const std::vector<RevokedKey>& revoked,
                      engine::Time now) {
  for (const auto& key : revoked) {
    if (!key.void_since.empty() || key.revoked.keyid != officer.key.keyid) continue;
    return now >= key.revoked.since ? "  REVOKED" : "  revoked later";
  }
  if (now >= officer.not_after) return "  EXPIRED";
  if (now < officer.not_before) return "  not yet valid";
  return trust::expiry_of(officer.not_after, now) == trust::Expiry::far ? "" : "  expires soon";
}

std::string sender_text(const trust::Sender& sender, const std::vector<RevokedKey>& revoked,
                        engine::Time now) {
  std::string text =
      fmt::format("\nSender {} ({})\n", visible(sender.sender), visible(sender.name));
  for (const auto& officer : sender.officers) {
    text += fmt::format("  officer     {}: {}; until {}; key {}{}\n", visible(officer.key.holder),
                        duties_text(officer.duties), engine::format_time(officer.not_after),
                        short_id(officer.key.keyid), remark_on(officer, revoked, now));
  }
  const auto& authority = sender.authority;
  text += fmt::format(
      "  areas       {}\n  categories  {}\n  severity    up to {}\n  statuses    {}\n"
      "  scopes      {}\n  holders     {}\n  rate        {} an hour\n",
      areas_text(authority.areas), categories_text(authority.categories),
      cap::text(authority.max_severity), words_text(authority.statuses),
      words_text(authority.scopes), approvals_text(sender), sender.rate_per_hour);
  return text;
}

/// Which root keys have signed, each signature verified.
std::vector<engine::KeyId> true_signers(const trust::TrustDocument& document,
                                        const engine::Envelope& envelope) {
  std::vector<engine::KeyId> signers;
  const auto message = trust::pre_authentication_encoding(envelope.payload_type, envelope.payload);
  for (const auto& block : envelope.signatures) {
    for (const auto& root : document.root_keys) {
      if (root.keyid == block.keyid && trust::verify(root.public_key, message, block.signature)) {
        signers.push_back(root.keyid);
      }
    }
  }
  return signers;
}

struct Shown {
  TrustText text;
  trust::TrustDocument document;
  std::vector<engine::KeyId> signers;
  std::string why_not;  // empty: the signatures hold
  std::vector<RevokedKey> revoked{};
  std::vector<std::string> warnings{};

  bool has_signed(const engine::KeyId& keyid) const {
    return std::find(signers.begin(), signers.end(), keyid) != signers.end();
  }
};

void show_text(Session& session, const Shown& shown) {
  const auto& document = shown.document;
  const engine::Time now = session.now();
  Terminal& terminal = *session.terminal;
  const bool live = document.kind == trust::SystemKind::live;
  std::string text = fmt::format(
      "System {} ({}), version {}\n  issued {}, expires {}\n  signatures  {}\n",
      terminal.out_ink(Ink::bold, visible(document.system)),
      terminal.out_ink(live ? Ink::red : Ink::green, live ? "LIVE" : "exercise"), document.version,
      engine::format_time(document.issued), engine::format_time(document.expires),
      shown.text.form == TrustForm::draft ? "none yet, this is a draft"
      : shown.why_not.empty()             ? terminal.out_ink(Ink::green, "hold")
                                          : terminal.out_ink(Ink::red, "DO NOT HOLD"));
  text += fmt::format("\nRoots, {} of {} must sign\n", document.root_threshold,
                      document.root_keys.size());
  for (const auto& key : document.root_keys) {
    text += fmt::format("  {}  {}{}\n", engine::to_hex(engine::view(key.keyid)),
                        visible(key.holder), shown.has_signed(key.keyid) ? ", signed" : "");
  }
  if (!document.revocation_keys.empty()) text += "\nMay revoke, each alone\n";
  for (const auto& key : document.revocation_keys) {
    text += fmt::format("  {}  {}\n", engine::to_hex(engine::view(key.keyid)), visible(key.holder));
  }
  for (const auto& sender : document.senders) text += sender_text(sender, shown.revoked, now);
  if (document.senders.empty()) text += "\nNobody may speak yet.\n";
  text += revoked_text(shown.revoked);
  tell(terminal, text);
}

void show_json(Session& session, const Shown& shown) {
  json::array signers;
  for (const auto& keyid : shown.signers) signers.emplace_back(engine::to_hex(engine::view(keyid)));
  json::array warnings;
  const std::string expiry = expiry_sentence(shown.document.expires, session.now());
  if (!expiry.empty()) warnings.emplace_back(expiry);
  for (const auto& warning : shown.warnings) warnings.emplace_back(warning);
  json::object object{
      {"signed", shown.text.form == TrustForm::signed_document},
      {"holds", shown.text.form == TrustForm::signed_document && shown.why_not.empty()},
      {"expired", trust::expired(shown.document, session.now())},
      {"signers", std::move(signers)},
      {"revoked", revoked_json(shown.revoked)},
      {"warnings", std::move(warnings)},
  };
  if (!shown.why_not.empty()) object["why"] = shown.why_not;
  if (const auto payload = trust::parse_strict_json(shown.text.payload)) {
    object["document"] = *payload;
  }
  session.terminal->out(visible_json(json::serialize(object)));
}

}  // namespace

namespace {

/// What was revoked beside that document: in the file that lies there, and by the engine named. A
/// draft has no engine yet.
Outcome<Revocations> revocations_of(Session& session, const std::string& file, TrustForm form) {
  if (form == TrustForm::draft) return Revocations{};
  auto revocations = revocations_beside(file);
  if (!revocations) return revocations;
  const auto told = revocations_of_named_engine(session);
  add_revocations(*revocations, trust::revocation_lines(told));
  return revocations;
}

}  // namespace

Outcome<Exit> trust_show(Session& session, const TrustShow& options) {
  const std::string& file = options.file.empty() ? session.trust_file : options.file;
  if (file.empty()) {
    return trouble(Exit::usage, "no trust document was named",
                   "tocsin trust show FILE, or --trust FILE");
  }
  auto text = read_trust_text(file);
  if (!text) return text.error();
  auto document = trust::read_trust_payload(text->payload);
  if (!document) {
    return trouble(Exit::refused, fmt::format("{} is not a trust document: {}", visible(file),
                                              document.error().what));
  }
  trust::index_officers(*document);
  const auto revocations = revocations_of(session, file, text->form);
  if (!revocations) return revocations.error();
  Shown shown{std::move(*text), std::move(*document), {}, {}};
  shown.revoked = revoked_keys(shown.document, *revocations);
  shown.warnings = key_warnings(shown.document, shown.revoked, session.now());
  if (shown.text.form == TrustForm::signed_document) {
    shown.signers = true_signers(shown.document, shown.text.envelope);
    const auto held = trust::read_trust(trust::envelope_json(shown.text.envelope), {});
    if (!held) shown.why_not = held.error().what;
  }
  warn_of_expiry(session, shown.document);
  for (const auto& warning : shown.warnings) session.terminal->warn(warning);
  if (options.form == Form::json) {
    show_json(session, shown);
  } else {
    show_text(session, shown);
  }
  if (!shown.why_not.empty()) return trouble(Exit::bad_signature, shown.why_not);
  return Exit::done;
}

}  // namespace ops::cli
