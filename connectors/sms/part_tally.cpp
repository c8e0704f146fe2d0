#include "connectors/sms/part_tally.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "connectors/sms/limits.hpp"
#include "engine/base/ensure.hpp"

namespace connectors::sms {

using engine::Attempted;
using engine::Fate;

std::string status_text(std::uint32_t status) {
  const auto name = status_name(status);
  return name.empty() ? fmt::format("status 0x{:08X}", status) : std::string(name);
}

std::optional<std::size_t> PartTally::next() const {
  for (std::size_t part = 0; part < parts_.size(); ++part) {
    if (parts_[part].state == State::waiting) return part;
  }
  return std::nullopt;
}

void PartTally::submitted(std::size_t part) { parts_.at(part).state = State::on_the_way; }

void PartTally::came_back(std::size_t part) { parts_.at(part).state = State::waiting; }

void PartTally::sent(std::size_t part, std::string name) {
  parts_.at(part).state = State::sent;
  parts_.at(part).name = std::move(name);
}

void PartTally::refused(std::size_t part, std::uint32_t status, Verdict verdict) {
  parts_.at(part) = {State::refused, verdict == Verdict::recipient, status, {}};
}

void PartTally::deferred(std::size_t part, std::uint32_t status) {
  parts_.at(part) = {State::deferred, false, status, {}};
}

void PartTally::uncertain(std::size_t part) { parts_.at(part).state = State::uncertain; }

void PartTally::give_up(std::string why) {
  why_ = std::move(why);
  for (Part& part : parts_) {
    if (part.state == State::waiting) part.state = State::deferred;
  }
}

bool PartTally::untouched() const {
  return std::all_of(parts_.begin(), parts_.end(),
                     [](const Part& part) { return part.state == State::waiting; });
}

bool PartTally::complete() const {
  return std::none_of(parts_.begin(), parts_.end(), [](const Part& part) {
    return part.state == State::waiting || part.state == State::on_the_way;
  });
}

const PartTally::Part* PartTally::first(State state) const {
  for (const Part& part : parts_) {
    if (part.state == state) return &part;
  }
  return nullptr;
}

/// Every part came while the centre took nothing: another one will do that comes a moment later.
bool PartTally::none_had_room() const {
  return std::all_of(parts_.begin(), parts_.end(), [](const Part& part) {
    return part.state == State::deferred && verdict_of(part.status) == Verdict::throttled;
  });
}

Attempted PartTally::answer(std::string gateway) {
  ENSURE(complete());
  Attempted attempted;
  attempted.gateway = std::move(gateway);
  attempted.parts = static_cast<std::uint8_t>(parts_.size());
  if (const Part* refused = first(State::refused)) {
    attempted.outcome = {Fate::permanent, refused->contact_dead, {}, status_text(refused->status)};
    return attempted;
  }
  if (const Part* deferred = first(State::deferred)) {
    std::string why = deferred->status == 0 ? why_ : status_text(deferred->status);
    attempted.outcome = {Fate::later, false, {}, std::move(why)};
    if (none_had_room()) {
      attempted.put_off = true;
      attempted.outcome.not_before = limits::kBackOffFirst;
    }
    return attempted;
  }
  for (std::size_t part = 0; part < parts_.size(); ++part) {
    if (parts_[part].name.empty()) continue;
    attempted.names.push_back({std::move(parts_[part].name), static_cast<std::uint8_t>(part)});
  }
  attempted.uncertain = first(State::uncertain) != nullptr;
  attempted.outcome.fate = attempted.uncertain ? Fate::later : Fate::sent;
  if (attempted.uncertain) attempted.outcome.why = "The gateway did not answer.";
  return attempted;
}

}  // namespace connectors::sms
