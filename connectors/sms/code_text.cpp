#include "connectors/sms/code_text.hpp"

#include <fmt/format.h>

#include "connectors/sms/plain_text.hpp"

namespace connectors::sms {

namespace {

constexpr std::size_t kNameMost = 30;  // characters of the system's name

}  // namespace

std::string code_text(const engine::CodeMessage& message, engine::Time now) {
  const auto minutes = std::chrono::floor<std::chrono::minutes>(message.expires - now).count();
  const std::string name = shortened(plain_line(message.from), kNameMost);
  if (message.language.starts_with("cy")) {
    return fmt::format(
        "{}: eich cod yw {}. Mae'n cyfrif am {} munud. Os na ofynnoch amdano, anwybyddwch y neges "
        "hon.",
        name, message.code, minutes);
  }
  return fmt::format(
      "{}: your code is {}. It counts for {} minutes. If you did not ask for it, ignore this "
      "message.",
      name, message.code, minutes);
}

}  // namespace connectors::sms
