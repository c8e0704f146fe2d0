#include "connectors/web/turn_away.hpp"

#include <sys/socket.h>

#include "connectors/web/http_message.hpp"
#include "engine/engine.hpp"

namespace connectors::web {

void turn_away(boost::asio::ip::tcp::socket& socket, Speech speech, engine::Metrics& metrics) {
  engine::Refusal refusal;
  refusal.code = engine::Code::too_many;
  refusal.detail = "There are as many connections as this engine takes; try again.";
  refusal.retry_after_s = 10;
  engine::count_refusal(metrics, refusal);
  if (speech == Speech::plain) {
    Response response = problem(refusal);
    response.then = Response::Then::close;
    const std::string text = serialize(response, BodyPart::with_body);
    ::send(socket.native_handle(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  boost::system::error_code ignored;
  socket.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
}

}  // namespace connectors::web
