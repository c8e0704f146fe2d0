// Loaded before a program's libraries (LD_PRELOAD): the time of day that it sees is the machine's
// and so many seconds more as stand, in decimal, in the file that TOCSIN_TEST_CLOCK names. Other
// clocks go on as they are. For tests alone: it is in no program and in no package.
#include <fcntl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>

namespace {

long seconds_more() {
  static const char* const file = std::getenv("TOCSIN_TEST_CLOCK");
  if (file == nullptr) return 0;
  const int opened = ::open(file, O_RDONLY | O_CLOEXEC);
  if (opened < 0) return 0;
  char text[24] = {};
  const ssize_t size = ::read(opened, text, sizeof text - 1);
  ::close(opened);
  return size > 0 ? std::strtol(text, nullptr, 10) : 0;
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const long failed = ::syscall(SYS_clock_gettime, clock, time);
  if (failed == 0 && clock == CLOCK_REALTIME) time->tv_sec += seconds_more();
  return static_cast<int>(failed);
}
