// The table of the operators' commands: org and replay.
#include "ops/cli/operator_commands.hpp"

#include "ops/cli/flags.hpp"

namespace ops::cli {

namespace {

void add_data(CLI::App& app, std::string& data) {
  add_text(app, "--data", data, "DIR", "the engine's data folder")->required();
}
void add_key(CLI::App& app, std::string& key) {
  add_text(app, "key", key, "KEY", "the organisation")->required();
}
void add_invite(CLI::App& app, OrgAdd::Gives& gives) {
  app.add_flag_callback(
      "--invite", [&gives] { gives = OrgAdd::Gives::invitation; },
      "an invitation (once, 24 hours) instead of a token");
}

void add_contacts(CLI::App& app, ShowContacts& contacts) {
  app.add_flag_callback(
      "--contacts", [&contacts] { contacts = ShowContacts::yes; },
      "with places, telephones, addresses and webhooks");
}

void add_org_add(CLI::App& org, Chosen& chosen) {
  auto add =
      add_command<OrgAdd>(org, "add", "a new organisation, and its first token", chosen, org_add);
  auto& options = *add.options;
  add_key(*add.app, options.key);
  add_text(*add.app, "--name", options.name, "NAME", "its name, for people")->required();
  add_texts(*add.app, "--group", options.groups, "G", "reads what is restricted to this group");
  add_texts(*add.app, "--area", options.subscription.areas, "CODE|LAT,LON",
            "its streams: only what concerns this place");
  add_texts(*add.app, "--category", options.subscription.categories, "WORD",
            "its streams: only these categories");
  add_texts(*add.app, "--severity", options.subscription.severities, "S",
            "its streams: at least this severe");
  add_texts(*add.app, "--sender", options.subscription.senders, "ID", "its streams: only these");
  add_texts(*add.app, "--place", options.places, "CODE|LAT,LON", "where it is");
  add_texts(*add.app, "--sector", options.sectors, "WORD", "what it does");
  add_text(*add.app, "--language", options.language, "en|cy", "what it is told in; en");
  add.app->add_flag_callback(
      "--contacts", [&options] { options.contacts = OrgAdd::Contacts::read; },
      "contacts on standard input, one a line: a telephone, an address or https://…");
  add_invite(*add.app, options.gives);
  add_data(*add.app, options.data);
  add_json(*add.app, options.form);
  add_example(*add.app,
              "  tocsin org add acme --name \"Acme Ltd\" --group wardens --place E09000033 "
              "--data DIR\n"
              "  echo +447700900123 | tocsin org add acme --name \"Acme Ltd\" --place "
              "51.5,-0.12 --contacts --data DIR");
}

void add_org_secrets(CLI::App& org, Chosen& chosen) {
  auto token = add_command<OrgToken>(org, "token", "another token", chosen, org_token);
  add_key(*token.app, token.options->key);
  add_invite(*token.app, token.options->gives);
  add_data(*token.app, token.options->data);
  add_json(*token.app, token.options->form);

  auto revoke =
      add_command<OrgRevoke>(org, "revoke", "end a token or an invitation", chosen, org_revoke);
  add_text(*revoke.app, "key", revoke.options->key, "KEY", "the organisation, with --number");
  revoke.app->add_option("--number", revoke.options->number, "which, as `org show` numbers them")
      ->type_name("N");
  add_data(*revoke.app, revoke.options->data);
  add_example(*revoke.app,
              "  tocsin org revoke --data DIR < token\n"
              "  tocsin org revoke acme --number 3 --data DIR\n"
              "Without --number the secret itself is read from standard input.");
}

void add_org_lists(CLI::App& org, Chosen& chosen) {
  auto list = add_command<OrgList>(org, "list", "every organisation", chosen, org_list);
  add_contacts(*list.app, list.options->contacts);
  add_data(*list.app, list.options->data);
  add_json(*list.app, list.options->form);

  auto show = add_command<OrgShow>(org, "show", "one organisation, and its secrets by number",
                                   chosen, org_show);
  add_key(*show.app, show.options->key);
  add_contacts(*show.app, show.options->contacts);
  add_data(*show.app, show.options->data);
  add_json(*show.app, show.options->form);

  auto erase = add_command<OrgErase>(org, "erase", "an organisation and everything of it", chosen,
                                     org_erase);
  auto& erasing = *erase.options;
  add_key(*erase.app, erasing.key);
  erase.app->add_flag_callback(
      "--yes", [&erasing] { erasing.asks = OrgErase::Asks::no; }, "without asking");
  add_data(*erase.app, erasing.data);

  auto import =
      add_command<OrgImport>(org, "import", "organisations from a CSV file", chosen, org_import);
  add_text(*import.app, "file", import.options->file, "FILE.csv", "one row a contact")->required();
  add_data(*import.app, import.options->data);
  add_json(*import.app, import.options->form);
  add_example(*import.app,
              "  tocsin org import clients.csv --data DIR\n"
              "Header: organisation,name,latitude,longitude,ons,sector,language,phone,email,"
              "webhook,groups\nin any order. All of the file is taken, or nothing.");

  auto out = add_command<OrgExport>(org, "export", "organisations as that CSV, or one as JSON",
                                    chosen, org_export);
  add_text(*out.app, "key", out.options->key, "KEY",
           "one organisation: all that is kept of it, with what it answered and was sent");
  add_data(*out.app, out.options->data);
  add_json(*out.app, out.options->form);
  add_example(*out.app,
              "  tocsin org export --data DIR > clients.csv\n"
              "  tocsin org export acme --data DIR > acme.json\n"
              "Both hold contacts: keep them where nobody else reads.");
}

}  // namespace

void add_operator_commands(CLI::App& app, Chosen& chosen) {
  CLI::App* org = add_noun(app, "org", "organisations and the secrets they sign in with");
  add_org_add(*org, chosen);
  add_org_secrets(*org, chosen);
  add_org_lists(*org, chosen);

  auto played =
      add_command<Replay>(app, "replay", "every record of the log, checked", chosen, replay);
  add_data(*played.app, played.options->data);
  add_text(*played.app, "--after", played.options->after, "POSITION", "only those after EPOCH:SEQ");
  played.app->add_option("--to", played.options->to, "up to this one")->type_name("SEQ");
  add_json(*played.app, played.options->form);
  add_example(*played.app,
              "  tocsin replay --data DIR\n"
              "Each record's place, hash and signatures are checked by DIR/trust.json; exit 5 if "
              "one\ndoes not verify.");
}

}  // namespace ops::cli
