#pragma once
// Rows of words on standard output. A person's window is often narrower than a row: there it goes
// on beneath its own text, and no word is cut. Elsewhere a row stays one line, for grep and cut.
#include <string>
#include <string_view>

#include "ops/cli/terminal.hpp"

namespace ops::cli {

void tell(Terminal& terminal, std::string_view rows);

/// Whether a person sees what goes to standard output.
bool out_is_seen();

/// Rows for a window of so many columns. A row begins with a label and two spaces or more; what
/// does not fit goes on in the column where the text after them began. Pure.
std::string hung(std::string_view rows, std::size_t columns);

}  // namespace ops::cli
