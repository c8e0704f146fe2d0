#pragma once
// The thread that carries what is owed to the channels and writes down what came of it, a turn at a
// time: what was heard, what is due, what is new in the log, the next piece of planning, who is
// handed over next; all of it one synced write, and only then is anybody handed over.
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <map>
#include <thread>
#include <variant>

#include "engine/base/waiting_line.hpp"
#include "engine/delivery/code_post.hpp"
#include "engine/delivery/dispatcher.hpp"
#include "engine/delivery/planner.hpp"
#include "engine/delivery/replies.hpp"
#include "engine/delivery/sweeper.hpp"
#include "engine/store/store.hpp"

namespace engine::delivery {

class Courier final : public ChannelListener {
 public:
  struct AskReach {
    Sequence sequence;
    Done<Result<std::optional<OutboxReach>>> done;
  };
  struct AskUnreached {
    Sequence sequence;
    std::string cursor;
    Done<Result<UnreachedPage>> done;
  };
  struct AskSent {
    std::string organisation;
    Sequence after;
    Done<Result<SentPage>> done;
  };
  struct AskDelivery {
    DeliveryId id{};
    Done<Result<std::optional<DeliveryFound>>> done;
  };
  struct Erase {
    std::string organisation;
    Done<Result<void>> done;
  };
  struct AskGateways {
    Done<std::vector<GatewayState>> done;
  };
  struct SendCode {
    Way way = Way::sms;
    CodeMessage message;
    Done<bool> taken;
  };
  using Asked = std::variant<Acknowledged, AskReach, AskUnreached, AskSent, AskDelivery, Erase,
                             AskGateways, SendCode>;

  Courier(const OutboxOptions& options, OutboxParts parts, std::unique_ptr<Store> store);
  ~Courier() override;

  /// Before anything else: whose outbox it is, how far it has come, what was under way.
  Result<void> begin();

  boost::asio::io_context& io() { return io_; }
  void start(std::vector<std::unique_ptr<Channel>> channels);
  void stop();
  bool run();
  Result<void> erase_alone(std::string_view organisation);
  Result<SentPage> sent_to(std::string_view organisation, Sequence after);

  /// How long it sleeps where there is nothing to do: until a timer runs out, or a little where it
  /// waits for the disk or the log.
  static Duration pause(std::optional<Time> next, Time now, bool waits);
  /// How long a look at the log waits that is asked for so long after the last one.
  static std::chrono::nanoseconds pause_of_look(std::chrono::nanoseconds since_last);

  // Any thread.
  /// The log has more.
  void wake();
  void schedule();
  void ask(Asked asked);
  OutboxState state() const noexcept;
  bool sends_codes(Way way) const noexcept {
    return code_ways_[static_cast<std::size_t>(way)].load();
  }

  bool tells_by(Way way) const noexcept { return ways_[static_cast<std::size_t>(way)].load(); }

  // Of the channels.
  void has_room(Way) override { schedule(); }
  void reported(const DeliveryId& delivery, const Report& report, Kept kept) override;
  void reported(std::string_view gateway, std::vector<std::string> names, const Report& report,
                Kept kept) override;
  void answered(Way way, std::string_view from, std::string_view text, Kept kept) override;

 private:
  struct Handing {  // what a turn has marked
    Channel* channel = nullptr;
    Taken taken;
  };
  struct Replying {  // what somebody wrote back, to be carried out once the turn is written
    Kept kept;
    ReplyRead read;
  };

  bool turn();
  bool disk_takes();
  void begin_anew();
  void fail(std::string_view why);
  void work();
  void hear_some();
  void look_at_timers();
  void note_records();
  void take_from_queues();
  void put_position();
  bool changed_nothing();
  bool write();
  void written();
  void follow();
  void settle_heard();
  void give_back();
  void carry_out(Replying replying);
  /// Runs it on the courier's thread, whatever thread asks for it.
  Kept here(Kept kept);
  void hand_over();
  void heard_of(const DeliveryId& id, const Receipt& receipt, Attempted attempted);
  bool take_asked();
  /// Whether one of them has begun something that goes on.
  bool answer_asked();
  bool answer(Asked& asked);
  bool begin_erasing(Erase erase);
  void give_up_erasing(std::string_view why);
  void refuse(Asked& asked, std::string_view why);
  Result<std::optional<OutboxReach>> reach(Sequence sequence);
  Result<UnreachedPage> unreached(Sequence sequence, std::string cursor);
  Result<std::optional<DeliveryFound>> find(const DeliveryId& id);
  std::size_t room_of(const Channel& channel) const;
  void hear_later(Heard heard);
  void sleep();
  void turn_and_go_on();
  void begin_stopping();
  void end_when_idle();
  void add_metrics();
  void count();

  const OutboxOptions options_;
  const OutboxParts parts_;
  const std::unique_ptr<Store> store_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer timer_, look_;
  std::vector<std::unique_ptr<Channel>> channels_;
  Book book_;
  Desk desk_;
  Stories stories_;
  Planner planner_;
  Dispatcher dispatcher_;
  Replies replies_;
  Sweeper sweeper_;
  CodePost codes_;

  std::deque<Heard> heard_;  // those of a turn leave when it is written
  WaitingLine<Asked> line_;
  std::deque<Asked> asked_;                                         // answered after the turn
  std::map<std::string, std::vector<Done<Result<void>>>> erasing_;  // by organisation
  Sequence position_written_ = Sequence::none;
  Time position_due_;
  // Of this turn.
  std::size_t hearing_ = 0;
  Sequence noting_ = Sequence::none;
  std::vector<Handing> handing_;
  std::vector<Replying> replying_;
  std::vector<std::string> erased_;

  std::atomic<bool> scheduled_{false}, log_has_more_{false};
  std::chrono::steady_clock::time_point looked_at_log_;
  std::atomic<Sequence> planned_{Sequence::none};  // looked at; as far as it is written, below
  std::atomic<std::uint64_t> under_way_{0}, uncertain_{0}, dropped_{0};
  std::atomic<bool> writable_{true}, full_{false};
  std::array<std::atomic<bool>, kWays> ways_{}, code_ways_{};
  bool log_trouble_ = false;
  bool waits_ = false;  // for the disk, or for the log
  bool stopping_ = false;
  std::size_t stopped_ = 0;  // channels
  std::thread thread_;
};

}  // namespace engine::delivery
