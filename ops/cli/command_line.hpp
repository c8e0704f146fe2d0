#pragma once
// The command table: what is typed, and which function of commands.hpp it means. CLI11 is named in
// *_commands.cpp and main.cpp alone.
#include <functional>

#include "ops/cli/commands.hpp"

namespace CLI {
class App;
}

namespace ops::cli {

/// What the command line turned out to ask for.
struct Chosen {
  std::function<Outcome<Exit>(Session&)> run;
};

void add_key_commands(CLI::App& app, Chosen& chosen);
void add_trust_commands(CLI::App& app, Chosen& chosen);
void add_draft_command(CLI::App& alert, Chosen& chosen);
void add_update_command(CLI::App& alert, Chosen& chosen);
void add_alert_commands(CLI::App& app, std::string& at, Chosen& chosen);
void add_context_commands(CLI::App& app, Chosen& chosen);
void add_operator_commands(CLI::App& app, Chosen& chosen);
void add_online_commands(CLI::App& app, CLI::App& alert, Chosen& chosen);

}  // namespace ops::cli
