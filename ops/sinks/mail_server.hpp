#pragma once
// A mail server of the demo's: it takes every mail and puts it on the board. One thread.
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "ops/sinks/doorway.hpp"
#include "ops/sinks/message_board.hpp"

namespace ops::sinks {

/// One connection's side of SMTP (RFC 5321), without I/O.
class MailDialogue {
 public:
  explicit MailDialogue(MessageBoard& board) : board_(board) {}

  static std::string greeting() { return "220 demo.invalid takes everything\r\n"; }
  /// What is said to these octets. It has ended once over() says so.
  std::string hear(std::string_view octets);
  bool over() const { return over_; }

 private:
  std::string hear_line(std::string_view line);
  std::string hear_command(std::string_view line);
  void finish();

  MessageBoard& board_;
  std::string in_;
  std::string to_, mail_;
  bool in_mail_ = false, over_ = false;
};

class MailServer {
 public:
  /// Listens at 127.0.0.1; port 0 picks one. Throws where it cannot.
  MailServer(boost::asio::io_context& io, std::uint16_t port, MessageBoard& board);

  std::uint16_t port() const { return doorway_.port(); }

 private:
  class Session;

  MessageBoard& board_;
  Doorway doorway_;
};

}  // namespace ops::sinks
