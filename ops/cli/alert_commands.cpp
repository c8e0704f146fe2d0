// The table of `tocsin alert` as far as it needs no engine, and of `tocsin verify`.
#include "ops/cli/flags.hpp"

namespace ops::cli {

namespace {

void add_check(CLI::App& alert, std::string& at, Chosen& chosen) {
  auto check = add_command<AlertCheck>(
      alert, "check", "is this CAP 1.2? every rule broken is named", chosen, alert_check);
  add_texts(*check.app, "file", check.options->files, "FILE", "CAP documents; - is standard input")
      ->required();
  add_text(*check.app, "--at", at, "TIME",
           "also warn of what would be too early, too late or over at that time");
  add_json(*check.app, check.options->form);
  add_example(*check.app,
              "  tocsin alert check flood.xml\n  tocsin alert check --json *.xml | jq -c .rule");
}

void add_sign_and_approve(CLI::App& alert, Chosen& chosen) {
  auto sign = add_command<AlertSign>(alert, "sign", "sign a draft", chosen, alert_sign);
  add_text(*sign.app, "file", sign.options->file, "FILE.xml", "the draft")->required();
  add_text(*sign.app, "--key", sign.options->key, "KEYFILE", "the officer's key")->required();
  add_text(*sign.app, "--out", sign.options->out, "FILE", "FILE.signed unless said");
  add_passphrase_fd(*sign.app, sign.options->passphrase_fd);
  add_example(*sign.app, "  tocsin alert sign fire.xml --key anna.key --trust trust.json");

  auto approve = add_command<AlertApprove>(alert, "approve",
                                           "read what another signed, name the place, sign it too",
                                           chosen, alert_approve);
  add_text(*approve.app, "file", approve.options->file, "FILE.signed", "the signed alert")
      ->required();
  add_text(*approve.app, "--key", approve.options->key, "KEYFILE", "your key")->required();
  approve.app
      ->add_option("--area-name", approve.options->area_name,
                   "the name of the area, where nobody is at the terminal to type it")
      ->type_name("NAME");
  add_passphrase_fd(*approve.app, approve.options->passphrase_fd);
  add_example(*approve.app, "  tocsin alert approve fire.signed --key ben.key --trust trust.json");
}

void add_verify(CLI::App& app, Chosen& chosen) {
  auto verify = add_command<Verify>(
      app, "verify", "does this bulletin hold, without asking anybody", chosen, verify_file);
  add_text(*verify.app, "file", verify.options->file, "FILE",
           "a signed alert, or alerts of the stream, one a line; - is standard input")
      ->required();
  add_texts(*verify.app, "--root", verify.options->roots, "KEYID",
            "a root's key id, told to you by another way; several with commas")
      ->allow_extra_args(false)  // FILE may follow
      ->delimiter(',');
  add_json(*verify.app, verify.options->form);
  add_example(*verify.app,
              "  tocsin verify fire.signed --trust trust.json --root KEYID\n"
              "Ends with 5 where it does not hold, and with 1 where it waits for signatures.");
}

}  // namespace

void add_alert_commands(CLI::App& app, std::string& at, Chosen& chosen) {
  CLI::App* alert = add_noun(app, "alert", "draft, sign, approve, send, cancel and read alerts");
  add_check(*alert, at, chosen);
  add_draft_command(*alert, chosen);
  add_update_command(*alert, chosen);
  add_sign_and_approve(*alert, chosen);
  add_online_commands(app, *alert, chosen);
  add_verify(app, chosen);
}

}  // namespace ops::cli
