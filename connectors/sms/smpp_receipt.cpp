#include "connectors/sms/smpp_receipt.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace connectors::sms {
namespace {

using engine::Bytes;
using engine::BytesView;

constexpr std::size_t kIdMax = 64;
constexpr std::size_t kErrorMax = 16;

// Bits 5 to 2 of esm_class (section 5.2.12).
constexpr std::uint8_t kTypeMask = 0x3C;
constexpr std::uint8_t kReceipt = 0x04;
constexpr std::uint8_t kNotification = 0x20;

constexpr std::array<std::pair<MessageState, std::string_view>, 8> kStates = {
    {{MessageState::enroute, "ENROUTE"},
     {MessageState::delivered, "DELIVRD"},
     {MessageState::expired, "EXPIRED"},
     {MessageState::deleted, "DELETED"},
     {MessageState::undeliverable, "UNDELIV"},
     {MessageState::accepted, "ACCEPTD"},
     {MessageState::unknown, "UNKNOWN"},
     {MessageState::rejected, "REJECTD"}}};

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return lower(c); });
  return out;
}

/// The word behind `name` where it begins the text or a word of it; nothing if it is not there.
std::optional<BytesView> field(BytesView text, std::string_view name) {
  const std::string letters = lower(text);
  for (std::size_t at = 0; (at = letters.find(name, at)) != std::string::npos; ++at) {
    if (at > 0 && letters[at - 1] != ' ') continue;
    const BytesView value = text.substr(at + name.size());
    return value.substr(0, value.find(' '));
  }
  return std::nullopt;
}

/// What stands before the message's own beginning, which its sender wrote.
BytesView before_text(BytesView text) {
  const std::string letters = lower(text);
  const std::size_t at = letters.find(" text:");
  return at == std::string::npos ? text : text.substr(0, at);
}

std::optional<MessageState> state_named(BytesView word) {
  const std::string letters = lower(word);
  for (const auto& [state, name] : kStates) {
    if (letters == lower(name)) return state;
  }
  return std::nullopt;
}

std::optional<MessageState> state_numbered(const Tlvs& tlvs) {
  const auto value = find(tlvs, tag::message_state);
  if (!value || value->size() != 1) return std::nullopt;
  const auto number = static_cast<std::uint8_t>(value->front());
  if (number < 1 || number > kStates.size()) return std::nullopt;
  return static_cast<MessageState>(number);
}

/// A receipt that says two things says the worse: who counts as reached is not tried any more.
std::optional<MessageState> state_of(std::optional<MessageState> numbered,
                                     std::optional<MessageState> named) {
  if (numbered == MessageState::delivered && named) return named;
  return numbered ? numbered : named;
}

Bytes id_in(BytesView value) {
  value = value.substr(0, value.find('\0'));
  while (!value.empty() && value.back() == ' ') value.remove_suffix(1);
  return Bytes(value.substr(0, kIdMax));
}

/// network_error_code (section 5.3.2.31): a kind of network and a number of two octets.
Bytes error_in(const Tlvs& tlvs) {
  const auto value = find(tlvs, tag::network_error_code);
  if (!value || value->size() != 3) return {};
  const auto high = static_cast<unsigned char>((*value)[1]);
  const auto low = static_cast<unsigned char>((*value)[2]);
  return std::to_string(high * 256 + low);
}

std::optional<std::uint64_t> number_in(std::string_view text, int base) {
  std::uint64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string in_base(std::uint64_t value, int base) {
  std::array<char, 24> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value, base);
  return {digits.data(), written.ptr};
}

}  // namespace

std::string_view text(MessageState state) {
  return kStates[static_cast<std::size_t>(state) - 1].second;
}

bool is_final(MessageState state) {
  return state != MessageState::enroute && state != MessageState::accepted &&
         state != MessageState::unknown;
}

bool is_receipt(const DeliverSm& message) {
  const auto type = message.esm_class & kTypeMask;
  return type == kReceipt || type == kNotification ||
         find(message.tlvs, tag::receipted_message_id).has_value();
}

std::optional<DeliveryReceipt> read_receipt(const DeliverSm& message) {
  if (!is_receipt(message)) return std::nullopt;
  const BytesView payload = find(message.tlvs, tag::message_payload).value_or(BytesView{});
  const BytesView said = before_text(message.text.empty() ? payload : BytesView(message.text));
  DeliveryReceipt receipt;
  if (const auto id = find(message.tlvs, tag::receipted_message_id)) {
    receipt.message_id = id_in(*id);
  }
  if (receipt.message_id.empty()) receipt.message_id = id_in(field(said, "id:").value_or(""));
  const auto named = state_named(field(said, "stat:").value_or(""));
  const auto state = state_of(state_numbered(message.tlvs), named);
  if (receipt.message_id.empty() || !state) return std::nullopt;
  receipt.state = *state;
  receipt.error = field(said, "err:").value_or(BytesView{}).substr(0, kErrorMax);
  if (receipt.error.empty()) receipt.error = error_in(message.tlvs);
  return receipt;
}

std::string normal_id(std::string_view id) {
  std::string normal = lower(id_in(id));
  normal.erase(0, std::min(normal.find_first_not_of('0'), normal.size()));
  return normal.empty() ? "0" : normal;
}

SameId same_id(std::string_view answered, std::string_view reported) {
  const std::string left = normal_id(answered);
  const std::string right = normal_id(reported);
  if (left == right) return SameId::as_text;
  const auto as_hex = number_in(left, 16);
  if (as_hex && as_hex == number_in(right, 10)) return SameId::hex_to_dec;
  const auto as_dec = number_in(left, 10);
  if (as_dec && as_dec == number_in(right, 16)) return SameId::dec_to_hex;
  return SameId::no;
}

std::vector<std::string> same_ids(std::string_view id) {
  std::vector<std::string> ids = {normal_id(id)};
  const std::string& text = ids.front();
  const auto as_hex = number_in(text, 16);
  const auto as_dec = number_in(text, 10);
  if (as_hex == as_dec) return ids;
  if (as_hex) ids.push_back(in_base(*as_hex, 10));
  if (as_dec) ids.push_back(in_base(*as_dec, 16));
  return ids;
}

}  // namespace connectors::sms
