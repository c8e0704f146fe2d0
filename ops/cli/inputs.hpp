#pragma once
// What a person types for places, durations and lists, read into values. Pure: each answers with
// the value or with a sentence that shows the right form.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/cap/alert.hpp"
#include "engine/trust/trust_document.hpp"

namespace ops::cli {

/// "51.51,-0.13 51.52,-0.13 51.52,-0.12": latitude first. A ring that does not end where it began
/// is closed.
engine::Result<engine::cap::Polygon> parse_polygon(std::string_view text);

/// "51.51,-0.13 2.5": centre and radius in kilometres.
engine::Result<engine::cap::Circle> parse_circle(std::string_view text);

/// "90s", "45m", "2h", "3d", or several together: "1h30m".
engine::Result<engine::Duration> parse_duration(std::string_view text);

/// RFC 3339, with `Z` or an offset.
engine::Result<engine::Time> parse_moment(std::string_view text);

/// "3 d 4 h", "12 min", "8 s": the two largest units, for people.
std::string duration_text(engine::Duration duration);

/// One of CAP's words, in any case; the sentence lists the possible ones.
template <class Enum>
engine::Result<Enum> parse_word(std::string_view text);

struct OfficerText {
  std::string key_file;
  engine::trust::Duties duties;
};
/// "anna.key:originate,approve".
engine::Result<OfficerText> parse_officer(std::string_view text);

/// "Actual:Severe:2".
engine::Result<engine::trust::ApprovalRule> parse_approval(std::string_view text);

/// Whether what was typed names this area: upper and lower case and the white space around do not
/// matter (ASCII letters only; others must be as written).
bool names_area(std::string_view typed, std::string_view area);

}  // namespace ops::cli
