// The table of the commands that speak to an engine.
#include "ops/cli/flags.hpp"

namespace ops::cli {

namespace {

void add_send_and_cancel(CLI::App& alert, Chosen& chosen) {
  auto send = add_command<AlertSend>(alert, "send", "hand a signed alert to the engine", chosen,
                                     alert_send);
  add_text(*send.app, "file", send.options->file, "FILE.signed", "the signed alert")->required();
  add_json(*send.app, send.options->form);
  add_example(*send.app,
              "  tocsin alert send fire.signed --server http://127.0.0.1:8080\n"
              "Sending the same file twice is safe: it is taken once.");

  auto cancel = add_command<AlertCancel>(alert, "cancel", "stop an alert: one person, one command",
                                         chosen, alert_cancel);
  add_text(*cancel.app, "alert", cancel.options->alert, "SEQ|ID", "the alert to stop")->required();
  add_text(*cancel.app, "--reason", cancel.options->reason, "TEXT", "why, for everybody to read")
      ->required();
  add_text(*cancel.app, "--key", cancel.options->key, "KEYFILE", "a key with the duty cancel")
      ->required();
  add_passphrase_fd(*cancel.app, cancel.options->passphrase_fd);
  add_json(*cancel.app, cancel.options->form);
  add_example(*cancel.app, "  tocsin alert cancel 12 --reason \"The fire is out.\" --key anna.key");
}

void add_filters(CLI::App& app, Filters& filters) {
  add_texts(app, "--area", filters.areas, "CODE|LAT,LON", "only what concerns this place");
  add_texts(app, "--category", filters.categories, "WORD", "only these categories");
  add_texts(app, "--severity", filters.severities, "S", "at least this severe");
  add_texts(app, "--status", filters.statuses, "S", "Actual, Exercise, Test");
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
  add_watch(alert, chosen);
  auto asked = add_command<Status>(app, "status", "is the engine ready, and how old is its trust",
                                   chosen, status);
  add_json(*asked.app, asked.options->form);
}

}  // namespace ops::cli
