// Any bytes as words of an alert, a holder's name or an engine's answer, on their way to a terminal
// or into a URL: what comes out is UTF-8 that a terminal only shows, says the same twice, loses no
// letter that can be seen, and as JSON keeps its meaning.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/ensure.hpp"
#include "engine/cap/text.hpp"
#include "engine/cap/utf8.hpp"
#include "engine/trust/strict_json.hpp"
#include "ops/cli/url.hpp"
#include "ops/cli/visible.hpp"

namespace {

using namespace ops::cli;
namespace cap = engine::cap;

/// Nothing that acts instead of being seen, told by the tables of another room.
void check_harmless(std::string_view shown, std::string_view breaks) {
  ENSURE(!cap::first_not_utf8(shown));
  ENSURE(!cap::find_control(shown) && !cap::find_bidi_control(shown));
  for (const char c : shown) {
    const bool white = c == '\n' || c == '\r' || c == '\t';
    ENSURE(!white || breaks.find(c) != std::string_view::npos);
  }
}

std::size_t letters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; }));
}

/// Lines of a window: all the words, in their order.
void check_wrapped(const std::string& lines) {
  for (const std::size_t columns : {1UL, 20UL, 80UL}) {
    const std::string wrapped_lines = wrapped(lines, columns, "  ");
    const std::string fitted_lines = fitted(lines, columns);
    ENSURE(letters(wrapped_lines) == letters(lines) && letters(fitted_lines) == letters(lines));
    ENSURE(lines.empty() || (wrapped_lines.ends_with('\n') && fitted_lines.ends_with('\n')));
  }
}

void check_json(std::string_view text) {
  const auto value = engine::trust::parse_strict_json(text);
  if (!value) return;
  const std::string shown = visible_json(text);
  const auto again = engine::trust::parse_strict_json(shown);
  ENSURE(again.has_value() && *again == *value);
  check_harmless(shown, "\n\r\t");
}

void check_url(std::string_view text) {
  const auto url = parse_url(text);
  if (!url) {
    ENSURE(url.error().exit == Exit::usage && !url.error().next.empty());
    check_harmless(url.error().what, "");
    return;
  }
  const auto again = parse_url(url->text());
  ENSURE(again.has_value() && again->text() == url->text());
  ENSURE(again->host == url->host && again->port == url->port && again->prefix == url->prefix);
  // The request line and the Host field stay one line each.
  for (const char c : url->text()) ENSURE(static_cast<unsigned char>(c) > ' ' && c != 0x7f);
}

void check_query_value(std::string_view text) {
  std::string read;
  const std::string value = query_value(text);
  for (std::size_t i = 0; i < value.size(); ++i) {
    ENSURE(value[i] > ' ' && value[i] < 0x7f &&
           std::string_view("&#+=?").find(value[i]) == std::string_view::npos);
    if (value[i] != '%') {
      read += value[i];
      continue;
    }
    read += static_cast<char>(std::stoi(value.substr(i + 1, 2), nullptr, 16));
    i += 2;
  }
  ENSURE(read == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string line = visible(text);
  check_harmless(line, "");
  ENSURE(visible(line) == line && letters(line) >= letters(text));
  const std::string lines = visible_lines(text);
  check_harmless(lines, "\n");
  ENSURE(visible_lines(lines) == lines && letters(lines) >= letters(text));
  ENSURE(width(line) <= line.size());
  check_wrapped(lines);
  check_json(text);
  check_url(text);
  check_query_value(text);
  return 0;
}
