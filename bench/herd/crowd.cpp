#include "bench/herd/crowd.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "bench/herd/clock.hpp"
#include "bench/herd/fault.hpp"
#include "bench/herd/frames.hpp"
#include "bench/herd/text.hpp"

namespace bench {

namespace {

constexpr std::size_t kBufferBytes = 4 << 20;
constexpr std::string_view kHeadEnd = "\r\n\r\n";
// What RFC 6455 gives as an example; nothing here depends on its being drawn.
constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// What arrives is about as long as what was published, so the next marker is no nearer.
std::size_t stride_of(const Options& options) {
  std::size_t smallest = options.body.size();
  if (!options.stamped()) {
    smallest = options.bodies.front().size();
    for (const std::string& body : options.bodies) smallest = std::min(smallest, body.size());
  }
  return smallest - smallest / 8;
}

std::string request_for(const Options& options, const std::string& path) {
  std::string request = fmt::format(
      "GET {} HTTP/1.1\r\nHost: {}:{}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: {}\r\nSec-WebSocket-Version: 13\r\n",
      path, options.host, options.port, kKey);
  if (!options.subprotocol.empty()) {
    request += fmt::format("Sec-WebSocket-Protocol: {}\r\n", options.subprotocol);
  }
  for (const std::string& header : options.headers) request += header + "\r\n";
  return request + "\r\n";
}

}  // namespace

sockaddr_in address_of(const std::string& host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) {
    give_up("not an IPv4 address: {}", host);
  }
  return address;
}

Crowd::Crowd(const Options& options, Poller& poller, Ledger& ledger)
    : options_(options),
      poller_(poller),
      ledger_(ledger),
      server_(address_of(options.host, options.port)),
      connections_(options.connections),
      tickets_(options.connections),
      buffer_(kBufferBytes),
      stride_(stride_of(options)),
      has_slow_(options.slow_share > 0) {
  if (options.tls) tls_.emplace(options.tls_ca, options.tls_name);
  if (!options.save.empty()) save_.open(options.save, std::ios::binary);
  if (!options.save.empty() && !save_) give_up("cannot write {}", options.save);
}

void Crowd::begin_round() {
  waiting_.clear();
  for (std::size_t who = 0; who < connections_.size(); ++who) {
    if (connections_[who].state == State::closed) waiting_.push_back(who);
  }
  lost_ = resumed_ = refused_ = 0;
  ready_tenths_.clear();
}

void Crowd::feed() {
  while (!waiting_.empty() && under_way_ < options_.connecting_max) {
    const std::size_t who = waiting_.front();
    waiting_.pop_front();
    start(who);
  }
}

void Crowd::start(std::size_t who) {
  Connection& connection = connections_[who];
  const bool on_loopback = (ntohl(server_.sin_addr.s_addr) >> 24U) == 127;
  sockaddr_in source{};
  source.sin_family = AF_INET;
  if (on_loopback) {  // 127.0.0.2, .3 and so on: one address has 28,000 ports to give
    source.sin_addr.s_addr =
        htonl(0x7f000002U + static_cast<std::uint32_t>(who / options_.per_source));
  }
  connection.kept.clear();
  connection.message.clear();
  connection.started_ns = now_ns();
  connection.wire.open(server_, source, reads(who) ? 0 : options_.slow_buffer);
  connection.state = State::connecting;
  ++under_way_;
  poller_.add(connection.wire.fd(), who, Wish::write);
}

void Crowd::take_event(std::uint64_t who) {
  switch (connections_[who].state) {
    case State::closed:
      return;
    case State::connecting:
      return go_on_connecting(who);
    case State::securing:
      return go_on_securing(who);
    default:
      return read(who, buffer_.size());
  }
}

void Crowd::go_on_connecting(std::size_t who) {
  Connection& connection = connections_[who];
  if (!connection.wire.connected()) return drop(who);
  if (!tls_) return ask(who);
  connection.wire.secure(*tls_, tickets_[who]);
  connection.state = State::securing;
  poller_.change(connection.wire.fd(), who, Wish::read);
  go_on_securing(who);
}

