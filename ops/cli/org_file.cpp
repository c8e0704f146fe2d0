#include "ops/cli/org_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "engine/cap/text.hpp"
#include "engine/places.hpp"
#include "ops/admin/limits.hpp"

namespace ops::cli {

using engine::Contact;
using engine::Failure;
using engine::Registration;
using engine::Result;
using engine::Way;

namespace {

using Columns = std::map<std::string, std::size_t, std::less<>>;

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

Result<Columns> read_header(const CsvRecord& header) {
  Columns columns;
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
    if (columns.contains(column)) continue;
    missing += missing.empty() ? "" : ", ";
    missing += column;
  }
  if (missing.empty()) return columns;
  return Failure{"line 1: the header lacks ", missing,
                 "; a column with nothing to say stays empty, but it is there"};
}

template <class Value>
void add_once(std::vector<Value>& list, Value value) {
  if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(std::move(value));
}

std::optional<double> degrees(std::string_view text, double most) {
  double degrees = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), degrees);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || !(std::abs(degrees) <= most)) return std::nullopt;
  return degrees;
}

/// One row of one organisation.
class RowReader {
 public:
  RowReader(const Columns& columns, const CsvRecord& record) : columns_(columns), record_(record) {}

  const std::string& at(std::string_view column) const {
    return record_.fields[columns_.find(column)->second];
  }

  bool has_contact() const {
    return !at("phone").empty() || !at("email").empty() || !at("webhook").empty();
  }

  /// Adds what it says; a sentence where it is wrong, or another row said otherwise.
  std::optional<std::string> add_to(Registration& one) const {
    engine::Organisation& organisation = one.organisation;
    organisation.key = at("organisation");
    const std::string &name = at("name"), &language = at("language");
    if (!name.empty() && !organisation.name.empty() && organisation.name != name) {
      return "its name differs from an earlier row's";
    }
    if (!name.empty()) organisation.name = name;
    if (!language.empty() && !said_language(one).empty() && said_language(one) != language) {
      return "its language differs from an earlier row's";
    }
    if (!language.empty()) one.profile.language = language;
    for (const auto group : engine::cap::split(at("groups"))) {
      add_once(organisation.groups, std::string(group));
    }
    if (!at("sector").empty()) add_once(one.profile.sectors, at("sector"));
    if (auto wrong = add_place(one)) return wrong;
    add_contact(one, Way::sms, "phone");
    add_contact(one, Way::email, "email");
    add_contact(one, Way::webhook, "webhook");
    return std::nullopt;
  }

 private:
  /// Until a row says it, it is none.
  static const std::string& said_language(const Registration& one) { return one.profile.language; }

  std::optional<std::string> add_place(Registration& one) const {
    const std::string &latitude = at("latitude"), &longitude = at("longitude");
    engine::Premises premises;
    premises.ons = at("ons");
    if (latitude.empty() != longitude.empty()) return "latitude and longitude belong together";
    if (!latitude.empty()) {
      const auto north = degrees(latitude, 90), east = degrees(longitude, 180);
      if (!north || !east) return "latitude and longitude are degrees, such as 51.5 and -0.12";
      premises.point = engine::cap::Point{*north, *east};
    }
    if (!premises.ons.empty() && engine::Places::builtin().find(premises.ons) == nullptr) {
      return "the ONS code is not known";
    }
    if (premises.point || !premises.ons.empty()) add_once(one.profile.premises, premises);
    return std::nullopt;
  }

  void add_contact(Registration& one, Way way, std::string_view column) const {
    if (at(column).empty()) return;
    for (const Contact& known : one.profile.contacts) {
      if (known.way == way && known.address == at(column)) return;
    }
    Contact contact;
    contact.way = way;
    contact.address = at(column);
    contact.consents = true;  // it is on the operator's list
    one.profile.contacts.push_back(std::move(contact));
  }

  const Columns& columns_;
  const CsvRecord& record_;
};

/// Until a row says which.
Registration blank() {
  Registration one;
  one.profile.language.clear();
  return one;
}

/// As it is sent, and whether the engine would take it as far as it goes.
Result<void> finish(Registration& one) {
  if (one.profile.language.empty()) one.profile.language = "en";
  return engine::check(one);
}

}  // namespace

CsvReader::CsvReader(std::string_view text, std::size_t at, std::size_t line)
    : text_(text), rest_(text.substr(at)), line_(line) {
  if (at == 0 && rest_.starts_with("\xef\xbb\xbf")) rest_.remove_prefix(3);
}

Result<CsvRecord> CsvReader::record() {
  CsvRecord record{line_, text_.size() - rest_.size(), {}};
  while (true) {
    auto field = take_field(rest_, line_);
    if (!field) {
      return Failure{fmt::format("line {}: a quotation mark is not closed", record.line)};
    }
    record.fields.push_back(*std::move(field));
    if (!rest_.starts_with(',')) break;
    rest_.remove_prefix(1);
  }
  if (rest_.starts_with('\r')) rest_.remove_prefix(1);
  if (!rest_.empty() && !rest_.starts_with('\n')) {
    return Failure{fmt::format("line {}: something stands behind a quotation mark", line_)};
  }
  if (!rest_.empty()) rest_.remove_prefix(1);
  ++line_;
  return record;
}

Result<std::optional<CsvRecord>> CsvReader::next() {
  while (!rest_.empty()) {
    auto read = record();
    if (!read) return read.error();
    if (read->fields.size() == 1 && read->fields.front().empty()) continue;
    return std::optional<CsvRecord>{*std::move(read)};
  }
  return std::optional<CsvRecord>{};
}

