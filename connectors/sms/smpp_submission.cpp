#include "connectors/sms/smpp_submission.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "connectors/sms/limits.hpp"

namespace connectors::sms {
namespace {

using engine::Bytes;

constexpr std::uint8_t kFinalReceipt = 1;  // registered_delivery (section 5.2.17)

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// One septet each, and the same octet in ASCII: what centres agree on.
bool is_sender_name(std::string_view name) {
  constexpr std::string_view kNot = "$@[\\]^_`{|}~";
  return !name.empty() && name.size() <= 11 && name.front() != ' ' && name.back() != ' ' &&
         std::all_of(name.begin(), name.end(), [&](char c) {
           return c >= ' ' && c <= 'z' && kNot.find(c) == std::string_view::npos;
         });
}

}  // namespace

std::optional<Address> sender_address(std::string_view source) {
  if (source.starts_with('+')) return number_address(source);
  if (!all_digits(source)) {
    if (!is_sender_name(source)) return std::nullopt;
    return Address{5, 0, Bytes(source)};
  }
  if (source.size() >= 3 && source.size() <= 8) return Address{3, 0, Bytes(source)};
  if (source.size() < 9) return std::nullopt;
  return number_address(source);
}

std::optional<Address> number_address(std::string_view number) {
  if (number.starts_with('+')) number.remove_prefix(1);
  if (number.size() < 7 || number.size() > 15) return std::nullopt;
  if (!all_digits(number) || number.front() == '0') return std::nullopt;
  return Address{1, 1, Bytes(number)};
}

std::string contact_number(std::string_view from) {
  std::string_view digits = from;
  if (digits.starts_with("00")) digits.remove_prefix(2);
  const auto number = number_address(digits);
  return number ? "+" + number->digits : std::string(from);
}

Bytes relative_time(std::chrono::seconds time) {
  using namespace std::chrono;
  time = std::clamp<seconds>(time, limits::kValidityLeast, limits::kValidityMax);
  const auto total = static_cast<unsigned>(time.count());
  std::array<char, 48> text{};
  const int size = std::snprintf(text.data(), text.size(), "0000%02u%02u%02u%02u000R",
                                 total / 86400, total / 3600 % 24, total / 60 % 60, total % 60);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::optional<SubmitSm> make_submit(const Address& source, const Submission& submission) {
  const auto destination = number_address(submission.to);
  if (!destination || submission.message.size() > 254) return std::nullopt;
  SubmitSm submit;
  submit.source = source;
  submit.destination = *destination;
  submit.esm_class = submission.esm_class;
  submit.priority = std::min<std::uint8_t>(submission.priority, 3);
  submit.validity = relative_time(submission.validity);
  submit.registered_delivery = kFinalReceipt;
  submit.data_coding = static_cast<std::uint8_t>(submission.coding);
  submit.text = submission.message;
  return submit;
}

Verdict verdict_of(std::uint32_t status) {
  switch (status) {
    case status::ok:
      return Verdict::accepted;
    case status::throttled:
    case status::queue_full:
      return Verdict::throttled;
    case status::destination:
    case status::destination_ton:
    case status::destination_npi:
      return Verdict::recipient;
    case status::bind_status:
    case status::system_error:
    case status::submit_failed:
    case status::try_again:
      return Verdict::later;
    default:
      // What the specification names is about the message; what it does not is the centre's own.
      return status_name(status).empty() || status >= 0xFE ? Verdict::later : Verdict::message;
  }
}

}  // namespace connectors::sms
