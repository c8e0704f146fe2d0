#pragma once
// Writing CAP: an alert from its parts, and somebody else's alert made our own. The result is what
// officers sign; from then on it is bytes, and nobody rewrites it.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/cap/alert.hpp"

namespace engine::cap {

/// The alert as CAP 1.2 XML: UTF-8, elements in the schema's order, times with `-00:00`, two spaces
/// of indent, a newline at the end.
std::string compose(const Alert& alert);

/// What `rewrite` replaces; what is empty stays as it was.
struct Rewrite {
  std::string identifier;
  std::string sender;
  std::optional<Time> sent;
  std::optional<Time>
      expires;  // of every info; else it moves with `sent` as effective and onset do
  std::optional<Status> status;
  std::string system;  // the <code>system:NAME</code>; another system's code is replaced
};

/// Any CAP 1.2 document in any encoding, with those values replaced and everything else kept as it
/// is written (text, parameters, resources, polygons). Where the sender changes, references to
/// alerts of the old one follow. XML signatures are dropped, since they no longer hold, and
/// processing instructions, since no bulletin may have one; the result is XML 1.0 in UTF-8.
Result<std::string> rewrite(std::string_view xml, const Rewrite& changes);

}  // namespace engine::cap
