#pragma once
// What a sender is told who asks first: whom an alert would reach, what speaks against it, which
// signatures are missing. Nothing is written, nobody is told, no rate is spent.
#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/admission.hpp"
#include "engine/forecast.hpp"
#include "engine/log.hpp"

namespace engine {

struct DryRun {
  BulletinId id{};
  std::optional<Missing> missing;    // nothing: it would be admitted as it is, rate permitting
  std::vector<cap::Fault> warnings;  // schemas/rules.md
  std::optional<Appended> repeat;    // it is in the log already; then it would not be sent again
  std::size_t organisations = 0;     // connected now, signed in; each once
  std::size_t anonymous = 0;         // anonymous streams connected now
  BulletinPtr bulletin;              // as it would be in the log
  /// Those who are not connected. Nothing: it is not asked, or nobody would be looked for.
  std::optional<Forecast> concerned;
};
using DryRunAnswer = std::variant<DryRun, Refusal>;

/// The body of the answer to POST /v1/alerts?dry_run=1 (schemas/dry-run.schema.json).
std::string dry_run_json(const DryRun& dry_run, const Epoch& epoch);

}  // namespace engine
