#pragma once
// What the operators' commands share: the data folder of --data, and its troubles told.
#include <memory>
#include <string>

#include "ops/admin/link.hpp"
#include "ops/cli/outcome.hpp"
#include "ops/cli/session.hpp"

namespace ops::cli {

/// The way to `data`: its running engine, or the folder itself. Exit::usage where there is none,
/// Exit::unreachable where an engine has it and does not answer. Says where its trust document
/// expired.
Outcome<std::unique_ptr<Link>> link_to(Session& session, const std::string& data);

/// Asks and hears; what the engine refuses is Exit::refused.
Outcome<Exit> ask(const Link& link, const boost::json::object& request, const Say& say = {});

}  // namespace ops::cli
