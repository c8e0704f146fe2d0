#include "engine/refusal.hpp"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "engine/base/ensure.hpp"

namespace engine {
namespace {

struct Line {
  Code code;
  int http_status;
  std::string_view text;
  std::string_view title;
};

constexpr std::array<Line, kCodes> kLines{{
    {Code::too_large, 413, "too_large", "The envelope is larger than this engine takes"},
    {Code::malformed_envelope, 400, "malformed_envelope", "The body is not a signed envelope"},
    {Code::unsupported_type, 415, "unsupported_type", "The payload is not of a type taken here"},
    {Code::unknown_key, 403, "unknown_key", "A key is not that of an officer of this sender"},
    {Code::key_expired, 403, "key_expired", "A key is outside its time of validity"},
    {Code::key_revoked, 403, "key_revoked", "A key has been revoked"},
    {Code::bad_signature, 403, "bad_signature", "A signature does not verify"},
    {Code::invalid_alert, 422, "invalid_alert", "The payload is not a CAP 1.2 alert fit to show"},
    {Code::wrong_system, 422, "wrong_system", "The alert is not meant for this system"},
    {Code::outside_authority, 403, "outside_authority", "The sender may not say this"},
    {Code::needs_approval, 403, "needs_approval", "More officers have to sign"},
    {Code::foreign_reference, 403, "foreign_reference", "The alert names one of another sender"},
    {Code::sent_in_future, 422, "sent_in_future", "The alert was sent in the future"},
    {Code::too_old, 422, "too_old", "The alert was sent too long ago"},
    {Code::expired, 422, "expired", "The alert has expired already"},
    {Code::no_place, 422, "no_place", "The alert does not say where"},
    {Code::identity_conflict, 409, "identity_conflict", "This identity was used for other bytes"},
    {Code::already_cancelled, 409, "already_cancelled", "The alert has been cancelled already"},
    {Code::too_many, 429, "too_many", "Too many requests"},
    {Code::log_unavailable, 503, "log_unavailable", "The log cannot take it at the moment"},
    {Code::log_full, 507, "log_full", "The log is full"},
    {Code::bad_query, 400, "bad_query", "The query is not understood"},
    {Code::unauthenticated, 401, "unauthenticated", "Nobody is signed in"},
    {Code::forbidden, 403, "forbidden", "This is not for you"},
    {Code::not_found, 404, "not_found", "There is nothing here"},
    {Code::method_not_allowed, 405, "method_not_allowed", "The method is not allowed here"},
    {Code::precondition_failed, 412, "precondition_failed",
     "It is not what it was when you read it"},
    {Code::upgrade_required, 426, "upgrade_required", "The protocol has to be upgraded first"},
    {Code::header_too_large, 431, "header_too_large", "The request's header is too large"},
}};

constexpr bool in_order() {
  for (int i = 0; i < kCodes; ++i) {
    if (static_cast<int>(kLines[static_cast<std::size_t>(i)].code) != i) return false;
  }
  return true;
}
static_assert(in_order(), "the table is indexed by Code");

const Line& line_of(Code code) {
  const auto index = static_cast<std::size_t>(code);
  ENSURE(index < kLines.size());
  return kLines[index];
}

/// How many bytes the UTF-8 character at the front of `text` has; 0 if it is not one.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return 0;
  }
  const unsigned second = byte(1);
  const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool surrogate = first == 0xed && second >= 0xa0;
  const bool beyond = first == 0xf4 && second >= 0x90;
  return overlong || surrogate || beyond ? 0 : length;
}

/// A detail may quote what a stranger sent; the answer is UTF-8 whatever that was.
std::string as_utf8(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    clean += length == 0 ? std::string_view{"\xef\xbf\xbd"} : text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return clean;
}

boost::json::array errors_json(const std::vector<cap::Fault>& errors) {
  boost::json::array list;
  for (const auto& fault : errors) {
    list.push_back(boost::json::object{{"rule", as_utf8(fault.rule)},
                                       {"where", as_utf8(fault.where)},
                                       {"message", as_utf8(fault.message)}});
  }
  return list;
}

}  // namespace

std::string_view text(Code code) { return line_of(code).text; }
std::string_view title(Code code) { return line_of(code).title; }
int http_status(Code code) { return line_of(code).http_status; }

std::string problem_json(const Refusal& refusal) {
  const Line& line = line_of(refusal.code);
  boost::json::object problem;
  problem["type"] = "tag:tocsin,2026:" + std::string(line.text);
  problem["title"] = line.title;
  problem["status"] = line.http_status;
  problem["detail"] = as_utf8(refusal.detail);
  problem["code"] = line.text;
  if (!refusal.errors.empty()) problem["errors"] = errors_json(refusal.errors);
  if (refusal.code == Code::needs_approval) {
    problem["have"] = refusal.have;
    problem["need"] = refusal.need;
    boost::json::array could;
    for (const auto& holder : refusal.could) could.emplace_back(as_utf8(holder));
    problem["could"] = std::move(could);
  }
  return boost::json::serialize(problem);
}

}  // namespace engine
