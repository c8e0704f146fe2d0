#pragma once
// Keys one at a time while it lives, for what is watched until a person leaves: q, Ctrl-C and
// Ctrl-D mean leaving. Elsewhere than on a terminal it only waits. On the main thread.
#include <termios.h>

#include <chrono>

namespace ops::cli {

class Keypress {
 public:
  Keypress();
  ~Keypress();
  Keypress(const Keypress&) = delete;
  Keypress& operator=(const Keypress&) = delete;

  bool on_terminal() const { return on_terminal_; }

  /// Waits that long; true when the person leaves.
  bool leaves_within(std::chrono::milliseconds time) const;

 private:
  bool on_terminal_;
  termios before_{};
};

}  // namespace ops::cli
