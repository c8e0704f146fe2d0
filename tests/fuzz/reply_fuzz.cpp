// Any octets as a text message that somebody sent back. Whatever they are, what is kept of them is
// one line of UTF-8 within its bounds that is seen as it is; what was read as one of the answers
// that are counted says so in its words, is read as the same again, and in any case and with any
// blanks; and nobody who says "help" or "not" is safe.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/answer.hpp"
#include "engine/base/ensure.hpp"
#include "engine/cap/text.hpp"
#include "engine/cap/utf8.hpp"

namespace {

using engine::Answer;
using engine::Reply;
using Kind = Answer::Kind;

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return out;
}

bool holds(const std::string& text, std::string_view piece) {
  return text.find(piece) != std::string::npos;
}

void check_line(std::string_view line) {
  ENSURE(!engine::cap::first_not_utf8(line));
  ENSURE(!engine::cap::find_control(line) && !engine::cap::find_bidi_control(line));
  ENSURE(line.find_first_of("\t\r\n") == std::string_view::npos);
  ENSURE(line.find("  ") == std::string_view::npos);
  ENSURE(!line.starts_with(' ') && !line.ends_with(' '));
}

void check_said(const Answer& answer, const std::string& whole) {
  switch (answer.kind) {
    case Kind::safe:
      ENSURE(holds(whole, "1") || holds(whole, "SAFE") || holds(whole, "DIOGEL"));
      ENSURE(!holds(whole, " HELP ") && !holds(whole, " NOT "));
      break;
    case Kind::need_help:
      ENSURE(holds(whole, "2") || holds(whole, "HELP") || holds(whole, "YMORTH"));
      break;
    case Kind::can_shelter:
      ENSURE(holds(whole, "3") || holds(whole, "SHELTER") || holds(whole, "LOCHES"));
      ENSURE(answer.places <= engine::kPlacesMax);
      break;
    case Kind::words:
      ENSURE(!answer.words.empty());
      break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Reply reply = engine::read_reply(text);
  check_line(engine::one_line(text, size));
  const std::string line = engine::one_line(text, engine::kAnswerWordsBytes);
  if (reply.kind == Reply::Kind::nothing) {
    ENSURE(engine::cap::is_blank(line) || line.empty());
    return 0;
  }
  if (reply.kind == Reply::Kind::answer) {
    const Answer& answer = reply.answer;
    check_line(answer.words);
    ENSURE(answer.words.size() <= engine::kAnswerWordsBytes);
    check_said(answer, " " + upper(line) + " ");
    if (answer.kind != Kind::can_shelter) ENSURE(answer.places == 0);
  }
  const Reply loud = engine::read_reply(" \r\n" + upper(text) + "\t ");
  ENSURE(loud.kind == reply.kind && loud.answer.kind == reply.answer.kind);
  ENSURE(loud.answer.places == reply.answer.places);
  return 0;
}
