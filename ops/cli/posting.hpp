#pragma once
// Handing something signed to the engine: what was taken once is not taken twice, so a connection
// that broke before the answer is simply tried again.
#include <string>

#include "ops/cli/client.hpp"
#include "ops/cli/session.hpp"

namespace ops::cli {

/// POSTs `body` to `target`, once more where the connection broke and it may have arrived. A
/// refusal is a trouble.
Outcome<Response> post_signed(Session& session, const std::string& target, const std::string& body);

}  // namespace ops::cli
