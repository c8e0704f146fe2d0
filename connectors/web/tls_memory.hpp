#pragma once
// Where OpenSSL keeps its sessions: beside each other in large pages. Thousands of sessions are
// sealed for in turn, and each is cold when its turn comes; strewn over a heap, finding its pages
// costs as much as sealing. Any thread.
#include <array>
#include <cstddef>
#include <mutex>

namespace connectors::web {

/// Blocks of middling size out of one range of addresses, of which only what was ever used is
/// memory. What is given back is taken again by who wants as much; nothing goes back to the system.
/// Of what is larger, the buffer that a session has while it seals, each thread keeps the last one.
class TlsMemory {
 public:
  explicit TlsMemory(std::size_t room);
  ~TlsMemory();
  TlsMemory(const TlsMemory&) = delete;
  TlsMemory& operator=(const TlsMemory&) = delete;

  /// As malloc(3) and its kin, aligned as they are. What is not for here, or has no room left, is
  /// theirs.
  void* take(std::size_t size);
  void* resize(void* block, std::size_t size);
  void give(void* block);

  bool holds(const void* block) const { return block >= begin_ && block < end_; }

  /// All that OpenSSL takes in this process, from before it took anything for the first time;
  /// false where it did already.
  static bool serve_openssl();

 private:
  static constexpr std::size_t kLeast = 160, kMost = 8192;  // a session's own, and what it seals by
  static constexpr std::size_t kBuffer = 32'768;            // more than one for a record has
  static constexpr std::size_t kLine = 64;                  // of the processor's caches
  struct Free {
    Free* next;
  };

  std::byte* begin_ = nullptr;
  std::byte* end_ = nullptr;
  std::mutex mutex_;
  std::byte* unused_ = nullptr;
  std::array<Free*, (kMost + kLine) / kLine + 1> free_{};  // by their lines
};

}  // namespace connectors::web
