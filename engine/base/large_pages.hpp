#pragma once
// Memory for millions of values that are written once, one after the other. Pure but for asking the
// kernel; any thread.
#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace engine {

/// Makes room for so many, in large pages where there are enough of them: the kernel's work for a
/// small page that nobody touched before costs more than filling it. Without such pages, or where
/// the kernel says no, it is room all the same.
template <class Value>
void reserve_in_large_pages(std::vector<Value>& values, std::size_t count) {
  constexpr std::size_t kPage = 4096, kLarge = 2UL << 20;
  values.reserve(count);
  if (count * sizeof(Value) < 2 * kLarge) return;
  const auto begin = reinterpret_cast<std::uintptr_t>(values.data());
  const std::size_t before = (kPage - begin % kPage) % kPage;
  const std::size_t size = (count * sizeof(Value) - before) / kPage * kPage;
  (void)::madvise(reinterpret_cast<std::byte*>(values.data()) + before, size, MADV_HUGEPAGE);
}

}  // namespace engine
