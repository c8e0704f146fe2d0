#include "connectors/sms/gateway.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "connectors/sms/part_tally.hpp"
#include "engine/base/ensure.hpp"
#include "engine/base/trace.hpp"

namespace connectors::sms {

using engine::Bytes;
using engine::BytesView;

namespace {

Instant now() { return std::chrono::steady_clock::now(); }

std::string sentence(SmppEnd end, std::optional<std::uint32_t> refused) {
  switch (end) {
    case SmppEnd::unbound:
      return "It was hung up as it should.";
    case SmppEnd::unbound_by_centre:
      return "The centre unbound.";
    case SmppEnd::bind_refused:
      return fmt::format("The centre refused the bind: {}.", status_text(refused.value_or(0)));
    case SmppEnd::bind_unanswered:
      return "The centre did not answer the bind.";
    case SmppEnd::silent:
      return "The centre fell silent.";
    case SmppEnd::unanswered:
      return "The centre answered no message any more.";
    case SmppEnd::broken_stream:
      return "The centre sent what is no SMPP.";
    case SmppEnd::lost:
      return "The connection was lost.";
  }
  return "The connection was lost.";
}

/// The account of one session; a password is moved into it.
SmppAccount account_of(const GatewayConfig& config, Bytes password, Instant paid) {
  SmppAccount account;
  account.system_id = parse_smpp_url(config.url).value().system_id;
  account.password = std::move(password);
  account.system_type = config.system_type;
  account.source = sender_address(config.source).value();
  account.addresses = config.addresses;
  account.window = config.window;
  account.rate = config.rate;
  account.paid = paid;
  return account;
}

}  // namespace

Gateway::Gateway(boost::asio::io_context& context, GatewayConfig config, const Times& times,
                 Tell tell)
    : context_(context),
      config_(std::move(config)),
      times_(times),
      tell_(std::move(tell)),
      ticks_(context),
      pause_(context),
      reconnect_(times_),
      random_(std::random_device{}()) {}

Gateway::~Gateway() { hang_up(); }

std::shared_ptr<Gateway> Gateway::make(boost::asio::io_context& context, GatewayConfig config,
                                       const Times& times, Tell tell) {
  return std::shared_ptr<Gateway>(new Gateway(context, std::move(config), times, std::move(tell)));
}

void Gateway::start() { connect(); }

// --- connecting

void Gateway::connect() {
  hang_up();
  if (stopping_) return;
  auto password = read_password(config_.password_file);
  if (!password) return gone(password.error().what);
  password_ = std::move(*password);
  link_ = SmppLink::open(context_, parse_smpp_url(config_.url).value(), config_.ca_file,
                         times_.connect, *this);
  pause_.expires_after(times_.connect);
  pause_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (error || !self || !self->link_ || self->dialogue_) return;
    self->gone("It could not be connected in time.");
  });
}

void Gateway::opened() {
  pause_.cancel();
  refused_.reset();
  ++session_;
  dialogue_.emplace(account_of(config_, std::exchange(password_, {}), paid_), now(), times_);
  turn();
}

/// The session is over, or never was: says so, and calls again later.
void Gateway::gone(std::string why) {
  hang_up();
  why_ = std::move(why);
  if (stopping_) return;
  const auto held = bound_since_ ? now() - std::exchange(bound_since_, std::nullopt).value()
                                 : Instant::duration::zero();
  const double random = static_cast<double>(random_() - std::minstd_rand::min()) /
                        static_cast<double>(std::minstd_rand::max() - std::minstd_rand::min());
  const auto wait = reconnect_.wait(std::chrono::duration_cast<Times::Span>(held), random);
  engine::trace(
      engine::Level::warning, "gateway_down",
      {{"gateway", config_.name}, {"why", why_}, {"again_ms", std::to_string(wait.count())}});
  pause_.expires_after(wait);
  pause_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (!error && self) self->connect();
  });
}

void Gateway::hang_up() {
  pause_.cancel();
  ticks_.cancel();
  armed_.reset();
  if (link_) std::exchange(link_, nullptr)->close();
  reading_ = writing_ = closing_ = false;
  output_.clear();
  submits_ = 0;
  held_.clear();
}

// --- the session

void Gateway::heard(BytesView octets) {
  reading_ = false;
  if (dialogue_) dialogue_->read(octets, now());
  turn();
}

void Gateway::written() {
  writing_ = false;
  if (closing_ && output_.empty()) {
    std::exchange(link_, nullptr)->close();
    return;
  }
  flush();
}

void Gateway::broken(std::string why) {
  const auto self = shared_from_this();
  link_.reset();
  if (!dialogue_) {
    if (closing_) return;  // the session was over already
    gone(fmt::format("It could not be connected: {}.", why));
    return tell_({});
  }
  why_ = fmt::format("The connection was lost: {}.", why);
  dialogue_->lost();
  turn();
}

