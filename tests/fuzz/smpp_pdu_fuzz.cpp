// Any octets as PDUs: whole or one at a time they are the same PDUs and the same fault; what is
// read is written and read again as the same, but for what is never written; and what their texts
// and receipts say is UTF-8 and within its bounds.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "connectors/sms/gsm_text.hpp"
#include "connectors/sms/limits.hpp"
#include "connectors/sms/smpp_pdu.hpp"
#include "connectors/sms/smpp_receipt.hpp"
#include "engine/base/ensure.hpp"
#include "engine/cap/utf8.hpp"

namespace {

using namespace connectors::sms;

/// Every octet has a character, so that no text is lost; those of UTF-16 are fewer.
void check_text(std::uint8_t coding, std::string_view octets) {
  const auto text = to_utf8(coding, octets);
  if (!text) return;
  std::size_t characters = 0;
  for (engine::cap::Utf8 scan(*text); !scan.finished(); ++characters) (void)scan.next();
  ENSURE(characters <= octets.size());
  ENSURE(engine::cap::first_not_utf8(*text).value_or(text->size()) == text->size() ||
         text->find('\0') != std::string::npos);
  if (octets.empty() || octets.size() > 140 || coding != 0) return;
  if (text->find("\xEF\xBF\xBD") != std::string::npos) return;
  const auto parts = to_parts(*text, 1);  // what the alphabet can say it says again
  ENSURE(parts && to_utf8(0, parts->messages[0]) == text);
}

void check_delivery(const DeliverSm& message) {
  check_text(message.data_coding, message.text);
  if (const auto data = split_user_data(message.text)) {
    ENSURE(data->text.size() < message.text.size());
    check_text(message.data_coding, data->text);
  }
  const auto receipt = read_receipt(message);
  if (!receipt) return;
  ENSURE(is_receipt(message));
  ENSURE(!receipt->message_id.empty() && receipt->message_id.size() <= 64);
  ENSURE(receipt->error.size() <= 16);
  ENSURE(!text(receipt->state).empty());
  ENSURE(same_id(receipt->message_id, receipt->message_id) == SameId::as_text);
}

void check_pdu(const Pdu& pdu) {
  if (const auto* message = std::get_if<DeliverSm>(&pdu.body)) check_delivery(*message);
  const auto octets = write_pdu(pdu);
  if (!octets) {  // a message id of an answer that refuses is not written
    ENSURE(std::holds_alternative<UnknownPdu>(pdu.body) ||
           std::holds_alternative<MalformedPdu>(pdu.body));
    return;
  }
  const Pdu again = read_pdu(*octets);
  ENSURE(again.status == pdu.status && again.sequence == pdu.sequence);
  ENSURE(again.body.index() == pdu.body.index());
  if (pdu.status == status::ok) ENSURE(again == pdu);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  PduReader whole_reader;
  PduReader slow_reader;
  std::vector<Pdu> whole;
  std::vector<Pdu> slow;
  const auto whole_fault = whole_reader.read(octets, whole);
  std::optional<PduReader::Fault> slow_fault;
  for (std::size_t i = 0; i < octets.size() && !slow_fault; ++i) {
    slow_fault = slow_reader.read(octets.substr(i, 1), slow);
  }
  ENSURE(whole_fault == slow_fault);
  ENSURE(whole == slow);
  for (const Pdu& pdu : whole) check_pdu(pdu);
  return 0;
}
