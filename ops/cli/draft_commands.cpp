// The table of `tocsin alert draft`, the longest one.
#include "ops/cli/flags.hpp"

namespace ops::cli {

namespace {

void add_words(CLI::App& app, AlertDraft& options) {
  add_text(app, "--event", options.event, "TEXT", "what happened, in two or three words");
  add_texts(app, "--category", options.categories, "WORD", "CAP category: Fire, Met, Safety, ...");
  add_text(app, "--urgency", options.urgency, "WORD", "Immediate, Expected, Future, Past");
  add_text(app, "--severity", options.severity, "WORD", "Extreme, Severe, Moderate, Minor");
  add_text(app, "--certainty", options.certainty, "WORD", "Observed, Likely, Possible, Unlikely");
  add_text(app, "--headline", options.headline, "TEXT", "the one line everybody reads");
  add_text(app, "--description", options.description, "TEXT", "what is known");
  add_text(app, "--instruction", options.instruction, "TEXT", "what to do");
  add_text(app, "--language", options.language, "TAG", "language of these texts")
      ->capture_default_str();
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

}  // namespace

void add_draft_command(CLI::App& alert, Chosen& chosen) {
  auto draft =
      add_command<AlertDraft>(alert, "draft", "write an alert, to be signed", chosen, alert_draft);
  auto& options = *draft.options;
  add_text(*draft.app, "--out", options.out, "FILE", "the CAP document to write; - prints it")
      ->required();
  add_text(*draft.app, "--cap", options.cap, "FILE",
           "start from this CAP document instead of words and place; sender, "
           "times, code, status and identifier are replaced");
  add_words(*draft.app, options);
  add_place(*draft.app, options);
  add_text(*draft.app, "--status", options.status, "WORD",
           "Actual, Exercise or Test; on an exercise system Exercise unless said");
  add_text(*draft.app, "--sender", options.sender, "ID", "who speaks; else taken from --key");
  add_text(*draft.app, "--key", options.key, "KEYFILE", "the officer's key that will sign");
  add_text(*draft.app, "--system", options.system, "NAME", "the system; else that of --trust");
  add_text(*draft.app, "--expires-in", options.expires_in, "TIME",
           "45m, 2h, 1d; 2h unless said, with --cap as long as the document says");
  add_text(*draft.app, "--identifier", options.identifier, "ID", "else made: time and chance");
  add_example(
      *draft.app,
      "  tocsin alert draft --trust trust.json --key anna.key --out fire.xml \\\n"
      "    --event \"Warehouse fire\" --category Fire --urgency Immediate --severity Severe \\\n"
      "    --certainty Observed --headline \"Close windows and doors: smoke\" \\\n"
      "    --instruction \"Stay inside until this is cancelled.\" \\\n"
      "    --area-desc \"Southwark riverside\" --circle \"51.505,-0.095 0.8\" --expires-in 2h\n"
      "  tocsin alert draft --trust trust.json --key anna.key --cap warning.xml --out ours.xml");
}

}  // namespace ops::cli
