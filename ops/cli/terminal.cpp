#include "ops/cli/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "ops/cli/visible.hpp"

namespace ops::cli {
namespace {

bool coloured(Colour colour, int descriptor) {
  if (colour == Colour::never) return false;
  const char* no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') return false;
  const char* term = std::getenv("TERM");
  if (term == nullptr || std::string_view(term) == "dumb") return false;
  return ::isatty(descriptor) == 1;
}

std::string inked(Ink ink, std::string_view text) {
  std::string_view code;
  switch (ink) {
    case Ink::plain:
      return std::string(text);
    case Ink::bold:
      code = "1";
      break;
    case Ink::dim:
      code = "2";
      break;
    case Ink::red:
      code = "1;31";
      break;
    case Ink::green:
      code = "1;32";
      break;
    case Ink::yellow:
      code = "1;33";
      break;
  }
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

}  // namespace

Terminal::Terminal(Colour colour)
    : out_coloured_(coloured(colour, STDOUT_FILENO)),
      say_coloured_(coloured(colour, STDERR_FILENO)) {}

void Terminal::write(int descriptor, std::string_view rest) {
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      if (descriptor == STDOUT_FILENO) closed_ = true;
      return;
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

namespace {

std::string line_of(std::string_view text) {
  std::string line(text);
  if (!line.ends_with('\n')) line += '\n';
  return line;
}

}  // namespace

void Terminal::out(std::string_view text) { write(STDOUT_FILENO, line_of(text)); }
void Terminal::out_bytes(std::string_view bytes) {
  if (::isatty(STDOUT_FILENO) == 1) {
    out(visible_lines(bytes));
  } else {
    write(STDOUT_FILENO, bytes);
  }
}
void Terminal::say(std::string_view text) {
  const std::string line = line_of(text);
  write(STDERR_FILENO, ::isatty(STDERR_FILENO) == 1 ? fitted(line, columns()) : line);
}
void Terminal::warn(std::string_view text) {
  say(say_ink(Ink::yellow, "warning:") + " " + std::string(text));
}

std::string Terminal::out_ink(Ink ink, std::string_view text) const {
  return out_coloured_ ? inked(ink, text) : std::string(text);
}
std::string Terminal::say_ink(Ink ink, std::string_view text) const {
  return say_coloured_ ? inked(ink, text) : std::string(text);
}

std::size_t Terminal::columns() const {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return std::clamp<std::size_t>(size.ws_col, 40, 100);
}

bool Terminal::redraws() const {
  const char* term = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) == 1 && term != nullptr && std::string_view(term) != "dumb";
}

std::size_t Terminal::redraw(std::string_view lines, std::size_t drawn) {
  std::string out = drawn > 0 ? "\x1b[" + std::to_string(drawn) + "A" : "";
  const std::size_t room = columns();
  std::size_t rows = 0;
  while (!lines.empty()) {
    const auto end = lines.find('\n');
    std::string line(lines.substr(0, end));
    lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
    // A line that wrapped would take two rows, and the next picture would miss one of them.
    while (width(line) > room) {
      do {
        line.pop_back();
      } while (!line.empty() && (static_cast<unsigned char>(line.back()) & 0xC0) == 0x80);
    }
    out += "\r" + line + "\x1b[K\n";
    ++rows;
  }
  write(STDERR_FILENO, out);
  return rows;
}

Outcome<std::string> Terminal::ask(std::string_view question, std::string_view instead) {
  if (::isatty(STDIN_FILENO) != 1) {
    return trouble(Exit::usage, "there is nobody to ask: standard input is not a terminal",
                   std::string(instead));
  }
  std::string prompt(question);
  prompt += ' ';
  (void)!::write(STDERR_FILENO, prompt.data(), prompt.size());
  std::string line;
  char c = 0;
  while (true) {
    const ssize_t got = ::read(STDIN_FILENO, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      say("");
      return trouble(Exit::refused, "no answer was given");
    }
    if (c == '\n') return line;
    line += c;
    if (line.size() > 4096) return trouble(Exit::refused, "the answer is too long");
  }
}

}  // namespace ops::cli
