// bench_floor: what the kernel asks for the fan-out, and no more. One thread; what is posted to it
// goes to every WebSocket as it came, in a text frame, without a queue, a bound on time, or a
// thought for those who read slowly: it waits for them.
//
//   bench_floor PORT [coalesce] [tls=CERTIFICATE,KEY] [drop=N | repeat=N | swap=N]
//
// As it is, each frame is sent to every reader by itself; with `coalesce` all frames that one turn
// of the poll brought go out in one gathered write for each reader; with `tls` everybody speaks TLS
// 1.3, those who post too. With one of the last three the
// N-th message, counted from 1, is kept from the first reader, sent to it twice, or sent to it
// after the next one: for whoever wants to see that a herd notices.
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/floor_tls.hpp"
#include "bench/herd/frames.hpp"
#include "bench/herd/poller.hpp"
#include "bench/herd/text.hpp"

namespace {

using bench::FloorTls;
using bench::Poller;
using bench::Wish;
using Frames = std::vector<std::string>;

constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr int kBacklog = 4096;
constexpr int kPatienceMilliseconds = 1'000;  // with a reader whose socket is full

/// The answer to that key (RFC 6455, section 4.2.2).
std::string accept_of(std::string_view key) {
  const std::string salted = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(salted.data(), salted.size(), digest, &size, EVP_sha1(), nullptr);
  unsigned char text[64];
  const int length = EVP_EncodeBlock(text, digest, static_cast<int>(size));
  return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(length)};
}

struct Request {
  std::size_t size = 0;  // 0: not all there
  std::string_view key;  // of one who wants to become a WebSocket
  std::string_view body;
};

/// The request at the front of `bytes`. Of clients that write the names of fields as we do.
Request next_request(std::string_view bytes) {
  const std::size_t end = bytes.find(kHeadEnd);
  if (end == std::string_view::npos) return {};
  const std::string_view head = bytes.substr(0, end + 2);
  const auto field = [&](std::string_view name) {
    const std::size_t at = head.find(name);
    if (at == std::string_view::npos) return std::string_view{};
    const std::string_view rest = head.substr(at + name.size());
    return rest.substr(0, rest.find("\r\n"));
  };
  const std::size_t length = bench::leading_number(field("\r\nContent-Length: "));
  const std::size_t size = end + kHeadEnd.size() + length;
  if (bytes.size() < size) return {};
  return {size, field("\r\nSec-WebSocket-Key: "), bytes.substr(end + kHeadEnd.size(), length)};
}

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    pollfd wish{fd, POLLOUT, 0};
    if (errno != EAGAIN || poll(&wish, 1, kPatienceMilliseconds) <= 0) return;
  }
}

void send_gathered(int fd, const Frames& frames, std::vector<iovec>& pieces, std::size_t total) {
  const ssize_t sent = ::writev(fd, pieces.data(), static_cast<int>(pieces.size()));
  if (sent == static_cast<ssize_t>(total)) return;
  auto done = static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
  for (const std::string& frame : frames) {
    const std::size_t here = std::min(done, frame.size());
    done -= here;
    send_all(fd, std::string_view(frame).substr(here));
  }
}

struct Options {
  std::uint16_t port = 0;
  bool coalesces = false;
  std::string certificate, key;  // empty: plain
  std::string fault;
  std::uint64_t fault_at = 0;
};

class Floor {
 public:
  explicit Floor(Options options) : options_(std::move(options)), buffer_(1 << 18) {
    if (!options_.certificate.empty()) tls_.emplace(options_.certificate, options_.key);
  }

  [[noreturn]] void serve() {
    listen_on(options_.port);
    for (;;) {
      poller_.wait(-1, [this](std::uint64_t fd) {
        if (static_cast<int>(fd) == listener_) {
          accept_all();
        } else {
          read(static_cast<int>(fd));
        }
      });
      if (!answers_.empty()) publish();
    }
  }

 private:
  struct Peer {
    bool reader = false;
    std::size_t place = 0;  // among the readers
    std::string unread;
  };

