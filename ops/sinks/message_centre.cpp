#include "ops/sinks/message_centre.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include "connectors/sms/gsm_text.hpp"
#include "ops/sinks/limits.hpp"

namespace ops::sinks {

using boost::asio::ip::tcp;
using engine::Bytes;
namespace sms = connectors::sms;

namespace {

constexpr std::uint8_t kHasHeader = 0x40, kIsReceipt = 0x04;

/// Appendix B of SMPP 3.4: the message has arrived.
Bytes receipt_for(const std::string& id) {
  constexpr std::string_view kWhen = "2611211930";  // nobody looks at it
  return fmt::format(
      "id:{} sub:001 dlvrd:001 submit date:{} done date:{} stat:DELIVRD err:000 text:", id, kWhen,
      kWhen);
}

}  // namespace

/// One connection to it: what it says is written before more is heard.
class MessageCentre::Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, MessageCentre& centre)
      : socket_(std::move(socket)), centre_(centre) {}

  void listen() {
    socket_.async_read_some(boost::asio::buffer(heard_),
                            [self = shared_from_this()](auto error, std::size_t size) {
                              if (!error) self->hear({self->heard_.data(), size});
                            });
  }

 private:
  void hear(engine::BytesView octets) {
    std::vector<sms::Pdu> pdus;
    if (reader_.read(octets, pdus)) return;  // it is no SMPP
    said_.clear();
    for (const sms::Pdu& pdu : pdus) said_ += centre_.hear(pdu);
    boost::asio::async_write(socket_, boost::asio::buffer(said_),
                             [self = shared_from_this()](auto error, std::size_t) {
                               if (!error) self->listen();
                             });
  }

  tcp::socket socket_;
  MessageCentre& centre_;
  sms::PduReader reader_;
  std::array<char, 16 * 1024> heard_{};
  Bytes said_;
};

MessageCentre::MessageCentre(boost::asio::io_context& io, std::uint16_t port, MessageBoard& board)
    : board_(board), doorway_(io, port, [this](tcp::socket socket) {
        std::make_shared<Session>(std::move(socket), *this)->listen();
      }) {}

Bytes MessageCentre::hear(const sms::Pdu& pdu) {
  const auto say = [&](sms::PduBody body, std::uint32_t status = sms::status::ok) {
    return sms::write_pdu({status, pdu.sequence, std::move(body)}).value_or(Bytes{});
  };
  if (std::holds_alternative<sms::BindTransceiver>(pdu.body)) {
    return say(sms::BindTransceiverResp{"demo", {}});
  }
  if (std::holds_alternative<sms::EnquireLink>(pdu.body)) return say(sms::EnquireLinkResp{});
  if (std::holds_alternative<sms::Unbind>(pdu.body)) return say(sms::UnbindResp{});
  const auto* submit = std::get_if<sms::SubmitSm>(&pdu.body);
  if (submit == nullptr) return {};
  take(*submit);
  const std::string id = std::to_string(++ids_);
  Bytes said = say(sms::SubmitSmResp{id});
  if (submit->registered_delivery == 0) return said;
  sms::DeliverSm receipt;
  receipt.esm_class = kIsReceipt;
  receipt.source = submit->destination;
  receipt.destination = submit->source;
  receipt.text = receipt_for(id);
  return said + sms::write_pdu({sms::status::ok, static_cast<std::uint32_t>(ids_), receipt})
                    .value_or(Bytes{});
}

void MessageCentre::take(const sms::SubmitSm& submit) {
  const std::string to = "+" + submit.destination.digits;
  std::optional<sms::UserData> split;
  if ((submit.esm_class & kHasHeader) != 0) split = sms::split_user_data(submit.text);
  const auto text =
      sms::to_utf8(submit.data_coding, split ? split->text : engine::BytesView(submit.text));
  if (!text) return;
  if (!split || !split->part) return board_.add({"sms", to, "", *text});
  const auto& part = *split->part;
  const std::string key = fmt::format("{} {} {}", to, part.reference, part.parts);
  if (open_.size() >= limits::kTextsOpen && !open_.contains(key)) open_.erase(open_.begin());
  auto& parts = open_[key];
  parts.resize(part.parts);
  if (part.part >= 1 && part.part <= parts.size()) parts[part.part - 1U] = *text;
  if (std::any_of(parts.begin(), parts.end(), [](const auto& one) { return one.empty(); })) return;
  std::string whole;
  for (const auto& one : parts) whole += one;
  open_.erase(key);
  board_.add({"sms", to, "", std::move(whole)});
}

}  // namespace ops::sinks
