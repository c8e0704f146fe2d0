#pragma once
// Diagnostics for the person on call: one line an event, `time level event key=value ...`, on
// standard error. Never on the path of a delivery; never a payload, a secret or a contact.
// ("Log" in this house always means the log of bulletins.)
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace engine {

enum class Level { error, warning, notice, info };

using TraceField = std::pair<std::string_view, std::string>;

/// Thread-safe. A value with anything but plain characters is quoted, and each octet that is not
/// printable ASCII escaped: one event stays one line, and what a stranger wrote does nothing to the
/// terminal of who reads it.
void trace(Level level, std::string_view event, std::initializer_list<TraceField> fields = {});

/// Where the lines go instead of standard error; for tests. Empty: standard error again.
void set_trace_sink(std::function<void(std::string_view line)> sink);

}  // namespace engine
