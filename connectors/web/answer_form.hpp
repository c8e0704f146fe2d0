#pragma once
// What a browser sends from the pages behind an e-mail's links: a form of a few fields
// (application/x-www-form-urlencoded). Anybody may send anything. No I/O; any thread.
#include <optional>
#include <string>
#include <string_view>

#include "engine/answer.hpp"

namespace connectors::web {

/// A form of ours is below 6,000 octets where each character of its words is written as %F0%9F….
inline constexpr std::size_t kFormBytes = 8192;

/// The value of a field that is there once; nothing where it is not, or twice, or where its value
/// cannot be read.
std::optional<std::string> form_field(std::string_view body, std::string_view name);

/// `answer` is safe, help, shelter (for `places` people) or words; what else somebody has to say
/// stands in `words`. Nothing where that says nothing.
std::optional<engine::Answer> read_answer_form(std::string_view body);

/// Whether somebody, or their mail program by one click (RFC 8058), asks for no more messages: a
/// form, of either kind, whose List-Unsubscribe is One-Click.
bool asks_to_leave(std::string_view body);

}  // namespace connectors::web
