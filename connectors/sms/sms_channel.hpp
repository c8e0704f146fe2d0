#pragma once
// Text messages as a channel: an alert's text made once, submitted in parts by one of several
// gateways, and the answers, receipts and replies that come back. It belongs to the courier's
// thread, whose io_context it is given.
//
// A text goes by one gateway whole. Where that goes away before any part of it has left, another
// one takes it; where a part was submitted and not answered, that is told as uncertain and tried by
// nobody here.
#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/sms/config.hpp"
#include "connectors/sms/gateway.hpp"
#include "connectors/sms/id_habit.hpp"
#include "connectors/sms/late_answers.hpp"
#include "connectors/sms/part_tally.hpp"
#include "connectors/sms/routing.hpp"
#include "connectors/sms/story_texts.hpp"
#include "engine/base/metrics.hpp"
#include "engine/channel.hpp"

namespace connectors::sms {

class SmsChannel final : public engine::Channel {
 public:
  /// `config` passed judge() and names a gateway. `context`, `clock` and `metrics` outlive it.
  SmsChannel(boost::asio::io_context& context, const engine::Clock& clock, engine::Metrics& metrics,
             const SmsConfig& config, const Times& times = {});
  /// After `stopped`, or before start().
  ~SmsChannel() override;

  engine::Way way() const noexcept override { return engine::Way::sms; }
  void start(engine::ChannelListener& listener) override;
  std::size_t room() const override;
  void attempt(engine::Attempt attempt, engine::Done<engine::Attempted> done) override;
  bool sends_codes() const noexcept override { return true; }
  void send_code(engine::CodeMessage message, engine::Done<engine::Attempted> done) override;
  std::vector<engine::GatewayState> gateways() const override;
  /// `stopped` hears whether everything under way was answered in time.
  void stop(engine::Done<bool> stopped) override;

 private:
  struct UnderWay {
    engine::DeliveryId delivery{};
    std::string address;
    engine::Time expires;
    std::shared_ptr<const StoryText> text;
    std::size_t gateway = 0;
    PartTally tally;
    engine::Done<engine::Attempted> done;
  };
  using Number = std::uint64_t;  // of an attempt
  using Attempts = std::map<Number, UnderWay>;
  struct Line {
    std::shared_ptr<Gateway> gateway;
    std::deque<Number> waiting;  // attempts with parts that are not submitted yet
    IdHabit habit;
    std::shared_ptr<std::atomic<bool>> up;  // for the metrics
  };
  struct Answer {
    engine::Done<engine::Attempted> done;
    engine::Attempted attempted;
  };
  struct Counters {
    engine::Counter &sent, &refused, &deferred, &uncertain, &unsent;
    engine::Counter &receipts, &replies, &replies_unread;
  };

  std::vector<GatewayNow> state(Instant now) const;
  std::size_t room(Instant now) const;
  std::optional<std::size_t> choose(Instant now);
  std::optional<engine::Outcome> refusal_of(std::string_view address, engine::Time expires,
                                            const StoryText* text) const;
  void begin(UnderWay attempt);
  void answer_soon(engine::Done<engine::Attempted> done, engine::Attempted attempted);

  void turn(std::size_t line, std::vector<GatewayEvent> events);
  void handle(std::size_t line, const Sent& event);
  void handle(std::size_t line, const Refused& event);
  void handle(std::size_t line, const Deferred& event);
  void handle(std::size_t line, const Uncertain& event);
  void handle(std::size_t line, const Unsent& event);
  void handle(std::size_t line, const HeardReceipt& event);
  void handle(std::size_t line, const Reply& event);
  engine::Kept answer_to(std::size_t line, std::optional<std::uint32_t> sequence) const;
  Attempts::iterator attempt_of(std::uint64_t token);
  void finish_if_complete(Attempts::iterator attempt);
  void submit_waiting(std::size_t line, Instant now);
  Submission submission_of(Number number, const UnderWay& attempt, std::size_t part) const;
  void release(std::size_t line, Instant now);
  void tell_answers();
  void tell_answers_soon();
  void note_room();
  void arm(Instant now);
  void room_made();
  void see_whether_stopped();

  boost::asio::io_context& context_;
  const engine::Clock& clock_;
  const Times times_;
  Counters counters_;
  engine::ChannelListener* listener_ = nullptr;
  std::vector<Line> lines_;
  Routing routing_;
  StoryTexts texts_;
  LateAnswers late_;
  Attempts under_way_;
  Number last_ = 0;
  std::size_t last_parts_ = 1;   // of the text that was attempted last
  std::vector<Answer> answers_;  // not told yet
  bool had_room_ = false;        // as far as the listener knows
  boost::asio::steady_timer room_timer_;
  std::optional<Instant> armed_;  // for when room_timer_ is set
  Instant told_room_{};
  std::optional<engine::Done<bool>> stopped_;
  bool stopping_ = false, in_time_ = true;
  boost::asio::steady_timer stop_timer_;
  std::shared_ptr<bool> here_ = std::make_shared<bool>(true);  // gone with it
};

}  // namespace connectors::sms
