#pragma once
// Page after page of the log, filtered, until the asker has enough: what GET /v1/alerts and the
// feed are made of. Runs on the log's reader thread between pages.
#include <functional>
#include <memory>
#include <string>

#include "engine/engine.hpp"
#include "engine/filter.hpp"
#include "engine/limits.hpp"

namespace connectors::web {

struct ListingQuery {
  engine::Filter filter;
  engine::Sequence after = engine::Sequence::none;
  std::size_t limit = 0;
  enum class Of { everything, active } of = Of::everything;
  std::size_t scanned_max = engine::limits::kListScanned;
};

/// Shows every record that is asked for to `visit`, in order, until `limit` were shown, what
/// `visit` says they take comes to limits::kListBytes, or `scanned_max` were looked at.
/// `done` runs once, with where to go on. Both run on the reader's thread; `done` runs on the
/// caller's where the reader takes nothing more.
using Visit = std::function<std::size_t(const engine::Record&)>;
void walk(engine::Engine& engine, ListingQuery query, Visit visit,
          std::function<void(engine::Result<engine::Sequence>)> done);

struct Listed {
  std::string lines;         // one `alert` object a line
  engine::Sequence through;  // where to go on
};

/// `done` runs once, as walk()'s does.
void list(engine::Engine& engine, ListingQuery query,
          std::function<void(engine::Result<Listed>)> done);

}  // namespace connectors::web
