#pragma once
// Following an alert after it was sent: is it out, seen by a second way than the answer to POST;
// who has it; who has read it. Redrawn on a terminal, a line a change elsewhere.
#include <string>

#include "ops/cli/bars.hpp"
#include "ops/cli/lookout.hpp"
#include "ops/cli/reach.hpp"
#include "ops/cli/sending.hpp"
#include "ops/cli/session.hpp"

namespace ops::cli {

/// What is to be followed, and its headline.
struct Followed {
  Sent sent;
  std::string headline;
  AlertSend::After after = AlertSend::After::leave;
  Form form = Form::text;
};

/// `lookout`: opened before it was sent. Ends with `done` once the goal is reached or the person
/// leaves, with `partly` at the deadline or when they leave before it.
Outcome<Exit> follow(Session& session, const Followed& followed, const Goal& goal,
                     Lookout& lookout);

}  // namespace ops::cli
