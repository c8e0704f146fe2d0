#pragma once
// Small things every command table file needs of CLI11.
#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include "ops/cli/command_line.hpp"

namespace ops::cli {

// Words of CAP to choose from; the help shows them, and completion offers them.
inline constexpr const char* kCategories =
    "Geo|Met|Safety|Security|Rescue|Fire|Health|Env|Transport|Infra|CBRNE|Other";
inline constexpr const char* kUrgencies = "Immediate|Expected|Future|Past|Unknown";
inline constexpr const char* kSeverities = "Extreme|Severe|Moderate|Minor|Unknown";
inline constexpr const char* kCertainties = "Observed|Likely|Possible|Unlikely|Unknown";
inline constexpr const char* kStatuses = "Actual|Exercise|Test";

/// A command whose flags fill an Options and whose choice runs `function` with them.
template <class Options>
struct Command {
  CLI::App* app = nullptr;
  std::shared_ptr<Options> options = std::make_shared<Options>();
};

template <class Options>
Command<Options> add_command(CLI::App& parent, const char* name, const char* about, Chosen& chosen,
                             Outcome<Exit> (*function)(Session&, const Options&)) {
  Command<Options> command;
  command.app = parent.add_subcommand(name, about);
  command.app->fallthrough();  // --server, --trust and --no-color may stand anywhere
  command.app->callback([&chosen, options = command.options, function] {
    chosen.run = [options, function](Session& session) { return function(session, *options); };
  });
  return command;
}

/// What to type, at the end of a command's help.
inline void add_example(CLI::App& app, const std::string& example) {
  app.footer("Example:\n" + example +
             "\n\nEverywhere: --server URL, --trust FILE, --no-color (tocsin --help)");
}

/// A noun that wants a verb.
inline CLI::App* add_noun(CLI::App& app, const char* name, const char* about) {
  CLI::App* noun = app.add_subcommand(name, about);
  noun->require_subcommand(1);
  noun->fallthrough();
  return noun;
}

inline void add_form(CLI::App& app, const char* flag, const char* about, Form& form, Form value) {
  app.add_flag_callback(
      flag, [&form, value] { form = value; }, about);
}
inline void add_json(CLI::App& app, Form& form) {
  add_form(app, "--json", "one JSON object a line", form, Form::json);
}

inline void add_passphrase_fd(CLI::App& app, std::optional<int>& descriptor) {
  app.add_option("--passphrase-fd", descriptor,
                 "read the passphrase from this descriptor: one line")
      ->type_name("N")
      ->check(CLI::Range(0, 1 << 20));
}

/// The option of a required or plain text, with the word that stands for it in the help.
inline CLI::Option* add_text(CLI::App& app, const char* flag, std::string& value, const char* word,
                             const char* about) {
  return app.add_option(flag, value, about)->type_name(word);
}
inline CLI::Option* add_texts(CLI::App& app, const char* flag, std::vector<std::string>& values,
                              const char* word, const char* about) {
  return app.add_option(flag, values, about)->type_name(word);
}

}  // namespace ops::cli
