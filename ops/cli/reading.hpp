#pragma once
// A bulletin as list, show and watch put it before a person or a program: verified first, and what
// does not verify is never shown as an alert.
#include <boost/json/object.hpp>
#include <string>

#include "ops/cli/engine_link.hpp"
#include "ops/cli/records.hpp"

namespace ops::cli {

/// "verified", or what may be said where the trust document is the engine's own.
std::string_view verified_word(Trusted::Source source);

/// One line, for lists.
std::string line_of(const Session& session, const Bulletins::Item& item,
                    const Outcome<Verified>& verified, Trusted::Source source);

/// The alert object as it came, and what verifying found.
std::string json_of(const boost::json::object& object, const Outcome<Verified>& verified,
                    Trusted::Source source);

/// Prints one line of the engine's in that form; the exit code says whether it holds.
Exit show_item(Session& session, std::string_view line, const Trusted& trusted, Form form);

}  // namespace ops::cli
