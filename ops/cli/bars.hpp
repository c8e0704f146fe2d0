#pragma once
// How far an alert has come, as a picture and as a line. Pure.
#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/time.hpp"
#include "ops/cli/reach.hpp"

namespace ops::cli {

/// How far it has to get, and until when.
struct Goal {
  std::uint64_t organisations = 0, anonymous = 0;  // connected and concerned when it was sent
  std::optional<std::uint64_t> acknowledged;       // of organisations and anonymous readers alike
  std::optional<engine::Duration> within;          // absent: until the person leaves
};

/// Whether the counts reach the goal: everybody who was connected has it, and nobody is being tried
/// by another way any more.
bool reached(const Goal& goal, const Reach& reach);

/// Whether it would, but for mails that a server has taken: none need ever say what came of them.
bool reached_but_for_mails(const Goal& goal, const Reach& reach);

/// The bars, one row a channel, fit for so many columns.
std::string bars_text(const Goal& goal, const Reach& reach, std::size_t columns);

/// The same on one line, for where nothing can be redrawn.
std::string reach_line(const Goal& goal, const Reach& reach);

/// Who was reached in each area and each sector that the engine shows.
std::string groups_text(const Reach& reach, std::size_t columns);

}  // namespace ops::cli
