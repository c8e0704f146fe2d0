#pragma once
// A core, its sockets and its subscribers. Everything here but post() runs on the shard's own
// thread, which never touches the disk and never waits.
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <span>
#include <string>
#include <unordered_map>

#include "engine/base/mailbox.hpp"
#include "engine/base/metrics.hpp"
#include "engine/directory.hpp"
#include "engine/log.hpp"
#include "engine/receipts.hpp"
#include "engine/shard/gathering.hpp"
#include "engine/shard/page_line.hpp"
#include "engine/shard/ring.hpp"
#include "engine/shard/tally.hpp"
#include "engine/subscriber.hpp"

namespace engine {

/// What every shard shares; each member outlives the shards and is safe on any thread.
struct ShardParts {
  Log& log;
  const Directory& directory;
  Receipts& receipts;
  const Clock& clock;
  Metrics& metrics;
};

/// Whom a bulletin concerns of those who are connected. Organisations count once each, however many
/// streams they have.
struct Concerned {
  std::set<std::string> organisations;
  std::size_t anonymous = 0;
};

class Shard {
 public:
  Shard(const ShardParts& parts, std::uint64_t seed);

  boost::asio::io_context& io() noexcept { return io_; }

  /// Recent frames up to the log's head, before the shard runs.
  void begin_with(const Ring& ring) { ring_ = ring; }

  /// Any thread: durable records, on their way to whom they concern. Consecutive, from the log's
  /// thread alone; what does not fit into the mailbox is read from the log later.
  void post(std::span<const FramePtr> frames);
  void post(const FramePtr& frame) { post({&frame, 1}); }

  /// Any thread: does `work` on the shard's own.
  void call(std::function<void()> work);

  /// A new reader: says hello, catches it up, and keeps it live until leave(). `hello` is completed
  /// with epoch, head and whether the position was found.
  std::uint64_t join(Outlet& outlet, Filter filter, const Start& start, Hello hello);
  void leave(std::uint64_t id);
  /// Who reads there; somebody anonymous where nobody does.
  const Member& member(std::uint64_t id) const;
  /// The outlet has room again.
  void writable(std::uint64_t id);
  /// The outlet is still full, but some of what waited has gone out.
  void progressed(std::uint64_t id);
  /// The outlet has said goodbye by itself: nothing more is offered to it, and nothing counted.
  void said_goodbye(std::uint64_t id);

  /// Adds the connected readers whom a bulletin concerns to `counted`.
  void count_concerned(const Target& target, Concerned& counted) const;

  /// Once a second: beats, and the end of those who stall.
  void tick();
  /// Ticks by itself, until stop_ticking().
  void start_ticking();
  void stop_ticking();

  /// Ends the streams of those who may not read any more, and hands over what was counted so far.
  void settle_members();

  /// Tells everyone to come back, each after a time of its own.
  void close_all();

  /// Any thread.
  std::size_t subscribers() const noexcept { return count_.load(std::memory_order_relaxed); }
  /// How far the fan-out has come; any thread.
  Sequence fanned_out() const noexcept { return fanned_.load(std::memory_order_acquire); }

 private:
  void drain();
  bool waits_for_more();
  void fan_out(const std::vector<FramePtr>& frames);
  void look_ahead(std::size_t i) const;                // in groups_
  enum class Offered : std::uint8_t { whole, other };  // all of this turn, or something else
  static void look_ahead(const std::vector<Subscriber*>& members, std::size_t now);
  Offered offer_turn(FilterGroup& group, Subscriber& subscriber, Sequence before);
  void handed_over(const FilterGroup& group, Sequence sequence, std::uint32_t streams);
  void report();          // what was handed over, to the receipts
  void notice_changes();  // of the directory
  void check_members();
  void end_if_changed(std::uint64_t id);
  void miss(Sequence through);  // a hole in what was posted: everyone reads it from the log
  void advance(Subscriber& subscriber);
  bool hand_over_ring(Subscriber& subscriber);
  void ask_for_page(Subscriber& subscriber);
  void read_pages();  // of those whose turn it is
  void read_page(Subscriber& subscriber);
  void on_page(std::uint64_t id, Result<Page> page);
  void hand_over_page(Subscriber& subscriber, Page page);
  void let_go(Subscriber& subscriber);  // of what it held, once there is room or it leaves
  void go_live(Subscriber& subscriber);
  void fall_behind(Subscriber& subscriber);
  static bool stalls(Subscriber& subscriber, bool others_wait);  // for too long, by this tick
  void set_closing(Subscriber& subscriber);
  void end(Subscriber& subscriber, CloseReason reason, std::string_view text);
  void say_live(Subscriber& subscriber);
  void beat(Subscriber& subscriber);
  bool position_known(const Position& position) const;
  std::string come_back();
  FilterGroup& group_of(Filter filter);
  void drop(const FilterGroup& group);

  ShardParts parts_;
  Counter& deliveries_;
  boost::asio::io_context io_{1};
  boost::asio::steady_timer timer_{io_};
  Mailbox<FramePtr> mailbox_;
  std::vector<FramePtr> gathered_;  // out of it, for the next turn
  Gathering gathering_;
  boost::asio::steady_timer gathered_timer_{io_};
  Ring ring_;
  PageLine page_line_;
  std::atomic<Sequence> fanned_;
  Sequence head_at_tick_;  // of the log, at the last tick
  std::unordered_map<std::uint64_t, std::unique_ptr<Subscriber>> subscribers_;
  std::vector<std::shared_ptr<FilterGroup>> groups_;  // in a row, as a turn goes through them
  std::unordered_map<std::string, FilterGroup*> groups_by_key_;
  std::atomic<std::size_t> count_{0};
  std::uint64_t last_id_ = 0;
  std::uint64_t ticks_ = 0;
  std::pair<Sequence, Wire> beat_;  // the last one built in this tick
  Tally tally_;
  std::uint64_t directory_revision_ = 0;  // as of the last look at who may still read
  std::mt19937_64 random_;
};

}  // namespace engine
