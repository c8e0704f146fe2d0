// tocsin trust sign: an envelope made of a draft, or one more signature on it.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/trust/authoring.hpp"
#include "ops/cli/commands.hpp"
#include "ops/cli/files.hpp"
#include "ops/cli/keys.hpp"
#include "ops/cli/trust_draft.hpp"
#include "ops/cli/trust_file.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace trust = engine::trust;

namespace {

/// A key that is no root of this document signs only when it is a root of the version before; that
/// cannot be seen here, so it is said and not refused.
void say_whose(Session& session, const trust::TrustDocument& document, const trust::Key& key) {
  const auto is_it = [&](const trust::Key& root) { return root.keyid == key.keyid; };
  if (std::none_of(document.root_keys.begin(), document.root_keys.end(), is_it)) {
    session.terminal->warn(fmt::format(
        "{} is no root of this document; its signature counts only for readers who pinned it as a "
        "root of an earlier version",
        visible(key.holder)));
  }
}

/// Distinct holders of root keys who have signed: a person with two keys is one.
std::size_t roots_signed(const trust::TrustDocument& document, const engine::Envelope& envelope) {
  std::set<std::string_view> holders;
  for (const auto& root : document.root_keys) {
    for (const auto& block : envelope.signatures) {
      if (block.keyid == root.keyid) holders.insert(root.holder);
    }
  }
  return holders.size();
}

}  // namespace

Outcome<Exit> trust_sign(Session& session, const TrustSign& options) {
  const auto text = read_trust_text(options.file);
  if (!text) return text.error();
  const auto document = trust::read_trust_payload(text->payload);
  if (!document) {
    return trouble(Exit::refused, fmt::format("{} is not a trust document: {}",
                                              visible(options.file), document.error().what));
  }
  warn_of_expiry(session, *document);
  const auto label = read_public_key(options.key);
  if (!label) return label.error();
  for (const auto& block : text->envelope.signatures) {
    if (block.keyid == label->keyid) {
      return trouble(Exit::refused, fmt::format("{} has signed {} already", visible(label->holder),
                                                visible(options.file)));
    }
  }
  say_whose(session, *document, *label);
  const auto key = unlock(options.key, options.passphrase_fd);
  if (!key) return key.error();

  engine::Envelope envelope = text->envelope;
  envelope.payload_type = trust::kTrustType;
  envelope.payload = text->payload;
  envelope.signatures.push_back(key->sign(trust::kTrustType, text->payload));
  const std::string out = options.out.empty() ? options.file : options.out;
  if (auto written = write_file(out, trust::envelope_json(envelope) + "\n"); !written) {
    return written.error();
  }
  const std::size_t have = roots_signed(*document, envelope);
  session.terminal->say(fmt::format(
      "{} signed version {} of {} ({} of the {} root signatures needed): {}",
      visible(label->holder), document->version, visible(document->system), have,
      document->root_threshold,
      have >= static_cast<std::size_t>(document->root_threshold)
          ? fmt::format("{} is ready for the engine", visible(out))
          : fmt::format("next: tocsin trust sign {} --key ANOTHER-ROOTKEY", visible(out))));
  return Exit::done;
}

}  // namespace ops::cli
