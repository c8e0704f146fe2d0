// Any octets as what comes back to the address of a delivery: whatever they say, they are about
// that delivery, what they say of it is bounded and harmless, and nothing else than a report that
// says so takes an address away; with other line ends they say the same. Without that address they
// never take one away. And any octets as an address: one that stands for a delivery is the one that
// is made of it; and as the words of a server's answer, which take an address away where they begin
// with such a status alone.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "connectors/email/bounce.hpp"
#include "connectors/email/return_path.hpp"
#include "connectors/email/smtp_reply.hpp"
#include "engine/base/ensure.hpp"
#include "engine/trust/signature.hpp"

namespace {

using namespace connectors::email;
using Kind = Bounce::Kind;
using Known = Bounce::Known;

const std::string kKey(32, 'k');

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

bool holds(const std::string& text, std::string_view piece) {
  return text.find(piece) != std::string::npos;
}

void check_words(const Bounce& bounce) {
  ENSURE(bounce.why.size() <= kReplyBytes);
  ENSURE(std::all_of(bounce.why.begin(), bounce.why.end(),
                     [](char c) { return c >= ' ' && c < '\x7f'; }));
}

void check_to_return_path(std::string_view message) {
  const engine::DeliveryId id{1, 2, 3};
  const std::string to = return_path(id, "b.example", kKey);
  const auto bounce = read_bounce(message, to, kKey);
  ENSURE(bounce && bounce->delivery == id && bounce->known == Known::return_path);
  check_words(*bounce);
  const std::string text = lower(message);
  if (bounce->kind != Kind::unclear) {
    ENSURE(holds(text, "multipart/report") || holds(text, "multipart/mixed"));
    ENSURE(holds(text, "delivery-status"));
    ENSURE(holds(text, "action"));
  }
  if (bounce->contact_dead) {
    ENSURE(bounce->kind == Kind::failed && holds(text, "failed") && holds(text, "5.1."));
  }
  if (holds(text, "\r") || message.size() > kBounceBytes / 2) return;
  std::string other;
  for (const char c : message) other += c == '\n' ? std::string("\r\n") : std::string(1, c);
  ENSURE(read_bounce(other, to, kKey) == bounce);
}

void check_without(std::string_view message) {
  const auto bounce = read_bounce(message, "", kKey);
  if (!bounce) return;
  check_words(*bounce);
  ENSURE(!bounce->contact_dead && bounce->known != Known::return_path);
  ENSURE(holds(std::string(message), engine::to_hex(engine::view(bounce->delivery))));
}

void check_address(std::string_view address) {
  const auto id = delivery_of(address, kKey);
  if (!id) return;
  const std::string made = return_path(*id, "", kKey);
  ENSURE(lower(address.substr(0, address.find('@'))) + "@" == made);
}

/// A server's answer, the octets being its text.
void check_reply(std::string_view text) {
  for (const int code : {0, 250, 451, 530, 550}) {
    const engine::Outcome outcome = outcome_of(code, "", text);
    ENSURE((outcome.fate == engine::Fate::permanent) == (code == 550));
    ENSURE((outcome.fate == engine::Fate::sent) == (code == 250));
    ENSURE(!outcome.contact_dead || (code == 550 && text.starts_with("5.1.")));
    ENSURE(outcome.why.size() <= kReplyBytes);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool started = engine::trust::start_crypto();
  ENSURE(started);
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  check_to_return_path(octets);
  check_without(octets);
  check_address(octets);
  check_reply(octets);
  return 0;
}
