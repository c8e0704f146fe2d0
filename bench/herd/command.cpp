#include "bench/herd/command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <sstream>

#include "bench/herd/fault.hpp"

namespace bench {

namespace {

constexpr int kLineMilliseconds = 10'000;

}  // namespace

Command::Command(const std::string& text) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) give_up("no pipe for: {}", text);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawnattr_t attributes;  // what we ignore is not to be ignored by the server
  posix_spawnattr_init(&attributes);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  std::string shell = "sh";
  std::string option = "-c";
  std::string command = text;
  std::array<char*, 4> values = {shell.data(), option.data(), command.data(), nullptr};
  if (posix_spawn(&process_, "/bin/sh", &actions, &attributes, values.data(), environ) != 0) {
    give_up("cannot run: {}", text);
  }
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  close(ends[1]);
  output_ = ends[0];
}

Command::~Command() {
  close(output_);
  waitpid(process_, nullptr, WNOHANG);  // it may go on: then it is the server
}

void Command::read() {
  std::array<char, 512> piece{};
  while (!ended_) {
    const ssize_t size = ::read(output_, piece.data(), piece.size());
    if (size < 0) return;
    if (size == 0) ended_ = true;
    written_.append(piece.data(), static_cast<std::size_t>(size));
  }
}

bool Command::wait_for_line() {
  for (read(); !has_line() && !ended_; read()) {
    pollfd wish{output_, POLLIN, 0};
    if (poll(&wish, 1, kLineMilliseconds) <= 0) return false;
  }
  return has_line();
}

std::vector<pid_t> Command::processes() const {
  std::istringstream line(written_.substr(0, written_.find('\n')));
  std::vector<pid_t> processes;
  for (pid_t process = 0; line >> process;) processes.push_back(process);
  return processes;
}

}  // namespace bench
