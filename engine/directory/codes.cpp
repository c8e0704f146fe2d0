#include "engine/directory/codes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/octet_io.hpp"
#include "engine/directory/limits.hpp"
#include "engine/secrets.hpp"

namespace engine {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint64_t kSixDigits = 1'000'000;
constexpr std::chrono::hours kHour{1};

Octets<32> hash_of(std::string_view salt, std::string_view code) {
  return hash_of_secret(std::string(salt) + ":" + std::string(code));
}

}  // namespace

std::string draw_code() {
  // Of 64 random bits: no code is likelier than another by more than one in 10^13.
  const Octets<32> drawn = hash_of_secret(draw_secret());
  const auto number = OctetReader(view(drawn)).number<std::uint64_t>();
  return fmt::format("{:06}", number % kSixDigits);
}

SentCode sent_code(Way way, std::string_view address, std::string_view code, Time now) {
  SentCode sent{way, std::string(address), draw_secret(), {}, now, 0};
  sent.hash = hash_of(sent.salt, code);
  return sent;
}

bool may_send(std::vector<SentCode>& codes, Time now) {
  // From the future: a clock was wrong, and nobody waits for that.
  std::erase_if(codes, [&](const SentCode& one) {
    return one.sent + kHour <= now || one.sent > now + kHour;
  });
  return codes.size() < limits::kCodesAnHour;
}

CodeTried try_code(std::vector<SentCode>& codes, Way way, std::string_view address,
                   std::string_view code, Time now) {
  const auto last = std::find_if(codes.rbegin(), codes.rend(), [&](const SentCode& one) {
    return one.way == way && one.address == address;
  });
  if (last == codes.rend() || last->tries >= limits::kCodeTries ||
      last->sent + limits::kCodeLife <= now) {
    return CodeTried::over;
  }
  if (hash_of(last->salt, code) != last->hash) {
    ++last->tries;
    return CodeTried::wrong;
  }
  last->tries = limits::kCodeTries;
  return CodeTried::right;
}

// format, count and codes: way, address, salt, hash, when it was sent, wrong ones.
Bytes encode(std::span<const SentCode> codes) {
  OctetWriter out;
  out.put(kFormat);
  out.put_count(codes.size());
  for (const auto& one : codes) {
    out.put(static_cast<std::uint8_t>(one.way));
    out.put_text(one.address);
    out.put_text(one.salt);
    out.put_raw(view(one.hash));
    out.put(one.sent);
    out.put(one.tries);
  }
  return out.take();
}

bool decode_codes(BytesView bytes, std::vector<SentCode>& into) {
  OctetReader in(bytes);
  if (in.number<std::uint8_t>() != kFormat) return false;
  const std::size_t count = in.count(1 + 4 + 4 + 32 + 8 + 1);
  for (std::size_t i = 0; i < count; ++i) {
    SentCode one;
    one.way = in.value_up_to(Way::webhook);
    one.address = in.text();
    one.salt = in.text();
    one.hash = in.octets<32>();
    one.sent = in.time();
    one.tries = in.number<std::uint8_t>();
    into.push_back(std::move(one));
  }
  return in.finished();
}

}  // namespace engine
