// tocsin alert show SEQ --failed: who was not reached, by name, and what was tried. The engine
// tells its operator alone.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "ops/cli/listing.hpp"
#include "ops/cli/unreached.hpp"

namespace ops::cli {

namespace json = boost::json;

Outcome<Exit> alert_failed(Session& session, const AlertShow& options) {
  const auto sequence = listed_alert(options);
  if (!sequence) return sequence.error();
  const auto link = link_to(session, options.data);
  if (!link) return link.error();
  json::object told;
  const auto counted = ask(**link, {{"do", "reach"}, {"sequence", *sequence}},
                           [&](const json::object& object) { told = object; });
  if (!counted) return counted.error();
  const auto listed = list_all(session, **link, "unreached", *sequence, options.form,
                               {unreached_text, unreached_csv, unreached_csv_header()});
  if (!listed) return listed.error();
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
  session.terminal->say(fmt::format(
      "Concerned: {}. Reached: {}, sent or being tried: {}, failed: {}, not contactable: {}.",
      count("matched"), count("reached"), count("trying"), count("failed"),
      count("not_contactable")));
  return Exit::done;
}

}  // namespace ops::cli
