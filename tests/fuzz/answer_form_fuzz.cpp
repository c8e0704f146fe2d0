// Any octets as a form that is sent to the pages behind an e-mail's links: fields are what a reader
// by hand finds, an answer is within its bounds and can be shown, and only what says One-Click asks
// to leave.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "connectors/web/answer_form.hpp"
#include "engine/base/ensure.hpp"
#include "engine/cap/text.hpp"
#include "engine/cap/utf8.hpp"

namespace {

using namespace connectors::web;

/// As a form has it, every octet written out.
std::string encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[octet >> 4U];
    out += kDigits[octet & 15U];
  }
  return out;
}

void check(std::string_view body) {
  for (const char* name : {"answer", "places", "words", "List-Unsubscribe"}) {
    const auto value = form_field(body, name);
    if (!value) continue;
    ENSURE(form_field("x=1&" + encoded(name) + "=" + encoded(*value) + "&y", name) == value);
    ENSURE(value->size() <= body.size());
  }
  const auto answer = read_answer_form(body);
  if (answer) {
    const std::string text = engine::text(*answer);
    ENSURE(!text.empty() && text.size() <= engine::kAnswerWordsBytes + 64);
    ENSURE(answer->words.size() <= engine::kAnswerWordsBytes);
    ENSURE(answer->places <= engine::kPlacesMax);
    ENSURE(!engine::cap::first_not_utf8(text) && !engine::cap::find_control(text));
    ENSURE(text.find_first_of("\r\n\t") == std::string::npos);
  }
  if (asks_to_leave(body)) ENSURE(body.size() <= kFormBytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  check(body);
  check("answer=shelter&words=" + encoded(body));
  check("answer=words&words=" + std::string(body));
  return 0;
}
