#pragma once
// An e-mail address, held to what every mail server takes: `name@example.org` in ASCII, without
// quotes, comments or routes (RFC 5321's Dot-string). Letters beyond ASCII before the @ would need
// SMTPUTF8 of every server on the way, and a warning must not depend on that: they are refused, and
// so are domains that are not written in ASCII (xn--…). Pure; any thread.
#include <cstddef>
#include <string_view>

#include "engine/base/result.hpp"

namespace connectors::email {

/// RFC 5321, section 4.5.3.1, and what fits into a path between its angle brackets.
inline constexpr std::size_t kAddressBytes = 254;
inline constexpr std::size_t kLocalPartBytes = 64;

/// Checks one, and says of a wrong one what to change, without repeating it. What passed holds no
/// octet that means anything in a header or to a server.
engine::Result<std::string_view> check_address(std::string_view address);

}  // namespace connectors::email
