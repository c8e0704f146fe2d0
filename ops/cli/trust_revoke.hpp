#pragma once
// tocsin trust revoke: what its flags fill.
#include <optional>
#include <string>

#include "ops/cli/outcome.hpp"
#include "ops/cli/session.hpp"

namespace ops::cli {

struct TrustRevoke {
  std::string key, keyid, reason, since, out;
  std::optional<int> passphrase_fd;
  enum class Act { write, send } act = Act::write;
};
Outcome<Exit> trust_revoke(Session& session, const TrustRevoke& options);

}  // namespace ops::cli
