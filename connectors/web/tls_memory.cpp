#include "connectors/web/tls_memory.hpp"

#include <malloc.h>
#include <openssl/crypto.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace connectors::web {

namespace {

/// In front of each block, which it leaves aligned as malloc's are.
struct Head {
  std::size_t lines;
  std::size_t unused;
};

Head* head_of(void* block) { return static_cast<Head*>(block) - 1; }

/// Kept as long as the process, as its threads are.
thread_local void* spare = nullptr;

/// Never taken down: what OpenSSL gives back at the end of the process comes back here.
TlsMemory& of_openssl() {
  // A session takes 12 KB, so these are 80,000 of them.
  constexpr std::size_t kRoom = 1UL << 30;
  static auto* const memory = new TlsMemory(kRoom);
  return *memory;
}

void* take(std::size_t size, const char* /*file*/, int /*line*/) {
  return size == 0 ? nullptr : of_openssl().take(size);  // as OpenSSL's own
}

void* resize(void* block, std::size_t size, const char* /*file*/, int /*line*/) {
  return of_openssl().resize(block, size);
}

void give(void* block, const char* /*file*/, int /*line*/) { of_openssl().give(block); }

}  // namespace

/// Without the range (an address space that is bounded) all is malloc's.
TlsMemory::TlsMemory(std::size_t room) {
  void* const range = ::mmap(nullptr, room, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (range == MAP_FAILED) return;
  begin_ = unused_ = static_cast<std::byte*>(range);
  end_ = begin_ + room;
  // Small pages where there are no large ones.
  (void)::madvise(range, room, MADV_HUGEPAGE);
}

TlsMemory::~TlsMemory() {
  if (begin_ != nullptr) ::munmap(begin_, static_cast<std::size_t>(end_ - begin_));
}

void* TlsMemory::take(std::size_t size) {
  if (size > kMost && spare != nullptr && size <= ::malloc_usable_size(spare)) {
    return std::exchange(spare, nullptr);
  }
  if (size < kLeast || size > kMost) return std::malloc(size);
  const std::size_t lines = (sizeof(Head) + size + kLine - 1) / kLine;
  {
    const std::lock_guard lock(mutex_);
    if (Free* const found = free_[lines]; found != nullptr) {
      free_[lines] = found->next;
      return found;
    }
    if (static_cast<std::size_t>(end_ - unused_) >= lines * kLine) {
      auto* const head = new (unused_) Head{lines, 0};
      unused_ += lines * kLine;
      return head + 1;
    }
  }
  return std::malloc(size);
}

void TlsMemory::give(void* block) {
  if (!holds(block)) {
    const std::size_t size = ::malloc_usable_size(block);  // 0 of none
    const bool keeps = size > kMost && size <= kBuffer && size > ::malloc_usable_size(spare);
    std::free(keeps ? std::exchange(spare, block) : block);
    return;
  }
  const std::lock_guard lock(mutex_);
  Free*& first = free_[head_of(block)->lines];
  first = new (block) Free{first};
}

void* TlsMemory::resize(void* block, std::size_t size) {
  if (block == nullptr) return take(size);
  if (!holds(block)) return std::realloc(block, size);
  void* const other = size == 0 ? nullptr : take(size);
  if (size > 0 && other == nullptr) return nullptr;
  const std::size_t room = head_of(block)->lines * kLine - sizeof(Head);
  if (other != nullptr) std::memcpy(other, block, std::min(room, size));
  give(block);
  return other;
}

bool TlsMemory::serve_openssl() {
#ifdef __SANITIZE_ADDRESS__
  return true;  // it watches over malloc's blocks alone
#endif
  return CRYPTO_set_mem_functions(connectors::web::take, connectors::web::resize,
                                  connectors::web::give) == 1;
}

}  // namespace connectors::web
