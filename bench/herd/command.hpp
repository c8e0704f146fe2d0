#pragma once
// A shell command that runs beside us, and the first line that it writes.
#include <sys/types.h>

#include <string>
#include <vector>

namespace bench {

class Command {
 public:
  explicit Command(const std::string& text);
  ~Command();
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  /// Takes what it has written by now.
  void read();
  /// Waits for the first line; false where it closed its output without one.
  bool wait_for_line();
  /// The numbers of that line.
  std::vector<pid_t> processes() const;

 private:
  bool has_line() const { return written_.find('\n') != std::string::npos; }

  pid_t process_ = -1;
  int output_ = -1;
  bool ended_ = false;
  std::string written_;
};

}  // namespace bench
