#include "connectors/web/answer_form.hpp"

#include "connectors/web/answers.hpp"
#include "connectors/web/text.hpp"

namespace connectors::web {

using engine::Answer;

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// Nothing where a percent sign does not begin an octet.
std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

}  // namespace

std::optional<std::string> form_field(std::string_view body, std::string_view name) {
  std::optional<std::string> found;
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('&'), body.size());
    const std::string_view pair = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (decoded(pair.substr(0, equals)) != std::string(name)) continue;
    if (found) return std::nullopt;
    found = decoded(pair.substr(std::min(equals + 1, pair.size())));
    if (!found) return std::nullopt;
  }
  return found;
}

std::optional<Answer> read_answer_form(std::string_view body) {
  if (body.size() > kFormBytes) return std::nullopt;
  const auto chosen = form_field(body, "answer");
  if (!chosen) return std::nullopt;
  Answer answer;
  const auto words = form_field(body, "words").value_or("");
  answer.words = engine::one_line(words, engine::kAnswerWordsBytes);
  if (*chosen == "safe") {
    answer.kind = Answer::Kind::safe;
  } else if (*chosen == "help") {
    answer.kind = Answer::Kind::need_help;
  } else if (*chosen == "shelter") {
    answer.kind = Answer::Kind::can_shelter;
    const auto places = whole_number(form_field(body, "places").value_or(""));
    if (places && *places <= engine::kPlacesMax) {
      answer.places = static_cast<std::uint32_t>(*places);
    }
  } else if (*chosen != "words" || answer.words.empty()) {
    return std::nullopt;
  }
  return answer;
}

bool asks_to_leave(std::string_view body) {
  if (body.size() > kFormBytes) return false;
  if (form_field(body, "List-Unsubscribe") == "One-Click") return true;
  // multipart/form-data: the part's header names the field, its body is the value.
  const std::size_t name = body.find("name=\"List-Unsubscribe\"");
  if (name == std::string_view::npos) return false;
  const std::size_t value = body.find("\r\n\r\n", name);
  return value != std::string_view::npos && body.substr(value + 4).starts_with("One-Click\r\n--");
}

}  // namespace connectors::web
