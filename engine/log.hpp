#pragma once
// The only road from admission to delivery. What is not in the log does not exist; what is in it
// will be offered to everyone it concerns. RocksDB underneath; a thread that writes, one that looks
// single records up, and one that reads pages.
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "engine/admission.hpp"
#include "engine/base/done.hpp"
#include "engine/base/result.hpp"
#include "engine/bulletin.hpp"
#include "engine/order.hpp"

namespace engine {

/// Where an append ended: durable, in a new place or in the one it had already.
struct Appended {
  Sequence sequence = Sequence::none;
  Time at;
  bool repeat = false;
  BulletinId id{};
};
using AppendAnswer = std::variant<Appended, Refusal>;

/// What question 13 says of a bulletin that is not appended: the place it has already, if any, and
/// the bulletin with what the alerts it names reached.
struct Foreseen {
  std::optional<Appended> repeat;
  BulletinPtr bulletin;
};
using Foresight = std::variant<Foreseen, Refusal>;

/// What became of records whose places others have agreed on.
struct Adopted {
  enum class Outcome {
    taken,       // durable here, each; those that were here already too
    gap,         // they begin behind the place that comes next here
    differs,     // a place of theirs is another bulletin's here: these are two logs
    unavailable  // the disk takes nothing, or has no room
  } outcome = Outcome::unavailable;
  Sequence head = Sequence::none;  // afterwards
};

/// Told of every record, in order, each once, when it is durable. Runs on the log's writer thread:
/// hand over and return.
class Follower {
 public:
  virtual ~Follower() = default;
  virtual void on_records(std::span<const Record> records) = 0;
};

struct PageLimit {
  std::size_t records = 64;
  std::size_t bytes = 1 << 20;  // of payloads and shapes; at least one record comes
};
struct Page {
  std::vector<Record> records;        // in order, no gaps
  Sequence through = Sequence::none;  // read up to here
  bool end = false;                   // nothing after `through` when it was read
};

struct StoreTrial;  // engine/store/trial.hpp: what tests put beneath a log

struct LogOptions {
  std::filesystem::path directory;
  enum class Medium { disk, memory } medium = Medium::disk;  // memory: for tests
  enum class Threads { own, none } threads = Threads::own;   // none: run() does the work
  std::size_t appends_waiting_max = 4096;
  std::size_t batch_max = 256;                  // records in one commit
  std::size_t bytes_waiting_max = 256UL << 20;  // in the queue: payloads, and 16 KiB a reference
  std::uint64_t reserve_bytes = 64UL << 20;     // of disk, held for Cancels in a file of its own
  std::uint64_t working_bytes = 16UL << 20;     // left free beside it: journal and tables grow
  int max_open_files = 256;
  std::shared_ptr<const StoreTrial> trial = nullptr;
};

class Log {
 public:
  /// Opens or makes the log of a folder. A second process on the same folder is refused.
  static Result<std::unique_ptr<Log>> open(const LogOptions& options, const Clock& clock);
  ~Log();

  // Any thread. Every `done` runs once, also at stop. Where a queue is full, or the log has
  // stopped, it runs before the call returns, on the caller's thread, with a no.

  /// Questions 13 to 15, then the commit. `done` runs once on the writer's thread, and says yes
  /// only when the record would survive a power loss. A bulletin already there is not added again.
  void append(Candidate candidate, Done<AppendAnswer> done);

  /// Records in the places that an Order has given them, each behind the one before: durable, and
  /// told to followers like any other, when `done` runs, on the writer's thread.
  void adopt(std::vector<Agreed> records, Done<Adopted> done);

  /// Question 13 alone, of what is durable now: nothing is written, no rate is spent, and those who
  /// append do not wait for it. `done` runs on the lookups' thread.
  void foresee(BulletinPtr bulletin, Done<Result<Foresight>> done);

  /// The place that it has already, or nothing: also where that cannot be read, since append()
  /// asks again. For any thread, at once: a look at memory, and at the disk for what is there.
  std::optional<Appended> repeat_of(const BulletinId& id) const;

  /// The record of that id, or nothing. `done` runs on the lookups' thread; nobody waits there for
  /// those who read pages.
  void find(const BulletinId& id, Done<Result<std::optional<Record>>> done);
  void find(Sequence sequence, Done<Result<std::optional<Record>>> done);

  /// Records after `after`. `done` runs on the reader's thread.
  void read(Sequence after, PageLimit limit, Done<Result<Page>> done);

  /// What is active at `now`: Alerts and Updates neither expired, replaced nor cancelled, and
  /// Cancels of alerts that would not have expired yet; in order, after `after`, none newer than
  /// `until`.
  void read_active(Time now, Sequence after, Sequence until, PageLimit limit,
                   Done<Result<Page>> done);

  /// The newest records in order, without a gap up to the head: at most so many, and no more octets
  /// of payload and shapes than that. For any thread that may wait for the disk.
  Result<std::vector<Record>> newest(PageLimit limit) const;

  /// The newest durable record.
  Sequence head() const noexcept;
  const Epoch& epoch() const noexcept;
  /// Appends that wait or are being written. Once they are not counted any more, followers are
  /// about to hear of those that were admitted.
  std::size_t under_way() const noexcept;
  /// False after a failed write: readers go on, appends are refused until a restart.
  bool writable() const noexcept;
  /// True while the disk has no room but for Cancels. Ends by itself when there is room again.
  bool full() const noexcept;

  /// Before the first append, and not again. An append is answered before followers hear of it.
  void follow(Follower& follower);

  /// From now on nothing is appended that `order` has not agreed to. Before the first append, and
  /// not again; it outlives the log's threads.
  void order_by(Order& order);
  /// Takes the epoch of the machines it shares its log with. Before anybody reads the epoch, and
  /// only while it is empty.
  Result<void> take_epoch(const Epoch& epoch);
  /// False while others may have newer records: then no reader is told that it is live.
  bool current() const noexcept;
  /// True where nothing is appended but what other machines have. Any thread.
  bool only_follows() const noexcept;

  /// Finishes what was appended, then stops the threads. Appends after it are refused.
  void stop();

  /// With Threads::none: does all work that waits, on the caller's thread. True if there was any.
  bool run();

 private:
  class Impl;
  explicit Log(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace engine
