#include "connectors/email/address.hpp"

#include <algorithm>

namespace connectors::email {

using engine::Failure;

namespace {

constexpr std::size_t kDomainBytes = 253;
constexpr std::size_t kLabelBytes = 63;

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// RFC 5322's atext.
bool is_atom(char c) {
  return is_alphanumeric(c) ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

/// Whether every piece between dots is what `piece` says, and none is empty.
template <class Piece>
bool dotted(std::string_view text, Piece piece) {
  while (true) {
    const std::size_t dot = text.find('.');
    if (!piece(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kLabelBytes && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), [](char c) {
           return is_alphanumeric(c) || c == '-';
         });
}

}  // namespace

engine::Result<std::string_view> check_address(std::string_view address) {
  if (address.size() > kAddressBytes) {
    return Failure{"An e-mail address has at most 254 characters."};
  }
  const std::size_t at = address.find('@');
  if (at == std::string_view::npos || address.find('@', at + 1) != std::string_view::npos) {
    return Failure{"An e-mail address has one @."};
  }
  if (std::any_of(address.begin(), address.end(),
                  [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
    return Failure{
        "Letters beyond ASCII in an e-mail address are not taken by every mail server: give an "
        "address without them, and its domain as xn--…."};
  }
  const std::string_view local = address.substr(0, at), domain = address.substr(at + 1);
  const auto is_word = [](std::string_view word) {
    return !word.empty() && std::all_of(word.begin(), word.end(), is_atom);
  };
  if (local.size() > kLocalPartBytes || !dotted(local, is_word)) {
    return Failure{
        "Before its @ an e-mail address has 1 to 64 letters, digits and marks, without quotes or "
        "spaces, and no dot at an end or beside another."};
  }
  if (domain.size() > kDomainBytes || !dotted(domain, is_label)) {
    return Failure{"Behind its @ an e-mail address has the name of a domain."};
  }
  return address;
}

}  // namespace connectors::email
