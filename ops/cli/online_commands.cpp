// The table of the commands that speak to an engine.
#include "ops/cli/flags.hpp"
#include "ops/cli/operator_commands.hpp"

namespace ops::cli {

namespace {

void add_send_and_cancel(CLI::App& alert, Chosen& chosen) {
  auto send = add_command<AlertSend>(alert, "send", "hand a signed alert to the engine", chosen,
                                     alert_send);
  add_text(*send.app, "file", send.options->file, "FILE.signed", "the signed alert")->required();
  auto& sent = *send.options;
  add_json(*send.app, sent.form);
  send.app->add_flag_callback(
      "--dry-run", [&sent] { sent.act = AlertSend::Act::dry_run; },
      "only say whom it would reach, and what is missing");
  send.app->add_flag_callback(
      "--yes", [&sent] { sent.consent = AlertSend::Consent::given; },
      "do not ask for the area's name before something real goes out");
  send.app->add_flag_callback(
      "--watch", [&sent] { sent.after = AlertSend::After::watch; },
      "show who has it and who has read it, until you leave or --wait ends");
  add_text(*send.app, "--wait", sent.wait, "TIME",
           "wait so long, such as 30s, until every connected reader concerned has it");
  send.app->add_option("--acknowledged", sent.acknowledged, "and so many have acknowledged it")
      ->type_name("N");
  add_example(*send.app,
              "  tocsin alert send fire.signed --dry-run\n"
              "  tocsin alert send fire.signed --wait 30s --watch\n"
              "Exit code 4: not everybody by the deadline; delivery goes on. Sending the same file "
              "twice is safe: it is taken once.");

  auto cancel = add_command<AlertCancel>(alert, "cancel", "stop an alert: one person, one command",
                                         chosen, alert_cancel);
  add_text(*cancel.app, "alert", cancel.options->alert, "SEQ|ID", "the alert to stop");
  add_text(*cancel.app, "--prepared", cancel.options->prepared, "FILE.cancel.xml",
           "instead: sign and send the correction written with the draft");
  add_text(*cancel.app, "--reason", cancel.options->reason, "TEXT", "why, for everybody to read");
  add_text(*cancel.app, "--key", cancel.options->key, "KEYFILE", "a key with the duty cancel")
      ->required();
  cancel.app->add_flag_callback(
      "--again", [&cancelled = *cancel.options] { cancelled.times = AlertCancel::Times::again; },
      "also what is cancelled already: everybody is told once more");
  add_passphrase_fd(*cancel.app, cancel.options->passphrase_fd);
  add_json(*cancel.app, cancel.options->form);
  add_example(*cancel.app,
              "  tocsin alert cancel 12 --reason \"The fire is out.\" --key anna.key\n"
              "  tocsin alert cancel --prepared fire.cancel.xml --key anna.key");
}

void add_filters(CLI::App& app, Filters& filters) {
  add_texts(app, "--area", filters.areas, "CODE|LAT,LON", "only what concerns this place");
  add_texts(app, "--category", filters.categories, kCategories, "only these categories");
  add_texts(app, "--severity", filters.severities, kSeverities, "at least this severe");
  add_texts(app, "--status", filters.statuses, kStatuses, "only these statuses");
  add_texts(app, "--sender", filters.senders, "ID", "only these senders");
}

void add_list(CLI::App& alert, Chosen& chosen) {
  auto list =
      add_command<AlertList>(alert, "list", "alerts of the log, oldest first", chosen, alert_list);
  auto& options = *list.options;
  list.app->add_flag_callback(
      "--active", [&options] { options.which = AlertList::Which::active; },
      "only those neither expired, replaced nor cancelled");
  add_text(*list.app, "--after", options.after, "POSITION", "only those after EPOCH:SEQ");
  list.app->add_option("--limit", options.limit, "at most so many")
      ->type_name("N")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 53));
  add_filters(*list.app, options.filters);
  add_json(*list.app, options.form);
  add_example(*list.app,
              "  tocsin alert list --active --trust trust.json\n"
              "  tocsin alert list --json | tocsin verify - --trust trust.json");
}

