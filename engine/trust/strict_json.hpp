#pragma once
// JSON as signed things need it: RFC 8259, UTF-8, no duplicate keys, a depth limit, nothing after
// the value. One text, one meaning.
#include <boost/json/value.hpp>
#include <string_view>

#include "engine/base/result.hpp"

namespace engine::trust {

Result<boost::json::value> parse_strict_json(std::string_view text, std::size_t depth_max = 32);

}  // namespace engine::trust
