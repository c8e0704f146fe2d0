#include "engine/base/ensure.hpp"

#include <cstdio>
#include <cstdlib>

namespace engine {

void ensure_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "broken promise: %s at %s:%d\n", condition, file, line);
  std::fflush(stderr);
  std::abort();
}

}  // namespace engine
