#pragma once
// Where words go: data to standard output, talk to standard error, and colour only where a person
// sees it. Lives on the main thread, the only one.
#include <string>
#include <string_view>

#include "ops/cli/outcome.hpp"

namespace ops::cli {

enum class Ink { plain, bold, dim, red, green, yellow };
enum class Colour { where_seen, never };

class Terminal {
 public:
  /// Colours are used on terminals, unless NO_COLOR is set, TERM is dumb, or `colour` forbids.
  explicit Terminal(Colour colour);

  /// One line of data, or several, on standard output.
  void out(std::string_view text);
  /// A whole document on standard output: its very octets to a file or a pipe, made fit to be seen
  /// on a terminal.
  void out_bytes(std::string_view bytes);
  /// One line of talk, or several, on standard error.
  void say(std::string_view text);
  /// Talk that has to be seen: a word in front, and coloured where colours are.
  void warn(std::string_view text);

  /// `text` in that ink, as standard output or standard error can show it.
  std::string out_ink(Ink ink, std::string_view text) const;
  std::string say_ink(Ink ink, std::string_view text) const;

  /// Columns of the window; 80 where there is none, at least 40, at most 100: a line of text
  /// longer than that is hard to read.
  std::size_t columns() const;

  /// Whether talk can be drawn over: a terminal that is not dumb.
  bool redraws() const;
  /// Draws these lines of talk over the last `drawn` ones; answers how many rows they take.
  std::size_t redraw(std::string_view lines, std::size_t drawn);

  /// One line from the person at the terminal. Refused where standard input is not a terminal;
  /// `instead` then says which flag to use.
  Outcome<std::string> ask(std::string_view question, std::string_view instead);

  /// True once standard output is closed by its reader (`tocsin alert watch | head -1`).
  bool closed() const { return closed_; }

 private:
  void write(int descriptor, std::string_view rest);

  const bool out_coloured_;
  const bool say_coloured_;
  bool closed_ = false;
};

}  // namespace ops::cli
