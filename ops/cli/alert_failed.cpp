// tocsin alert show SEQ --failed: who was not reached, by name, and what was tried. The engine
// tells its operator alone.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>

#include "ops/cli/commands.hpp"
#include "ops/cli/folder_link.hpp"
#include "ops/cli/unreached.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace json = boost::json;

namespace {

Outcome<std::uint64_t> sequence_in(const std::string& alert) {
  std::uint64_t sequence = 0;
  const auto [end, fault] = std::from_chars(alert.data(), alert.data() + alert.size(), sequence);
  if (fault == std::errc{} && end == alert.data() + alert.size() && sequence > 0) return sequence;
  return trouble(Exit::usage, fmt::format("'{}' is no sequence", visible(alert)),
                 "name the alert by its sequence, as `tocsin alert list` shows it");
}

class Listing {
 public:
  Listing(Terminal& terminal, Form form) : terminal_(terminal), form_(form) {}

  void begin() {
    if (form_ == Form::csv) terminal_.out_bytes(unreached_csv_header());
  }
  void show(const json::object& organisation) {
    ++shown_;
    if (form_ == Form::json) return terminal_.out(visible_json(json::serialize(organisation)));
    if (form_ == Form::csv) return terminal_.out_bytes(unreached_csv(organisation));
    std::string text = unreached_text(organisation);
    text.pop_back();  // the last line ends with the others
    terminal_.out(text);
  }
  std::uint64_t shown() const { return shown_; }

 private:
  Terminal& terminal_;
  const Form form_;
  std::uint64_t shown_ = 0;
};

/// All pages. Nothing that comes while it is asked for is missed for good: whoever fails later is
/// there the next time.
Outcome<Exit> list_all(const Link& link, std::uint64_t sequence, Listing& listing) {
  std::string after;
  for (bool end = false; !end;) {
    end = true;
    const json::object request{{"do", "unreached"}, {"sequence", sequence}, {"after", after}};
    const auto asked = ask(link, request, [&](const json::object& told) {
      if (told.contains("organisation")) return listing.show(told);
      const auto *cursor = told.if_contains("after"), *over = told.if_contains("end");
      if (cursor != nullptr && cursor->is_string()) after = std::string(cursor->get_string());
      end = over == nullptr || !over->is_bool() || over->get_bool();
    });
    if (!asked) return asked.error();
  }
  return Exit::done;
}

}  // namespace

Outcome<Exit> alert_failed(Session& session, const AlertShow& options) {
  const auto sequence = sequence_in(options.alert);
  if (!sequence) return sequence.error();
  if (options.form == Form::xml) {
    return trouble(Exit::usage, "--xml is the document, and --failed a list",
                   "give --failed alone, or with --csv or --json");
  }
  const auto link = link_to(session, options.data);
  if (!link) return link.error();
  json::object told;
  const auto counted = ask(**link, {{"do", "reach"}, {"sequence", *sequence}},
                           [&](const json::object& object) { told = object; });
  if (!counted) return counted.error();
  Listing listing(*session.terminal, options.form);
  listing.begin();
  if (auto listed = list_all(**link, *sequence, listing); !listed) return listed.error();
  const auto* concerned = told.if_contains("concerned");
  if (concerned == nullptr || !concerned->is_object()) {
    session.terminal->say("Nobody who is not connected is told of this alert.");
    return Exit::done;
  }
  const auto count = [&](const char* name) {
    const auto* value = concerned->get_object().if_contains(name);
    boost::system::error_code error;
    const auto number = value != nullptr ? value->to_number<std::uint64_t>(error) : 0;
    return error ? 0 : number;
  };
  session.terminal->say(
      fmt::format("Concerned: {}. Reached: {}, being tried: {}, failed: {}, not contactable: {}.",
                  count("matched"), count("reached"), count("trying"), count("failed"),
                  count("not_contactable")));
  return Exit::done;
}

}  // namespace ops::cli
