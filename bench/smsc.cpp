// A message centre for measurements: it answers every bind and every submit_sm at once.
//
//   bench_smsc --port 2775        {"ready":true,"port":2775}
//
// and, at the end of its standard input, or at SIGTERM or SIGINT, what it was sent:
// {"binds":1,"submits":100000,"octets":17600000,"seconds":1.2,"per_second":83000}
//
// With --journal FILE each submit is a line of that file then: when it came, in seconds of the
// steady clock, and the digits of the number that it was for.
#include <fmt/format.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <string>

#include "bench/sms/sink.hpp"

namespace {

/// Readable when a signal came or standard input is at its end.
int the_end() {
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGTERM);
  sigaddset(&wanted, SIGINT);
  sigprocmask(SIG_BLOCK, &wanted, nullptr);
  const int both = ::epoll_create1(EPOLL_CLOEXEC);
  for (const int fd : {STDIN_FILENO, ::signalfd(-1, &wanted, SFD_CLOEXEC)}) {
    epoll_event event{EPOLLIN, {.fd = fd}};
    ::epoll_ctl(both, EPOLL_CTL_ADD, fd, &event);  // a file, such as /dev/null, is no end
  }
  return both;
}

}  // namespace

int main(int count, char** arguments) {
  std::uint16_t port = 2775;
  CLI::App app{"bench_smsc: a message centre that takes everything"};
  std::string journal;
  app.add_option("--port", port, "Port at 127.0.0.1; 0 picks one")->capture_default_str();
  app.add_option("--journal", journal, "A file for when each message came and to whom");
  CLI11_PARSE(app, count, arguments);
  bench::SmscSink sink(port);
  if (!journal.empty()) sink.keep_journal();
  const int end = the_end();
  fmt::print("{{\"ready\":true,\"port\":{}}}\n", sink.port());
  std::fflush(stdout);
  sink.serve_until(end);
  const bench::SinkCounts& counts = sink.counts();
  const double seconds = counts.last_s - counts.first_s;
  fmt::print(
      "{{\"binds\":{},\"submits\":{},\"octets\":{},\"seconds\":{:.3f},\"per_second\":{:.0f}}}\n",
      counts.binds, counts.submits, counts.octets, seconds,
      seconds > 0 ? static_cast<double>(counts.submits) / seconds : 0.0);
  if (journal.empty()) return 0;
  std::ofstream file(journal);
  for (const bench::SinkEntry& one : sink.journal()) {
    file << fmt::format("{:.6f} {}\n", one.at_s, one.number);
  }
  return file.flush() ? 0 : 1;
}
