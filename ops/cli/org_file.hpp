#pragma once
// Lists of organisations as files: CSV (RFC 4180), one row a contact, as spreadsheets write it.
// Pure.
#include <boost/json/array.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"

namespace ops::cli {

/// The columns that a file has, in any order; here as an export writes them.
inline constexpr std::string_view kOrgColumns[] = {
    "organisation", "name",  "latitude", "longitude", "ons",   "sector",
    "language",     "phone", "email",    "webhook",   "groups"};

struct OrgFile {
  boost::json::array organisations;  // as the engine's `put` wants them, each once
  std::size_t rows = 0;
  std::size_t contacts = 0;  // rows with a telephone, an address or a webhook: not kept yet
  std::size_t traits = 0;    // rows with a sector or a language: not kept yet either
};

/// The whole file; or every line that is wrong, with its number.
engine::Result<OrgFile> read_org_csv(std::string_view text);

/// One field, quoted where it must be.
std::string csv_field(std::string_view text);

/// The records of a CSV text, each with the line it began on; nothing where a quotation mark is
/// left open.
struct CsvRecord {
  std::size_t line = 0;
  std::vector<std::string> fields;
};
engine::Result<std::vector<CsvRecord>> read_csv(std::string_view text);

}  // namespace ops::cli
