#pragma once
// Who was not reached and what was tried, as the engine tells its operator, written down for people
// and for spreadsheets. Pure.
#include <boost/json/object.hpp>
#include <string>

namespace ops::cli {

/// The organisation and what was tried, in lines for a terminal.
std::string unreached_text(const boost::json::object& organisation);

/// RFC 4180: the names of the columns, and a row for each attempt's contact, one without where
/// nobody was tried.
std::string unreached_csv_header();
std::string unreached_csv(const boost::json::object& organisation);

}  // namespace ops::cli
