#include "ops/sinks/page_server.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <memory>

#include "embedded/sinks_css.hpp"
#include "embedded/sinks_html.hpp"
#include "embedded/sinks_js.hpp"
#include "ops/sinks/limits.hpp"

namespace ops::sinks {

using boost::asio::ip::tcp;

namespace {

std::string answer(std::string_view status, std::string_view type, std::string_view body) {
  return fmt::format(
      "HTTP/1.1 {}\r\nContent-Type: {}; charset=utf-8\r\nContent-Length: {}\r\n"
      "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: "
      "no-referrer\r\n"
      "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
      "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
      "Connection: close\r\n\r\n{}",
      status, type, body.size(), body);
}

std::string refusal(std::string_view status) { return answer(status, "text/plain", status); }

/// The value of a field, by its name in lower case.
std::string_view field(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find("\r\n"); at != head.npos; at = head.find("\r\n", at + 2)) {
    const std::string_view line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    const auto colon = line.find(':');
    if (colon != name.size()) continue;
    bool same = true;
    for (std::size_t i = 0; i < colon; ++i) same = same && (line[i] | 0x20) == name[i];
    if (!same) continue;
    const auto begin = line.find_first_not_of(' ', colon + 1);
    return begin == line.npos ? std::string_view() : line.substr(begin);
  }
  return {};
}

bool is_loopback(std::string_view host) {
  const std::string_view name = host.substr(0, host.find(':'));
  return name == "127.0.0.1" || name == "localhost";
}

std::uint64_t number_in(std::string_view query) {
  constexpr std::string_view kAfter = "after=";
  std::uint64_t number = 0;
  if (query.starts_with(kAfter)) query.remove_prefix(kAfter.size());
  std::from_chars(query.data(), query.data() + query.size(), number);
  return number;
}

}  // namespace

std::string answer_to(std::string_view head, const MessageBoard& board) {
  constexpr std::string_view kGet = "GET ";
  if (!head.starts_with(kGet)) return refusal("405 Method Not Allowed");
  if (!is_loopback(field(head, "host"))) return refusal("403 Forbidden");
  const std::string_view target =
      head.substr(kGet.size(), head.find(' ', kGet.size()) - kGet.size());
  const std::string_view path = target.substr(0, target.find('?'));
  const std::string_view query =
      path.size() < target.size() ? target.substr(path.size() + 1) : std::string_view();
  if (path == "/") return answer("200 OK", "text/html", embedded::sinks_html());
  if (path == "/sinks.css") return answer("200 OK", "text/css", embedded::sinks_css());
  if (path == "/sinks.js") return answer("200 OK", "text/javascript", embedded::sinks_js());
  if (path == "/messages") {
    return answer("200 OK", "application/json", board.json_after(number_in(query)));
  }
  return refusal("404 Not Found");
}

class PageServer::Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, const MessageBoard& board)
      : socket_(std::move(socket)), board_(board) {}

  void listen() {
    socket_.async_read_some(boost::asio::buffer(heard_),
                            [self = shared_from_this()](auto error, std::size_t size) {
                              if (error) return;
                              self->head_.append(self->heard_.data(), size);
                              const auto end = self->head_.find("\r\n\r\n");
                              if (end != std::string::npos)
                                return self->say(self->head_.substr(0, end + 2));
                              if (self->head_.size() <= limits::kHeadBytes) self->listen();
                            });
  }

 private:
  void say(std::string_view head) {
    said_ = answer_to(head, board_);
    boost::asio::async_write(socket_, boost::asio::buffer(said_),
                             [self = shared_from_this()](auto, std::size_t) {
                               boost::system::error_code ignored;
                               self->socket_.shutdown(tcp::socket::shutdown_send, ignored);
                             });
  }

  tcp::socket socket_;
  const MessageBoard& board_;
  std::array<char, 4096> heard_{};
  std::string head_, said_;
};

PageServer::PageServer(boost::asio::io_context& io, std::uint16_t port, const MessageBoard& board)
    : board_(board), doorway_(io, port, [this](tcp::socket socket) {
        std::make_shared<Session>(std::move(socket), board_)->listen();
      }) {}

}  // namespace ops::sinks
