#include "connectors/email/smtp_reply.hpp"

#include <algorithm>
#include <array>

namespace connectors::email {

using engine::Fate;
using engine::Outcome;

namespace {

constexpr auto kDead =
    std::to_array<std::string_view>({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"});
// Authentication and encryption (RFC 4954, RFC 3207): said of us.
constexpr auto kAboutUs = std::to_array({454, 530, 534, 535, 538});

/// `5.1.1` at the beginning of a text, or nothing.
std::string_view status_in(std::string_view text) {
  std::size_t end = 0;
  int dots = 0;
  for (; end < text.size() && end < 9; ++end) {
    const char c = text[end];
    if (c == '.') ++dots;
    if (c != '.' && (c < '0' || c > '9')) break;
  }
  const std::string_view status = text.substr(0, end);
  return dots == 2 && status.back() != '.' ? status : std::string_view();
}

}  // namespace

bool says_dead(std::string_view enhanced) {
  return std::find(kDead.begin(), kDead.end(), enhanced) != kDead.end();
}

std::string shown_reply(std::string_view text) {
  std::string shown;
  bool space = false;
  for (const char c : text) {
    const bool plain = c > ' ' && c < '\x7f';
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      space = !shown.empty();
      continue;
    }
    if (shown.size() + (space ? 2 : 1) > kReplyBytes) break;
    if (space) shown += ' ';
    space = false;
    shown += plain ? c : '?';
  }
  return shown;
}

Outcome outcome_of(int code, std::string_view enhanced, std::string_view text) {
  Outcome outcome;
  const std::string_view status = enhanced.empty() ? status_in(text) : enhanced;
  const bool about_us = std::find(kAboutUs.begin(), kAboutUs.end(), code) != kAboutUs.end();
  if (code >= 200 && code < 300) outcome.fate = Fate::sent;
  if (code >= 500 && code < 600 && !about_us) {
    outcome.fate = Fate::permanent;
    outcome.contact_dead = says_dead(status);
  }
  std::string words = code > 0 ? std::to_string(code) + " " : "";
  if (!enhanced.empty() && !text.starts_with(enhanced)) words += std::string(enhanced) + " ";
  outcome.why = shown_reply(words + std::string(text.substr(0, kReplyBytes)));
  return outcome;
}

}  // namespace connectors::email