  void listen_on(std::uint16_t port) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        listen(listener_, kBacklog) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      bench::give_up("the floor cannot listen on port {}: {}", port, std::strerror(errno));
    }
    poller_.add(listener_, static_cast<std::uint64_t>(listener_), Wish::read);
    fmt::print("{{\"port\":{}}}\n", ntohs(address.sin_port));
    std::fflush(stdout);
  }

  void accept_all() {
    for (int fd = 0; (fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      if (peers_.size() <= static_cast<std::size_t>(fd)) {
        peers_.resize(static_cast<std::size_t>(fd) + 1);
      }
      peer(fd) = std::make_unique<Peer>();
      if (tls_) tls_->accept(fd);
      poller_.add(fd, static_cast<std::uint64_t>(fd), Wish::read);
    }
  }

  std::unique_ptr<Peer>& peer(int fd) { return peers_[static_cast<std::size_t>(fd)]; }

  void forget(int fd) {
    const std::unique_ptr<Peer> gone = std::move(peer(fd));
    if (tls_) tls_->forget(fd);
    ::close(fd);
    std::erase(answers_, fd);
    if (!gone->reader) return;
    readers_[gone->place] = readers_.back();
    if (readers_.back() != fd) peer(readers_.back())->place = gone->place;
    readers_.pop_back();
  }

  void read(int fd) {
    const ssize_t size = tls_ ? tls_->receive(fd, buffer_.data(), buffer_.size())
                              : ::recv(fd, buffer_.data(), buffer_.size(), 0);
    if (size < 0 && errno == EAGAIN) return;
    if (size <= 0) return forget(fd);
    Peer& from = *peer(fd);
    if (from.reader) return;  // those who read have nothing to say to a floor
    from.unread.append(buffer_.data(), static_cast<std::size_t>(size));
    std::size_t done = 0;
    for (;;) {
      const Request request = next_request(std::string_view(from.unread).substr(done));
      if (request.size == 0) break;
      if (!request.key.empty()) return join(fd, request.key);
      done += request.size;
      frames_.push_back(bench::server_frame(request.body));
      answers_.push_back(fd);
      if (!options_.coalesces) publish();
    }
    from.unread.erase(0, done);
  }

  /// To all readers first, then the word to those who posted.
  void publish() {
    fan_out(std::exchange(frames_, {}));
    for (const int fd : std::exchange(answers_, {})) {
      send(fd, "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
    }
  }

  void join(int fd, std::string_view key) {
    send(fd, fmt::format("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                         "Connection: Upgrade\r\nSec-WebSocket-Accept: {}\r\n\r\n",
                         accept_of(key)));
    Peer& reader = *peer(fd);
    reader.reader = true;
    reader.place = readers_.size();
    std::string().swap(reader.unread);
    readers_.push_back(fd);
  }

  void send(int fd, std::string_view bytes) {
    if (tls_) return tls_->send_all(fd, bytes);
    send_all(fd, bytes);
  }

  void fan_out(Frames frames) {
    if (tls_ && frames.size() > 1) {  // one frame for OpenSSL, which gathers nothing
      for (std::size_t i = 1; i < frames.size(); ++i) frames.front() += frames[i];
      frames.resize(1);
    }
    std::size_t first = 0;  // the first reader that is treated like all the others
    if (options_.fault_at > 0 && !readers_.empty()) {
      first = 1;
      for (const std::string& frame : frames) send_with_fault(readers_.front(), frame);
    }
    if (frames.size() == 1) {
      for (std::size_t i = first; i < readers_.size(); ++i) send(readers_[i], frames.front());
      return;
    }
    std::vector<iovec> pieces;
    std::size_t total = 0;
    for (std::string& frame : frames) {
      pieces.push_back({frame.data(), frame.size()});
      total += frame.size();
    }
    for (std::size_t i = first; i < readers_.size(); ++i) {
      send_gathered(readers_[i], frames, pieces, total);
    }
  }

  void send_with_fault(int fd, const std::string& frame) {
    const bool now = ++sent_ == options_.fault_at;
    if (now && options_.fault == "swap") {
      held_ = frame;
      return;
    }
    if (now && options_.fault == "drop") return;
    send(fd, frame);
    if (now && options_.fault == "repeat") send(fd, frame);
    if (!held_.empty()) send(fd, std::exchange(held_, {}));
  }

  const Options options_;
  std::optional<FloorTls> tls_;
  Poller poller_;
  int listener_ = -1;
  std::vector<char> buffer_;
  std::vector<std::unique_ptr<Peer>> peers_;  // by descriptor
  std::vector<int> readers_;
  Frames frames_;             // posted and not sent
  std::vector<int> answers_;  // whom an answer is owed for them
  std::uint64_t sent_ = 0;
  std::string held_;
};

Options read_options(int count, char** values) {
  Options options;
  if (count > 1) options.port = static_cast<std::uint16_t>(bench::leading_number(values[1]));
  bool understood = count > 1;
  for (int i = 2; i < count; ++i) {
    const auto parts = bench::split(values[i], '=');
    if (parts.front() == "coalesce" && parts.size() == 1) {
      options.coalesces = true;
    } else if (parts.size() == 2 && parts[0] == "tls" && bench::split(parts[1], ',').size() == 2) {
      options.certificate = bench::split(parts[1], ',')[0];
      options.key = bench::split(parts[1], ',')[1];
    } else if (parts.size() == 2 &&
               (parts[0] == "drop" || parts[0] == "repeat" || parts[0] == "swap")) {
      options.fault = parts[0];
      options.fault_at = bench::leading_number(parts[1]);
    } else {
      understood = false;
    }
  }
  if (!understood) {
    fmt::print(stderr,
               "bench_floor PORT [coalesce] [tls=CERTIFICATE,KEY] [drop=N | repeat=N | swap=N]\n");
    std::exit(2);
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  Options options = read_options(argc, argv);
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  Floor(std::move(options)).serve();
}
