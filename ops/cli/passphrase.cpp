#include "ops/cli/passphrase.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

namespace ops::cli {

using engine::trust::SecretBytes;

namespace {

constexpr std::size_t kPassphraseMax = 1024;
constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};

volatile sig_atomic_t caught = 0;
void on_signal(int number) { caught = number; }

/// While it lives, signals that would end or stop the program are only remembered, so that echo can
/// be put back before they act, and come in nowhere but where typing is waited for: one that came
/// just before would be remembered, and waited behind.
class SignalsHeld {
 public:
  SignalsHeld() {
    struct sigaction held {};
    held.sa_handler = on_signal;
    sigemptyset(&held.sa_mask);
    caught = 0;
    sigset_t blocked;
    sigemptyset(&blocked);
    for (const int number : kSignals) sigaddset(&blocked, number);
    sigprocmask(SIG_BLOCK, &blocked, &mask_before_);
    for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &held, &before_[i]);
  }
  ~SignalsHeld() {
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
      sigaction(kSignals[i], &before_[i], nullptr);
    }
    sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
  }
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

  /// What is let through while typing is waited for.
  const sigset_t* while_waiting() const { return &mask_before_; }

 private:
  sigset_t mask_before_{};
  std::array<struct sigaction, kSignals.size()> before_{};
};

class EchoOff {
 public:
  explicit EchoOff(int terminal) : terminal_(terminal) {
    if (tcgetattr(terminal_, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= ICANON | ISIG | ECHONL;
    off_ = tcsetattr(terminal_, TCSAFLUSH, &silent) == 0;
  }
  ~EchoOff() {
    if (off_) tcsetattr(terminal_, TCSAFLUSH, &before_);
  }
  EchoOff(const EchoOff&) = delete;
  EchoOff& operator=(const EchoOff&) = delete;
  bool off() const { return off_; }

 private:
  int terminal_;
  termios before_{};
  bool off_ = false;
};

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

enum class LineEnd { line, end_of_file, interrupted, error, too_long };

/// Waits for what is typed, letting signals in; false where one came.
bool wait_for_more(int terminal, const SignalsHeld& signals) {
  pollfd typed{terminal, POLLIN, 0};
  while (caught == 0 && ::ppoll(&typed, 1, nullptr, signals.while_waiting()) < 0 &&
         errno == EINTR) {
  }
  return caught == 0;
}

/// Reads octet by octet straight into locked memory. `secret` is cut to what was read.
LineEnd read_line(int descriptor, SecretBytes& secret, const SignalsHeld* signals = nullptr) {
  std::size_t used = 0;
  while (true) {
    if (signals != nullptr && !wait_for_more(descriptor, *signals)) return LineEnd::interrupted;
    char c = 0;
    const ssize_t got = ::read(descriptor, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return LineEnd::error;
    if (got == 0 || c == '\n') {
      secret.shrink(used);
      return got == 0 ? LineEnd::end_of_file : LineEnd::line;
    }
    if (used == secret.size()) return LineEnd::too_long;
    secret.data()[used++] = static_cast<std::uint8_t>(c);
  }
}

Trouble too_long() { return trouble(Exit::usage, "the passphrase is longer than 1024 octets"); }

}  // namespace

Outcome<SecretBytes> read_passphrase(int descriptor) {
  SecretBytes secret(kPassphraseMax);
  switch (read_line(descriptor, secret)) {
    case LineEnd::line:
    case LineEnd::end_of_file:
      return secret;
    case LineEnd::too_long:
      return too_long();
    case LineEnd::interrupted:
    case LineEnd::error:
      break;
  }
  return trouble(Exit::usage,
                 "the passphrase cannot be read from descriptor " + std::to_string(descriptor) +
                     ": " + std::strerror(errno),
                 "open it in the shell, for example --passphrase-fd 3 3< FILE");
}

Outcome<SecretBytes> ask_passphrase(std::string_view prompt) {
  const Descriptor terminal(::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (terminal.number() < 0) {
    return trouble(Exit::usage, "there is no terminal to ask for the passphrase on",
                   "give it through a descriptor: --passphrase-fd 3 3< FILE");
  }
  while (true) {
    SecretBytes secret(kPassphraseMax);
    LineEnd end = LineEnd::error;
    {
      const SignalsHeld signals;
      const EchoOff echo(terminal.number());
      if (!echo.off()) return trouble(Exit::usage, "the terminal's echo cannot be switched off");
      (void)!::write(terminal.number(), prompt.data(), prompt.size());
      end = read_line(terminal.number(), secret, &signals);
    }
    if (end == LineEnd::interrupted) {
      (void)!::write(terminal.number(), "\n", 1);
      const int number = caught;
      caught = 0;
      ::raise(number);  // acts now, as it would have; after a stop, the question comes again
      if (number != SIGTSTP) return trouble(Exit::refused, "interrupted");
      continue;
    }
    if (end == LineEnd::too_long) return too_long();
    if (end != LineEnd::line) return trouble(Exit::refused, "no passphrase was given");
    return secret;
  }
}

Outcome<SecretBytes> passphrase(std::optional<int> descriptor, std::string_view prompt) {
  return descriptor ? read_passphrase(*descriptor) : ask_passphrase(prompt);
}

Outcome<SecretBytes> new_passphrase(std::optional<int> descriptor) {
  auto first = passphrase(descriptor, "New passphrase: ");
  if (!first) return first;
  if (first->size() == 0) {
    return trouble(Exit::usage, "the passphrase is empty",
                   "several words that belong together for you alone make a good one");
  }
  if (descriptor) return first;
  auto second = ask_passphrase("The same again: ");
  if (!second) return second;
  if (first->view() != second->view()) {
    return trouble(Exit::refused, "the two passphrases differ, so no key was made",
                   "start again; nothing was written");
  }
  return first;
}

}  // namespace ops::cli
