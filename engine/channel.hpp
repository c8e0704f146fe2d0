#pragma once
// Those who are not connected: a channel makes attempts at reaching them, by SMS, e-mail or
// webhook. Order, pace between attempts, retries and memory belong to the outbox; connections,
// windows and contracts' rates to the channel. Everything here is on the courier's thread.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/done.hpp"
#include "engine/bulletin.hpp"
#include "engine/cap/alert.hpp"
#include "engine/delivery.hpp"
#include "engine/receipts.hpp"
#include "engine/way.hpp"

namespace engine {

/// A bulletin as it is told to people, read once for all of them. Immutable.
struct Story {
  BulletinPtr bulletin;
  Sequence sequence = Sequence::none;
  cap::Alert alert;
  Bytes envelope;                           // the DSSE envelope, JSON
  std::string sender_name;                  // as the trust document has it
  std::shared_ptr<const cap::Alert> ended;  // of a Cancel: what it ends, if known
};

/// What an Update or Cancel names, as this contact was told of it.
struct Told {
  DeliveryId delivery{};
  std::string title;  // its headline
};

/// One attempt: to whom, what, and until when it is worth anything. The address is personal: it
/// is in no log, metric or sentence.
struct Attempt {
  DeliveryId delivery{};
  unsigned number = 1;   // 1 for the first attempt at this delivery
  std::string address;   // E.164, name@example.org, or https://…
  std::string secret;    // what a webhook's requests are signed with; else empty
  std::string language;  // of the organisation, as a tag: en, cy
  std::shared_ptr<const Story> story;
  std::vector<Told> earlier;  // oldest first
  Time expires;
};

/// How one attempt went, and by which names reports about it may come.
struct Attempted {
  Outcome outcome;
  /// Submitted, and not answered: to try again may reach the contact twice.
  bool uncertain = false;
  /// Not tried at all, since others were before it: it costs none of its attempts, and its turn
  /// comes after `outcome.not_before`.
  bool put_off = false;
  std::string gateway;  // which one took it: "main"
  /// The gateway's names for it, by which reports come, each with the part of the message that it
  /// is, from 0. Kept until the delivery is settled. Empty where no report will come.
  struct Name {
    std::string name;
    std::uint8_t part = 0;
  };
  std::vector<Name> names;
  std::uint8_t parts = 1;
  /// What the receiver of a webhook said in its very answer: a receipt, as a reader of a stream
  /// gives one. Its words are UTF-8 of at most as many octets as a receipt's.
  struct Said {
    Receipt::State state = Receipt::State::acknowledged;
    std::string answer;
  };
  std::optional<Said> said;
};

/// A code for somebody who is to type it in again: no alert. It is tried once and kept nowhere, and
/// whoever waits for one that was lost asks for another. Address and code are in no log.
struct CodeMessage {
  std::string address;   // E.164; name@example.org
  std::string language;  // of the organisation: en, cy
  std::string code;
  std::string from;  // the system's name
  Time expires;
};

/// What a gateway says later of a message it took.
struct Report {
  enum class Kind : std::uint8_t { delivered, failed, delayed } kind = Kind::delivered;
  bool contact_dead = false;
  std::string why;  // the gateway's own words
};

/// Hears whether what was told would survive a power loss by now, on the courier's thread. Where it
/// hears no, or nothing ever, it was lost: whoever can tells it again. Null: nobody waits for it.
using Kept = std::function<void(bool)>;

/// Told by channels, on the courier's thread. To be told a thing twice changes nothing.
class ChannelListener {
 public:
  virtual ~ChannelListener() = default;
  /// There may be room where there was none.
  virtual void has_room(Way way) = 0;
  /// A report that names a delivery, or a message by its gateway's name for it: the first of the
  /// names that is known counts.
  virtual void reported(const DeliveryId& delivery, const Report& report, Kept kept) = 0;
  virtual void reported(std::string_view gateway, std::vector<std::string> names,
                        const Report& report, Kept kept) = 0;
  /// Somebody answered: "1 SAFE". `from` is their address as the channel writes addresses.
  virtual void answered(Way way, std::string_view from, std::string_view text, Kept kept) = 0;
};

/// For the operator and for those who wait: how a gateway is.
struct GatewayState {
  std::string name;
  bool up = false;
  std::string why;  // where it is not up: the sentence of that
  std::size_t under_way = 0;
  Way way = Way::sms;  // its channel's; the outbox says it
};

class Channel {
 public:
  virtual ~Channel() = default;
  virtual Way way() const noexcept = 0;
  /// Before the first attempt, once; `listener` outlives the channel's last call to it.
  virtual void start(ChannelListener& listener) = 0;
  /// How many attempts it takes at this moment. Where there are none, the listener hears when that
  /// may have changed.
  virtual std::size_t room() const = 0;
  /// `done` runs once, on the courier's thread, not before this returned, also after stop(). With
  /// room() above 0 alone. The same delivery may come twice: its id is the idempotency key.
  virtual void attempt(Attempt attempt, Done<Attempted> done) = 0;
  /// Whether codes go this way.
  virtual bool sends_codes() const noexcept { return false; }
  /// As attempt(), for those that sends_codes() alone.
  virtual void send_code(CodeMessage /*message*/, Done<Attempted> done) { done({}); }
  virtual std::vector<GatewayState> gateways() const = 0;
  /// Finishes what is under way, a few seconds at most, and hangs up; every `done` has run when
  /// `stopped` does.
  virtual void stop(Done<bool> stopped) = 0;
};

}  // namespace engine
