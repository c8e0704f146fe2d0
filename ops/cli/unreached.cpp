#include "ops/cli/unreached.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/json/array.hpp>
#include <vector>

#include "ops/cli/listing.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace json = boost::json;

namespace {

constexpr std::array<std::string_view, 10> kColumns = {
    "organisation", "name",     "why",       "contact", "channel",
    "state",        "attempts", "uncertain", "words",   "changed"};

std::vector<json::object> tried_in(const json::object& organisation) {
  std::vector<json::object> all;
  const auto* tried = organisation.if_contains("tried");
  if (tried == nullptr || !tried->is_array()) return all;
  for (const auto& one : tried->get_array()) {
    if (one.is_object()) all.push_back(one.get_object());
  }
  return all;
}

}  // namespace

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
      fields.push_back(text_in(from, column));
    }
    return csv_row(fields);
  };
  std::string rows;
  for (const json::object& tried : tried_in(organisation)) rows += row(tried);
  return rows.empty() ? row({}) : rows;
}

}  // namespace ops::cli
