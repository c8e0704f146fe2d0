#include "connectors/sms/smpp_dialogue.hpp"

#include <algorithm>
#include <utility>

#include "connectors/sms/limits.hpp"

namespace connectors::sms {
namespace {

using engine::Bytes;
using engine::BytesView;

constexpr std::uint64_t kSequences = 0x7FFFFFFF;  // 1 to 0x7FFFFFFF (section 3.2)
constexpr std::uint8_t kHeaderIndicator = 0x40;   // of esm_class

std::uint32_t sequence_of(std::uint64_t serial) {
  return static_cast<std::uint32_t>((serial - 1) % kSequences + 1);
}

std::string number_text(const Address& address) {
  const bool international = address.ton == 1 && !address.digits.starts_with('+');
  return (international ? "+" : "") + address.digits;
}

Reply reply_in(std::uint32_t sequence, const DeliverSm& message) {
  Reply reply{sequence, number_text(message.source), number_text(message.destination), {}, {}};
  const BytesView payload = find(message.tlvs, tag::message_payload).value_or(BytesView{});
  BytesView octets = message.text.empty() ? payload : BytesView(message.text);
  if ((message.esm_class & kHeaderIndicator) != 0) {
    const auto data = split_user_data(octets);
    if (!data) return reply;
    octets = data->text;
    reply.part = data->part;
  }
  reply.text = to_utf8(message.data_coding, octets);
  return reply;
}

}  // namespace

std::string_view text(SmppEnd end) {
  switch (end) {
    case SmppEnd::unbound:
      return "unbound";
    case SmppEnd::unbound_by_centre:
      return "unbound_by_centre";
    case SmppEnd::bind_refused:
      return "bind_refused";
    case SmppEnd::bind_unanswered:
      return "bind_unanswered";
    case SmppEnd::silent:
      return "silent";
    case SmppEnd::unanswered:
      return "unanswered";
    case SmppEnd::broken_stream:
      return "broken_stream";
    case SmppEnd::lost:
      return "lost";
  }
  return "lost";
}

SmppDialogue::SmppDialogue(SmppAccount account, Instant now, Times times)
    : account_(std::move(account)),
      times_(times),
      bucket_(account_.rate, account_.paid),
      last_serial_(account_.sequence),
      deadline_(now + times_.answer),
      heard_(now),
      enquired_(now) {
  BindTransceiver bind;
  bind.system_id = account_.system_id;
  bind.password = account_.password;
  bind.system_type = account_.system_type;
  bind.range.digits = account_.addresses;
  const bool fits = write_request(bind) != 0;
  bind_serial_ = last_serial_;
  if (fits) return;
  events_.push_back(BindRefused{status::system_id});
  finish(SmppEnd::bind_refused);
}

/// Its sequence number; 0 where it cannot be written.
std::uint32_t SmppDialogue::write_request(PduBody body) {
  const std::uint32_t sequence = sequence_of(++last_serial_);
  const auto octets = write_pdu({status::ok, sequence, std::move(body)});
  if (!octets) return 0;
  output_ += *octets;
  return sequence;
}

void SmppDialogue::write_answer(const Pdu& request, PduBody body, std::uint32_t status) {
  output_ += write_pdu({status, request.sequence, std::move(body)}).value_or("");
}

void SmppDialogue::read(BytesView octets, Instant now) {
  if (ended()) return;
  std::vector<Pdu> pdus;
  const auto fault = reader_.read(octets, pdus);
  for (const Pdu& pdu : pdus) {
    heard_ = now;
    enquiries_ = 0;
    handle(pdu, now);
    if (ended()) return;
  }
  if (fault) {
    // Nobody knows whose it was, so the sequence number is 0 (section 3.2).
    write_answer(Pdu{}, GenericNack{}, status::command_length);
    return finish(SmppEnd::broken_stream);
  }
  go_on(now);
}

void SmppDialogue::handle(const Pdu& pdu, Instant now) {
  if (const auto* bind = std::get_if<BindTransceiverResp>(&pdu.body)) {
    return handle_bind_answer(pdu, bind->system_id);
  }
  if (const auto* answer = std::get_if<SubmitSmResp>(&pdu.body)) {
    return handle_answer(pdu.sequence, pdu.status, answer->message_id, now);
  }
  if (std::holds_alternative<GenericNack>(pdu.body)) {
    const auto why = pdu.status == status::ok ? status::system_error : pdu.status;
    if (serial_of(pdu.sequence) == bind_serial_) {
      return handle_bind_answer({why, pdu.sequence, GenericNack{}}, {});
    }
    return handle_answer(pdu.sequence, why, {}, now);
  }
  if (std::holds_alternative<UnbindResp>(pdu.body)) {
    const bool ours = state_ == State::unbinding && serial_of(pdu.sequence) == unbind_serial_;
    return ours ? finish(SmppEnd::unbound) : void();
  }
  handle_request(pdu, now);
}

void SmppDialogue::handle_bind_answer(const Pdu& pdu, std::string_view centre) {
  if (state_ != State::binding || serial_of(pdu.sequence) != bind_serial_) return;
  if (pdu.status == status::ok) {
    state_ = State::bound;
    events_.push_back(Bound{Bytes(centre)});
    return;
  }
  events_.push_back(BindRefused{pdu.status});
  finish(SmppEnd::bind_refused);
}

void SmppDialogue::handle_request(const Pdu& pdu, Instant now) {
  if (const auto* message = std::get_if<DeliverSm>(&pdu.body)) {
    return handle_delivery(pdu, *message, now);
  }
  if (std::holds_alternative<EnquireLink>(pdu.body)) return write_answer(pdu, EnquireLinkResp{});
  if (std::holds_alternative<DataSm>(pdu.body)) {
    return write_answer(pdu, DataSmResp{}, status::command_id);
  }
  if (std::holds_alternative<Unbind>(pdu.body)) {
    write_answer(pdu, UnbindResp{});
    if (state_ == State::binding || state_ == State::unbinding) {
      return finish(SmppEnd::unbound_by_centre);
    }
    state_ = State::leaving;  // answers may still be on their way
    deadline_ = now + times_.answer;
    return;
  }
  if (const auto* malformed = std::get_if<MalformedPdu>(&pdu.body)) {
    if (malformed->command == static_cast<std::uint32_t>(Command::deliver_sm)) {
      return write_answer(pdu, DeliverSmResp{}, status::rejected);  // never again, please
    }
    if (is_response(malformed->command)) return;
    return write_answer(pdu, GenericNack{}, status::command_length);
  }
  const auto* unknown = std::get_if<UnknownPdu>(&pdu.body);
  const bool request = unknown != nullptr ? !is_response(unknown->command)
                                          : std::holds_alternative<SubmitSm>(pdu.body) ||
                                                std::holds_alternative<BindTransceiver>(pdu.body);
  if (request) write_answer(pdu, GenericNack{}, status::command_id);
}

void SmppDialogue::handle_delivery(const Pdu& pdu, const DeliverSm& message, Instant now) {
  if (state_ == State::binding) return write_answer(pdu, DeliverSmResp{}, status::bind_status);
  const bool receipt = is_receipt(message);
  auto read = receipt ? read_receipt(message) : std::nullopt;
  // One that says nothing would say no more if it came again.
  if (receipt && !read) return write_answer(pdu, DeliverSmResp{});
  if (deliveries_ >= limits::kDeliveriesUnanswered) {
    return write_answer(pdu, DeliverSmResp{}, status::try_again);
  }
  ++deliveries_;
  if (read) return handle_receipt({std::move(*read), pdu.sequence}, now);
  events_.push_back(reply_in(pdu.sequence, message));
}

void SmppDialogue::handle_receipt(HeardReceipt receipt, Instant now) {
  if (open_.empty() || early_.answered(receipt.message_id)) {
    events_.push_back(std::move(receipt));
    return;
  }
  auto oldest = early_.keep(std::move(receipt), open_.rbegin()->first, now);
  if (oldest) events_.push_back(std::move(*oldest));
}

/// Those whose message has no answer yet are sent again, since a centre may wait for us before it
/// answers; what they say is heard once more then, which changes nothing.
void SmppDialogue::answer_early(Instant now) {
  for (const std::uint32_t sequence : early_.take_unanswered(now - times_.receipt)) {
    answer_delivery(sequence, false);
  }
}

void SmppDialogue::handle_answer(std::uint32_t sequence, std::uint32_t status,
                                 std::string_view message_id, Instant now) {
  const std::uint64_t serial = serial_of(sequence);
  unanswered_in_a_row_ = 0;
  if (const auto open = open_.find(serial); open != open_.end()) {
    const std::uint64_t token = open->second.token;
    open_.erase(open);
    settle(serial, token, status, message_id, now);
  } else if (const auto late = overdue_.find(serial); late != overdue_.end()) {
    const std::uint64_t token = late->second;
    overdue_.erase(late);
    settle(serial, token, status, message_id, now);
  }
}

void SmppDialogue::settle(std::uint64_t serial, std::uint64_t token, std::uint32_t status,
                          std::string_view message_id, Instant now) {
  const Verdict verdict = verdict_of(status);
  switch (verdict) {
    case Verdict::accepted:
      if (serial > paused_at_) pause_ = {};  // sent since, and taken: the next pause is short again
      events_.push_back(Sent{token, Bytes(message_id)});
      if (!message_id.empty()) tell(early_.take_for(message_id));
      break;
    case Verdict::throttled:
      back_off(serial, now);
      events_.push_back(Deferred{token, status});
      break;
    case Verdict::later:
      events_.push_back(Deferred{token, status});
      break;
    case Verdict::recipient:
    case Verdict::message:
      events_.push_back(Refused{token, status, verdict});
      break;
  }
  release_receipts();
}

/// One window full of such answers is one pause: those sent before it began say nothing new.
void SmppDialogue::back_off(std::uint64_t serial, Instant now) {
  if (serial <= paused_at_) return;
  pause_ = pause_ == Instant::duration{} ? Instant::duration(times_.back_off_first) : pause_ * 2;
  pause_ = std::min<Instant::duration>(pause_, times_.back_off_max);
  paused_until_ = now + pause_;
  paused_at_ = last_serial_;
}

void SmppDialogue::tick(Instant now) {
  if (ended()) return;
  if (state_ == State::binding || state_ == State::unbinding || state_ == State::leaving) {
    if (now >= deadline_) {
      return finish(state_ == State::binding     ? SmppEnd::bind_unanswered
                    : state_ == State::unbinding ? SmppEnd::unbound
                                                 : SmppEnd::unbound_by_centre);
    }
  }
  give_up_overdue(now);
  answer_early(now);
  if (unanswered_in_a_row_ >= std::max(window(), limits::kUnansweredLeast)) {
    return finish(SmppEnd::unanswered);
  }
  look_for_life(now);
  if (!ended()) go_on(now);
}

void SmppDialogue::give_up_overdue(Instant now) {
  while (!open_.empty() && open_.begin()->second.since + times_.answer <= now) {
    const auto oldest = open_.begin();
    events_.push_back(Uncertain{oldest->second.token});
    ++uncertain_;
    ++unanswered_in_a_row_;
    overdue_.emplace(oldest->first, oldest->second.token);
    if (overdue_.size() > limits::kOverdueKept) overdue_.erase(overdue_.begin());
    open_.erase(oldest);
  }
  release_receipts();
}

void SmppDialogue::look_for_life(Instant now) {
  const bool asked = enquiries_ > 0;
  if (now < (asked ? enquired_ + times_.enquiry : heard_ + times_.silence)) return;
  if (enquiries_ == 2) return finish(SmppEnd::silent);
  (void)write_request(EnquireLink{});
  ++enquiries_;
  enquired_ = now;
}

Instant SmppDialogue::due() const {
  Instant first = enquiries_ > 0 ? enquired_ + times_.enquiry : heard_ + times_.silence;
  if (state_ == State::binding || state_ == State::unbinding || state_ == State::leaving) {
    first = std::min(first, deadline_);
  }
  if (!open_.empty()) first = std::min(first, open_.begin()->second.since + times_.answer);
  if (const auto since = early_.unanswered_since()) {
    first = std::min(first, *since + times_.receipt);
  }
  return first;
}

std::size_t SmppDialogue::window() const { return std::max<std::size_t>(account_.window, 1); }

std::size_t SmppDialogue::room(Instant now) const {
  if (state_ != State::bound || now < paused_until_ || open_.size() >= window()) return 0;
  return std::min(window() - open_.size(), bucket_.room(now));
}

std::optional<Instant> SmppDialogue::room_at() const {
  if (state_ != State::bound || open_.size() >= window()) return std::nullopt;
  return std::max(paused_until_, bucket_.room_at());
}

SmppDialogue::Taken SmppDialogue::submit(const Submission& submission, Instant now) {
  if (room(now) == 0) return Taken::no_room;
  auto message = make_submit(account_.source, submission);
  if (!message || write_request(std::move(*message)) == 0) return Taken::unfit;
  open_.emplace(last_serial_, Open{submission.token, now});
  bucket_.take(now);
  return Taken::yes;
}

void SmppDialogue::answer_delivery(std::uint32_t sequence, bool kept) {
  if (deliveries_ > 0) --deliveries_;
  if (ended()) return;
  Pdu request;
  request.sequence = sequence;
  write_answer(request, DeliverSmResp{}, kept ? status::ok : status::try_again);
}

void SmppDialogue::end(Instant now) {
  if (state_ == State::binding) return finish(SmppEnd::unbound);
  if (state_ != State::bound) return;
  state_ = State::draining;
  go_on(now);
}

void SmppDialogue::lost() {
  if (!ended()) finish(SmppEnd::lost);
}

/// What comes next once the answers are in.
void SmppDialogue::go_on(Instant now) {
  if (!open_.empty()) return;
  if (state_ == State::leaving) return finish(SmppEnd::unbound_by_centre);
  if (state_ != State::draining) return;
  (void)write_request(Unbind{});
  unbind_serial_ = last_serial_;
  state_ = State::unbinding;
  deadline_ = now + times_.answer;
}

void SmppDialogue::finish(SmppEnd why) {
  for (const auto& [serial, open] : open_) {
    events_.push_back(Uncertain{open.token});
    ++uncertain_;
  }
  open_.clear();
  overdue_.clear();
  release_receipts();
  state_ = State::ended;
  events_.push_back(Ended{why});
}

void SmppDialogue::release_receipts() {
  const std::uint64_t oldest = open_.empty() ? last_serial_ + 1 : open_.begin()->first;
  tell(early_.take_settled(oldest));
}

void SmppDialogue::tell(std::vector<HeardReceipt> receipts) {
  for (HeardReceipt& receipt : receipts) events_.push_back(std::move(receipt));
}

/// The latest serial with that sequence number; 0 where there was none.
std::uint64_t SmppDialogue::serial_of(std::uint32_t sequence) const {
  if (sequence == 0 || sequence > kSequences || last_serial_ == 0) return 0;
  const std::uint64_t back = (sequence_of(last_serial_) + kSequences - sequence) % kSequences;
  return back < last_serial_ ? last_serial_ - back : 0;
}

Bytes SmppDialogue::take_output() { return std::exchange(output_, {}); }

std::vector<SmppEvent> SmppDialogue::take_events() { return std::exchange(events_, {}); }

}  // namespace connectors::sms
