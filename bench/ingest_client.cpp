#include "bench/ingest_client.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>

namespace bench {

namespace {

using Steady = std::chrono::steady_clock;

struct Connection {
  int socket = -1;
  std::string out, in;
  std::deque<Steady::time_point> asked;
};

double micros_between(Steady::time_point from, Steady::time_point to) {
  return std::chrono::duration<double, std::micro>(to - from).count();
}

class Client {
 public:
  Client(const Load& load, Protocol& protocol) : load_(load), protocol_(protocol) {}

  Outcome run() {
    poll_ = ::epoll_create1(EPOLL_CLOEXEC);
    connections_.resize(load_.clients);
    for (std::size_t i = 0; i < connections_.size() && outcome_.complaint.empty(); ++i) open(i);
    begin();
    for (std::size_t i = 0; i < connections_.size(); ++i) refill(i);
    while (in_flight_ > 0 && outcome_.complaint.empty()) turn();
    outcome_.seconds = micros_between(began_, last_) / 1e6;
    for (const Connection& one : connections_) {
      if (one.socket >= 0) ::close(one.socket);
    }
    ::close(poll_);
    return std::move(outcome_);
  }

 private:
  void complain(std::string what) {
    if (outcome_.complaint.empty()) outcome_.complaint = std::move(what);
  }

  void begin() {
    began_ = last_ = Steady::now();
    outcome_.good = outcome_.refused = 0;
    outcome_.micros.clear();
  }

  void open(std::size_t index) {
    Connection& one = connections_[index];
    one.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(load_.ports[index % load_.ports.size()]);
    ::inet_pton(AF_INET, load_.host.c_str(), &to.sin_addr);
    if (::connect(one.socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      return complain(fmt::format("connect: {}", std::strerror(errno)));
    }
    const int yes = 1;
    ::setsockopt(one.socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    ::fcntl(one.socket, F_SETFL, O_NONBLOCK);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = index;
    ::epoll_ctl(poll_, EPOLL_CTL_ADD, one.socket, &event);
    one.out = protocol_.greeting(index);
    write(index);
  }

  bool over() const {
    return load_.seconds > 0 && micros_between(began_, Steady::now()) > load_.seconds * 1e6;
  }

  void refill(std::size_t index) {
    Connection& one = connections_[index];
    while (one.asked.size() < load_.pipeline && !over() && protocol_.next(index, one.out)) {
      one.asked.push_back(Steady::now());
      ++in_flight_;
    }
    write(index);
  }

  void write(std::size_t index) {
    Connection& one = connections_[index];
    if (one.out.empty()) return;
    const ssize_t n = ::send(one.socket, one.out.data(), one.out.size(), MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) return complain(fmt::format("send: {}", std::strerror(errno)));
    if (n > 0) one.out.erase(0, static_cast<std::size_t>(n));
    epoll_event event{};
    event.events = EPOLLIN;
    if (!one.out.empty()) event.events |= EPOLLOUT;
    if (event.events == EPOLLIN && !waits_to_write_) return;
    waits_to_write_ = waits_to_write_ || !one.out.empty();
    event.data.u64 = index;
    ::epoll_ctl(poll_, EPOLL_CTL_MOD, one.socket, &event);
  }

  void turn() {
    std::array<epoll_event, 256> events;
    const int n = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), 10'000);
    if (n == 0) return complain("no answer for ten seconds");
    for (int i = 0; i < n; ++i) {
      const auto& event = events[static_cast<std::size_t>(i)];
      if ((event.events & EPOLLOUT) != 0) write(event.data.u64);
      if ((event.events & ~EPOLLOUT) != 0) read(event.data.u64);
    }
  }

  void read(std::size_t index) {
    Connection& one = connections_[index];
    const ssize_t n = ::recv(one.socket, buffer_.data(), buffer_.size(), 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) return complain("the server closed a connection");
    one.in.append(buffer_.data(), static_cast<std::size_t>(n));
    std::string_view rest = one.in;
    while (!rest.empty()) {
      const Answer answer = protocol_.answer(rest);
      if (answer.kind == Answer::Kind::none) break;
      take(one, answer, rest.substr(0, answer.octets));
      rest.remove_prefix(answer.octets);
    }
    one.in.erase(0, one.in.size() - rest.size());
    refill(index);
  }

  void take(Connection& one, const Answer& answer, std::string_view text) {
    if (answer.kind == Answer::Kind::aside) {
      one.out += answer.reply;
      return;
    }
    if (answer.kind == Answer::Kind::bad || one.asked.empty()) {
      ++outcome_.bad;
      return complain(std::string(text.substr(0, 600)));
    }
    last_ = Steady::now();
    const double micros = micros_between(one.asked.front(), last_);
    one.asked.pop_front();
    --in_flight_;
    if (answer.kind == Answer::Kind::refused) {
      ++outcome_.refused;
      return;
    }
    outcome_.micros.push_back(micros);
    ++outcome_.good;
    if (warm_ < load_.warm && ++warm_ == load_.warm) begin();
  }

  const Load& load_;
  Protocol& protocol_;
  Outcome outcome_;
  std::vector<Connection> connections_;
  std::array<char, 1 << 16> buffer_{};
  Steady::time_point began_, last_;
  std::size_t in_flight_ = 0, warm_ = 0;
  bool waits_to_write_ = false;
  int poll_ = -1;
};

double own_cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

}  // namespace

Outcome run(const Load& load, Protocol& protocol) { return Client(load, protocol).run(); }

int report(std::string_view label, const Load& load, Outcome outcome) {
  auto& all = outcome.micros;
  std::sort(all.begin(), all.end());
  const auto at = [&](double share) {
    if (all.empty()) return 0.0;
    const auto index = static_cast<std::size_t>(share * static_cast<double>(all.size()));
    return all[std::min(all.size() - 1, index)];
  };
  const auto good = static_cast<double>(outcome.good);
  fmt::print(
      "{{\"label\":\"{}\",\"clients\":{},\"pipeline\":{},\"answered\":{},\"errors\":{},"
      "\"refused\":{},"
      "\"seconds\":{:.3f},\"per_s\":{:.1f},\"p50_us\":{:.1f},\"p99_us\":{:.1f},\"max_us\":{:.1f},"
      "\"client_cpu_us\":{:.2f}}}\n",
      label, load.clients, load.pipeline, outcome.good, outcome.bad, outcome.refused,
      outcome.seconds, outcome.seconds > 0 ? good / outcome.seconds : 0.0, at(0.5), at(0.99),
      at(1.0), good > 0 ? own_cpu_seconds() * 1e6 / good : 0.0);
  if (!outcome.complaint.empty()) fmt::print(stderr, "bench_ingest: {}\n", outcome.complaint);
  return outcome.complaint.empty() && outcome.good > 0 ? 0 : 1;
}

}  // namespace bench
