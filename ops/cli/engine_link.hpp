#pragma once
// Asking the engine: one place that knows its address, and how its refusals and its silence are
// told.
#include <string>

#include "ops/cli/client.hpp"
#include "ops/cli/commands.hpp"
#include "ops/cli/revocations.hpp"
#include "ops/cli/session.hpp"
#include "ops/cli/trust_file.hpp"

namespace ops::cli {

/// Whether that is how the engine answers what went well. It redirects nobody and never answers
/// anything else below 400: who does so is no engine.
bool is_success(const Response& response);

/// Sends the request to --server. Whatever is no success is a trouble, unless it is for the caller
/// to look at: use ask_any then.
Outcome<Response> ask(Session& session, const Request& request);
Outcome<Response> ask_any(Session& session, const Request& request);

/// Where the engine is, and how it proves that.
Outcome<Url> url_of(const Session& session);

/// The token of --token-file or of the context; empty where there is none. Nobody else may read its
/// file, and by plain HTTP it is sent to this machine alone.
Outcome<std::string> reader_token(const Session& session);

/// Tells a problem document (RFC 9457) on standard error: title, detail, each fault. The trouble
/// holds what to do next. What is neither that nor a success is the answer of no engine.
Trouble problem_of(Session& session, const Response& response);

/// Nobody answers at that address.
Trouble unreachable(const Session& session, const Unanswered& unanswered);

/// The trust document readers verify with, and where it came from.
struct Trusted {
  engine::trust::TrustPtr document;  // with all that the revocations take away
  enum class Source { file, engine } source = Source::file;
  engine::trust::TrustPtr before_revocations;
  Revocations revocations;  // that any answer of the engine held
};

/// That of --trust; without one the engine's own, which is said, since a lying engine would hand
/// out a lying document. The engine's revocations are asked for either way.
Outcome<Trusted> trust_for_reading(Session& session);

/// Once more, for whoever reads for long: a newer document that follows the one known, and what was
/// revoked since. What was revoked stays so. Without an answer all stays as it was; that a document
/// does not follow is said.
void renew_trust(Session& session, Trusted& trusted);

/// The engine's, checked against `pins`.
Outcome<engine::trust::TrustPtr> trust_of_engine(Session& session, const engine::trust::Pins& pins);

/// The engine's, held to what was told by another way: of the same system and kind as `given`, and
/// signed by its roots; without one signed by the session's roots, where it names any. It may be
/// older than `given`, of the same roots: then the engine has not heard of that yet.
Outcome<engine::trust::TrustPtr> trust_held_to(Session& session,
                                               const engine::trust::TrustDocument* given);

/// Where no document was given, says of the engine's that it expired or soon will; nothing where it
/// cannot be had.
void warn_of_expiry_there(Session& session);

/// "live" or "exercise".
std::string_view kind_word(engine::trust::SystemKind kind);

/// `&area=…&category=…` for these filters; empty for none.
std::string query_of(const Filters& filters);

/// The path of an alert named by sequence or id.
Outcome<std::string> alert_path(const std::string& name);

}  // namespace ops::cli
