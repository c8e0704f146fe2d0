#pragma once
// What an engine lists of one sender's alerts, asked after something was to stop or to replace
// them. Numbers alone are told from it; nothing of it is shown as an alert.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/cap/alert.hpp"
#include "ops/cli/commands.hpp"

namespace ops::cli {

struct Listed {
  std::uint64_t sequence = 0;
  std::string id;
  engine::cap::MsgType msg_type = engine::cap::MsgType::alert;
  engine::cap::Identity identity;
  std::vector<engine::cap::Identity> references;
};

/// All that is listed of that sender, whatever its status; nothing where the engine does not answer
/// to the end.
std::optional<std::vector<Listed>> listed_of(Session& session, const std::string& sender,
                                             AlertList::Which which);

/// What became of the alerts that a Cancel names.
struct Aftermath {
  bool any_listed = false;                  // whether there ever was one of them
  std::vector<std::uint64_t> still_active;  // they, or what replaced them, in whatever steps
};
/// Pure.
Aftermath aftermath_of(const std::vector<engine::cap::Identity>& named,
                       const std::vector<Listed>& all, const std::vector<Listed>& active);

/// The Cancel by which all that a new one would name is over already, with whatever replaced it;
/// nothing where there is none, or something is active still. Pure.
std::optional<Listed> cancelled_before(const std::vector<engine::cap::Identity>& named,
                                       const std::vector<Listed>& all,
                                       const std::vector<Listed>& active);

}  // namespace ops::cli
