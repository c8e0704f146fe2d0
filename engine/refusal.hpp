#pragma once
// Why a request was turned away. An answer, not an error: each has a stable code, and the sender is
// always told what to do next. schemas/refusals.md lists them.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cap/judge.hpp"

namespace engine {

/// In the order in which the questions are asked (1 to 15), then those of HTTP alone.
enum class Code : std::uint8_t {
  too_large,
  malformed_envelope,
  unsupported_type,
  unknown_key,
  key_expired,
  key_revoked,
  bad_signature,
  invalid_alert,
  wrong_system,
  outside_authority,
  needs_approval,
  foreign_reference,
  sent_in_future,
  too_old,
  expired,
  no_place,
  identity_conflict,
  already_cancelled,
  too_many,
  log_unavailable,
  log_full,
  bad_query,
  unauthenticated,
  forbidden,
  not_found,
  method_not_allowed,
  precondition_failed,
  upgrade_required,
  header_too_large,
};
inline constexpr int kCodes = static_cast<int>(Code::header_too_large) + 1;

std::string_view text(Code code);   // "malformed_envelope"
std::string_view title(Code code);  // "The body is not a signed envelope"
int http_status(Code code);

struct Refusal {
  Code code = Code::log_unavailable;
  std::string detail;              // what was seen, and what to do next
  std::vector<cap::Fault> errors;  // invalid_alert: every rule broken
  int have = 0, need = 0;          // needs_approval: distinct holders
  std::vector<std::string> could;  // needs_approval: holders who could still sign
  int retry_after_s = 0;           // too_many, log_unavailable: when to come back; 0 unsaid
};

/// RFC 9457: the JSON of an application/problem+json answer.
std::string problem_json(const Refusal& refusal);

}  // namespace engine