Result<void> OrgFile::read(std::vector<Fault>& faults) {
  CsvReader reader(text_);
  const auto header = reader.next();
  if (!header) return header.error();
  if (!*header) return Failure{"the file is empty; a header line is wanted"};
  auto columns = read_header(**header);
  if (!columns) return columns.error();
  columns_ = *std::move(columns);
  std::unordered_map<std::string, std::uint32_t> keys;
  while (true) {
    const auto next = reader.next();
    if (!next) return next.error();
    if (!*next) break;
    const CsvRecord& record = **next;
    if (record.fields.size() != columns_.size()) {
      faults.push_back({record.line, fmt::format("{} fields, and the header has {}",
                                                 record.fields.size(), columns_.size())});
      continue;
    }
    const RowReader row(columns_, record);
    const std::string& key = row.at("organisation");
    if (key.empty()) {
      faults.push_back({record.line, "the organisation's key is missing"});
      continue;
    }
    const auto organisation =
        keys.emplace(key, static_cast<std::uint32_t>(keys.size())).first->second;
    rows_.push_back({organisation, static_cast<std::uint32_t>(record.line), record.at});
    contacts_ += row.has_contact() ? 1 : 0;
  }
  organisations_ = keys.size();
  std::stable_sort(rows_.begin(), rows_.end(), [](const Row& one, const Row& other) {
    return one.organisation < other.organisation;
  });
  return {};
}

void OrgFile::each(const std::function<bool(Registration)>& take,
                   const std::function<void(Fault)>& fault) const {
  for (std::size_t i = 0; i < rows_.size();) {
    Registration one = blank();
    const std::size_t first = i;
    bool wrong = false;
    for (; i < rows_.size() && rows_[i].organisation == rows_[first].organisation; ++i) {
      const auto record = CsvReader(text_, rows_[i].at, rows_[i].line).next();
      const RowReader row(columns_, **record);
      Registration alone = blank();
      auto said = row.add_to(alone);
      if (!said) {
        const auto taken = finish(alone);
        if (!taken) said = taken.error().what;
      }
      if (!said) said = row.add_to(one);
      if (said) fault({rows_[i].line, *said});
      wrong = wrong || said;
    }
    if (wrong) continue;
    if (const auto taken = finish(one); !taken) {
      fault({rows_[first].line, taken.error().what});
    } else if (!take(std::move(one))) {
      return;
    }
  }
}

void OrgFile::each(const std::function<bool(Registration)>& take) const {
  each(take, [](const Fault&) {});
}

void OrgFile::each_piece(const std::function<bool(std::vector<Registration>)>& take) const {
  std::vector<Registration> piece;
  bool goes_on = true;
  each([&](Registration one) {
    piece.push_back(std::move(one));
    if (piece.size() == limits::kImportPiece) goes_on = take(std::exchange(piece, {}));
    return goes_on;
  });
  if (goes_on && !piece.empty()) take(std::move(piece));
}

Result<OrgFile> read_org_csv(std::string_view text) {
  OrgFile file;
  file.text_ = text;
  std::vector<OrgFile::Fault> faults;
  if (auto read = file.read(faults); !read) return read.error();
  file.each([](const Registration&) { return true; },
            [&](OrgFile::Fault fault) { faults.push_back(std::move(fault)); });
  if (faults.empty()) return file;
  std::stable_sort(faults.begin(), faults.end(),
                   [](const auto& one, const auto& other) { return one.line < other.line; });
  std::string told;
  for (std::size_t i = 0; i < std::min(faults.size(), limits::kImportFaults); ++i) {
    told += fmt::format("{}line {}: {}", i > 0 ? "\n" : "", faults[i].line, faults[i].what);
  }
  if (faults.size() > limits::kImportFaults) {
    told += fmt::format("\nand {} lines more", faults.size() - limits::kImportFaults);
  }
  return Failure{told};
}

std::string csv_rows(const Registration& registration) {
  const engine::Profile& profile = registration.profile;
  std::string groups, rows;
  for (const auto& group : registration.organisation.groups) {
    groups += (groups.empty() ? "" : " ") + group;
  }
  const std::size_t count = std::max(
      {std::size_t{1}, profile.premises.size(), profile.contacts.size(), profile.sectors.size()});
  for (std::size_t i = 0; i < count; ++i) {
    const engine::Premises place =
        i < profile.premises.size() ? profile.premises[i] : engine::Premises{};
    const Contact none;
    const Contact& contact = i < profile.contacts.size() ? profile.contacts[i] : none;
    const auto by = [&](Way way) {
      return contact.way == way ? csv_field(contact.address) : std::string();
    };
    rows += fmt::format(
        "{},{},{},{},{},{},{},{},{},{},{}\n", csv_field(registration.organisation.key),
        csv_field(registration.organisation.name),
        place.point ? fmt::format("{}", place.point->latitude) : "",
        place.point ? fmt::format("{}", place.point->longitude) : "", csv_field(place.ons),
        i < profile.sectors.size() ? csv_field(profile.sectors[i]) : "", profile.language,
        by(Way::sms), by(Way::email), by(Way::webhook), csv_field(groups));
  }
  return rows;
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string field = "\"";
  for (const char c : text) field += c == '"' ? std::string("\"\"") : std::string(1, c);
  return field + "\"";
}

}  // namespace ops::cli
