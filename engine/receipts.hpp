#pragma once
// Who was reached and what they said: counted in memory, written in batches, synced, by a thread of
// its own. Losing the last moment's counts in a power loss is allowed; losing what was answered 200
// is not.
#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/done.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/position.hpp"

namespace engine {

/// What a reader says of one bulletin.
struct Receipt {
  Sequence sequence = Sequence::none;
  enum class State : std::uint8_t { displayed, acknowledged } state = State::displayed;
  std::string answer;        // at most 1,000 octets; empty: none
  std::string organisation;  // empty: an anonymous reader
};

/// Organisations are counted once each, whatever they say twice; anonymous readers as often as they
/// say it (nobody can tell them apart), so the two are never added up.
struct ReachCount {
  std::uint64_t connected = 0, displayed = 0, acknowledged = 0, answered = 0;
  bool operator==(const ReachCount&) const = default;
};
struct ReachCounts {
  ReachCount organisations, anonymous;
  bool operator==(const ReachCounts&) const = default;
};

struct ReceiptsOptions {
  std::filesystem::path directory;
  enum class Medium { disk, memory } medium = Medium::disk;  // memory: for tests
  enum class Threads { own, none } threads = Threads::own;   // none: run() does the work
};

class Receipts {
 public:
  static Result<std::unique_ptr<Receipts>> open(const ReceiptsOptions& options, const Clock& clock);
  ~Receipts();

  // Any thread; never waits. Where its queue is full, or its disk, counts are dropped and counted
  // as such, and `done` says no.

  /// A bulletin was handed to that many streams of an organisation (empty: anonymous ones).
  void delivered(Sequence sequence, std::string_view organisation, std::uint32_t streams);
  /// Said over a stream: written with the next batch.
  void take(Receipt receipt);
  /// Said by POST: `done` once it would survive a power loss.
  void take(Receipt receipt, Done<Result<void>> done);
  /// An organisation has settled everything up to here.
  void settled(Sequence sequence, std::string_view organisation);

  /// `done` runs on the receipts' thread.
  void reach(Sequence sequence, Done<Result<ReachCounts>> done);

  void stop();
  bool run();  // with Threads::none

 private:
  class Impl;
  explicit Receipts(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace engine