void Crowd::go_on_securing(std::size_t who) {
  Connection& connection = connections_[who];
  const Moved moved = connection.wire.shake_hands();
  if (moved == Moved::ended) return drop(who);
  if (moved == Moved::not_now) return;
  resumed_ += connection.wire.resumed() ? 1 : 0;
  ask(who);
}

void Crowd::ask(std::size_t who) {
  Connection& connection = connections_[who];
  std::string path = ledger_.route(who).path;
  if (connection.met && !options_.resume_query.empty()) {
    path += path.find('?') == std::string::npos ? '?' : '&';
    path += ledger_.placed(who, options_.resume_query);
  }
  connection.state = State::upgrading;
  if (!tls_) poller_.change(connection.wire.fd(), who, Wish::read);
  say(who, request_for(options_, path));
}

void Crowd::say(std::size_t who, std::string_view bytes) {
  const Received sent = connections_[who].wire.send(bytes);
  if (sent.moved != Moved::yes || sent.size != bytes.size()) drop(who);
}

void Crowd::drop(std::size_t who) {
  Connection& connection = connections_[who];
  if (connection.state == State::closed) return;
  if (connection.state == State::ready) {
    --ready_;
    prompt_ready_ -= ledger_.pace(who) == Pace::prompt ? 1 : 0;
  } else {
    --under_way_;
    ++refused_;
  }
  connection.state = State::closed;
  connection.wire.reset();
  if (comes_back_) {
    waiting_.push_back(who);
  } else {
    ++lost_;
  }
}

void Crowd::close_all() {
  for (std::size_t who = 0; who < connections_.size(); ++who) {
    Connection& connection = connections_[who];
    connection.wire.reset();
    connection.state = State::closed;
  }
  ready_ = prompt_ready_ = under_way_ = 0;
}

