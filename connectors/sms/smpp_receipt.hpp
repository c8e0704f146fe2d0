#pragma once
// Delivery receipts: the text that a centre puts into a deliver_sm (SMPP 3.4, appendix B) and the
// optional parameters beside it (sections 5.3.2.12 and 5.3.2.35); and whether two message ids are
// the same message, since some centres answer in hexadecimal and report in decimal. Pure; any
// thread.
//
//   id:IIIIIIIIII sub:SSS dlvrd:DDD submit date:YYMMDDhhmm done date:YYMMDDhhmm stat:DDDDDDD err:E
//   text:...
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/sms/smpp_pdu.hpp"

namespace connectors::sms {

/// What became of a message (section 5.2.28).
enum class MessageState : std::uint8_t {
  enroute = 1,
  delivered = 2,
  expired = 3,
  deleted = 4,
  undeliverable = 5,
  accepted = 6,
  unknown = 7,
  rejected = 8,
};

/// The centre's own word for it: "DELIVRD".
std::string_view text(MessageState state);

/// Whether nothing more will be heard of it: delivered, expired, deleted, undeliverable, rejected.
bool is_final(MessageState state);

struct DeliveryReceipt {
  engine::Bytes message_id;  // as the centre wrote it, at most 64 octets, never empty
  MessageState state = MessageState::unknown;
  engine::Bytes error;  // as the centre wrote it, at most 16 octets ("000"); may be empty
  bool operator==(const DeliveryReceipt&) const = default;
};

/// Whether the centre says that a deliver_sm is a receipt, final or on the way: by esm_class
/// (section 5.2.12), or by naming the message in receipted_message_id. What its text looks like
/// says nothing, since anybody may write that in a reply.
bool is_receipt(const DeliverSm& message);

/// Reads a receipt. The parameters say more than the text where both are there, but a message
/// counts as delivered only if neither denies it. Nothing where no message is named, or no state.
std::optional<DeliveryReceipt> read_receipt(const DeliverSm& message);

/// A message id in the form in which ids are compared as text: without leading zeros and the NUL or
/// spaces at its end, in lower case; "0" where nothing else is left.
std::string normal_id(std::string_view id);

/// How an id that was answered is the one that is reported.
enum class SameId {
  no,
  as_text,     // but for case and leading zeros
  hex_to_dec,  // answered in hexadecimal, reported in decimal
  dec_to_hex,  // the other way
};

/// Compares as text first; as numbers up to 64 bits otherwise. Not every two that are the same as
/// numbers are the same message ("10" and "16" may both be decimal): where several messages could
/// be meant, take the one that is the same as text, or what else this centre did.
SameId same_id(std::string_view answered, std::string_view reported);

/// Every normal id that may be the same message's as this one, itself first: one was answered, the
/// other is reported.
std::vector<std::string> same_ids(std::string_view id);

}  // namespace connectors::sms
