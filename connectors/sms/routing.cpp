#include "connectors/sms/routing.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/ensure.hpp"

namespace connectors::sms {

Routing::Routing(std::vector<std::size_t> weights)
    : weights_(std::move(weights)), credits_(weights_.size()) {}

/// Whether those of weight 0 are asked: no other one is there to wait for.
bool Routing::standing_by(std::span<const GatewayNow> now) const {
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    if (weights_[i] > 0 && now[i].up && !now[i].resting) return false;
  }
  return true;
}

bool Routing::counts(std::size_t gateway, const GatewayNow& state, bool standing_by) const {
  if (!state.up || state.resting || state.room == 0) return false;
  return weights_[gateway] > 0 || standing_by;
}

/// Every one that counts is credited with its weight, and the one with the most pays for all.
std::optional<std::size_t> Routing::next(std::span<const GatewayNow> now) {
  ENSURE(now.size() == weights_.size());
  const bool stand_by = standing_by(now);
  std::optional<std::size_t> chosen;
  std::int64_t all = 0;
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    if (!counts(i, now[i], stand_by)) continue;
    const auto weight = static_cast<std::int64_t>(std::max<std::size_t>(weights_[i], 1));
    all += weight;
    credits_[i] += weight;
    if (!chosen || credits_[i] > credits_[*chosen]) chosen = i;
  }
  if (chosen) credits_[*chosen] -= all;
  return chosen;
}

std::optional<std::size_t> Routing::any(std::span<const GatewayNow> now) const {
  ENSURE(now.size() == weights_.size());
  std::optional<std::size_t> chosen;
  const auto better = [this, &now](std::size_t one, std::size_t other) {
    return std::pair(!now[one].resting, weights_[one]) >
           std::pair(!now[other].resting, weights_[other]);
  };
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    if (now[i].up && (!chosen || better(i, *chosen))) chosen = i;
  }
  return chosen;
}

std::size_t Routing::room(std::span<const GatewayNow> now) const {
  ENSURE(now.size() == weights_.size());
  const bool stand_by = standing_by(now);
  std::size_t room = 0;
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    if (counts(i, now[i], stand_by)) room += now[i].room;
  }
  return room;
}

}  // namespace connectors::sms
