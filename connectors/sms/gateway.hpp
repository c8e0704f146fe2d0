#pragma once
// One gateway: a session with a message centre that is begun again whenever it is over. It keeps
// nothing for the centre but what is on its way: whoever has messages asks for room. It belongs to
// the thread of its io_context.
//
//   connecting --> session (SmppDialogue) --> waiting --> connecting ...
//        `-------------------------------------^
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "connectors/sms/config.hpp"
#include "connectors/sms/reconnect.hpp"
#include "connectors/sms/smpp_dialogue.hpp"
#include "connectors/sms/smpp_link.hpp"

namespace connectors::sms {

/// Instead of Uncertain where the connection was over before the message had left this machine.
struct Unsent {
  std::uint64_t token = 0;
};
using GatewayEvent = std::variant<Sent, Refused, Deferred, Uncertain, Unsent, HeardReceipt, Reply>;

class Gateway final : public std::enable_shared_from_this<Gateway>, private LinkListener {
 public:
  /// What happened, in its order; nothing where only up(), resting() or room() may have changed.
  /// Never from within submit().
  using Tell = std::function<void(std::vector<GatewayEvent>)>;

  /// `config` passed judge().
  static std::shared_ptr<Gateway> make(boost::asio::io_context& context, GatewayConfig config,
                                       const Times& times, Tell tell);
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  void start();

  const std::string& name() const { return config_.name; }
  bool up() const { return dialogue_ && dialogue_->bound(); }
  bool resting(Instant now) const { return dialogue_ && dialogue_->resting(now); }
  std::size_t room(Instant now) const { return dialogue_ ? dialogue_->room(now) : 0; }
  /// As SmppDialogue::room_at().
  std::optional<Instant> room_at() const;
  /// Messages without an answer.
  std::size_t under_way() const { return dialogue_ ? dialogue_->unanswered() : 0; }
  /// Where it is not up: why, in a sentence.
  const std::string& why() const { return why_; }

  /// Submits one part. What is submitted in one turn leaves together at its end.
  SmppDialogue::Taken submit(const Submission& submission, Instant now);

  /// Which session this is: what came by one is answered by no other.
  std::uint64_t session() const { return session_; }
  /// Answers a Reply or a HeardReceipt of that session, where it is not over.
  void answer_delivery(std::uint64_t session, std::uint32_t sequence, bool kept);

  /// Ends well: waits for the answers, unbinds, and is not begun again. over() is told of.
  void end();
  /// Ends at once. What has no answer is told of as Uncertain or Unsent before this returns.
  void abandon();
  bool over() const { return stopping_ && !dialogue_; }

 private:
  Gateway(boost::asio::io_context& context, GatewayConfig config, const Times& times, Tell tell);

  void opened() override;
  void heard(engine::BytesView octets) override;
  void written() override;
  void broken(std::string why) override;

  void connect();
  void turn();
  std::vector<GatewayEvent> take_events();
  void flush();
  void flush_soon();
  void arm();
  void session_over();
  void gone(std::string why);
  void hang_up();

  boost::asio::io_context& context_;
  const GatewayConfig config_;
  const Times times_;
  const Tell tell_;
  boost::asio::steady_timer ticks_;  // of the session
  boost::asio::steady_timer pause_;  // how long connecting may take; when it is tried again
  std::optional<Instant> armed_;     // for when ticks_ is set
  Reconnect reconnect_;
  std::minstd_rand random_;
  bool stopping_ = false;
  std::string why_ = "It has not been connected yet.";

  std::shared_ptr<SmppLink> link_;
  engine::Bytes password_;  // from connecting to binding
  std::optional<SmppDialogue> dialogue_;
  std::uint64_t session_ = 0;
  std::optional<Instant> bound_since_;
  std::optional<std::uint32_t> refused_;  // the status of a refused bind
  Instant paid_{};                        // of the contract, by sessions that are over
  bool reading_ = false, writing_ = false;
  bool in_turn_ = false, flushing_ = false;  // what is submitted leaves at its end; or was promised
  bool closing_ = false;                     // the session is over, its last words are not written
  engine::Bytes output_;                     // what the link was not given yet
  std::size_t submits_ = 0;                  // octets of it that are messages of ours
  std::vector<std::uint64_t> held_;          // messages in it
};

}  // namespace connectors::sms
