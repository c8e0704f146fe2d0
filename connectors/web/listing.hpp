#pragma once
// GET /v1/alerts: page after page of the log, filtered, until the answer is full. Runs on the
// log's reader thread between pages.
#include <functional>
#include <memory>
#include <string>

#include "engine/engine.hpp"
#include "engine/filter.hpp"

namespace connectors::web {

struct ListingQuery {
  engine::Filter filter;
  engine::Sequence after = engine::Sequence::none;
  std::size_t limit = 0;
  enum class Of { everything, active } of = Of::everything;
};

struct Listed {
  std::string lines;         // one `alert` object a line
  engine::Sequence through;  // where to go on
};

/// `done` runs once, on the reader's thread.
void list(engine::Engine& engine, ListingQuery query,
          std::function<void(engine::Result<Listed>)> done);

}  // namespace connectors::web
