#include "ops/cli/org_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>

#include "engine/cap/text.hpp"
#include "ops/admin/limits.hpp"

namespace ops::cli {

namespace json = boost::json;
using engine::Failure;
using engine::Result;

namespace {

/// Reads one field off `rest`; `lines` counts the breaks inside quotation marks.
std::optional<std::string> take_field(std::string_view& rest, std::size_t& lines) {
  std::string field;
  if (!rest.starts_with('"')) {
    const auto end = std::min(rest.find_first_of(",\r\n"), rest.size());
    field = rest.substr(0, end);
    rest.remove_prefix(end);
    return field;
  }
  rest.remove_prefix(1);
  while (!rest.empty()) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c == '"' && !rest.starts_with('"')) return field;
    if (c == '"') rest.remove_prefix(1);
    if (c == '\n') ++lines;
    field += c;
  }
  return std::nullopt;
}

struct Row {
  const CsvRecord* record;
  const std::map<std::string, std::size_t>* columns;
  std::string at(const std::string& column) const {
    const auto found = columns->find(column);
    return found == columns->end() ? std::string() : record->fields[found->second];
  }
};

Result<std::map<std::string, std::size_t>> read_header(const CsvRecord& header) {
  std::map<std::string, std::size_t> columns;
  for (std::size_t i = 0; i < header.fields.size(); ++i) {
    const std::string& name = header.fields[i];
    if (std::find(std::begin(kOrgColumns), std::end(kOrgColumns), name) == std::end(kOrgColumns)) {
      return Failure{"line 1: the column ", std::string_view(name).substr(0, 40),
                     " is not one of organisation,name,latitude,longitude,ons,sector,language,"
                     "phone,email,webhook,groups"};
    }
    if (!columns.emplace(name, i).second) return Failure{"line 1: ", name, " is there twice"};
  }
  // A column that is left out would read as an empty one, and so take away what is known.
  std::string missing;
  for (const auto column : kOrgColumns) {
    if (columns.count(std::string(column)) > 0) continue;
    missing += missing.empty() ? "" : ", ";
    missing += column;
  }
  if (missing.empty()) return columns;
  return Failure{"line 1: the header lacks ", missing,
                 "; a column with nothing to say stays empty, but it is there"};
}

template <class Value>
void add_once(json::array& list, Value value) {
  const json::value wanted(std::move(value));
  if (std::find(list.begin(), list.end(), wanted) == list.end()) list.push_back(wanted);
}

/// Whether it is E.164: a plus and 2 to 15 digits, the first of which is no zero.
bool is_phone(std::string_view text) {
  constexpr std::size_t kDigitsMin = 2, kDigitsMax = 15;
  if (!text.starts_with('+')) return false;
  text.remove_prefix(1);
  return text.size() >= kDigitsMin && text.size() <= kDigitsMax && text.front() != '0' &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_degrees(std::string_view text, double most) {
  double degrees = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), degrees);
  return error == std::errc() && end == text.data() + text.size() && std::abs(degrees) <= most;
}

/// Adds what a row says to its organisation; a sentence where the row is wrong.
std::optional<std::string> add_row(const Row& row, json::object& organisation) {
  const std::string name = row.at("name");
  auto& known = organisation["name"];
  if (!name.empty() && known.is_string() && !known.get_string().empty() &&
      std::string_view(known.get_string()) != name) {
    return "its name differs from an earlier row's";
  }
  if (!known.is_string() || known.get_string().empty()) known = name;
  if (!organisation.contains("groups")) organisation["groups"] = json::array{};
  if (!organisation.contains("subscription")) organisation["subscription"] = json::array{};
  const std::string groups = row.at("groups");
  for (const auto group : engine::cap::split(groups)) {
    add_once(organisation["groups"].as_array(), std::string(group));
  }
  auto& subscription = organisation["subscription"].as_array();
  const auto subscribe = [&](const std::string& place) {
    add_once(subscription, json::array{"area", place});
  };
  const std::string ons = row.at("ons");
  const std::string latitude = row.at("latitude"), longitude = row.at("longitude");
  const std::string phone = row.at("phone");
  if (!phone.empty() && !is_phone(phone)) {
    return "the phone is not + and 2 to 15 digits, country first (E.164)";
  }
  if (latitude.empty() != longitude.empty()) return "latitude and longitude belong together";
  if (!latitude.empty() && !(is_degrees(latitude, 90) && is_degrees(longitude, 180))) {
    return "latitude and longitude are degrees, such as 51.5 and -0.12";
  }
  if (!ons.empty()) subscribe(ons);
  if (!latitude.empty()) subscribe(latitude + "," + longitude);
  return std::nullopt;
}

}  // namespace

Result<std::vector<CsvRecord>> read_csv(std::string_view rest) {
  if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);
  std::vector<CsvRecord> records;
  std::size_t line = 1;
  while (!rest.empty()) {
    CsvRecord record{line, {}};
    while (true) {
      auto field = take_field(rest, line);
      if (!field)
        return Failure{fmt::format("line {}: a quotation mark is not closed", record.line)};
      record.fields.push_back(*std::move(field));
      if (!rest.starts_with(',')) break;
      rest.remove_prefix(1);
    }
    if (rest.starts_with('\r')) rest.remove_prefix(1);
    if (!rest.empty() && !rest.starts_with('\n')) {
      return Failure{fmt::format("line {}: something stands behind a quotation mark", line)};
    }
    if (!rest.empty()) rest.remove_prefix(1);
    ++line;
    const bool blank = record.fields.size() == 1 && record.fields.front().empty();
    if (!blank) records.push_back(std::move(record));
  }
  return records;
}

Result<OrgFile> read_org_csv(std::string_view text) {
  const auto records = read_csv(text);
  if (!records) return records.error();
  if (records->empty()) return Failure{"the file is empty; a header line is wanted"};
  const auto columns = read_header(records->front());
  if (!columns) return columns.error();

  OrgFile file;
  std::map<std::string, json::object> organisations;
  std::vector<std::string> faults;
  for (std::size_t i = 1; i < records->size(); ++i) {
    const CsvRecord& record = (*records)[i];
    const auto fault = [&](std::string_view what) {
      faults.push_back(fmt::format("line {}: {}", record.line, what));
    };
    if (record.fields.size() != columns->size()) {
      fault(fmt::format("{} fields, and the header has {}", record.fields.size(), columns->size()));
      continue;
    }
    const Row row{&record, &*columns};
    const std::string key = row.at("organisation");
    if (key.empty()) {
      fault("the organisation's key is missing");
      continue;
    }
    json::object& organisation = organisations[key];
    organisation["organisation"] = key;
    if (const auto wrong = add_row(row, organisation)) fault(*wrong);
    const bool reachable =
        !row.at("phone").empty() || !row.at("email").empty() || !row.at("webhook").empty();
    if (reachable) ++file.contacts;
    if (!row.at("sector").empty() || !row.at("language").empty()) ++file.traits;
    ++file.rows;
  }
  if (!faults.empty()) {
    std::string told;
    for (std::size_t i = 0; i < std::min(faults.size(), limits::kImportFaults); ++i) {
      told += (i > 0 ? "\n" : "") + faults[i];
    }
    if (faults.size() > limits::kImportFaults) {
      told += fmt::format("\nand {} lines more", faults.size() - limits::kImportFaults);
    }
    return Failure{told};
  }
  for (auto& [key, organisation] : organisations) file.organisations.push_back(organisation);
  return file;
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string field = "\"";
  for (const char c : text) field += c == '"' ? std::string("\"\"") : std::string(1, c);
  return field + "\"";
}

}  // namespace ops::cli
