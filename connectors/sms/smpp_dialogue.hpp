#pragma once
// One SMPP 3.4 session as a transceiver, without a socket and without a clock: it is told the time,
// the octets that arrived and the messages to submit, and gives octets to write and what happened.
// It queues nothing: whoever has messages asks how many there is room for and submits the most
// urgent ones, so that nothing already handed over can be overtaken too late. It belongs to one
// thread.
//
//   binding --bind_transceiver_resp--> bound --end()--> draining --unbind--> unbinding --> ended
//      |                                 `--unbind of the centre's--> leaving -------------^
//      `--refused, not answered, lost------------------------------------------------------'
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "connectors/sms/early_receipts.hpp"
#include "connectors/sms/rate_bucket.hpp"
#include "connectors/sms/smpp_pdu.hpp"
#include "connectors/sms/smpp_submission.hpp"
#include "connectors/sms/times.hpp"

namespace connectors::sms {

struct SmppAccount {
  engine::Bytes system_id;     // 15 octets at most
  engine::Bytes password;      // 8
  engine::Bytes system_type;   // 12
  Address source;              // see sender_address
  engine::Bytes addresses;     // 40: whose messages we take, as the centre wants it (address_range)
  std::size_t window = 100;    // submits without an answer; 1 at least
  std::size_t rate = 500;      // submits a second by contract; 1 at least
  Instant paid{};              // what a session before it has taken of the rate: its paid()
  std::uint32_t sequence = 0;  // sequence numbers begin behind it
};

/// Why a session is over.
enum class SmppEnd {
  unbound,  // as we wanted
  unbound_by_centre,
  bind_refused,  // BindRefused says with which status
  bind_unanswered,
  silent,         // two enquiries unanswered
  unanswered,     // submits are not answered any more
  broken_stream,  // a length that no PDU has
  lost,           // the connection ended
};
std::string_view text(SmppEnd end);

// What happened, in the order in which it did. Everything submitted becomes Sent, Refused,
// Deferred or Uncertain, once; after Uncertain one of the others may follow, if the answer comes
// after all. A HeardReceipt comes after the Sent of its message where both come.
struct Bound {
  engine::Bytes centre;  // its system_id
};
struct BindRefused {
  std::uint32_t status = 0;
};
struct Sent {
  std::uint64_t token = 0;
  engine::Bytes message_id;  // the centre's; empty where it gave none
};
struct Refused {  // for good
  std::uint64_t token = 0;
  std::uint32_t status = 0;
  Verdict verdict = Verdict::message;  // recipient or message
};
struct Deferred {  // not taken; try again
  std::uint64_t token = 0;
  std::uint32_t status = 0;
};
struct Uncertain {  // submitted and not answered: trying again may deliver it twice
  std::uint64_t token = 0;
};
struct Reply {                 // which answer_delivery() answers
  std::uint32_t sequence = 0;  // of its PDU
  std::string from;  // as the centre wrote it; with a plus where it says it is international
  std::string to;
  std::optional<std::string> text;  // UTF-8; nothing where its data_coding is no text that we read
  std::optional<PartOf> part;       // where it is one of several
};
struct Ended {
  SmppEnd why = SmppEnd::lost;
};
using SmppEvent = std::variant<Bound, BindRefused, Sent, Refused, Deferred, Uncertain, HeardReceipt,
                               Reply, Ended>;

class SmppDialogue {
 public:
  /// Begins with a bind_transceiver to write. An account that does not fit one ends at once, with
  /// BindRefused ESME_RINVSYSID.
  SmppDialogue(SmppAccount account, Instant now, Times times = {});

  /// Octets that arrived. Read no more from the socket while output waits: each request of the
  /// centre's is answered, so what is not written grows with what is read.
  void read(engine::BytesView octets, Instant now);

  /// Does what is due by then. Call no later than due().
  void tick(Instant now);
  Instant due() const;

  /// How many may be submitted now; 0 unless bound. And when time alone makes room again, nothing
  /// where it does not: the window is full, or the session is not bound.
  std::size_t room(Instant now) const;
  std::optional<Instant> room_at() const;

  enum class Taken { yes, no_room, unfit };
  /// Submits one part. `unfit`: its number is none, or it is longer than 254 octets.
  Taken submit(const Submission& submission, Instant now);

  /// Answers the PDU of a Reply or of a HeardReceipt: taken, or, where it could not be kept, to be
  /// sent again.
  void answer_delivery(std::uint32_t sequence, bool kept);

  /// Ends well: submits nothing more, waits for the answers, unbinds.
  void end(Instant now);
  /// The connection is gone.
  void lost();
  bool ended() const { return state_ == State::ended; }
  /// Messages may be submitted, now or as soon as there is room.
  bool bound() const { return state_ == State::bound; }
  /// It is, and the centre said that it has had enough.
  bool resting(Instant now) const { return bound() && now < paused_until_; }
  Instant paid() const { return bucket_.paid(); }

  engine::Bytes take_output();
  std::vector<SmppEvent> take_events();

  std::size_t unanswered() const { return open_.size(); }
  std::uint64_t uncertain() const { return uncertain_; }  // how many became Uncertain

 private:
  enum class State { binding, bound, draining, unbinding, leaving, ended };
  struct Open {
    std::uint64_t token = 0;
    Instant since;
  };

  std::uint32_t write_request(PduBody body);
  void write_answer(const Pdu& request, PduBody body, std::uint32_t status = status::ok);
  void handle(const Pdu& pdu, Instant now);
  void handle_bind_answer(const Pdu& pdu, std::string_view centre);
  void handle_request(const Pdu& pdu, Instant now);
  void handle_delivery(const Pdu& pdu, const DeliverSm& message, Instant now);
  void handle_receipt(HeardReceipt receipt, Instant now);
  void answer_early(Instant now);
  void handle_answer(std::uint32_t sequence, std::uint32_t status, std::string_view message_id,
                     Instant now);
  void settle(std::uint64_t serial, std::uint64_t token, std::uint32_t status,
              std::string_view message_id, Instant now);
  void back_off(std::uint64_t serial, Instant now);
  void give_up_overdue(Instant now);
  void look_for_life(Instant now);
  void release_receipts();
  void tell(std::vector<HeardReceipt> receipts);
  void go_on(Instant now);
  void finish(SmppEnd why);
  std::uint64_t serial_of(std::uint32_t sequence) const;
  std::size_t window() const;

  SmppAccount account_;
  Times times_;
  State state_ = State::binding;
  PduReader reader_;
  RateBucket bucket_;
  engine::Bytes output_;
  std::vector<SmppEvent> events_;

  std::uint64_t last_serial_;  // of all requests; sequence numbers are made of it
  std::uint64_t bind_serial_ = 0;
  std::uint64_t unbind_serial_ = 0;
  std::map<std::uint64_t, Open> open_;              // by serial, so the oldest first
  std::map<std::uint64_t, std::uint64_t> overdue_;  // serial to token
  EarlyReceipts early_;
  std::size_t deliveries_ = 0;  // of the centre's, not answered
  std::uint64_t uncertain_ = 0;
  std::size_t unanswered_in_a_row_ = 0;

  Instant deadline_;   // of a bind, an unbind, a centre that leaves
  Instant heard_;      // the last PDU
  Instant enquired_;   // the last enquiry
  int enquiries_ = 0;  // since then
  Instant paused_until_{};
  Instant::duration pause_{};    // how long the last one was; 0 when it is over
  std::uint64_t paused_at_ = 0;  // the last serial before it
};

}  // namespace connectors::sms
