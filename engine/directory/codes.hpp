#pragma once
// Codes that show that somebody reads what is sent to an address: six digits, sent there and typed
// in again. A salted hash is kept of one, sealed with the contacts. Pure but for the drawing; any
// thread.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/base/time.hpp"
#include "engine/directory.hpp"
#include "engine/way.hpp"

namespace engine {

/// What is kept of one that was sent.
struct SentCode {
  Way way = Way::sms;
  std::string address;
  std::string salt;
  Octets<32> hash{};  // of salt and code
  Time sent;
  std::uint8_t tries = 0;  // wrong ones
  bool operator==(const SentCode&) const = default;
};

std::string draw_code();
SentCode sent_code(Way way, std::string_view address, std::string_view code, Time now);

/// Whether one more may be sent now: limits::kCodesAnHour of an organisation. Forgets those that
/// are older.
bool may_send(std::vector<SentCode>& codes, Time now);

/// Tries a code for an address. Only the one that was sent there last counts, for limits::kCodeLife
/// and limits::kCodeTries wrong ones; one that was right is over.
CodeTried try_code(std::vector<SentCode>& codes, Way way, std::string_view address,
                   std::string_view code, Time now);

Bytes encode(std::span<const SentCode> codes);
bool decode_codes(BytesView bytes, std::vector<SentCode>& into);

}  // namespace engine
