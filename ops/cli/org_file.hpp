#pragma once
// Lists of organisations as files: CSV (RFC 4180), one row a contact, as spreadsheets write it.
// Pure.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/directory.hpp"

namespace ops::cli {

/// The columns that a file has, in any order; here as an export writes them.
inline constexpr std::string_view kOrgColumns[] = {
    "organisation", "name",  "latitude", "longitude", "ons",   "sector",
    "language",     "phone", "email",    "webhook",   "groups"};

/// A list that was read once and found right. It looks into the text, which has to outlive it, and
/// keeps sixteen octets of each row beside it.
class OrgFile {
 public:
  std::size_t rows() const { return rows_.size(); }
  std::size_t organisations() const { return organisations_; }
  std::size_t contacts() const { return contacts_; }

  /// Each organisation with everything its rows say of it, as they come first in the file; until
  /// `take` says no.
  void each(const std::function<bool(engine::Registration)>& take) const;
  /// The same, limits::kImportPiece at a time.
  void each_piece(const std::function<bool(std::vector<engine::Registration>)>& take) const;

 private:
  friend engine::Result<OrgFile> read_org_csv(std::string_view text);
  struct Row {
    std::uint32_t organisation = 0;  // by the order in which they come
    std::uint32_t line = 0;
    std::size_t at = 0;  // in the text
  };
  struct Fault {
    std::size_t line = 0;
    std::string what;
  };
  using Columns = std::map<std::string, std::size_t, std::less<>>;
  engine::Result<void> read(std::vector<Fault>& faults);
  void each(const std::function<bool(engine::Registration)>& take,
            const std::function<void(Fault)>& fault) const;

  std::string_view text_;
  Columns columns_;
  std::vector<Row> rows_;  // those of one organisation together
  std::size_t organisations_ = 0, contacts_ = 0;
};

/// The whole file; or every line that is wrong, with its number.
engine::Result<OrgFile> read_org_csv(std::string_view text);

/// The rows of an organisation: each of its contacts in one, each of its places in one, and one at
/// least.
std::string csv_rows(const engine::Registration& registration);

/// One field, quoted where it must be.
std::string csv_field(std::string_view text);

/// The records of a CSV text, one after the other, each with the line it began on; a failure where
/// a quotation mark is left open.
struct CsvRecord {
  std::size_t line = 0;
  std::size_t at = 0;  // where it begins
  std::vector<std::string> fields;
};
class CsvReader {
 public:
  /// From `at` on, where line `line` begins.
  explicit CsvReader(std::string_view text, std::size_t at = 0, std::size_t line = 1);
  /// The next one; nothing at the end. Empty lines are none.
  engine::Result<std::optional<CsvRecord>> next();

 private:
  engine::Result<CsvRecord> record();

  std::string_view text_, rest_;
  std::size_t line_;
};

}  // namespace ops::cli
