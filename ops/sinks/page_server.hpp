#pragma once
// The page that lists what the demo's people were sent, and what it asks for. One thread.
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "ops/sinks/doorway.hpp"
#include "ops/sinks/message_board.hpp"

namespace ops::sinks {

/// The whole answer to a request's head; the connection ends behind it. Whoever asks for another
/// host than this machine's loopback is shown nothing: a page of somewhere else that has its name
/// lead here.
std::string answer_to(std::string_view head, const MessageBoard& board);

class PageServer {
 public:
  /// Listens at 127.0.0.1; port 0 picks one. Throws where it cannot.
  PageServer(boost::asio::io_context& io, std::uint16_t port, const MessageBoard& board);

  std::uint16_t port() const { return doorway_.port(); }

 private:
  class Session;

  const MessageBoard& board_;
  Doorway doorway_;
};

}  // namespace ops::sinks
