#pragma once
// What a submit_sm says beside its text, and what is to be made of the answer. Pure; any thread.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/sms/gsm_text.hpp"
#include "connectors/sms/smpp_pdu.hpp"

namespace connectors::sms {

/// One part of one text on its way to one number.
struct Submission {
  std::uint64_t token = 0;  // ours; comes back with what became of it
  engine::Bytes to;         // E.164, with or without its plus
  Coding coding = Coding::gsm;
  std::uint8_t esm_class = 0;
  engine::Bytes message;             // one of TextParts::messages
  std::uint8_t priority = 0;         // 0 to 3; 3 is the most urgent (section 5.2.14)
  std::chrono::seconds validity{0};  // how long it is still worth delivering
};

/// Who a message is from: alphanumeric (5/0) if any of its characters is no digit, at most 11 of
/// them, each one septet of the GSM alphabet and in ASCII; a short code (3/0) of 3 to 8 digits; an
/// international number (1/1) of 9 to 15 digits, or with a plus. Nothing for any other.
std::optional<Address> sender_address(std::string_view source);

/// An international number (1/1), 7 to 15 digits with or without a plus, not beginning with 0.
std::optional<Address> number_address(std::string_view number);

/// Who a reply is from, as contacts are written: E.164 with its plus, whether the centre wrote it
/// so, without, or with two zeros. What is none of these stays as it is.
std::string contact_number(std::string_view from);

/// A time from now, as validity_period wants it (section 7.1.1): "000001020304000R" is a day, two
/// hours, three minutes and four seconds. No less than kValidityLeast, no more than kValidityMax.
engine::Bytes relative_time(std::chrono::seconds time);

/// The PDU's body; nothing where an address is none or the message too long.
std::optional<SubmitSm> make_submit(const Address& source, const Submission& submission);

/// What a submit_sm_resp or a generic_nack with that status means for the message.
enum class Verdict {
  accepted,
  throttled,  // ESME_RTHROTTLED, ESME_RMSGQFUL: nothing may be sent for a while
  later,      // try this one again later: trouble of the centre's own, and statuses nobody knows
  recipient,  // never to this number
  message,    // never as it is: an error of ours or of the contract
};
Verdict verdict_of(std::uint32_t status);

}  // namespace connectors::sms
