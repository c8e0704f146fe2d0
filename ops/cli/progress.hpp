#pragma once
// Following an alert after it was sent: is it out, seen by a second way than the answer to POST;
// who has it; who has read it. Redrawn on a terminal, a line a change elsewhere.
#include <cstdint>
#include <optional>
#include <string>

#include "ops/cli/lookout.hpp"
#include "ops/cli/reach.hpp"
#include "ops/cli/sending.hpp"
#include "ops/cli/session.hpp"

namespace ops::cli {

/// How far it has to get, and until when.
struct Goal {
  std::uint64_t organisations = 0, anonymous = 0;  // connected and concerned when it was sent
  std::optional<std::uint64_t> acknowledged;       // of organisations and anonymous readers alike
  std::optional<engine::Duration> within;          // absent: until the person leaves
};

/// Whether the counts reach the goal.
bool reached(const Goal& goal, const Reach& reach);

/// The bars, one row a channel, fit for so many columns. Pure.
std::string bars_text(const Goal& goal, const Reach& reach, std::size_t columns);

/// The same on one line, for where nothing can be redrawn. Pure.
std::string reach_line(const Goal& goal, const Reach& reach);

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
