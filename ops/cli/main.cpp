// tocsin: what control rooms and scripts type. The flags common to all commands, and the end of
// every one of them: an exit code, or a trouble told in two sentences.
#include <fmt/format.h>
#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "engine/trust/signature.hpp"
#include "ops/cli/completion.hpp"
#include "ops/cli/contexts.hpp"
#include "ops/cli/flags.hpp"
#include "ops/cli/inputs.hpp"
#include "ops/cli/trust_file.hpp"
#include "ops/cli/usage.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {
namespace {

struct Globals {
  Named flags;
  std::string at;
  Colour colour = Colour::where_seen;
};

void add_globals(CLI::App& app, Globals& globals) {
  app.add_option("--context", globals.flags.context, "an engine kept under a name (TOCSIN_CONTEXT)")
      ->type_name("CONTEXT");
  app.add_option("--server", globals.flags.server,
                 "the engine (TOCSIN_SERVER); else http://127.0.0.1:8080")
      ->type_name("URL");
  app.add_option("--trust", globals.flags.trust, "the trust document (TOCSIN_TRUST)")
      ->type_name("FILE");
  app.add_option("--token-file", globals.flags.token_file,
                 "your organisation's token (TOCSIN_TOKEN_FILE)")
      ->type_name("FILE");
  app.add_option("--cacert", globals.flags.ca_file,
                 "the authority of the engine's certificate, for https (TOCSIN_CACERT); else this "
                 "machine's")
      ->type_name("FILE");
  app.add_flag_callback(
      "--no-color", [&globals] { globals.colour = Colour::never; }, "no colours");
  app.add_option("--at", globals.at, "as if it were this time")->type_name("TIME")->group("");
  app.set_version_flag("--version", "tocsin " TOCSIN_VERSION);
}

/// Last, since commands would inherit the footer.
void describe(CLI::App& app) {
  app.name("tocsin");
  app.description("Tocsin: alerts that are signed, durable and delivered.");
  app.footer(
      "The first alert, without an engine:\n"
      "  tocsin key new --holder \"Anna Reed\" --out anna.key\n"
      "  tocsin alert draft --help\n"
      "  tocsin alert sign fire.xml --key anna.key --trust trust.json\n"
      "  tocsin alert approve fire.signed --key ben.key --trust trust.json\n"
      "  tocsin verify fire.signed --trust trust.json\n"
      "\nExit codes: 0 done, 1 refused, 2 wrong usage, 3 engine not reachable, 4 partly delivered "
      "by\nthe deadline, 5 a signature does not verify.");
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
}

int told(Terminal& terminal, const Trouble& trouble) {
  // It may quote what others wrote.
  terminal.say(
      fmt::format("{} {}", terminal.say_ink(Ink::red, "tocsin:"), visible_lines(trouble.what)));
  if (!trouble.next.empty()) terminal.say("  next: " + visible_lines(trouble.next));
  return static_cast<int>(trouble.exit);
}

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Named environment() {
  return {from_environment("TOCSIN_CONTEXT"), from_environment("TOCSIN_SERVER"),
          from_environment("TOCSIN_TRUST"), from_environment("TOCSIN_TOKEN_FILE"),
          from_environment("TOCSIN_CACERT")};
}

/// `tocsin complete -- WORD…`, which the shell's function asks: no command of people's, so it is in
/// no table.
int complete(const CLI::App& app, int argc, char** argv) {
  for (const auto& each : candidates_of(app, {argv + 3, argv + argc})) std::puts(each.c_str());
  return 0;
}

int run(int argc, char** argv) {
  CLI::App app;
  Session session;
  Globals globals;
  Chosen chosen;
  add_globals(app, globals);
  add_key_commands(app, chosen);
  add_trust_commands(app, chosen);
  add_alert_commands(app, globals.at, chosen);
  add_context_commands(app, chosen);
  add_operator_commands(app, chosen);
  describe(app);
  if (argc > 3 && argv[1] == std::string_view("complete") && argv[2] == std::string_view("--")) {
    return complete(app, argc, argv);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // CLI11 has its own numbers and sentences; here every wrong usage is 2, and says what is next.
    if (error.get_exit_code() == 0) return app.exit(error);
    Terminal terminal(globals.colour);
    return told(terminal, usage_trouble(app, {argv + 1, argv + argc}, error));
  }
  Terminal terminal(globals.colour);
  session.terminal = &terminal;
  if (!globals.at.empty()) {
    const auto at = parse_moment(globals.at);
    if (!at) return told(terminal, trouble(Exit::usage, at.error().what));
    session.at = *at;
  }
  // Contexts can be mended even where the one in use is broken.
  if (app.got_subcommand("context") || app.got_subcommand("completion")) {
    const auto exit = chosen.run(session);
    return exit ? static_cast<int>(*exit) : told(terminal, exit.error());
  }
  if (auto settled = settle_session(session, globals.flags, environment()); !settled) {
    return told(terminal, settled.error());
  }
  // Whatever is asked: an overdue paper is renewed only where everybody hears of it. The watcher's
  // report has a line for it.
  if (!app.got_subcommand("monitor")) {
    warn_of_expiry_in(session, session.trust_file, session.roots);
  }
  const auto exit = chosen.run(session);
  return exit ? static_cast<int>(*exit) : told(terminal, exit.error());
}

}  // namespace
}  // namespace ops::cli

int main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);
  if (!engine::trust::start_crypto()) {
    std::fputs("tocsin: libsodium did not start, or is a version with known faults\n", stderr);
    return static_cast<int>(ops::cli::Exit::usage);
  }
  try {
    return ops::cli::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tocsin: %s\n", error.what());
    return static_cast<int>(ops::cli::Exit::usage);
  }
}
