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
  Listing(engine::Engine& engine, ListingQuery query, Visit visit,
          std::function<void(Result<Sequence>)> done)
      : engine_(engine),
        query_(std::move(query)),
        visit_(std::move(visit)),
        done_(std::move(done)),
        now_(engine.clock().now()),
        until_(engine.log().head()),
        through_(query_.after) {}

  void read_on() {
    const engine::PageLimit limit{limits::kPageRecords, limits::kPageBytes};
    engine::Done<Result<Page>> done = [self = shared_from_this()](Result<Page> page) {
      self->on_page(std::move(page));
    };
    if (query_.of == ListingQuery::Of::active) {
      engine_.log().read_active(now_, through_, until_, limit, std::move(done));
    } else {
      engine_.log().read(through_, limit, std::move(done));
    }
  }

 private:
  void on_page(Result<Page> page) {
    if (!page) return done_(page.error());
    for (const engine::Record& record : page->records) {
      if (full()) return done_(through_);
      through_ = record.sequence;
      ++scanned_;
      if (!wanted(record.bulletin->outline)) continue;
      octets_ += visit_(record);
      ++count_;
    }
    through_ = std::max(through_, page->through);
    if (page->end || full()) return done_(through_);
    read_on();
  }

  bool full() const {
    return count_ >= query_.limit || octets_ >= limits::kListBytes ||
           scanned_ >= query_.scanned_max;
  }

  bool wanted(const engine::cap::Outline& outline) const {
    const bool cancel = outline.msg_type == engine::cap::MsgType::cancel;
    if (query_.of == ListingQuery::Of::active && cancel) return false;
    return query_.filter.matches(outline);
  }

  engine::Engine& engine_;
  const ListingQuery query_;
  const Visit visit_;
  std::function<void(Result<Sequence>)> done_;
  const engine::Time now_;
  const Sequence until_;
  Sequence through_;
  std::size_t count_ = 0, scanned_ = 0, octets_ = 0;
};

}  // namespace

void walk(engine::Engine& engine, ListingQuery query, Visit visit,
          std::function<void(Result<Sequence>)> done) {
  std::make_shared<Listing>(engine, std::move(query), std::move(visit), std::move(done))->read_on();
}

void list(engine::Engine& engine, ListingQuery query, std::function<void(Result<Listed>)> done) {
  auto lines = std::make_shared<std::string>();
  Visit visit = [lines](const engine::Record& record) {
    const std::size_t before = lines->size();
    *lines += engine::alert_json(record);
    *lines += '\n';
    return lines->size() - before;
  };
  walk(engine, std::move(query), std::move(visit),
       [lines, done = std::move(done)](Result<Sequence> through) {
         if (!through) return done(through.error());
         done(Listed{std::move(*lines), *through});
       });
}

}  // namespace connectors::web
