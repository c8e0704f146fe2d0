// bench_herd: thousands of readers and a publisher in one process, so that one clock serves both.
// One thread, and no more work for a message than to find its number: whoever measures must be
// cheaper than what is measured. One line of JSON says what was seen; bench/README.md says how to
// read it.
#include <csignal>
#include <cstdio>

#include "bench/herd/herd.hpp"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  bench::Herd herd(bench::read_options(argc, argv));
  const std::string line = herd.run();
  return std::fwrite(line.data(), 1, line.size(), stdout) == line.size() ? 0 : 1;
}
