#pragma once
// A CAP document as JSON, for reading only: every element by CAP's name, lists where CAP repeats,
// every value the text that stands in the document. Not signed, and never read back. Pure; any
// thread.
#include <string>
#include <string_view>

#include "engine/base/result.hpp"

namespace engine::cap {

/// The alert as one JSON object, in the document's order (schemas/rendition.schema.json, its
/// `alert`). What is not CAP, such as an XML signature, is left out.
Result<std::string> rendition(std::string_view xml);

/// What a list of alerts says of one. Each is one line.
inline constexpr std::size_t kTitleCharacters = 200;
struct Brief {
  std::string title;   // of its first info the headline, or the event where there is none; the note
                       // of an alert without infos; at most kTitleCharacters
  std::string status;  // as CAP writes it
};
Result<Brief> brief(std::string_view xml);

}  // namespace engine::cap
