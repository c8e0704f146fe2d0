// The table of `tocsin alert draft`, the longest one.
#include "ops/cli/flags.hpp"

namespace ops::cli {

namespace {

void add_words(CLI::App& app, AlertDraft& options) {
  add_text(app, "--event", options.event, "TEXT", "what happened, in two or three words");
  add_texts(app, "--category", options.categories, kCategories, "CAP category");
  add_text(app, "--urgency", options.urgency, kUrgencies, "how soon to act");
  add_text(app, "--severity", options.severity, kSeverities, "how bad it is");
  add_text(app, "--certainty", options.certainty, kCertainties, "how sure it is");
  add_text(app, "--headline", options.headline, "TEXT", "the one line everybody reads");
  add_text(app, "--description", options.description, "TEXT", "what is known");
  add_text(app, "--instruction", options.instruction, "TEXT", "what to do");
  add_text(app, "--language", options.language, "TAG", "language of these texts; else en-GB");
  add_text(app, "--sender-name", options.sender_name, "TEXT", "who speaks, for people");
  add_text(app, "--web", options.web, "URL", "where more is said; https");
  add_text(app, "--contact", options.contact, "TEXT", "whom to ask");
}

void add_place(CLI::App& app, AlertDraft& options) {
  add_text(app, "--area-desc", options.area_desc, "NAME", "the place, as people call it");
  add_texts(app, "--area", options.areas, "CODE", "ONS code, such as E09000033");
  add_texts(app, "--polygon", options.polygons, "\"LAT,LON ...\"",
            "corners, latitude first; closed by itself");
  add_texts(app, "--circle", options.circles, "\"LAT,LON KM\"", "centre and radius");
}

/// What draft and update have in common.
void add_drafting(CLI::App& app, AlertDraft& options) {
  add_text(app, "--out", options.out, "FILE", "the CAP document to write; - prints it");
  add_text(app, "--template", options.template_name, "TEMPLATE",
           "start from a prepared alert, by name or FILE.toml");
  add_texts(app, "--fill", options.fills, "NAME=TEXT", "fill a blank of the template");
  add_text(app, "--templates", options.templates, "DIR", "the folder of templates")
      ->envname("TOCSIN_TEMPLATES");
  add_text(app, "--key", options.key, "KEYFILE", "the officer's key that will sign");
  add_text(app, "--expires-in", options.expires_in, "TIME", "45m, 2h, 1d; 2h unless said");
  add_text(app, "--identifier", options.identifier, "ID", "else made: time and chance");
  add_text(app, "--correction", options.correction, "FILE",
           "the prepared Cancel; beside the draft unless said; never over another alert's");
  add_text(app, "--correction-reason", options.correction_reason, "TEXT",
           "what it says; else the template's, or that it was sent in error");
}

}  // namespace

void add_draft_command(CLI::App& alert, Chosen& chosen) {
  auto draft =
      add_command<AlertDraft>(alert, "draft", "write an alert, to be signed", chosen, alert_draft);
  auto& options = *draft.options;
  add_drafting(*draft.app, options);
  draft.app->add_flag_callback(
      "--list", [&options] { options.act = AlertDraft::Act::list_templates; },
      "list the templates and their blanks");
  add_json(*draft.app, options.form);
  add_text(*draft.app, "--cap", options.cap, "FILE",
           "start from this CAP document instead of words and place; sender, "
           "times, code, status and identifier are replaced; it lasts as long as it says");
  add_words(*draft.app, options);
  add_place(*draft.app, options);
  add_text(*draft.app, "--status", options.status, kStatuses,
           "on an exercise system Exercise unless said");
  add_text(*draft.app, "--sender", options.sender, "ID", "who speaks; else taken from --key");
  add_text(*draft.app, "--system", options.system, "NAME", "the system; else that of --trust");
  add_example(
      *draft.app,
      "  tocsin alert draft --trust trust.json --key anna.key --out fire.xml \\\n"
      "    --event \"Warehouse fire\" --category Fire --urgency Immediate --severity Severe \\\n"
      "    --certainty Observed --headline \"Close windows and doors: smoke\" \\\n"
      "    --instruction \"Stay inside until this is cancelled.\" \\\n"
      "    --area-desc \"Southwark riverside\" --circle \"51.505,-0.095 0.8\" --expires-in 2h\n"
      "  tocsin alert draft --list\n"
      "  tocsin alert draft --template hazardous-smoke --fill place=\"Tooley Street\" \\\n"
      "    --circle \"51.505,-0.095 0.8\" --trust trust.json --key anna.key --out smoke.xml\n"
      "  tocsin alert draft --trust trust.json --key anna.key --cap warning.xml --out ours.xml");
}

void add_update_command(CLI::App& alert, Chosen& chosen) {
  auto update = add_command<AlertUpdate>(
      alert, "update", "write what replaces an alert, to be signed", chosen, alert_update);
  auto& options = *update.options;
  add_text(*update.app, "alert", options.alert, "SEQ|ID", "the alert to replace")->required();
  add_drafting(*update.app, options.draft);
  update.app->get_option("--out")->required();
  add_words(*update.app, options.draft);
  add_place(*update.app, options.draft);
  add_example(*update.app,
              "  tocsin alert update 12 --severity Extreme --circle \"51.505,-0.095 2\" \\\n"
              "    --key anna.key --out fire-2.xml\n"
              "What no flag changes is taken over from the alert, its end included.");
}

}  // namespace ops::cli
