// The table of `tocsin context` and of `tocsin completion`.
#include "ops/cli/flags.hpp"

namespace ops::cli {

void add_context_commands(CLI::App& app, Chosen& chosen) {
  CLI::App* context = add_noun(app, "context", "name engines, and choose among them");

  auto add =
      add_command<ContextAdd>(*context, "add", "keep an engine under a name", chosen, context_add);
  // Its flags are its own: those of every command would name the engine in use.
  add.app->fallthrough(false);
  add_text(*add.app, "name", add.options->name, "NAME", "what to call it")->required();
  add_text(*add.app, "--server", add.options->server, "URL", "the engine")->required();
  add_text(*add.app, "--trust", add.options->trust, "FILE", "its trust document");
  add_texts(*add.app, "--root", add.options->roots, "KEYID",
            "a root's key id, told to you by another way; several with commas")
      ->allow_extra_args(false)
      ->delimiter(',');
  add_text(*add.app, "--token-file", add.options->token_file, "FILE",
           "your organisation's token, readable by you alone");
  add_text(*add.app, "--cacert", add.options->ca_file, "FILE",
           "the authority of its certificate, for https; else this machine's");
  add_example(*add.app,
              "  tocsin context add exercise --server http://127.0.0.1:8080 --trust trust.json");

  auto use = add_command<ContextUse>(*context, "use", "what commands speak to from now on", chosen,
                                     context_use);
  add_text(*use.app, "name", use.options->name, "CONTEXT", "its name")->required();
  auto list =
      add_command<ContextList>(*context, "list", "all of them; * is in use", chosen, context_list);
  add_json(*list.app, list.options->form);
  auto remove = add_command<ContextUse>(*context, "remove", "forget one", chosen, context_remove);
  add_text(*remove.app, "name", remove.options->name, "CONTEXT", "its name")->required();

  auto words = add_command<Completion>(app, "completion", "print what a shell completes with",
                                       chosen, completion);
  add_text(*words.app, "shell", words.options->shell, "bash", "the shell")
      ->check(CLI::IsMember({"bash"}))
      ->capture_default_str();
  add_example(*words.app, "  source <(tocsin completion bash)");
}

}  // namespace ops::cli
