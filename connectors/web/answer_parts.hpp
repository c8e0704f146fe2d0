#pragma once
// What the pages behind an e-mail's links are served from. Null functions: there are none.
#include <functional>
#include <optional>

#include "engine/base/done.hpp"
#include "engine/outbox.hpp"

namespace connectors::web {

struct AnswerParts {
  /// What a delivery is about (Outbox::find); `done` on any thread.
  std::function<void(const engine::DeliveryId&,
                     engine::Done<engine::Result<std::optional<engine::DeliveryFound>>> done)>
      find;
};

}  // namespace connectors::web