/// What a session has done is told, and what is submitted upon that leaves with what it has to say.
void Gateway::turn() {
  if (!dialogue_) return;
  const auto self = shared_from_this();  // whoever is told may let go of it
  output_ += dialogue_->take_output();
  auto events = take_events();
  if (dialogue_->ended()) session_over();
  in_turn_ = true;
  tell_(std::move(events));
  in_turn_ = false;
  if (dialogue_) arm();
  flush();
}

std::vector<GatewayEvent> Gateway::take_events() {
  std::vector<GatewayEvent> events;
  const bool over = dialogue_->ended();
  if (over) std::sort(held_.begin(), held_.end());
  for (SmppEvent& event : dialogue_->take_events()) {
    if (const auto* uncertain = std::get_if<Uncertain>(&event)) {
      const std::uint64_t token = uncertain->token;
      const bool held = over && std::binary_search(held_.begin(), held_.end(), token);
      events.push_back(held ? GatewayEvent(Unsent{token}) : GatewayEvent(*uncertain));
    } else if (std::holds_alternative<Bound>(event)) {
      bound_since_ = now();
      why_.clear();
      engine::trace(engine::Level::notice, "gateway_up", {{"gateway", config_.name}});
    } else if (const auto* refused = std::get_if<BindRefused>(&event)) {
      refused_ = refused->status;
    } else if (const auto* ended = std::get_if<Ended>(&event)) {
      if (ended->why != SmppEnd::lost) why_ = sentence(ended->why, refused_);
    } else {
      std::visit(
          [&events](auto& told) {
            if constexpr (std::is_constructible_v<GatewayEvent, decltype(told)>) {
              events.emplace_back(std::move(told));
            }
          },
          event);
    }
  }
  return events;
}

/// The last words are written where there is still somebody to hear them: what is in output_ may
/// be messages too, which are told as unsent, so of those nothing leaves.
void Gateway::session_over() {
  paid_ = dialogue_->paid();
  dialogue_.reset();
  std::shared_ptr<SmppLink> link;
  Bytes last;
  if (link_ && held_.empty() && !output_.empty() && !writing_) {
    link = std::exchange(link_, nullptr);
    last = std::move(output_);
  }
  gone(std::exchange(why_, {}));
  if (!link) return;
  link_ = std::move(link);
  closing_ = writing_ = true;
  link_->write(std::move(last));
}

SmppDialogue::Taken Gateway::submit(const Submission& submission, Instant at) {
  if (!dialogue_) return SmppDialogue::Taken::no_room;
  const auto taken = dialogue_->submit(submission, at);
  if (taken != SmppDialogue::Taken::yes) return taken;
  const Bytes octets = dialogue_->take_output();
  output_ += octets;
  submits_ += octets.size();
  held_.push_back(submission.token);
  flush_soon();
  return taken;
}

void Gateway::answer_delivery(std::uint64_t session, std::uint32_t sequence, bool kept) {
  if (!dialogue_ || session != session_) return;
  dialogue_->answer_delivery(sequence, kept);
  output_ += dialogue_->take_output();
  flush_soon();
}

void Gateway::flush_soon() {
  if (flushing_ || in_turn_) return;
  flushing_ = true;
  boost::asio::post(context_, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->flushing_ = false;
    if (self->dialogue_) self->arm();
    self->flush();
  });
}

/// Whatever is asked is answered: so while many answers wait to be written nothing is read. While
/// messages of ours do, much is: a centre that reads slowly has answered some, and may wait for us.
void Gateway::flush() {
  if (!link_ || (!dialogue_ && !closing_)) return;
  if (!writing_ && !output_.empty()) {
    held_.clear();
    submits_ = 0;
    writing_ = true;
    link_->write(std::exchange(output_, {}));
  }
  if (dialogue_ && !reading_ && output_.size() - submits_ < limits::kReadMax) {
    reading_ = true;
    link_->read();
  }
}

/// One that is set too early asks again, which costs less than to set it anew each turn.
void Gateway::arm() {
  const Instant due = dialogue_->due();
  if (armed_ && *armed_ <= due) return;
  armed_ = due;
  ticks_.expires_at(due);
  ticks_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (error || !self || !self->dialogue_) return;
    self->armed_.reset();
    self->dialogue_->tick(now());
    self->turn();
  });
}

std::optional<Instant> Gateway::room_at() const {
  return dialogue_ ? dialogue_->room_at() : std::nullopt;
}

// --- the end

void Gateway::end() {
  stopping_ = true;
  if (!dialogue_) {
    hang_up();
    return tell_({});
  }
  dialogue_->end(now());
  turn();
}

void Gateway::abandon() {
  stopping_ = true;
  if (!dialogue_) return hang_up();
  if (link_) std::exchange(link_, nullptr)->close();
  dialogue_->lost();
  turn();
}

}  // namespace connectors::sms
