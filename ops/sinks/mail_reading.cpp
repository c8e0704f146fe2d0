#include "ops/sinks/mail_reading.hpp"

#include <algorithm>
#include <optional>

#include "engine/base/bytes.hpp"

namespace ops::sinks {

namespace {

constexpr std::string_view kLine = "\r\n", kEmptyLine = "\r\n\r\n";

/// The value of a header field, its lines joined; empty where there is none.
std::string field(std::string_view header, std::string_view name) {
  std::size_t at = header.starts_with(name) ? 0 : header.find("\r\n" + std::string(name));
  if (at == std::string_view::npos) return {};
  at = header.find(':', at) + 1;
  std::string value;
  while (at < header.size()) {
    const std::size_t end = std::min(header.find(kLine, at), header.size());
    value += header.substr(at, end - at);
    at = end + kLine.size();
    if (at >= header.size() || (header[at] != ' ' && header[at] != '\t')) break;
  }
  const auto begin = value.find_first_not_of(' ');
  return begin == std::string::npos ? std::string() : value.substr(begin);
}

std::optional<char> octet_of(std::string_view hex) {
  const auto octets = engine::from_hex(hex);
  if (!octets || octets->size() != 1) return std::nullopt;
  return octets->front();
}

/// Quoted-printable (RFC 2045), upper or lower case; of encoded words `_` is a space.
std::string from_quoted(std::string_view text, bool of_word) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '_' && of_word) {
      out += ' ';
    } else if (text[i] != '=') {
      out += text[i];
    } else if (text.substr(i + 1).starts_with(kLine)) {
      i += kLine.size();
    } else {
      std::string hex(text.substr(i + 1, 2));
      std::transform(hex.begin(), hex.end(), hex.begin(),
                     [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
      if (const auto octet = octet_of(hex)) out += *octet, i += 2;
    }
  }
  return out;
}

/// `=?utf-8?Q?…?=` and `=?utf-8?B?…?=` become what they mean (RFC 2047).
std::string from_words(std::string_view text) {
  std::string out;
  bool after_word = false;
  while (!text.empty()) {
    const std::size_t begin = text.find("=?utf-8?");
    const std::size_t end = begin == text.npos ? text.npos : text.find("?=", begin + 10);
    if (end == text.npos) return out + std::string(text);
    const std::string_view between = text.substr(0, begin);
    // White space between two of them is not there.
    if (!after_word || between.find_first_not_of(" \t") != between.npos) out += between;
    const std::string_view word = text.substr(begin + 10, end - begin - 10);
    const bool base64 = text[begin + 8] == 'B' || text[begin + 8] == 'b';
    out += base64 ? engine::from_base64(word).value_or("") : from_quoted(word, true);
    text.remove_prefix(end + 2);
    after_word = true;
  }
  return out;
}

std::string without_returns(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), '\r'), text.end());
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace

MailSeen see_mail(std::string_view mail) {
  const std::string_view header = mail.substr(0, mail.find(kEmptyLine));
  MailSeen seen;
  seen.subject = from_words(field(header, "Subject:"));
  const std::size_t type = mail.find("Content-Type: text/plain");
  const std::size_t begin = type == mail.npos ? mail.npos : mail.find(kEmptyLine, type);
  if (begin == mail.npos) return seen;
  std::string_view text = mail.substr(begin + kEmptyLine.size());
  text = text.substr(0, text.find("\r\n--=_"));  // which no quoted-printable text holds
  seen.text = without_returns(from_quoted(text, false));
  return seen;
}

}  // namespace ops::sinks