void Crowd::become_ready(std::size_t who) {
  Connection& connection = connections_[who];
  connection.state = State::ready;
  --under_way_;
  ++ready_;
  prompt_ready_ += ledger_.pace(who) == Pace::prompt ? 1 : 0;
  const std::uint64_t now = now_ns();
  ready_tenths_.push_back(static_cast<std::uint32_t>(
      std::min<std::uint64_t>((now - connection.started_ns) / 100, 0xffff'ffffU)));
  if (connection.met) ++came_back_[static_cast<std::size_t>(ledger_.pace(who))];
  connection.met = true;
  ledger_.joined(who);
  if (reads(who)) return;
  connection.read_ns = now;
  poller_.remove(connection.wire.fd());
}

void Crowd::read_on() {
  reading_on_ = true;
  for (std::size_t who = 0; who < connections_.size(); ++who) {
    const Connection& connection = connections_[who];
    if (connection.state != State::ready || ledger_.pace(who) == Pace::prompt) continue;
    poller_.add(connection.wire.fd(), who, Wish::read);
    if (connection.wire.holds_more()) read(who, buffer_.size());
  }
}

void Crowd::read_slowly(std::uint64_t now_ns) {
  if (reading_on_) return;
  for (std::size_t who = 0; who < connections_.size(); ++who) {
    Connection& connection = connections_[who];
    if (connection.state != State::ready || ledger_.pace(who) != Pace::slow) continue;
    const double due = seconds_between(connection.read_ns, now_ns) * options_.slow_bytes_per_s;
    if (due < 1) continue;
    connection.read_ns = now_ns;
    read(who, static_cast<std::size_t>(due));
  }
}

void Crowd::read(std::size_t who, std::size_t most) {
  Connection& connection = connections_[who];
  do {
    const std::size_t kept = connection.kept.size();
    if (kept == buffer_.size()) give_up("a message of more than {} octets", kept);
    std::memcpy(buffer_.data(), connection.kept.data(), kept);
    const Received received =
        connection.wire.receive(buffer_.data() + kept, std::min(most, buffer_.size() - kept));
    if (received.moved == Moved::ended) return drop(who);
    if (received.moved == Moved::not_now) return;
    const std::string_view bytes(buffer_.data(), kept + received.size);
    const std::size_t understood = understand(who, bytes, now_ns());
    if (connection.state == State::closed) return;
    connection.kept.assign(bytes.substr(understood));
  } while (connection.wire.holds_more() && (connection.state != State::ready || reads(who)));
}

std::size_t Crowd::understand(std::size_t who, std::string_view bytes, std::uint64_t at_ns) {
  const Connection& connection = connections_[who];
  std::size_t done = 0;
  if (connection.state == State::upgrading) {
    done = upgraded(who, bytes);
    if (done == 0) return 0;
  }
  while (connection.state != State::closed) {
    const auto frame = next_frame(bytes.substr(done));
    if (!frame) return done;
    done += frame->size;
    take_frame(who, *frame, at_ns);
  }
  return done;
}

std::size_t Crowd::upgraded(std::size_t who, std::string_view bytes) {
  const std::size_t end = bytes.find(kHeadEnd);
  if (end == std::string_view::npos) return 0;
  const std::string_view head = bytes.substr(0, end);
  if (!head.starts_with("HTTP/1.1 101") || head.find(kAccept) == std::string_view::npos) {
    if (refused_ == 0) fmt::print(stderr, "herd: refused: {:.300}\n", bytes);
    drop(who);
    return 0;
  }
  Connection& connection = connections_[who];
  const bool again = connection.met && !options_.resume.empty();
  connection.state = State::greeting;
  const std::string number = fmt::format("{}", who);
  for (const std::string* const hello :
       {again ? &options_.resume : &options_.hello, &options_.hello2}) {
    if (hello->empty() || connection.state == State::closed) continue;
    const std::string text = replaced(ledger_.placed(who, *hello), "{i}", number);
    say(who, client_frame(options_.hello_binary ? Opcode::binary : Opcode::text, text));
  }
  if (connection.state == State::closed) return 0;
  if (options_.hello_reply.empty()) become_ready(who);
  return end + kHeadEnd.size();
}

void Crowd::take_frame(std::size_t who, const Frame& frame, std::uint64_t at_ns) {
  Connection& connection = connections_[who];
  switch (frame.opcode) {
    case Opcode::close:
      if (frame.payload.size() >= 2) {
        ++closes_[static_cast<unsigned char>(frame.payload[0]) * 256U +
                  static_cast<unsigned char>(frame.payload[1])];
      }
      return drop(who);
    case Opcode::ping:
      return say(who, client_frame(Opcode::pong, frame.payload));
    case Opcode::pong:
      return;
    default:
      break;
  }
  if (frame.last && connection.message.empty()) return take_message(who, frame.payload, at_ns);
  connection.message += frame.payload;
  if (!frame.last) return;
  const std::string whole = std::exchange(connection.message, {});
  take_message(who, whole, at_ns);
}

void Crowd::take_message(std::size_t who, std::string_view message, std::uint64_t at_ns) {
  if (connections_[who].state == State::greeting &&
      found_in(message, options_.hello_reply) != std::string_view::npos) {
    become_ready(who);
  }
  bool marked = false;
  for (std::size_t from = 0; from < message.size();) {
    const std::size_t at = found_in(message.substr(from), options_.marker);
    if (at == std::string_view::npos) break;
    marked = true;
    from += at + options_.marker.size();
    ledger_.arrived(who, leading_number(message.substr(from)), at_ns);
    from += stride_ - std::min(stride_, options_.marker.size());
  }
  if (!marked) {
    ledger_.heard(who, message);
  } else if (who == 0 && save_.is_open()) {
    keep_message(message);
  }
}

void Crowd::keep_message(std::string_view message) {
  while (!message.empty()) {
    const std::string_view line = message.substr(0, message.find('\n'));
    if (found_in(line, options_.marker) != std::string_view::npos) save_ << line << '\n';
    message.remove_prefix(std::min(message.size(), line.size() + 1));
  }
}

}  // namespace bench
