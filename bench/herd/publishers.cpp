#include "bench/herd/publishers.hpp"

#include <poll.h>

#include <algorithm>
#include <cctype>

#include "bench/herd/clock.hpp"
#include "bench/herd/crowd.hpp"
#include "bench/herd/fault.hpp"
#include "bench/herd/text.hpp"

namespace bench {

namespace {

constexpr int kConnectMilliseconds = 2'000;
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kSequence = "\"seq\":";

/// How long the answer at the front of `bytes` is, or 0 while it is not all there.
std::size_t answer_size(std::string_view bytes) {
  const std::size_t end = bytes.find(kHeadEnd);
  if (end == std::string_view::npos) return 0;
  std::string head(bytes.substr(0, end + 2));
  std::transform(head.begin(), head.end(), head.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  std::size_t size = end + kHeadEnd.size();
  constexpr std::string_view kLength = "\r\ncontent-length:";
  const std::size_t length = head.find(kLength);
  if (length != std::string::npos) {
    const std::string_view value = std::string_view(head).substr(length + kLength.size());
    size += leading_number(value.substr(std::min(value.find_first_not_of(' '), value.size())));
  } else if (head.find("chunked") != std::string::npos) {
    const std::size_t last = bytes.find("0\r\n\r\n", size);
    if (last == std::string_view::npos) return 0;
    size = last + 5;
  }
  return bytes.size() < size ? 0 : size;
}

bool wait_for(int fd, short what) {
  pollfd wish{fd, what, 0};
  return poll(&wish, 1, kConnectMilliseconds) > 0;
}

}  // namespace

Publishers::Publishers(const Options& options, Poller& poller, Ledger& ledger,
                       std::uint64_t first_tag)
    : options_(options),
      poller_(poller),
      ledger_(ledger),
      lines_(options.publishers),
      buffer_(1 << 16),
      first_tag_(first_tag),
      first_id_(options.first_id),
      numbered_by_server_(options.numbered_by_server()) {
  if (options.tls && !options.pub_plain) tls_.emplace(options.tls_ca, options.tls_name);
}

bool Publishers::open() {
  std::uint64_t tag = first_tag_;
  return std::all_of(lines_.begin(), lines_.end(),
                     [&](Line& line) { return open(line, tag++) || (close(), false); });
}

bool Publishers::open(Line& line, std::uint64_t tag) {
  line.unsent.clear();
  line.unread.clear();
  line.wire.open(address_of(options_.host, options_.pub_port), {}, 0);
  if (!wait_for(line.wire.fd(), POLLOUT) || !line.wire.connected()) return false;
  if (tls_) {
    line.wire.secure(*tls_, line.ticket);
    Moved moved = Moved::not_now;
    while ((moved = line.wire.shake_hands()) == Moved::not_now) {
      if (!wait_for(line.wire.fd(), POLLIN)) return false;
    }
    if (moved == Moved::ended) return false;
  }
  poller_.add(line.wire.fd(), tag, Wish::read);
  line.unsent = options_.pub_raw_hello;
  send_unsent(line);
  return true;
}

void Publishers::close() {
  for (Line& line : lines_) {
    line.wire.close();
    line.posted_ns.clear();
  }
  answered_ = posted_;
}

bool Publishers::all_open() const {
  return std::all_of(lines_.begin(), lines_.end(),
                     [](const Line& line) { return line.wire.is_open(); });
}

std::size_t Publishers::body_bytes() const {
  if (!options_.stamped()) return options_.bodies.front().size();
  return next_body(now_ns()).size();
}

std::string Publishers::next_body(std::uint64_t now_ns) const {
  if (options_.stamped()) return replaced(options_.body, "{ts}", fmt::format("{:019}", now_ns));
  if (ledger_.messages() == options_.bodies.size()) {
    give_up("{} bodies are too few: no line is left", options_.bodies.size());
  }
  return options_.bodies[ledger_.messages()];
}

std::uint64_t Publishers::number_of(const std::string& body, std::uint64_t now_ns) {
  if (options_.stamped()) return now_ns;
  if (!numbered_by_server_) return number_behind(body, options_.marker);
  if (first_id_ == 0) first_id_ = ledger_.head() + 1;
  return first_id_ + ledger_.messages();
}

void Publishers::publish() {
  Line& line = lines_[posted_ % lines_.size()];
  if (!line.wire.is_open() && !open(line, first_tag_ + posted_ % lines_.size())) {
    give_up("nobody listens on port {}", options_.pub_port);
  }
  const std::uint64_t now = now_ns();
  const std::string body = next_body(now);
  // Of several that are on their way at once, only the answer tells which got which number.
  const bool told_later = numbered_by_server_ && lines_.size() > 1;
  ledger_.published(number_of(body, now), told_later ? 0 : now);
  ++posted_;
  if (by_post()) {
    line.posted_ns.push_back(now);
    line.unsent += fmt::format(
        "POST {} HTTP/1.1\r\nHost: {}:{}\r\nContent-Type: application/json\r\n"
        "Content-Length: {}\r\n\r\n{}",
        options_.pub_url, options_.host, options_.pub_port, body.size(), body);
  } else {
    ++answered_;
    line.unsent += replaced(replaced(options_.pub_raw, "{len}", fmt::format("{}", body.size())),
                            "{body}", body);
  }
  send_unsent(line);
}

bool Publishers::has_unsent() const {
  return std::any_of(lines_.begin(), lines_.end(),
                     [](const Line& line) { return !line.unsent.empty(); });
}

void Publishers::send_unsent() {
  for (Line& line : lines_) send_unsent(line);
}

void Publishers::send_unsent(Line& line) {
  std::size_t done = 0;
  while (done < line.unsent.size() && line.wire.is_open()) {
    const Received sent = line.wire.send(std::string_view(line.unsent).substr(done));
    if (sent.moved != Moved::yes) break;  // that it ended is seen where it is read
    done += sent.size;
  }
  line.unsent.erase(0, done);
}

void Publishers::take_event(std::uint64_t tag) {
  Line& line = lines_[tag - first_tag_];
  do {
    const Received received = line.wire.receive(buffer_.data(), buffer_.size());
    if (received.moved == Moved::not_now) return;
    if (received.moved == Moved::ended) {
      answered_ += line.posted_ns.size();
      line.posted_ns.clear();
      return line.wire.close();
    }
    line.unread.append(buffer_.data(), received.size);
  } while (line.wire.holds_more());
  return by_post() ? take_answers(line) : take_raw(line);
}

void Publishers::take_answers(Line& line) {
  std::size_t done = 0;
  while (const std::size_t size = answer_size(std::string_view(line.unread).substr(done))) {
    answered(line, std::string_view(line.unread).substr(done, size));
    done += size;
  }
  line.unread.erase(0, done);
}

void Publishers::answered(Line& line, std::string_view answer) {
  if (answer.substr(0, 10).find(" 2") == std::string_view::npos) {
    give_up("a publisher was refused: {}", answer);
  }
  if (line.posted_ns.empty()) give_up("an answer to nothing: {}", answer);
  const std::uint64_t posted = line.posted_ns.front();
  line.posted_ns.pop_front();
  ++answered_;
  answer_tenths_.push_back(
      static_cast<std::uint32_t>(std::min<std::uint64_t>((now_ns() - posted) / 100, 0xffff'ffffU)));
  if (numbered_by_server_ && lines_.size() > 1) {
    ledger_.published_at(number_behind(answer, kSequence), posted);
  }
}

void Publishers::take_raw(Line& line) {
  // NATS asks whether we are there.
  if (options_.pub_raw.starts_with("PUB") && line.unread.find("PING\r\n") != std::string::npos) {
    line.unsent += "PONG\r\n";
    send_unsent(line);
  }
  line.unread.clear();
}

}  // namespace bench
