#include "connectors/web/listing.hpp"

#include <algorithm>

#include "engine/limits.hpp"

namespace connectors::web {

namespace limits = engine::limits;
using engine::Page;
using engine::Result;
using engine::Sequence;

namespace {

class Listing : public std::enable_shared_from_this<Listing> {
 public:
  Listing(engine::Engine& engine, ListingQuery query, std::function<void(Result<Listed>)> done)
      : engine_(engine),
        query_(std::move(query)),
        done_(std::move(done)),
        now_(engine.clock().now()),
        until_(engine.log().head()) {
    listed_.through = query_.after;
  }

  void read_on() {
    const engine::PageLimit limit{limits::kPageRecords, limits::kPageBytes};
    engine::Done<Result<Page>> done = [self = shared_from_this()](Result<Page> page) {
      self->on_page(std::move(page));
    };
    if (query_.of == ListingQuery::Of::active) {
      engine_.log().read_active(now_, listed_.through, until_, limit, std::move(done));
    } else {
      engine_.log().read(listed_.through, limit, std::move(done));
    }
  }

 private:
  void on_page(Result<Page> page) {
    if (!page) return done_(page.error());
    for (const engine::Record& record : page->records) {
      if (full()) return done_(std::move(listed_));
      listed_.through = record.sequence;
      ++scanned_;
      if (!wanted(record.bulletin->outline)) continue;
      listed_.lines += engine::alert_json(record);
      listed_.lines += '\n';
      ++count_;
    }
    listed_.through = std::max(listed_.through, page->through);
    if (page->end || full()) return done_(std::move(listed_));
    read_on();
  }

  bool full() const {
    return count_ >= query_.limit || listed_.lines.size() >= limits::kListBytes ||
           scanned_ >= limits::kListScanned;
  }

  bool wanted(const engine::cap::Outline& outline) const {
    const bool cancel = outline.msg_type == engine::cap::MsgType::cancel;
    if (query_.of == ListingQuery::Of::active && cancel) return false;
    return query_.filter.matches(outline, engine_.places());
  }

  engine::Engine& engine_;
  const ListingQuery query_;
  std::function<void(Result<Listed>)> done_;
  const engine::Time now_;
  const Sequence until_;
  Listed listed_;
  std::size_t count_ = 0, scanned_ = 0;
};

}  // namespace

void list(engine::Engine& engine, ListingQuery query, std::function<void(Result<Listed>)> done) {
  std::make_shared<Listing>(engine, std::move(query), std::move(done))->read_on();
}

}  // namespace connectors::web