void add_show(CLI::App& alert, Chosen& chosen) {
  auto show = add_command<AlertShow>(alert, "show", "one alert, whole", chosen, alert_show);
  add_text(*show.app, "alert", show.options->alert, "SEQ|ID", "by sequence or id")->required();
  add_json(*show.app, show.options->form);
  add_form(*show.app, "--xml", "the signed CAP document itself", show.options->form, Form::xml);
  auto& options = *show.options;
  show.app->add_flag_callback(
      "--failed", [&options] { options.what = AlertShow::What::failed; },
      "instead: who was not reached and what was tried, for the engine's operator");
  show.app->add_flag_callback(
      "--answers", [&options] { options.what = AlertShow::What::answers; },
      "instead: who answered what, for the engine's operator");
  add_form(*show.app, "--csv", "with these two: for a spreadsheet", options.form, Form::csv);
  add_text(*show.app, "--data", options.data, "DIR", "with these two: the engine's data folder");
  add_example(*show.app,
              "  tocsin alert show 12 --trust trust.json\n"
              "  tocsin alert show 12 --failed --data DIR\n"
              "  tocsin alert show 12 --answers --data DIR\n"
              "  tocsin alert show 12 --failed --csv --data DIR > not-reached.csv");
}

void add_reach(CLI::App& alert, Chosen& chosen) {
  auto reach = add_command<AlertReach>(alert, "reach", "whom an alert has reached so far", chosen,
                                       alert_reach);
  auto& options = *reach.options;
  add_text(*reach.app, "alert", options.alert, "SEQ|ID", "by sequence or id")->required();
  reach.app->add_flag_callback(
      "--watch", [&options] { options.until = AlertReach::Until::left; },
      "go on showing it, until you leave");
  add_json(*reach.app, options.form);
  add_example(
      *reach.app,
      "  tocsin alert reach 12\n  tocsin alert reach 12 --watch --json\n"
      "Who they are is told to the engine's operator alone: tocsin alert show 12 --failed.");
}

void add_monitor(CLI::App& app, Chosen& chosen) {
  auto command =
      add_command<Monitor>(app, "monitor", "is the line alive: keep asking", chosen, monitor);
  auto& options = *command.options;
  command.app->add_flag_callback(
      "--once", [&options] { options.times = Monitor::Times::once; }, "ask once");
  options.every = "10s";
  options.patience = "20s";
  add_text(*command.app, "--every", options.every, "TIME", "how often")->capture_default_str();
  add_text(*command.app, "--patience", options.patience, "TIME",
           "how long to wait for a beat of the stream; 0s: do not")
      ->capture_default_str();
  command.app
      ->add_option_function<std::string>(
          "--format",
          [&options](const std::string& word) {
            options.report = word == "json"         ? Report::json
                             : word == "nagios"     ? Report::nagios
                             : word == "prometheus" ? Report::prometheus
                                                    : Report::text;
          },
          "how to say it")
      ->type_name("FORM")
      ->check(CLI::IsMember({"text", "json", "nagios", "prometheus"}));
  add_example(*command.app,
              "  tocsin monitor --once --format nagios --trust trust.json\n"
              "With --once: 0 all is well or a warning, 1 something is wrong, 3 nobody answers;\n"
              "in the form nagios 0 well, 1 warning, 2 critical.");
}

void add_watch(CLI::App& alert, Chosen& chosen) {
  auto watch =
      add_command<AlertWatch>(alert, "watch", "every alert as it comes", chosen, alert_watch);
  add_text(
      *watch.app, "--after", watch.options->after, "POSITION",
      "EPOCH:SEQ to go on from, 0 for all, active for what is active; from now on unless said");
  add_filters(*watch.app, watch.options->filters);
  add_json(*watch.app, watch.options->form);
  add_example(
      *watch.app,
      "  tocsin alert watch --after active --area E12000007 --trust trust.json\n"
      "Ctrl-C ends it. It comes back by itself after a broken connection, and says when it is not "
      "live.");
}

}  // namespace

void add_online_commands(CLI::App& app, CLI::App& alert, Chosen& chosen) {
  add_send_and_cancel(alert, chosen);
  add_list(alert, chosen);
  add_show(alert, chosen);
  add_reach(alert, chosen);
  add_watch(alert, chosen);
  add_monitor(app, chosen);
  auto asked = add_command<StatusOf>(app, "status", "is the engine ready, and how old is its trust",
                                     chosen, status_of);
  add_text(*asked.app, "--data", asked.options->data, "DIR",
           "ask through this data folder, with all it knows");
  add_json(*asked.app, asked.options->form);
}

}  // namespace ops::cli
