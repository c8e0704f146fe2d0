#pragma once
// One alert of the engine's, asked for by its sequence or id. What comes is believed only once it
// is verified.
#include <string>

#include "ops/cli/engine_link.hpp"
#include "ops/cli/records.hpp"

namespace ops::cli {

struct Fetched {
  Bulletins::Item item;
  std::string line;  // the alert object as it came
};
Outcome<Fetched> fetch(Session& session, const std::string& name);

/// To be answered by an Update or a Cancel: what was taken under an older trust document may be
/// answered under today's, so only its signatures and its sender are held against that.
struct ToAnswer {
  Verified verified;
  std::string xml;  // what was signed
};
Outcome<ToAnswer> fetch_to_answer(Session& session, const std::string& name,
                                  const Trusted& trusted);

}  // namespace ops::cli
