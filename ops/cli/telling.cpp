#include "ops/cli/telling.hpp"

#include <unistd.h>

#include <algorithm>

#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace {

// Where there is no label, or one so long that little room would be left beneath it.
constexpr std::size_t kIndent = 4;

/// How many octets the label and the space behind it have; none where there is no label.
std::size_t label_of(std::string_view row) {
  const std::size_t begin = std::min(row.find_first_not_of(' '), row.size());
  const std::size_t gap = row.find("  ", begin);
  if (gap == std::string_view::npos) return 0;
  return std::min(row.find_first_not_of(' ', gap), row.size());
}

std::string hung_row(std::string_view row, std::size_t columns) {
  std::size_t label = label_of(row);
  std::size_t indent = width(row.substr(0, label));
  if (label == 0 || indent > columns / 2) {
    label = std::min(row.find_first_not_of(' '), row.size());
    indent = kIndent;
  }
  std::string out(row.substr(0, label));
  const std::string rest = wrapped(row.substr(label), columns, std::string(indent, ' '));
  return out + rest.substr(std::min(indent, rest.size()));
}

}  // namespace

std::string hung(std::string_view rows, std::size_t columns) {
  std::string out;
  while (!rows.empty()) {
    const std::size_t end = rows.find('\n');
    const std::string_view row = rows.substr(0, end);
    rows.remove_prefix(end == std::string_view::npos ? rows.size() : end + 1);
    out += width(row) <= columns ? std::string(row) + "\n" : hung_row(row, columns);
  }
  return out;
}

bool out_is_seen() { return ::isatty(STDOUT_FILENO) == 1; }

void tell(Terminal& terminal, std::string_view rows) {
  terminal.out(out_is_seen() ? hung(rows, terminal.columns()) : std::string(rows));
}

}  // namespace ops::cli
