// The table of `tocsin trust`.
#include "ops/cli/flags.hpp"
#include "ops/cli/trust_revoke.hpp"

namespace ops::cli {

namespace {

void add_init(CLI::App& trust, Chosen& chosen) {
  auto init = add_command<TrustInit>(trust, "init", "draft the trust document of a new system",
                                     chosen, trust_init);
  auto& options = *init.options;
  add_text(*init.app, "--system", options.system, "NAME", "the system's name, for good")
      ->required();
  add_text(*init.app, "--kind", options.kind, "KIND", "live or exercise")
      ->required()
      ->check(CLI::IsMember({"live", "exercise"}));
  add_texts(*init.app, "--root", options.roots, "KEYFILE", "keys that may change this document")
      ->required();
  init.app->add_option("--threshold", options.threshold, "how many of them must sign")
      ->type_name("N")
      ->capture_default_str();
  add_texts(*init.app, "--revocation", options.revocation, "KEYFILE",
            "keys any one of which may revoke a key");
  add_text(*init.app, "--expires", options.expires, "TIME",
           "until when; a year from now unless said");
  add_text(*init.app, "--out", options.out, "DRAFT", "the draft to write")->required();
  add_example(*init.app,
              "  tocsin trust init --system exercise-gb --kind exercise --root root.key "
              "--out trust.json");
}

void add_add_sender(CLI::App& trust, Chosen& chosen) {
  auto add = add_command<TrustAddSender>(
      trust, "add-sender", "add a control room, its officers and what they may speak about", chosen,
      trust_add_sender);
  auto& options = *add.options;
  options.max_severity = "Extreme";
  add_text(*add.app, "file", options.file, "DRAFT", "the draft, or a signed document with --out")
      ->required();
  add_text(*add.app, "--out", options.out, "DRAFT", "write the changed draft here instead");
  add_text(*add.app, "--sender", options.sender, "ID", "CAP's sender, such as control@example.org")
      ->required();
  add_text(*add.app, "--name", options.name, "NAME", "what people call it")->required();
  add_texts(*add.app, "--officer", options.officers, "KEYFILE:DUTIES",
            "a person's key and duties: originate, approve, cancel")
      ->required();
  add_texts(*add.app, "--area", options.areas, "CODE", "ONS codes they may speak about, or \"*\"")
      ->required();
  add_texts(*add.app, "--category", options.categories, "WORD", "CAP categories; all unless said");
  add_text(*add.app, "--max-severity", options.max_severity, "S", "nothing severer than this")
      ->capture_default_str();
  add_texts(*add.app, "--status", options.statuses, "S",
            "statuses; Exercise and Test unless said, on a live system Actual too");
  add_texts(*add.app, "--scope", options.scopes, "S", "scopes; Public unless said");
  add_texts(*add.app, "--approval", options.approvals, "STATUS:SEVERITY:HOLDERS",
            "how many people it takes from that severity on");
  add.app->add_option("--rate", options.rate_per_hour, "alerts an hour")
      ->type_name("N")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  add_text(*add.app, "--not-after", options.not_after, "TIME",
           "until when the officers' keys count; as long as the document unless said");
  add_example(*add.app,
              "  tocsin trust add-sender trust.json --sender control@met.example --name "
              "\"Met control\" \\\n    --officer anna.key:originate,cancel --officer "
              "ben.key:approve,cancel "
              "\\\n    --area E12000007 --approval Exercise:Severe:2");
}

void add_revoke(CLI::App& trust, Chosen& chosen) {
  auto revoke = add_command<TrustRevoke>(
      trust, "revoke", "take a key away at once, with one revocation key", chosen, trust_revoke);
  auto& options = *revoke.options;
  add_text(*revoke.app, "--key", options.key, "KEYFILE", "a revocation key")->required();
  add_text(*revoke.app, "--keyid", options.keyid, "ID", "the key to be believed no more, in full")
      ->required();
  add_text(*revoke.app, "--reason", options.reason, "TEXT", "why, for everyone to read")
      ->required();
  add_text(*revoke.app, "--since", options.since, "TIME",
           "when it was last surely its holder's; now unless said");
  add_text(*revoke.app, "--out", options.out, "FILE", "write it here instead of standard output");
  revoke.app->add_flag_callback(
      "--send", [&options] { options.act = TrustRevoke::Act::send; }, "hand it to the engine");
  add_passphrase_fd(*revoke.app, options.passphrase_fd);
  add_example(*revoke.app,
              "  tocsin trust revoke --key duty.key --keyid 53903aa3… --reason \"stolen\" "
              "--trust trust.json --send");
}

}  // namespace

void add_trust_commands(CLI::App& app, Chosen& chosen) {
  CLI::App* trust = add_noun(app, "trust", "say who may speak about what, and sign that");
  add_init(*trust, chosen);
  add_add_sender(*trust, chosen);
  add_revoke(*trust, chosen);

  auto sign = add_command<TrustSign>(*trust, "sign", "sign a draft, or add a signature", chosen,
                                     trust_sign);
  add_text(*sign.app, "file", sign.options->file, "FILE", "the draft or the signed document")
      ->required();
  add_text(*sign.app, "--key", sign.options->key, "KEYFILE", "a root key")->required();
  add_text(*sign.app, "--out", sign.options->out, "TRUST", "write here instead of in place");
  add_passphrase_fd(*sign.app, sign.options->passphrase_fd);
  add_example(*sign.app, "  tocsin trust sign trust.json --key root.key");

  auto show = add_command<TrustShow>(
      *trust, "show", "who may do what, until when, and does it hold", chosen, trust_show);
  add_text(*show.app, "file", show.options->file, "FILE",
           "the draft or the signed document; that of --trust unless said");
  add_json(*show.app, show.options->form);
  add_example(
      *show.app,
      "  tocsin trust show trust.json --server http://127.0.0.1:8080\n"
      "Revocations come from the engine where one is named, and from trust.json.revocations "
      "where that lies beside the file.");
}

}  // namespace ops::cli
