// The table of `tocsin key`.
#include "ops/cli/flags.hpp"

namespace ops::cli {

void add_key_commands(CLI::App& app, Chosen& chosen) {
  CLI::App* key = add_noun(app, "key", "make an officer's or a root's key; show its public half");

  auto made =
      add_command<KeyNew>(*key, "new", "make a key, encrypted under a passphrase", chosen, key_new);
  add_text(*made.app, "--holder", made.options->holder, "NAME", "the person who will hold it")
      ->required();
  add_text(*made.app, "--out", made.options->out, "FILE", "where to; never overwrites")->required();
  add_passphrase_fd(*made.app, made.options->passphrase_fd);
  add_text(*made.app, "--strength", made.options->strength, "HOW",
           "sensitive, or interactive for tests and demos")
      ->check(CLI::IsMember({"sensitive", "interactive"}))
      ->capture_default_str();
  add_example(
      *made.app,
      "  tocsin key new --holder \"Anna Reed\" --out anna.key\n"
      "  tocsin key new --holder \"Anna Reed\" --out anna.key --passphrase-fd 3 3< passphrase.txt");

  auto shown = add_command<KeyShow>(*key, "show", "show who holds a key, and its public half",
                                    chosen, key_show);
  add_text(*shown.app, "file", shown.options->file, "FILE", "a key file, or its public half")
      ->required();
  add_json(*shown.app, shown.options->form);
  add_example(*shown.app, "  tocsin key show anna.key --json > anna.public");
}

}  // namespace ops::cli
