#pragma once
// The log's three threads and what waits for them. Everything below the members of the writer is
// touched by the writer's thread alone (with Threads::none: by whoever calls run()).
#include <atomic>
#include <functional>
#include <thread>
#include <variant>

#include "engine/base/waiting_line.hpp"
#include "engine/log.hpp"
#include "engine/log/active_set.hpp"
#include "engine/log/folder.hpp"
#include "engine/log/intake.hpp"
#include "engine/log/opening.hpp"
#include "engine/log/reader.hpp"
#include "engine/store/store.hpp"

namespace engine {

class Log::Impl {
 public:
  using RecordDone = Done<Result<std::optional<Record>>>;
  using PageDone = Done<Result<Page>>;

  struct Append {
    Candidate candidate;
    Done<AppendAnswer> done;
    std::chrono::steady_clock::time_point until;  // then no order is asked about it any more
  };
  struct Adoption {
    std::vector<Agreed> records;
    Done<Adopted> done;
  };
  struct FindId {
    BulletinId id;
    RecordDone done;
  };
  struct FindSequence {
    Sequence sequence;
    RecordDone done;
  };
  struct ReadPage {
    Sequence after;
    PageLimit limit;
    PageDone done;
  };
  struct ReadActive {
    Time now;
    Sequence after;
    Sequence until;
    PageLimit limit;
    PageDone done;
  };
  struct Foresee {
    BulletinPtr bulletin;
    Done<Result<Foresight>> done;
  };
  // Pages are asked for by thousands at once, and are matched by who asked for them on the thread
  // that read them. So whoever looks for one record, as each question about a refused or a
  // rehearsed alert does, waits in a line of its own.
  using Lookup = std::variant<FindId, FindSequence, Foresee>;
  using Paging = std::variant<ReadPage, ReadActive>;

  struct Parts {
    std::unique_ptr<Folder> folder;  // null in memory; unlocked last
    std::unique_ptr<Store> store;
    LogState state;
  };

  Impl(const LogOptions& options, const Clock& clock, Parts parts);
  ~Impl();

  Result<void> load();
  void start();
  void stop();
  bool run();

  void append(Candidate candidate, Done<AppendAnswer> done);
  void adopt(Adoption adoption);
  void ask(Lookup lookup);
  void ask(Paging paging);
  void follow(Follower& follower);
  void order_by(Order& order);
  Result<void> take_epoch(const Epoch& epoch);
  bool only_follows() const noexcept { return order_ != nullptr && order_->only_follows(); }
  bool current() const noexcept { return order_ == nullptr || order_->current(); }

  std::optional<Appended> repeat_of(const BulletinId& id) const {
    return reader_.repeat_of(id, head());
  }
  Result<std::vector<Record>> newest(PageLimit limit) const {
    return reader_.newest(limit, head());
  }
  Sequence head() const noexcept { return Sequence{head_.load(std::memory_order_acquire)}; }
  const Epoch& epoch() const noexcept { return epoch_; }
  std::size_t under_way() const noexcept { return under_way_.load(std::memory_order_relaxed); }
  bool writable() const noexcept { return writable_.load(std::memory_order_acquire); }
  bool full() const noexcept { return full_.load(std::memory_order_acquire); }

 private:
  bool write_some(Duration patience);
  bool adopt_some(Duration patience);
  bool look_up_some(Duration patience);
  bool read_some(Duration patience);

  // The writer.
  /// What became of a commit: where an order did not agree to it, it was not written.
  struct Outcome {
    Order::Said said = Order::Said::agreed;
    Store::Commit commit = Store::Commit::done;
    bool done() const { return said == Order::Said::agreed && commit == Store::Commit::done; }
  };
  void write_all(Duration patience);
  void commit(std::vector<Append> appends);
  Conditions conditions();
  Outcome decide_and_write(const std::vector<Append>& appends, std::vector<Decision>& decisions);
  Order::Said propose(const std::vector<Decision>& decisions);
  void answer(std::vector<Append>& appends, std::vector<Decision>& decisions, Outcome outcome);
  Refusal refusal_of(Outcome outcome) const;
  Refusal refusal_of_follower() const;
  Adopted adopt(const std::vector<Agreed>& records);
  Adopted::Outcome adopt_into(const std::vector<Agreed>& records, std::vector<Record>& fresh,
                              Store::Change& change);
  void again(std::vector<Append> appends);
  std::vector<Append> in_time(std::vector<Append> appends);
  void publish(const std::vector<Decision>& decisions);
  bool tend_active();
  void tend_room();
  void note_room(const Store::Room& room);
  Result<void> settle_doubts();
  void take_back();
  void fail(std::string_view what);
  Duration patience() const;

  // Those who read.
  void answer(Lookup lookup);
  void answer(Paging paging);

  const LogOptions options_;
  const Clock& clock_;
  const std::unique_ptr<Folder> folder_;
  const std::unique_ptr<Store> store_;
  Epoch epoch_;   // every thread reads it, and nobody before it is final (take_epoch)
  Time last_at_;  // of the newest record

  WaitingLine<Append> appends_;
  WaitingLine<Adoption> adoptions_;
  WaitingLine<Lookup> lookups_;
  WaitingLine<Paging> pagings_;
  std::atomic<std::uint64_t> head_;
  std::atomic<bool> writable_{true};
  std::atomic<bool> full_{false};
  std::atomic<std::size_t> under_way_{0};

  ActiveSet active_;
  Intake intake_;
  Follower* follower_ = nullptr;
  Order* order_ = nullptr;
  std::vector<Append> again_;  // others were first: decided anew on what they appended
  BulletinId last_id_;         // of the newest record

  Reader reader_;

  std::thread writer_thread_;
  std::thread lookup_thread_;
  std::thread reader_thread_;
};

}  // namespace engine
