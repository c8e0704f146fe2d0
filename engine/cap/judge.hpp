#pragma once
// Is this a CAP 1.2 alert that may be shown to the public? Reads the XML once (libxml2), holds it
// against the OASIS schema, then against the rules a schema cannot say. Pure; any thread.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cap/alert.hpp"
#include "engine/cap/outline.hpp"

namespace engine::cap {

/// One broken rule, or one warning: its name (schemas/rules.md), where it is and what to do.
struct Fault {
  std::string rule;     // "polygon_closed"
  std::string where;    // "alert/info[1]/area[1]/polygon[2], line 31"
  std::string message;  // one sentence, ending in what to do
  int line = 0;
};

/// Of all areas together. A circle is dear to hold against coasts that it passes nearby.
inline constexpr std::size_t kCirclesMax = 500;

struct Judgement {
  std::vector<Fault> errors;
  std::vector<Fault> warnings;
  std::optional<Alert> alert;  // only where there are no errors
};

/// Admission takes UTF-8. A person may check a draft in any encoding; then processing instructions
/// and too many vertices, references or addresses are warnings.
enum class Encoding { utf8_only, any };

struct Profile {
  Encoding encoding = Encoding::utf8_only;
  std::size_t vertices_max = 20'000;  // of all polygons together
  std::size_t references_max = kReferencesMax;
  std::size_t addresses_max = kAudienceNamesMax;  // of a Private one
  std::size_t faults_max = 100;                   // more are counted, not listed
};

/// Never throws, never reads anything but `xml`; the caller bounds its size.
Judgement judge(std::string_view xml, const Profile& profile = {});

}  // namespace engine::cap
