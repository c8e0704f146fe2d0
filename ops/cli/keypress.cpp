#include "ops/cli/keypress.hpp"

#include <poll.h>
#include <unistd.h>

#include <thread>

namespace ops::cli {

Keypress::Keypress() : on_terminal_(::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1) {
  if (!on_terminal_ || ::tcgetattr(STDIN_FILENO, &before_) != 0) {
    on_terminal_ = false;
    return;
  }
  termios raw = before_;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
  ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

Keypress::~Keypress() {
  if (on_terminal_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
}

bool Keypress::leaves_within(std::chrono::milliseconds time) const {
  if (!on_terminal_) {
    std::this_thread::sleep_for(time);
    return false;
  }
  pollfd waiting{STDIN_FILENO, POLLIN, 0};
  if (::poll(&waiting, 1, static_cast<int>(time.count())) <= 0) return false;
  char key = 0;
  constexpr char kCtrlC = 3, kCtrlD = 4;
  return ::read(STDIN_FILENO, &key, 1) != 1 || key == 'q' || key == kCtrlC || key == kCtrlD;
}

}  // namespace ops::cli
