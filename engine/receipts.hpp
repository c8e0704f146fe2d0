#pragma once
// Who was reached and what they said: counted in memory, written in batches, synced, by a thread of
// its own. Losing the last moment's counts in a power loss is allowed; losing what was answered 200
// is not.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

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

/// A bulletin was handed to that many streams of an organisation (empty: anonymous ones).
struct Delivered {
  Sequence sequence = Sequence::none;
  std::string organisation;
  std::uint32_t streams = 0;
};

/// What organisations said of a bulletin beside having seen it, each its newest answer.
struct GivenAnswers {
  struct Given {
    std::string organisation;
    std::string answer;
  };
  std::vector<Given> given;  // by key
  std::string cursor;        // where the next page begins
  bool end = false;
};

/// What one organisation said of bulletins and was handed of them, oldest first.
struct OrganisationSaid {
  struct Of {
    Sequence sequence = Sequence::none;
    bool connected = false, displayed = false, acknowledged = false;
    std::string answer;  // the newest one
  };
  std::vector<Of> said;
  Sequence cursor = Sequence::none;  // where the next page begins
  bool end = false;
};

/// For the operator: what waits to be written, what was lost for want of room or of a disk.
struct ReceiptsState {
  std::uint64_t waiting = 0, dropped = 0;
  bool writable = true;  // false after a failed write, until a restart
  bool full = false;     // as long as the disk has no room for counts; ends by itself
};

struct StoreTrial;  // engine/store/trial.hpp: what tests put beneath a store

struct ReceiptsOptions {
  std::filesystem::path directory;
  enum class Medium { disk, memory } medium = Medium::disk;  // memory: for tests
  enum class Threads { own, none } threads = Threads::own;   // none: run() does the work
  // Left free for others: counts give way while there is room for bulletins still.
  std::uint64_t working_bytes = 32UL << 20;
  std::shared_ptr<const StoreTrial> trial = nullptr;
  /// Whether there is such an organisation, asked on the receipts' thread as its words are written:
  /// what was under way when it was erased is not kept behind forget(). Null: there is.
  std::function<bool(std::string_view organisation)> knows = nullptr;
  /// An organisation has acknowledged, and it is written. On the receipts' thread: hand over and
  /// return. Null: nobody waits for it.
  std::function<void(Sequence, std::string_view organisation)> acknowledged = nullptr;
};

class Receipts {
 public:
  static Result<std::unique_ptr<Receipts>> open(const ReceiptsOptions& options, const Clock& clock);
  ~Receipts();

  // Any thread; never waits. Where its queue is full, or its disk, counts are dropped and counted
  // as such, and `done` says no.

  /// Bulletins were handed to streams.
  void delivered(std::vector<Delivered> batch);
  /// Said over a stream: written with the next batch.
  void take(Receipt receipt);
  /// Said by POST, all of them or none: `done` once they would survive a power loss.
  void take(std::vector<Receipt> receipts, Done<Result<void>> done);
  /// An organisation has settled everything up to here. Written with the next batch, and synced
  /// only where that has something else: an ack comes with every alert, and whoever loses one in a
  /// power loss sends a later one.
  void settled(Sequence sequence, std::string_view organisation);

  /// `done` runs on the receipts' thread.
  void reach(Sequence sequence, Done<Result<ReachCounts>> done);
  /// What was answered by organisations whose keys come after `cursor`: a page, for which at most
  /// so many organisations are looked at. `done` runs on the receipts' thread.
  void answers(Sequence sequence, std::string cursor, std::size_t most,
               Done<Result<GivenAnswers>> done);
  /// What an organisation said of bulletins after that one: a page, for which at most so many
  /// bulletins are looked at. `done` runs on the receipts' thread.
  void said_by(std::string_view organisation, Sequence after, std::size_t most,
               Done<Result<OrganisationSaid>> done);
  /// How far an organisation has settled. `done` runs on the receipts' thread.
  void position(std::string_view organisation, Done<Result<Sequence>> done);
  /// What it said, and how far it had settled, is gone once `done` says so; it stays a number among
  /// those reached. Looks at what every organisation said: for an operator's rare wish.
  void forget(std::string_view organisation, Done<Result<void>> done);

  /// Whether somebody of an organisation has acknowledged, as far as it is written; no where that
  /// cannot be read. Any thread that may wait for the disk.
  bool has_acknowledged(Sequence sequence, std::string_view organisation) const;

  ReceiptsState state() const noexcept;

  /// Writes what waits, then stops the thread. What comes later is dropped.
  void stop();
  bool run();  // with Threads::none

 private:
  class Impl;
  explicit Receipts(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace engine
