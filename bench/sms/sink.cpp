#include "bench/sms/sink.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace bench {

namespace {

constexpr std::size_t kHead = 16, kPduMax = 64 * 1024;
constexpr std::uint32_t kSubmit = 0x04, kUnbind = 0x06, kEnquire = 0x15;
constexpr std::uint32_t kBindReceiver = 0x01, kBindTransmitter = 0x02, kBindTransceiver = 0x09;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

std::uint32_t number_at(std::string_view octets, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    number = number << 8 | static_cast<unsigned char>(octets[at + i]);
  }
  return number;
}

void put(std::string& out, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xFF);
}

/// The digits of a submit_sm's destination; 0 where there are none.
std::uint64_t destination_of(std::string_view body) {
  const auto skip = [&](std::size_t octets) { body.remove_prefix(std::min(octets, body.size())); };
  skip(body.find('\0') + 1);  // service_type
  skip(2);                    // ton and npi of the source
  skip(body.find('\0') + 1);  // the source
  skip(2);
  std::uint64_t number = 0;
  for (const char c : body.substr(0, body.find('\0'))) {
    if (c >= '0' && c <= '9') number = number * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return number;
}

/// The answer to a request: its command with the highest bit, status 0, and a string.
void put_answer(std::string& out, std::uint32_t command, std::uint32_t sequence,
                std::string_view text, bool with_text) {
  put(out, static_cast<std::uint32_t>(kHead + (with_text ? text.size() + 1 : 0)));
  put(out, command | 0x80000000);
  put(out, 0);
  put(out, sequence);
  if (with_text) out.append(text).append(1, '\0');
}

}  // namespace

SmscSink::SmscSink(std::uint16_t port)
    : listening_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (listening_ < 0 || epoll_ < 0) fail("socket");
  const int on = 1;
  ::setsockopt(listening_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  if (::bind(listening_, generic, size) != 0 || ::listen(listening_, 64) != 0) fail("listen");
  if (::getsockname(listening_, generic, &size) != 0) fail("getsockname");
  port_ = ntohs(address.sin_port);
  epoll_event event{EPOLLIN, {.fd = listening_}};
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, listening_, &event);
}

SmscSink::~SmscSink() {
  ::close(listening_);
  ::close(epoll_);
}

void SmscSink::serve_until(int descriptor) {
  epoll_event end{EPOLLIN, {.fd = descriptor}};
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &end);
  std::array<epoll_event, 64> events{};
  for (;;) {
    const int ready = ::epoll_wait(epoll_, events.data(), events.size(), -1);
    for (int i = 0; i < ready; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == descriptor) return;
      if (fd == listening_) {
        accept();
        continue;
      }
      Connection& connection = connections_[static_cast<std::size_t>(fd)];
      const bool there = connection.waits_to_write ? write(fd, connection) : read(fd);
      if (there) continue;
      ::close(fd);
      connection = {};
    }
  }
}

void SmscSink::accept() {
  const int fd = ::accept4(listening_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return;
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connections_.size() <= static_cast<std::size_t>(fd)) {
    connections_.resize(static_cast<std::size_t>(fd) + 1);
  }
  epoll_event event{EPOLLIN, {.fd = fd}};
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
}

bool SmscSink::read(int socket) {
  static std::array<char, 256 * 1024> buffer;
  const ssize_t size = ::recv(socket, buffer.data(), buffer.size(), 0);
  if (size <= 0) return size < 0 && (errno == EAGAIN || errno == EINTR);
  Connection& connection = connections_[static_cast<std::size_t>(socket)];
  counts_.octets += static_cast<std::uint64_t>(size);
  connection.in.append(buffer.data(), static_cast<std::size_t>(size));
  return answer(connection) && write(socket, connection);
}

/// Nothing is read while answers wait.
bool SmscSink::write(int socket, Connection& connection) {
  const std::string& out = connection.out;
  const ssize_t size = out.empty() ? 0 : ::send(socket, out.data(), out.size(), MSG_NOSIGNAL);
  if (size < 0 && errno != EAGAIN && errno != EINTR) return false;
  connection.out.erase(0, static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  const bool waits = !connection.out.empty();
  if (waits == connection.waits_to_write) return true;
  connection.waits_to_write = waits;
  epoll_event event{waits ? EPOLLOUT : EPOLLIN, {.fd = socket}};
  return ::epoll_ctl(epoll_, EPOLL_CTL_MOD, socket, &event) == 0;
}

bool SmscSink::answer(Connection& connection) {
  const std::string_view in = connection.in;
  std::size_t at = 0;
  for (; in.size() - at >= kHead;) {
    const std::uint32_t length = number_at(in, at);
    if (length < kHead || length > kPduMax) return false;
    if (in.size() - at < length) break;
    const std::uint32_t command = number_at(in, at + 4), sequence = number_at(in, at + 12);
    const std::string_view body = in.substr(at + kHead, length - kHead);
    at += length;
    if (command == kSubmit) {
      counts_.last_s = now();
      if (keeps_journal_) journal_.push_back({counts_.last_s, destination_of(body)});
      if (counts_.submits++ == 0) counts_.first_s = counts_.last_s;
      put_answer(connection.out, command, sequence, std::to_string(counts_.submits), true);
    } else if (command == kBindTransceiver || command == kBindTransmitter ||
               command == kBindReceiver) {
      ++counts_.binds;
      put_answer(connection.out, command, sequence, "sink", true);
    } else if (command == kEnquire || command == kUnbind) {
      put_answer(connection.out, command, sequence, {}, false);
    }
  }
  connection.in.erase(0, at);
  return true;
}

}  // namespace bench
