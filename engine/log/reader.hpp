#pragma once
// What the store holds, as records: one, a page, a page of the active ones. Every record is checked
// as it is read. No state; any thread, in the engine the log's reader thread.
#include "engine/log.hpp"
#include "engine/store/store.hpp"

namespace engine {

/// `head` is the newest durable record: nothing after it is given out.
class Reader {
 public:
  explicit Reader(const Store& store) : store_(store) {}

  Result<std::optional<Record>> find(Sequence sequence, Sequence head) const;
  Result<std::optional<Record>> find(const BulletinId& id, Sequence head) const;
  std::optional<Appended> repeat_of(const BulletinId& id, Sequence head) const;
  Result<Page> page(Sequence after, PageLimit limit, Sequence head) const;
  Result<std::vector<Record>> newest(PageLimit limit, Sequence head) const;
  Result<Page> active_page(Time now, Sequence after, Sequence until, PageLimit limit,
                           Sequence head) const;

 private:
  /// The record of a place that must be taken.
  Result<Record> at(Sequence sequence) const;

  const Store& store_;
};

}  // namespace engine
