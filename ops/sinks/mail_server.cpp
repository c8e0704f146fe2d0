#include "ops/sinks/mail_server.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <memory>

#include "ops/sinks/limits.hpp"
#include "ops/sinks/mail_reading.hpp"

namespace ops::sinks {

using boost::asio::ip::tcp;

namespace {

constexpr std::string_view kOk = "250 OK\r\n";

/// The four letters of a command, in upper case.
std::string verb_of(std::string_view line) {
  std::string verb(line.substr(0, 4));
  std::transform(verb.begin(), verb.end(), verb.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return verb;
}

/// What stands between < and >.
std::string address_in(std::string_view line) {
  const auto begin = line.find('<'), end = line.find('>', begin);
  if (begin == line.npos || end == line.npos) return {};
  return std::string(line.substr(begin + 1, end - begin - 1));
}

}  // namespace

std::string MailDialogue::hear(std::string_view octets) {
  in_ += octets;
  std::string said;
  std::size_t begin = 0;
  for (std::size_t end = 0; !over_ && (end = in_.find("\r\n", begin)) != in_.npos;
       begin = end + 2) {
    said += hear_line(std::string_view(in_).substr(begin, end - begin));
  }
  in_.erase(0, begin);
  if (in_.size() > limits::kCommandBytes) {
    over_ = true;
    said += "500 A line is too long\r\n";
  }
  return said;
}

std::string MailDialogue::hear_line(std::string_view line) {
  if (!in_mail_) return hear_command(line);
  if (line != ".") {
    if (mail_.size() <= limits::kMailBytes)
      mail_ += std::string(line.substr(line.starts_with('.'))) + "\r\n";
    return {};
  }
  in_mail_ = false;
  const bool fits = mail_.size() <= limits::kMailBytes;
  if (fits) finish();
  mail_.clear();
  return fits ? std::string(kOk) : "552 The mail is too large\r\n";
}

std::string MailDialogue::hear_command(std::string_view line) {
  const std::string verb = verb_of(line);
  if (verb == "EHLO") return "250-demo.invalid\r\n250-PIPELINING\r\n250 8BITMIME\r\n";
  if (verb == "QUIT") return over_ = true, "221 Goodbye\r\n";
  if (verb == "RCPT") to_ = address_in(line);
  if (verb == "DATA" && to_.empty()) return "503 To whom?\r\n";
  if (verb == "DATA") return in_mail_ = true, "354 Go on\r\n";
  if (verb == "RSET") to_.clear();
  for (const std::string_view known : {"HELO", "MAIL", "RCPT", "RSET", "NOOP"}) {
    if (verb == known) return std::string(kOk);
  }
  return "502 That is not known here\r\n";
}

void MailDialogue::finish() {
  MailSeen seen = see_mail(mail_);
  board_.add({"email", std::exchange(to_, {}), std::move(seen.subject), std::move(seen.text)});
}

/// One connection: what it says is written before more is heard.
class MailServer::Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, MessageBoard& board) : socket_(std::move(socket)), dialogue_(board) {}

  void say(std::string words) {
    said_ = std::move(words);
    boost::asio::async_write(socket_, boost::asio::buffer(said_),
                             [self = shared_from_this()](auto error, std::size_t) {
                               if (!error && !self->dialogue_.over()) self->listen();
                             });
  }

 private:
  void listen() {
    socket_.async_read_some(boost::asio::buffer(heard_),
                            [self = shared_from_this()](auto error, std::size_t size) {
                              if (error) return;
                              self->say(self->dialogue_.hear({self->heard_.data(), size}));
                            });
  }

  tcp::socket socket_;
  MailDialogue dialogue_;
  std::array<char, 16 * 1024> heard_{};
  std::string said_;
};

MailServer::MailServer(boost::asio::io_context& io, std::uint16_t port, MessageBoard& board)
    : board_(board), doorway_(io, port, [this](tcp::socket socket) {
        std::make_shared<Session>(std::move(socket), board_)->say(MailDialogue::greeting());
      }) {}

}  // namespace ops::sinks
