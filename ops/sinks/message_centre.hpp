#pragma once
// A message centre of the demo's: it takes every text message, says that it was delivered, and puts
// it on the board. One thread.
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "connectors/sms/smpp_pdu.hpp"
#include "ops/sinks/doorway.hpp"
#include "ops/sinks/message_board.hpp"

namespace ops::sinks {

class MessageCentre {
 public:
  /// Listens at 127.0.0.1; port 0 picks one. Throws where it cannot.
  MessageCentre(boost::asio::io_context& io, std::uint16_t port, MessageBoard& board);

  std::uint16_t port() const { return doorway_.port(); }

  /// What is said to a PDU, octets of any number of PDUs.
  engine::Bytes hear(const connectors::sms::Pdu& pdu);

 private:
  class Session;
  void take(const connectors::sms::SubmitSm& submit);

  MessageBoard& board_;
  std::uint64_t ids_ = 0;
  // The parts of texts that came so far, by to whom, reference and number of parts.
  std::map<std::string, std::vector<std::string>> open_;
  Doorway doorway_;
};

}  // namespace ops::sinks
