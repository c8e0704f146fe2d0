#include "ops/cli/unreached.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/json/array.hpp>
#include <vector>

#include "ops/cli/org_file.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace json = boost::json;

namespace {

constexpr std::array<std::string_view, 10> kColumns = {
    "organisation", "name",     "why",       "contact", "channel",
    "state",        "attempts", "uncertain", "words",   "changed"};

std::string text_in(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr) return {};
  if (value->is_string()) return std::string(value->get_string());
  if (value->is_bool()) return value->get_bool() ? "yes" : "no";
  boost::system::error_code error;
  const auto number = value->to_number<std::uint64_t>(error);
  return error ? std::string() : std::to_string(number);
}

std::vector<json::object> tried_in(const json::object& organisation) {
  std::vector<json::object> all;
  const auto* tried = organisation.if_contains("tried");
  if (tried == nullptr || !tried->is_array()) return all;
  for (const auto& one : tried->get_array()) {
    if (one.is_object()) all.push_back(one.get_object());
  }
  return all;
}

std::string csv_row(const std::vector<std::string>& fields) {
  std::string row;
  for (const auto& field : fields) row += field + ",";
  row.pop_back();
  return row + "\r\n";
}

}  // namespace

std::string safe_csv_field(std::string_view text) {
  const bool formula =
      !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
  return csv_field(formula ? "'" + std::string(text) : std::string(text));
}

std::string unreached_text(const json::object& organisation) {
  std::string text =
      fmt::format("{}  {}\n  {}\n", visible(text_in(organisation, "organisation")),
                  visible(text_in(organisation, "name")), visible(text_in(organisation, "why")));
  for (const json::object& tried : tried_in(organisation)) {
    const std::string words = text_in(tried, "words");
    text += fmt::format("  {:<8} contact {:<3} {:<9} attempts: {}, the last {}{}{}\n",
                        visible(text_in(tried, "channel")), text_in(tried, "contact"),
                        visible(text_in(tried, "state")), text_in(tried, "attempts"),
                        visible(text_in(tried, "changed")),
                        text_in(tried, "uncertain") == "yes" ? ", may have arrived" : "",
                        words.empty() ? std::string() : ": " + visible(words));
  }
  return text;
}

std::string unreached_csv_header() {
  return csv_row(std::vector<std::string>(kColumns.begin(), kColumns.end()));
}

std::string unreached_csv(const json::object& organisation) {
  const auto row = [&](const json::object& tried) {
    std::vector<std::string> fields;
    for (const std::string_view column : kColumns) {
      const json::object& from = fields.size() < 3 ? organisation : tried;
      fields.push_back(safe_csv_field(text_in(from, column)));
    }
    return csv_row(fields);
  };
  std::string rows;
  for (const json::object& tried : tried_in(organisation)) rows += row(tried);
  return rows.empty() ? row({}) : rows;
}

}  // namespace ops::cli
