#include "connectors/web/websocket_stream.hpp"

#include <algorithm>

#include "connectors/web/client_message.hpp"
#include "engine/limits.hpp"

namespace connectors::web {

namespace limits = engine::limits;
using engine::CloseReason;

namespace {
constexpr std::uint8_t kCloseOpcode = 0x8;
constexpr std::uint8_t kPongOpcode = 0xa;
constexpr std::size_t kControlFramesWaiting = 8;  // pongs a client that reads nothing may pile up
}  // namespace

WebSocketStream::WebSocketStream(WebShard& shard, StreamSocket socket, Peer peer)
    : StreamConnection(shard, std::move(socket)),
      peer_(std::move(peer)),
      reader_(limits::kInboundMessageBytes) {}

std::size_t WebSocketStream::write(std::span<const engine::Wire> frames) {
  return out().send(pipe_of_all(), frames);
}

void WebSocketStream::take(std::string_view bytes) {
  if (after_goodbye_ != AfterGoodbye::listen) return;
  std::vector<Message> messages;
  const auto fault = reader_.read(bytes, messages);
  for (const Message& message : messages) {
    on_message(message);
    if (state() == State::finished || after_goodbye_ != AfterGoodbye::listen) return;
  }
  if (!fault) return;
  after_goodbye_ = AfterGoodbye::ignore;  // what follows cannot be understood any more
  close(*fault, "");
}

void WebSocketStream::on_message(const Message& message) {
  if (message.kind == Message::Kind::close) return answer_close(message.payload);
  if (state() != State::open) return;
  if (!within_rate()) return close(CloseReason::too_many_messages, "fewer messages a second");
  switch (message.kind) {
    case Message::Kind::ping:
      if (out().frames_waiting() < kControlFramesWaiting) {
        push(engine::websocket_frame(kPongOpcode, message.payload));
      }
      break;
    case Message::Kind::text:
      on_text(message.payload);
      break;
    case Message::Kind::binary:
      close(CloseReason::bad_message, "text messages only");
      break;
    case Message::Kind::pong:
    case Message::Kind::close:
      break;
  }
}

void WebSocketStream::on_text(std::string_view text) {
  const auto message = parse_client_message(text, shard().engine.log().head());
  if (!message) return close(CloseReason::bad_message, message.error().what);
  shard()
      .engine.metrics()
      .counter("tocsin_client_messages_total", "What connected readers told us",
               message->kind == ClientMessage::Kind::ack ? "type=\"ack\"" : "type=\"receipt\"")
      .add();
  if (message->kind == ClientMessage::Kind::receipt) return on_receipt(*message);
  if (member().signed_in())
    shard().engine.receipts().settled(message->sequence, member().organisation);
}

/// What a connection says twice counts once: organisations by name, anonymous readers by what this
/// connection said last.
void WebSocketStream::on_receipt(const ClientMessage& message) {
  const bool displayed = message.state == ClientMessage::State::displayed;
  if (!member().signed_in()) {
    const std::uint64_t said = number(message.sequence) << 1 | (displayed ? 0 : 1);
    if (!said_) said_ = std::make_unique<std::vector<std::uint64_t>>();
    if (std::find(said_->begin(), said_->end(), said) != said_->end()) return;
    if (said_->size() >= limits::kReceiptsRemembered) said_->erase(said_->begin());
    said_->push_back(said);
  }
  auto& counter = shard().engine.metrics().counter("tocsin_receipts_refused_total",
                                                   "Receipts of streams that were not taken");
  if (!shard().api.may_report(member(), peer_, 1)) return counter.add();
  shard().engine.reporting().report({receipt_of(message)}, member(),
                                    [&counter](engine::ReportAnswer refused) {
                                      if (refused) counter.add();
                                    });
}

bool WebSocketStream::within_rate() {
  if (messages_second_ != shard().second()) {
    messages_second_ = shard().second();
    messages_ = 0;
  }
  return ++messages_ <= limits::kInboundMessagesPerSecond;
}

std::string WebSocketStream::goodbye(CloseReason reason, std::string_view text) {
  return engine::websocket_frame(kCloseOpcode, close_payload(reason, text));
}

void WebSocketStream::answer_close(std::string_view payload) {
  if (state() == State::said_goodbye) return finish();
  after_goodbye_ = AfterGoodbye::finish;
  say_goodbye(engine::websocket_frame(
      kCloseOpcode, payload.size() >= 2 ? payload.substr(0, 2) : std::string_view{}));
}

/// The peer's own close, its end, or the deadline finishes what we closed.
void WebSocketStream::goodbye_is_out() {
  if (after_goodbye_ == AfterGoodbye::finish) return finish();
  if (after_goodbye_ == AfterGoodbye::ignore) half_close();
}

}  // namespace connectors::web
