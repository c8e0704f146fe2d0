#include "engine/base/trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <mutex>

#include "engine/base/time.hpp"

namespace engine {
namespace {

std::mutex sink_mutex;                       // NOLINT: the one sink of the process
std::function<void(std::string_view)> sink;  // NOLINT

std::string_view name_of(Level level) {
  switch (level) {
    case Level::error:
      return "error";
    case Level::warning:
      return "warning";
    case Level::notice:
      return "notice";
    case Level::info:
      return "info";
  }
  return "info";
}

void append_value(std::string& line, std::string_view value) {
  const auto printable = [](char c) { return c >= ' ' && c <= '~'; };  // and of ASCII
  const auto plain = [&](char c) { return printable(c) && c != ' ' && c != '"' && c != '='; };
  if (!value.empty() && std::all_of(value.begin(), value.end(), plain)) {
    line += value;
    return;
  }
  line += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      line += '\\';
      line += c;
    } else if (!printable(c)) {
      line += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      line += c;
    }
  }
  line += '"';
}

}  // namespace

void trace(Level level, std::string_view event, std::initializer_list<TraceField> fields) {
  std::string line =
      fmt::format("{} {} {}", format_time(SystemClock{}.now()), name_of(level), event);
  for (const auto& [key, value] : fields) {
    line += ' ';
    line += key;
    line += '=';
    append_value(line, value);
  }
  line += '\n';
  const std::lock_guard lock(sink_mutex);
  if (sink) {
    sink(line);
  } else {
    std::fwrite(line.data(), 1, line.size(), stderr);
  }
}

void set_trace_sink(std::function<void(std::string_view line)> new_sink) {
  const std::lock_guard lock(sink_mutex);
  sink = std::move(new_sink);
}

}  // namespace engine
