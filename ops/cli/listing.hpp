#pragma once
// Lists of organisations that the engine tells its operator alone, a page at a time: as lines for a
// terminal, as JSON, or for a spreadsheet.
#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "ops/cli/commands.hpp"
#include "ops/cli/folder_link.hpp"

namespace ops::cli {

/// How one organisation of a list is written down.
struct ListForms {
  std::function<std::string(const boost::json::object&)> text, csv;
  std::string csv_header;
};

/// All that is answered to {"do":what,"sequence":…,"after":…}, each object to `hear` as well.
/// Nothing that comes while it is asked for is missed for good: it is there the next time.
Outcome<Exit> list_all(Session& session, const Link& link, std::string_view what,
                       std::uint64_t sequence, Form form, const ListForms& listed,
                       const std::function<void(const boost::json::object&)>& hear = {});

/// The alert, named by its sequence; Exit::usage where it is named otherwise, or as a document.
Outcome<std::uint64_t> listed_alert(const AlertShow& options);

/// A member as text, yes or no for what is true or false; empty where it is missing.
std::string text_in(const boost::json::object& object, std::string_view name);

/// RFC 4180. What a spreadsheet would take for a formula stands behind an apostrophe.
std::string csv_row(const std::vector<std::string>& fields);
std::string safe_csv_field(std::string_view text);

}  // namespace ops::cli
