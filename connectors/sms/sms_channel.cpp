#include "connectors/sms/sms_channel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "connectors/sms/code_text.hpp"
#include "engine/base/ensure.hpp"

namespace connectors::sms {

using engine::Attempt;
using engine::Attempted;
using engine::Done;
using engine::Fate;
using engine::Outcome;

namespace {

// A token is the attempt's number and which of its parts it is.
constexpr std::uint64_t kPartBits = 3;
static_assert(limits::kPartsMax <= 1U << kPartBits);
constexpr std::uint64_t token_of(std::uint64_t attempt, std::size_t part) {
  return attempt << kPartBits | part;
}
constexpr std::uint64_t attempt_in(std::uint64_t token) { return token >> kPartBits; }
constexpr std::size_t part_in(std::uint64_t token) { return token & ((1U << kPartBits) - 1); }

Instant instant_now() { return std::chrono::steady_clock::now(); }

Attempted later(std::string why) {
  Attempted attempted;
  attempted.outcome = {Fate::later, false, {}, std::move(why)};
  return attempted;
}

Attempted has_expired() {
  Attempted attempted;
  attempted.outcome = {Fate::permanent, false, {}, "It has expired."};
  return attempted;
}

std::string printable(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

/// What is not known counts as on its way: who counts as reached is not tried any more.
engine::Report report_of(const DeliveryReceipt& receipt) {
  using Kind = engine::Report::Kind;
  engine::Report report;
  report.kind = receipt.state == MessageState::delivered ? Kind::delivered
                : is_final(receipt.state)                ? Kind::failed
                                                         : Kind::delayed;
  report.why = text(receipt.state);
  if (!receipt.error.empty()) report.why += " " + printable(receipt.error);
  return report;
}

std::vector<std::size_t> weights_of(const SmsConfig& config) {
  std::vector<std::size_t> weights;
  for (const GatewayConfig& gateway : config.gateways) weights.push_back(gateway.weight);
  return weights;
}

/// One text leaves by any of them: so it asks for a reply where each of them brings replies back.
StoryTexts::Replies replies_of(const SmsConfig& config) {
  const bool all = std::all_of(config.gateways.begin(), config.gateways.end(),
                               [](const GatewayConfig& gateway) { return gateway.replies; });
  return all ? StoryTexts::Replies::asked_for : StoryTexts::Replies::nobody_reads;
}

}  // namespace

SmsChannel::SmsChannel(boost::asio::io_context& context, const engine::Clock& clock,
                       engine::Metrics& metrics, const SmsConfig& config, const Times& times)
    : context_(context),
      clock_(clock),
      times_(times),
      counters_([&metrics]() -> Counters {
        const auto parts = [&metrics](std::string_view outcome) -> engine::Counter& {
          return metrics.counter("tocsin_sms_parts_total",
                                 "Parts of text messages by what the gateway said",
                                 fmt::format("outcome=\"{}\"", outcome));
        };
        const auto replies = [&metrics](std::string_view outcome) -> engine::Counter& {
          return metrics.counter("tocsin_sms_replies_total", "Text messages that people sent",
                                 fmt::format("outcome=\"{}\"", outcome));
        };
        return {parts("sent"),
                parts("refused"),
                parts("deferred"),
                parts("uncertain"),
                parts("unsent"),
                metrics.counter("tocsin_sms_receipts_total", "Delivery receipts of gateways"),
                replies("handed_on"),
                replies("unread")};
      }()),
      routing_(weights_of(config)),
      texts_(replies_of(config)),
      room_timer_(context),
      stop_timer_(context) {
  for (const GatewayConfig& gateway : config.gateways) {
    const std::size_t line = lines_.size();
    auto up = std::make_shared<std::atomic<bool>>(false);
    metrics.gauge(
        "tocsin_sms_gateway_up", "Whether there is a session with the gateway",
        [up] { return up->load() ? 1.0 : 0.0; }, fmt::format("gateway=\"{}\"", gateway.name));
    auto made = Gateway::make(
        context, gateway, times_,
        [this, line, here = std::weak_ptr<bool>(here_)](std::vector<GatewayEvent> events) {
          if (here.lock()) turn(line, std::move(events));
        });
    lines_.push_back({std::move(made), {}, {}, std::move(up)});
  }
  ENSURE(!lines_.empty());
}

SmsChannel::~SmsChannel() {
  here_.reset();
  for (const Line& line : lines_) line.gateway->abandon();
}

void SmsChannel::start(engine::ChannelListener& listener) {
  listener_ = &listener;
  for (const Line& line : lines_) line.gateway->start();
}

// --- room

std::vector<GatewayNow> SmsChannel::state(Instant now) const {
  std::vector<GatewayNow> all;
  all.reserve(lines_.size());
  for (const Line& line : lines_) {
    const Gateway& gateway = *line.gateway;
    all.push_back({gateway.up(), gateway.resting(now),
                   line.waiting.empty() ? gateway.room(now) : std::size_t{0}});
  }
  return all;
}

std::size_t SmsChannel::room() const { return room(instant_now()); }

/// Texts are taken to be as long as the last one was: those that follow mostly say the same.
std::size_t SmsChannel::room(Instant now) const {
  if (stopping_ || listener_ == nullptr) return 0;
  const std::size_t messages = routing_.room(state(now));
  return std::min((messages + last_parts_ - 1) / last_parts_,
                  limits::kAttemptsMax - std::min(limits::kAttemptsMax, under_way_.size()));
}

/// Whoever has been without room hears of it once.
void SmsChannel::note_room() {
  const Instant now = instant_now();
  const bool has_room = room(now) > 0;
  const bool news = has_room && !had_room_;
  had_room_ = has_room;
  arm(now);
  if (!news || listener_ == nullptr) return;
  told_room_ = now;
  listener_->has_room(engine::Way::sms);
}

/// Waits for what time alone will make room for. One that has room and is not asked, a stand-by, is
/// not made more of by time.
void SmsChannel::arm(Instant now) {
  std::optional<Instant> first;
  for (const Line& line : lines_) {
    if ((had_room_ && line.waiting.empty()) || line.gateway->room(now) > 0) continue;
    const auto at = line.gateway->room_at();
    if (at && (!first || *at < *first)) first = at;
  }
  if (!first) return;
  const Instant at = std::max({*first, now, told_room_ + limits::kRoomEvery});
  if (armed_ && *armed_ <= at) return;
  armed_ = at;
  room_timer_.expires_at(at);
  room_timer_.async_wait(
      [this, here = std::weak_ptr<bool>(here_)](const boost::system::error_code& error) {
        if (error || !here.lock()) return;
        armed_.reset();
        room_made();
      });
}

void SmsChannel::room_made() {
  const Instant now = instant_now();
  for (std::size_t line = 0; line < lines_.size(); ++line) submit_waiting(line, now);
  tell_answers();
  note_room();
}

// --- attempts

/// Where there is room; else where it waits the shortest for some.
std::optional<std::size_t> SmsChannel::choose(Instant now) {
  const auto all = state(now);
  const auto next = routing_.next(all);
  return next ? next : routing_.any(all);
}

std::optional<Outcome> SmsChannel::refusal_of(std::string_view address, engine::Time expires,
                                              const StoryText* text) const {
  if (text == nullptr) {
    return Outcome{Fate::permanent, false, {}, "Its text does not fit a text message."};
  }
  if (!number_address(address)) {
    return Outcome{Fate::permanent, true, {}, "This is no international telephone number."};
  }
  if (expires <= clock_.now()) return has_expired().outcome;
  return std::nullopt;
}

void SmsChannel::attempt(Attempt attempt, Done<Attempted> done) {
  const auto text = texts_.of(*attempt.story, attempt.language);
  if (text) last_parts_ = text->parts.messages.size();
  begin({attempt.delivery, std::move(attempt.address), attempt.expires, text, 0, PartTally(0),
         std::move(done)});
}

/// It has no delivery, so what a gateway says of it later is about none that is known.
void SmsChannel::send_code(engine::CodeMessage message, Done<Attempted> done) {
  auto parts = to_parts(code_text(message, clock_.now()), 0);
  std::shared_ptr<const StoryText> text;
  if (parts) text = std::make_shared<const StoryText>(StoryText{std::move(*parts), 0});
  begin({{}, std::move(message.address), message.expires, text, 0, PartTally(0), std::move(done)});
}

void SmsChannel::begin(UnderWay attempt) {
  if (stopping_) return answer_soon(std::move(attempt.done), later("The engine stops."));
  if (auto refused = refusal_of(attempt.address, attempt.expires, attempt.text.get())) {
    Attempted attempted;
    attempted.outcome = std::move(*refused);
    return answer_soon(std::move(attempt.done), std::move(attempted));
  }
  const Instant now = instant_now();
  const auto line = choose(now);
  if (!line || under_way_.size() >= limits::kAttemptsMax) {
    return answer_soon(std::move(attempt.done),
                       later(line ? "Too much is under way." : "No gateway is up."));
  }
  attempt.gateway = *line;
  attempt.tally = PartTally(attempt.text->parts.messages.size());
  under_way_.emplace_hint(under_way_.end(), ++last_, std::move(attempt));
  lines_[*line].waiting.push_back(last_);
  submit_waiting(*line, now);
  had_room_ = had_room_ && room(now) > 0;
  arm(now);
}

Submission SmsChannel::submission_of(Number number, const UnderWay& attempt,
                                     std::size_t part) const {
  Submission submission;
  submission.token = token_of(number, part);
  submission.to = attempt.address;
  submission.coding = attempt.text->parts.coding;
  submission.esm_class = attempt.text->parts.esm_class;
  submission.message = attempt.text->parts.messages[part];
  submission.priority = attempt.text->priority;
  submission.validity =
      std::chrono::duration_cast<std::chrono::seconds>(attempt.expires - clock_.now());
  return submission;
}

/// What waits leaves in the order in which it came, each text whole before the next. A centre that
/// is too busy may have let one wait until nobody needs it any more: no part of that leaves.
void SmsChannel::submit_waiting(std::size_t index, Instant now) {
  Line& line = lines_[index];
  while (!line.waiting.empty()) {
    const auto attempt = under_way_.find(line.waiting.front());
    const auto part = attempt == under_way_.end() ? std::nullopt : attempt->second.tally.next();
    if (!part) {
      line.waiting.pop_front();
      continue;
    }
    if (attempt->second.tally.untouched() && attempt->second.expires <= clock_.now()) {
      answer_soon(std::move(attempt->second.done), has_expired());
      under_way_.erase(attempt);
      continue;
    }
    switch (line.gateway->submit(submission_of(attempt->first, attempt->second, *part), now)) {
      case SmppDialogue::Taken::yes:
        attempt->second.tally.submitted(*part);
        break;
      case SmppDialogue::Taken::no_room:
        return;
      case SmppDialogue::Taken::unfit:
        counters_.refused.add();
        attempt->second.tally.refused(*part, status::submit_failed, Verdict::message);
        finish_if_complete(attempt);
        tell_answers_soon();
        break;
    }
  }
}

// --- what gateways say

void SmsChannel::turn(std::size_t line, std::vector<GatewayEvent> events) {
  for (const GatewayEvent& event : events) {
    std::visit([this, line](const auto& told) { handle(line, told); }, event);
  }
  const Instant now = instant_now();
  const bool up = lines_[line].gateway->up();
  lines_[line].up->store(up);
  if (up) {
    submit_waiting(line, now);
  } else {
    release(line, now);
  }
  tell_answers();
  note_room();
  see_whether_stopped();
}

SmsChannel::Attempts::iterator SmsChannel::attempt_of(std::uint64_t token) {
  return under_way_.find(attempt_in(token));
}

void SmsChannel::handle(std::size_t index, const Sent& event) {
  Line& line = lines_[index];
  counters_.sent.add();
  std::string name;
  if (!event.message_id.empty()) name = line.habit.answered(event.message_id);
  const auto attempt = attempt_of(event.token);
  if (attempt == under_way_.end()) {
    return late_.answered(event.token, line.gateway->name(), name);
  }
  attempt->second.tally.sent(part_in(event.token), std::move(name));
  finish_if_complete(attempt);
}

void SmsChannel::handle(std::size_t /*line*/, const Refused& event) {
  counters_.refused.add();
  const auto attempt = attempt_of(event.token);
  if (attempt == under_way_.end()) return;
  attempt->second.tally.refused(part_in(event.token), event.status, event.verdict);
  finish_if_complete(attempt);
}

void SmsChannel::handle(std::size_t /*line*/, const Deferred& event) {
  counters_.deferred.add();
  const auto attempt = attempt_of(event.token);
  if (attempt == under_way_.end()) return;
  attempt->second.tally.deferred(part_in(event.token), event.status);
  finish_if_complete(attempt);
}

void SmsChannel::handle(std::size_t /*line*/, const Uncertain& event) {
  counters_.uncertain.add();
  const auto attempt = attempt_of(event.token);
  if (attempt == under_way_.end()) return;
  if (attempt->second.text->parts.messages.size() == 1) {
    late_.uncertain(event.token, attempt->second.delivery);
  }
  attempt->second.tally.uncertain(part_in(event.token));
  finish_if_complete(attempt);
}

void SmsChannel::handle(std::size_t /*line*/, const Unsent& event) {
  counters_.unsent.add();
  const auto attempt = attempt_of(event.token);
  if (attempt != under_way_.end()) attempt->second.tally.came_back(part_in(event.token));
}

/// The centre has what it delivered for as long as it may be lost here.
engine::Kept SmsChannel::answer_to(std::size_t line, std::optional<std::uint32_t> sequence) const {
  if (!sequence) return nullptr;
  const std::shared_ptr<Gateway>& gateway = lines_[line].gateway;
  return [weak = std::weak_ptr<Gateway>(gateway), session = gateway->session(),
          sequence = *sequence](bool kept) {
    if (const auto there = weak.lock()) there->answer_delivery(session, sequence, kept);
  };
}

void SmsChannel::handle(std::size_t index, const HeardReceipt& event) {
  Line& line = lines_[index];
  tell_answers();  // the one that names its message may be among them
  counters_.receipts.add();
  auto names = line.habit.reported(event.message_id);
  const std::string& gateway = line.gateway->name();
  if (const auto delivery = late_.named(gateway, names)) {
    return listener_->reported(*delivery, report_of(event), answer_to(index, event.unanswered));
  }
  listener_->reported(gateway, std::move(names), report_of(event),
                      answer_to(index, event.unanswered));
}

/// Of a long reply its first part is handed on, which has what counts; the others could be taken
/// for answers of their own.
void SmsChannel::handle(std::size_t index, const Reply& event) {
  engine::Kept answer = answer_to(index, event.sequence);
  if (!event.text || (event.part && event.part->part != 1)) {
    counters_.replies_unread.add();
    return answer(true);
  }
  tell_answers();  // the one to the message that it answers may be among them
  counters_.replies.add();
  listener_->answered(engine::Way::sms, contact_number(event.from), *event.text, std::move(answer));
}

void SmsChannel::finish_if_complete(Attempts::iterator attempt) {
  UnderWay& done = attempt->second;
  if (!done.tally.complete()) return;
  answers_.push_back(
      {std::move(done.done), done.tally.answer(lines_[done.gateway].gateway->name())});
  under_way_.erase(attempt);
}

/// Of a gateway that takes nothing any more: what has not been submitted goes by another one.
void SmsChannel::release(std::size_t index, Instant now) {
  lines_[index].waiting.clear();
  for (auto next = under_way_.begin(); next != under_way_.end();) {
    const auto attempt = next++;
    if (attempt->second.gateway != index) continue;
    const bool untouched = attempt->second.tally.untouched();
    const auto other = untouched && !stopping_ ? choose(now) : std::nullopt;
    if (other) {
      attempt->second.gateway = *other;
      lines_[*other].waiting.push_back(attempt->first);
      continue;
    }
    attempt->second.tally.give_up(untouched ? "No gateway is up."
                                            : "The gateway went away before all parts had left.");
    finish_if_complete(attempt);
  }
  for (std::size_t line = 0; line < lines_.size(); ++line) submit_waiting(line, now);
}

// --- answers

void SmsChannel::answer_soon(Done<Attempted> done, Attempted attempted) {
  answers_.push_back({std::move(done), std::move(attempted)});
  tell_answers_soon();
}

void SmsChannel::tell_answers_soon() {
  boost::asio::post(context_, [this, here = std::weak_ptr<bool>(here_)] {
    if (!here.lock()) return;
    tell_answers();
    note_room();
    see_whether_stopped();
  });
}

void SmsChannel::tell_answers() {
  for (Answer& answer : std::exchange(answers_, {})) answer.done(std::move(answer.attempted));
}

std::vector<engine::GatewayState> SmsChannel::gateways() const {
  std::vector<engine::GatewayState> all;
  for (const Line& line : lines_) {
    const Gateway& gateway = *line.gateway;
    all.push_back({gateway.name(), gateway.up(), gateway.up() ? std::string() : gateway.why(),
                   gateway.under_way()});
  }
  return all;
}

// --- the end

void SmsChannel::stop(Done<bool> stopped) {
  ENSURE(!stopping_);
  stopping_ = true;
  stopped_.emplace(std::move(stopped));
  stop_timer_.expires_after(times_.stop);
  stop_timer_.async_wait(
      [this, here = std::weak_ptr<bool>(here_)](const boost::system::error_code& error) {
        if (error || !here.lock()) return;
        in_time_ = false;
        for (const Line& line : lines_) line.gateway->abandon();
      });
  for (const Line& line : lines_) line.gateway->end();
  tell_answers_soon();
}

void SmsChannel::see_whether_stopped() {
  if (!stopped_ || !under_way_.empty() || !answers_.empty()) return;
  const auto over = [](const Line& line) { return line.gateway->over(); };
  if (!std::all_of(lines_.begin(), lines_.end(), over)) return;
  stop_timer_.cancel();
  room_timer_.cancel();
  auto stopped = std::exchange(stopped_, std::nullopt);
  // Not from within stop().
  boost::asio::post(context_, [stopped = std::make_shared<Done<bool>>(std::move(*stopped)),
                               in_time = in_time_] { (*stopped)(in_time); });
}

}  // namespace connectors::sms
