#include "connectors/web/http_exchange.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "connectors/web/answers.hpp"
#include "connectors/web/event_stream.hpp"
#include "connectors/web/reach_stream.hpp"
#include "connectors/web/websocket_stream.hpp"
#include "engine/limits.hpp"

namespace connectors::web {

namespace limits = engine::limits;
using boost::asio::ip::tcp;
using engine::Code;
using engine::Refusal;

namespace {

Refusal busy(std::string detail) {
  Refusal refusal = refusal_of(Code::too_many, std::move(detail));
  refusal.retry_after_s = 1;
  return refusal;
}

Refusal full_house() {
  Refusal refusal = refusal_of(Code::too_many, "Your address has as many streams as it may.");
  refusal.retry_after_s = 10;
  return refusal;
}

/// A browser that was here by https comes by it alone, for as long as a session lasts: longer would
/// keep readers out who come by once, should an operator go back to plain HTTP.
const std::string& hsts() {
  static const std::string value =
      fmt::format("max-age={}", std::chrono::seconds(limits::kSessionMax).count());
  return value;
}

}  // namespace

HttpExchange::HttpExchange(WebShard& shard, SocketLease lease)
    : shard_(shard),
      lease_(std::move(lease)),
      visitor_{lease_.peer, lease_.via},
      body_memory_(shard.gate.bodies()),
      answer_memory_(shard.gate.answers()) {}

void HttpExchange::start() {
  if (lease_.door == Door::front) lease_.tls = shard_.new_tls();
  expect(State::idle, limits::kHeaderMax);  // hands are shaken by then, too
  wait_read();
}

void HttpExchange::expect(State state, std::chrono::seconds within) {
  state_ = state;
  shard_.watch(*this, within);
}

/// Between two requests: with a deadline, unless answers are still to come, which have their own.
void HttpExchange::rest() {
  if (line_.empty()) return expect(State::idle, limits::kIdleMax);
  state_ = State::idle;
  shard_.forget(*this);
}

void HttpExchange::on_deadline() {
  if (!may_wait_on()) return finish();
  const std::chrono::seconds left{progress_until_ - shard_.second() - 1};
  shard_.watch(*this, std::min(limits::kAnswerShortMax, left));
}

bool HttpExchange::may_wait_on() const {
  if (!out_.waiting() || shard_.second() >= progress_until_) return false;
  return answer_memory_.bytes() == 0 || !shard_.gate.answers_are_short();
}

void HttpExchange::on_drain() {
  const bool nothing_owed = line_.empty() && !out_.waiting();
  if (nothing_owed && (state_ == State::idle || state_ == State::head)) finish();
}

// --- in

void HttpExchange::wait_read() {
  if (reading_) return;
  if (taken_ > 0) {  // a connection that stays keeps none of what its requests took
    in_.erase(0, taken_);
    taken_ = 0;
    in_.shrink_to_fit();
  }
  reading_ = true;
  lease_.socket.async_wait(tcp::socket::wait_read,
                           [self = shared_from_this()](boost::system::error_code error) {
                             self->reading_ = false;
                             if (error) return self->finish();
                             self->on_readable();
                           });
}

void HttpExchange::on_readable() {
  if (!reads_on()) return;
  auto& buffer = shard_.read_buffer;
  const ssize_t size = lease_.pipe().receive(buffer);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return wait_read();
  if (lease_.tls && lease_.tls->heard_http()) return refuse_plain_http();
  if (size == 0 && !line_.empty()) return on_half_closed();
  if (size <= 0) return finish();
  in_.append(buffer.data(), static_cast<std::size_t>(size));
  if (state_ == State::body && !has_room_for_body()) return;
  proceed();
}

/// The peer has no more requests, and still hears the answers to those it made.
void HttpExchange::on_half_closed() {
  shard_.forget(*this);
  line_.back()->last = true;
  state_ = State::last;
}

/// Whether what comes next is read now. Not while an answer waits for its reader: who does not take
/// what it asked for is not asked what else it wants.
bool HttpExchange::reads_on() const {
  return !out_.waiting() &&
         (state_ == State::idle || state_ == State::head || state_ == State::body);
}

/// Somebody took this for a port of plain HTTP, and is told so in plain HTTP.
void HttpExchange::refuse_plain_http() {
  lease_.tls.reset();
  refuse(refusal_of(Code::bad_query,
                    "This is HTTPS: ask again with https:// (a stream with wss://)."));
}

/// Takes requests from what has arrived; reads on where the next is not complete yet.
void HttpExchange::proceed() {
  while (reads_on()) {
    if (state_ == State::idle && !arrived().empty()) expect(State::head, limits::kHeaderMax);
    if (state_ == State::head && !begin_request()) break;
    if (state_ != State::body || arrived().size() < request_.content_length) break;
    if (!line_.empty() && (!brings_alert() || line_.size() >= limits::kAlertsAtOnce)) {
      state_ = State::held;
      shard_.forget(*this);
      return;
    }
    handle();
  }
  if (reads_on()) wait_read();
}

/// True once the head is complete and good.
bool HttpExchange::begin_request() {
  const std::size_t size = head_size(arrived().substr(0, limits::kHeaderBytes + 4));
  if (size == 0 && arrived().size() <= limits::kHeaderBytes) return false;
  if (size == 0 || size > limits::kHeaderBytes) {
    refuse(refusal_of(
        Code::header_too_large,
        fmt::format("The head of a request is at most {} octets.", limits::kHeaderBytes)));
    return false;
  }
  auto parsed = parse_head(arrived().substr(0, size));
  taken_ += size;
  if (auto* refusal = std::get_if<Refusal>(&parsed)) {
    refuse(*refusal);
    return false;
  }
  request_ = std::get<Request>(std::move(parsed));
  request_.by_tls = lease_.tls != nullptr;
  if (request_.content_length > limits::kBodyBytes) {
    refuse(refusal_of(Code::too_large, fmt::format("The body has {} octets; at most {} are taken.",
                                                   request_.content_length, limits::kBodyBytes)));
    return false;
  }
  if (!admit() || !has_room_for_body()) return false;
  expect(State::body, limits::kBodyMax);
  continue_owed_ = request_.has_token("expect", "100-continue");
  say_continue();
  return true;
}

/// Behind the answers to what came before.
void HttpExchange::say_continue() {
  if (!continue_owed_ || !line_.empty() || out_.waiting()) return;
  continue_owed_ = false;
  if (arrived().size() >= request_.content_length) return;
  out_.push(lease_.pipe(), std::make_shared<const std::string>("HTTP/1.1 100 Continue\r\n\r\n"));
  if (out_.waiting()) wait_for_reader();
}

bool HttpExchange::admit() {
  auto visitor = lease_.door == Door::admin
                     ? Visitor{lease_.peer}
                     : visitor_of(request_, lease_.peer, shard_.gate.trusted_proxies());
  if (auto* refusal = std::get_if<Refusal>(&visitor)) {
    refuse(*refusal);
    return false;
  }
  visitor_ = std::get<Visitor>(visitor);
  if (lease_.via == Visitor::Via::proxy) visitor_.via = Visitor::Via::proxy;
  const auto wait = brings_alert() ? shard_.gate.wait_s(visitor_, shard_.second()) : 0;
  if (wait == 0) return true;
  Refusal refusal = busy(fmt::format(
      "More than {} documents of your address were refused or repeated in a minute; mend what "
      "sends them.",
      limits::kRefusedPerMinute));
  refusal.retry_after_s = static_cast<int>(wait);
  refuse(refusal);
  return false;
}

bool HttpExchange::brings_alert() const {
  return request_.method == "POST" && request_.path == "/v1/alerts";
}

/// What has arrived is counted, not what was announced: a head alone holds nothing.
bool HttpExchange::has_room_for_body() {
  const bool ours = lease_.door == Door::admin || is_of_this_machine();
  const std::size_t bytes = std::min(arrived().size(), request_.content_length);
  if (body_memory_.resize(bytes, ours ? 0 : limits::kBodiesKeptBytes)) return true;
  refuse(busy("Too many requests are on their way; try again."));
  return false;
}

std::size_t HttpExchange::kept_of_answers() const {
  return lease_.door == Door::admin ? 0 : limits::kAnswersKeptBytes;
}

bool HttpExchange::has_room_for_answer() {
  const std::size_t most = answer_bytes_max(request_);
  if (most == 0) return true;
  auto place = shard_.gate.enter_list(visitor_);
  if (place && answer_memory_.resize(most, kept_of_answers())) {
    list_ = std::move(*place);
    return true;
  }
  refuse(busy("Too many answers are on their way; try again."));
  return false;
}

// --- work

void HttpExchange::handle() {
  continue_owed_ = false;  // its body came unasked
  shard_.forget(*this);    // the log's and the reader's own bounds end the work
  const std::string_view body = arrived().substr(0, request_.content_length);
  taken_ += body.size();
  body_memory_.resize(0);  // what is kept of it is counted by who keeps it
  if (is_stream(request_)) return upgrade();
  if (watches_reach(request_) && !take_place_behind_proxy()) return refuse(full_house());
  if (!has_room_for_answer()) return;
  const auto pending = std::make_shared<Pending>();
  pending->visitor = visitor_;
  pending->brings_alert = brings_alert();
  pending->without_body = request_.method == "HEAD";
  pending->last = !request_.keep_alive;
  line_.push_back(pending);
  // Alerts of one connection are worked on beside each other, so that one commit serves them and
  // one turn of the shard; whatever else is asked waits for its answer alone.
  const bool alone = !pending->brings_alert || !request_.query.empty();
  state_ = pending->last ? State::last : alone ? State::working : State::idle;
  // The answer may come on a thread of the log.
  shard_.api.handle(
      request_, body, peer(), [self = shared_from_this(), pending](Response response) {
        auto& io = self->shard_.shard.io();
        boost::asio::post(io, [self, pending, response = std::move(response)]() mutable {
          self->answer(pending, std::move(response));
        });
      });
}

bool HttpExchange::is_of_this_machine() const {
  return lease_.peer.is_loopback() && visitor_.via == Visitor::Via::itself &&
         !is_forwarded(request_);
}

Peer HttpExchange::peer() const {
  return {lease_.door, is_of_this_machine(), counted_as(visitor_.address)};
}

/// What was read and verified in vain, repeats and dry runs among it: anybody can send again what
/// an officer signed. The other refusals say that somebody known made a mistake.
void HttpExchange::count_vain(const Pending& pending, const Response& response) {
  if (!pending.brings_alert) return;
  if (response.status == 200) return shard_.gate.refused(pending.visitor, shard_.second());
  if (!response.refused) return;
  switch (*response.refused) {
    case Code::malformed_envelope:
    case Code::unsupported_type:
    case Code::unknown_key:
    case Code::key_expired:
    case Code::key_revoked:
    case Code::bad_signature:
      return shard_.gate.refused(pending.visitor, shard_.second());
    default:
      return;
  }
}

bool HttpExchange::take_place_behind_proxy() {
  // Whoever is no proxy has the place already that the whole connection took.
  if (!shard_.gate.trusted_proxies().contains(lease_.peer)) return true;
  if (visitor_.via == Visitor::Via::itself) return true;
  auto place = shard_.gate.enter_behind(visitor_.address);
  if (!place) return false;
  lease_.behind_proxy = std::move(*place);
  return true;
}

void HttpExchange::upgrade() {
  auto accepted = shard_.api.accept_stream(request_);
  if (auto* refusal = std::get_if<Refused>(&accepted)) {
    engine::count_refusal(shard_.engine.metrics(), refusal->refusal);
    state_ = request_.keep_alive ? State::working : State::last;
    return answer_at_once(std::move(refusal->response));
  }
  if (!take_place_behind_proxy()) return refuse(full_house());
  auto& stream = std::get<AcceptedStream>(accepted);
  state_ = State::closed;
  std::string head = serialize(stream.head, BodyPart::with_body);
  const Peer from = peer();
  std::unique_ptr<StreamConnection> made;
  if (stream.kind == AcceptedStream::Kind::websocket) {
    made = std::make_unique<WebSocketStream>(shard_, lease_.release(), from);
  } else {
    made = std::make_unique<EventStream>(shard_, lease_.release());
    head += EventStream::retry_event(shard_);
  }
  StreamConnection& connection = shard_.keep(std::move(made));
  connection.start(std::move(head), arrived(), std::move(stream.filter), stream.start);
  if (shard_.draining()) shard_.shard.close_all();
}

/// The head of the answer is out; what follows is another's.
void HttpExchange::watch_reach() {
  state_ = State::closed;
  shard_.forget(*this);
  std::make_shared<ReachStream>(shard_, std::move(lease_), std::move(watch_))->start();
}

// --- out

void HttpExchange::refuse(const Refusal& refusal) {
  engine::count_refusal(shard_.engine.metrics(), refusal);
  Response response = problem(refusal);
  // What follows on this connection may not be where a request begins.
  response.then = Response::Then::close;
  shard_.forget(*this);
  state_ = State::last;
  answer_at_once(std::move(response));
}

/// In its turn too.
void HttpExchange::answer_at_once(Response response) {
  const auto pending = std::make_shared<Pending>();
  pending->without_body = request_.method == "HEAD";
  pending->last = !request_.keep_alive;
  line_.push_back(pending);
  answer(pending, std::move(response));
}

void HttpExchange::answer(const std::shared_ptr<Pending>& pending, Response response) {
  if (state_ == State::closed) return;
  count_vain(*pending, response);
  pending->response = std::move(response);
  if (flushing_ || line_.front() != pending) return;
  flushing_ = true;  // once for all that are answered by then
  boost::asio::post(shard_.shard.io(), [self = shared_from_this()] {
    self->flushing_ = false;
    self->flush();
  });
}

/// Answers go out in the order of their requests, all that are ready with one write.
void HttpExchange::flush() {
  if (state_ == State::closed || out_.waiting()) return;
  std::vector<engine::Wire> wires;
  while (!line_.empty() && line_.front()->response && !closing_ &&
         wires.size() + 2 <= limits::kGatherFrames) {
    const std::shared_ptr<Pending> pending = line_.front();
    line_.erase(line_.begin());
    write(*pending, wires);
  }
  if (wires.empty()) return;
  out_.push(lease_.pipe(), wires);
  if (!out_.waiting()) return on_answered();
  wait_for_reader();
}

/// Until the socket has taken what was said. Nothing is read meanwhile.
void HttpExchange::wait_for_reader() {
  answer_until_ = shard_.second() + static_cast<std::uint64_t>(limits::kAnswerWholeMax.count());
  expect_progress();
  wait_write();
}

void HttpExchange::write(Pending& pending, std::vector<engine::Wire>& wires) {
  Response response = *std::move(pending.response);
  const bool counted = response.body.size() > limits::kSmallAnswerBytes;
  if (!answer_memory_.resize(counted ? response.body.size() : 0, kept_of_answers())) {
    const Refusal refusal = busy("Too many answers are on their way; try again.");
    engine::count_refusal(shard_.engine.metrics(), refusal);
    response = problem(refusal);
  }
  const bool ends = pending.last || (shard_.draining() && line_.empty() && !is_arriving());
  if (ends && response.then == Response::Then::keep) response.then = Response::Then::close;
  if (lease_.tls) response.fields.emplace_back("Strict-Transport-Security", hsts());
  closing_ = response.then != Response::Then::keep;
  if (!pending.without_body) watch_ = std::move(response.watch);
  const bool small = response.content().size() <= limits::kSmallAnswerBytes;
  if (pending.without_body || (small && !response.shared)) {
    const auto part = pending.without_body ? BodyPart::without_body : BodyPart::with_body;
    wires.push_back(std::make_shared<const std::string>(serialize(response, part)));
    return;
  }
  wires.push_back(std::make_shared<const std::string>(serialize_head(response)));
  if (response.content().empty()) return;
  wires.push_back(response.shared ? response.shared
                                  : std::make_shared<const std::string>(std::move(response.body)));
}

/// A reader that takes something of its answer has time for more, but not for ever. Whether there
/// is memory enough to wait for it is asked in between.
void HttpExchange::expect_progress() {
  const auto now = shard_.second();
  const std::chrono::seconds left{answer_until_ > now ? answer_until_ - now : 0};
  const auto within = std::min(limits::kAnswerMax, left);
  progress_until_ = now + static_cast<std::uint64_t>(within.count()) + 1;
  shard_.watch(*this, std::min(limits::kAnswerShortMax, within));
}

/// What the deadline was for before answers took it.
void HttpExchange::expect_again() {
  if (state_ == State::head) return expect(State::head, limits::kHeaderMax);
  if (state_ == State::body) return expect(State::body, limits::kBodyMax);
  shard_.forget(*this);
}

void HttpExchange::wait_write() {
  lease_.socket.async_wait(tcp::socket::wait_write,
                           [self = shared_from_this()](boost::system::error_code error) {
                             if (error || self->state_ == State::closed) return self->finish();
                             if (self->out_.flush(self->lease_.pipe()) > 0) self->expect_progress();
                             if (self->out_.waiting()) return self->wait_write();
                             self->expect_again();
                             self->on_answered();
                           });
}

void HttpExchange::on_answered() {
  answer_memory_.resize(0);
  list_ = {};
  if (out_.broken()) return finish();
  if (watch_) return watch_reach();
  if (closing_) {
    // The answer must not be lost to a reset: say that nothing more comes, then wait for the end.
    lease_.pipe().say_end();
    boost::system::error_code ignored;
    lease_.socket.shutdown(tcp::socket::shutdown_send, ignored);
    in_.clear();
    taken_ = 0;
    expect(State::lingering, limits::kCloseMax);
    return linger();
  }
  if (!line_.empty() && line_.front()->response) return flush();
  if (state_ == State::working || (state_ == State::idle && line_.empty())) rest();
  if (state_ == State::held) state_ = State::body;
  say_continue();
  proceed();
}

/// Reads and drops what the peer still sends, until it closes, sends too much, or time is up.
void HttpExchange::linger() {
  lease_.socket.async_wait(tcp::socket::wait_read,
                           [self = shared_from_this()](boost::system::error_code error) {
                             if (error || self->state_ == State::closed) return self->finish();
                             auto& buffer = self->shard_.read_buffer;
                             const ssize_t size = self->lease_.pipe().receive(buffer);
                             if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR))
                               return self->finish();
                             self->dropped_ += size > 0 ? static_cast<std::size_t>(size) : 0;
                             if (self->dropped_ > 2 * limits::kBodyBytes) return self->finish();
                             self->linger();
                           });
}

void HttpExchange::finish() {
  if (state_ == State::closed) return;
  state_ = State::closed;
  shard_.forget(*this);
  lease_.pipe().say_end();
  boost::system::error_code ignored;
  lease_.socket.close(ignored);
}

}  // namespace connectors::web
