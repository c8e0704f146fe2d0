// tocsin trust revoke: one revocation key says that another key is not to be believed any more.
#include "ops/cli/trust_revoke.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/trust/revocation.hpp"
#include "engine/trust/strict_json.hpp"
#include "ops/cli/files.hpp"
#include "ops/cli/inputs.hpp"
#include "ops/cli/keys.hpp"
#include "ops/cli/posting.hpp"
#include "ops/cli/telling.hpp"
#include "ops/cli/trust_file.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace trust = engine::trust;

namespace {

/// What is about to be taken away, in words, so that a mistyped id is seen.
std::string whose(const trust::TrustDocument& document, const engine::KeyId& keyid) {
  const auto found = document.find(keyid);
  if (!found) return fmt::format("key {}, which is no officer's here", short_id(keyid));
  return fmt::format("key {} of {}, {}", short_id(keyid), visible(found->officer->key.holder),
                     visible(found->sender->sender));
}

/// Hands it in. Only an engine of that system says that it took it: whoever else answers has not.
Outcome<void> hand_in(Session& session, const std::string& body, const std::string& system) {
  const auto answer = post_signed(session, "/v1/trust", body);
  if (!answer) return answer.error();
  const auto value = trust::parse_strict_json(answer->body);
  const auto* named =
      value && value->is_object() ? value->get_object().if_contains("system") : nullptr;
  if (named != nullptr && named->is_string() && named->get_string() == system) return {};
  return trouble(Exit::unreachable,
                 fmt::format("the answer is not that of an engine of system {}: it is unknown "
                             "whether it was taken, and the key may still be believed",
                             visible(system)),
                 "check --server, then send it again; that is safe");
}

}  // namespace

Outcome<Exit> trust_revoke(Session& session, const TrustRevoke& options) {
  const auto document = given_trust(session);
  if (!document) return document.error();
  if (*document == nullptr) {
    return trouble(Exit::usage, "a revocation is for one system, and none was named",
                   "give its trust document with --trust FILE");
  }
  const auto keyid = parse_key_id(options.keyid);
  if (!keyid) return keyid.error();
  engine::Time since = session.now();
  if (!options.since.empty()) {
    const auto moment = parse_moment(options.since);
    if (!moment) return trouble(Exit::usage, moment.error().what);
    since = *moment;
  }
  const auto key = unlock(options.key, options.passphrase_fd);
  if (!key) return key.error();

  trust::Revocation revocation;
  revocation.envelope.payload_type = trust::kRevocationType;
  revocation.envelope.payload = trust::revocation_payload(
      (*document)->system, {*keyid, since, options.reason}, session.now());
  revocation.envelope.signatures = {key->sign(trust::kRevocationType, revocation.envelope.payload)};
  const std::string body = trust::envelope_json(revocation.envelope);
  // As the engine will read it: a reason out of form is told here.
  const auto read = trust::parse_revocation(body);
  if (!read) return trouble(Exit::usage, read.error().what);
  if (auto fault = trust::fault_of(*read, **document)) return trouble(Exit::refused, *fault);

  if (!options.out.empty()) {
    if (auto written = write_file(options.out, body + "\n"); !written) return written.error();
  }
  Terminal& terminal = *session.terminal;
  const std::string what = whose(**document, *keyid);
  if (options.act == TrustRevoke::Act::send) {
    if (auto taken = hand_in(session, body, (*document)->system); !taken) return taken.error();
    terminal.say(since > session.now()
                     ? fmt::format("From {} on the engine believes {} no more; until then it does.",
                                   engine::format_time(since), what)
                     : fmt::format("The engine believes {} no more.", what));
  } else {
    terminal.say(
        fmt::format("This takes away {}. Give it to every engine: tocsin trust revoke "
                    "--send, or POST /v1/trust.",
                    what));
  }
  // A person who has sent it needs no copy on the screen; a file or a pipe is meant to have one.
  const bool sent = options.act == TrustRevoke::Act::send;
  if (options.out.empty() && !(sent && out_is_seen())) terminal.out(body);
  return Exit::done;
}

}  // namespace ops::cli
