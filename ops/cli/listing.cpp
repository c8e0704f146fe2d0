#include "ops/cli/listing.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <charconv>

#include "ops/cli/org_file.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace json = boost::json;

namespace {

void show(Terminal& terminal, Form form, const ListForms& listed, const json::object& one) {
  if (form == Form::json) return terminal.out(visible_json(json::serialize(one)));
  if (form == Form::csv) return terminal.out_bytes(listed.csv(one));
  std::string text = listed.text(one);
  text.pop_back();  // the last line ends with the others
  terminal.out(text);
}

}  // namespace

Outcome<Exit> list_all(Session& session, const Link& link, std::string_view what,
                       std::uint64_t sequence, Form form, const ListForms& listed,
                       const std::function<void(const json::object&)>& hear) {
  Terminal& terminal = *session.terminal;
  if (form == Form::csv) terminal.out_bytes(listed.csv_header);
  std::string after;
  for (bool end = false; !end;) {
    end = true;
    const json::object request{{"do", what}, {"sequence", sequence}, {"after", after}};
    const auto asked = ask(link, request, [&](const json::object& told) {
      if (told.contains("organisation")) {
        if (hear) hear(told);
        return show(terminal, form, listed, told);
      }
      const auto *cursor = told.if_contains("after"), *over = told.if_contains("end");
      if (cursor != nullptr && cursor->is_string()) after = std::string(cursor->get_string());
      end = over == nullptr || !over->is_bool() || over->get_bool();
    });
    if (!asked) return asked.error();
  }
  return Exit::done;
}

Outcome<std::uint64_t> listed_alert(const AlertShow& options) {
  const std::string& alert = options.alert;
  std::uint64_t sequence = 0;
  const auto [end, fault] = std::from_chars(alert.data(), alert.data() + alert.size(), sequence);
  if (fault != std::errc{} || end != alert.data() + alert.size() || sequence == 0) {
    return trouble(Exit::usage, fmt::format("'{}' is no sequence", visible(alert)),
                   "name the alert by its sequence, as `tocsin alert list` shows it");
  }
  if (options.form != Form::xml) return sequence;
  return trouble(Exit::usage, "--xml is the document, and --failed and --answers are lists",
                 "leave out --xml, or give --csv or --json");
}

std::string text_in(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr) return {};
  if (value->is_string()) return std::string(value->get_string());
  if (value->is_bool()) return value->get_bool() ? "yes" : "no";
  boost::system::error_code error;
  const auto number = value->to_number<std::uint64_t>(error);
  return error ? std::string() : std::to_string(number);
}

std::string csv_row(const std::vector<std::string>& fields) {
  std::string row;
  for (const auto& field : fields) row += safe_csv_field(field) + ",";
  row.pop_back();
  return row + "\r\n";
}

std::string safe_csv_field(std::string_view text) {
  const bool formula =
      !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
  return csv_field(formula ? "'" + std::string(text) : std::string(text));
}

}  // namespace ops::cli
