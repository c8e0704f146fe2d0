#pragma once
// ENSURE(condition): an assertion that stays on in release. A broken promise of our own stops the
// process; what was acknowledged is in the log, so stopping is safe and going on is not.

namespace engine {
[[noreturn]] void ensure_failed(const char* condition, const char* file, int line) noexcept;
}

#define ENSURE(condition)                                      \
  do {                                                         \
    if (!(condition)) [[unlikely]]                             \
      ::engine::ensure_failed(#condition, __FILE__, __LINE__); \
  } while (false)
