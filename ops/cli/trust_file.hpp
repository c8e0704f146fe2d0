#pragma once
// Trust documents as commands read them: from a file, with the expiry said loudly every time.
#include <set>
#include <string>
#include <vector>

#include "engine/trust/trust_document.hpp"
#include "ops/cli/outcome.hpp"
#include "ops/cli/session.hpp"

namespace ops::cli {

/// Reads and checks `file`, and takes away what the revocations in `file`.revocations take (what
/// GET /v1/trust/revocations gave; nothing where there is none). `roots`: key ids known by another
/// way; empty means the document's own roots are taken at their word.
Outcome<engine::trust::TrustPtr> read_trust_file(const std::string& file,
                                                 const std::set<engine::KeyId>& roots = {});

/// The same, held to what is known already.
Outcome<engine::trust::TrustPtr> read_trust_file(const std::string& file,
                                                 const engine::trust::Pins& pins);

/// The key ids of `texts`.
Outcome<std::set<engine::KeyId>> read_roots(const std::vector<std::string>& texts);

/// The document of --trust, or null where none was given; signed by the roots of the context where
/// it names any. Warns of its expiry.
Outcome<engine::trust::TrustPtr> given_trust(Session& session);

/// Where a command is about to act, in front of whatever it sends: the context, the system, and in
/// red whether that is live. Says nothing where neither a context nor a document is known.
void say_where(Session& session, const engine::trust::TrustDocument* document);

/// Says that it expired, or that it soon will: from 30 days before, louder from 7. Once in a
/// command, and again only where it has become more urgent.
void warn_of_expiry(Session& session, const engine::trust::TrustDocument& document);

/// The same of the document in that file, for commands that would not read it. A file that holds
/// none is for whoever needs it to complain about; what is no file could be read but once.
void warn_of_expiry_in(Session& session, const std::string& file,
                       const std::vector<std::string>& roots = {});

/// The sentence of that warning; empty while there is time. Pure.
std::string expiry_sentence(engine::Time expires, engine::Time now);

}  // namespace ops::cli
