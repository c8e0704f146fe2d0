#include "engine/log/reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/log/record.hpp"
#include "engine/log/tables.hpp"

namespace engine {
namespace {

/// What a record takes in memory, and asking its shapes grows with it too: so a page of few large
/// ones is as soon made, and as soon looked through, as one of many small ones.
std::size_t octets_of(const Record& record) {
  const Bulletin& bulletin = *record.bulletin;
  return bulletin.envelope.payload.size() + cap::octets_of_shapes(bulletin.outline);
}

/// Whether a page takes one more record; the first always.
class PageMeter {
 public:
  explicit PageMeter(PageLimit limit) : limit_(limit) {}

  bool takes(const Record& record) {
    const std::size_t bytes = octets_of(record);
    if (records_ > 0 && (records_ >= limit_.records || bytes_ + bytes > limit_.bytes)) {
      return false;
    }
    ++records_;
    bytes_ += bytes;
    return true;
  }
  /// Spares reading a record that could not be taken anyway.
  bool full() const { return records_ > 0 && records_ >= limit_.records; }

 private:
  const PageLimit limit_;
  std::size_t records_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace

Result<Record> Reader::at(Sequence sequence) const {
  const auto bytes = store_.get(LogTable::records, sequence_key(sequence));
  if (!bytes) return bytes.error();
  if (!*bytes) return Failure{fmt::format("record {} is missing", number(sequence))};
  return decode_record(**bytes, sequence);
}

Result<std::optional<Record>> Reader::find(Sequence sequence, Sequence head) const {
  if (sequence == Sequence::none || sequence > head) return std::optional<Record>{};
  auto record = at(sequence);
  if (!record) return record.error();
  return std::optional<Record>{*std::move(record)};
}

std::optional<Appended> Reader::repeat_of(const BulletinId& id, Sequence head) const {
  const auto value = store_.get(LogTable::ids, view(id));
  if (!value || !*value) return std::nullopt;
  const auto standing = parse_standing(**value);
  if (!standing || standing->sequence > head) return std::nullopt;
  return Appended{standing->sequence, standing->at, true, id};
}

Result<std::optional<Record>> Reader::find(const BulletinId& id, Sequence head) const {
  const auto value = store_.get(LogTable::ids, view(id));
  if (!value) return value.error();
  if (!*value) return std::optional<Record>{};
  const auto standing = parse_standing(**value);
  if (!standing) return Failure{"the log's table of ids is damaged"};
  auto record = find(standing->sequence, head);
  if (record && *record && (*record)->bulletin->id != id) {
    return Failure{"the log's table of ids is damaged"};
  }
  return record;
}

Result<Page> Reader::page(Sequence after, PageLimit limit, Sequence head) const {
  Page page;
  page.through = after;
  PageMeter meter(limit);
  while (page.through < head) {
    if (meter.full()) return page;
    auto record = at(next(page.through));
    if (!record) return record.error();
    if (!meter.takes(*record)) return page;
    page.through = record->sequence;
    page.records.push_back(*std::move(record));
  }
  page.end = true;
  return page;
}

Result<std::vector<Record>> Reader::newest(PageLimit limit, Sequence head) const {
  std::vector<Record> records;
  std::size_t bytes = 0;
  for (std::uint64_t sequence = number(head); sequence > 0 && records.size() < limit.records;
       --sequence) {
    auto record = at(Sequence{sequence});
    if (!record) return record.error();
    bytes += octets_of(*record);
    if (bytes > limit.bytes) break;
    records.push_back(*std::move(record));
  }
  std::reverse(records.begin(), records.end());
  return records;
}

Result<Page> Reader::active_page(Time now, Sequence after, Sequence until, PageLimit limit,
                                 Sequence head) const {
  const Sequence last = std::min(until, head);
  Page page;
  page.through = after;
  if (after >= last) {
    page.end = true;
    return page;
  }
  PageMeter meter(limit);
  bool full = false;
  std::optional<Failure> failure;
  const auto visit = [&](BytesView key, BytesView value) {
    const auto sequence = parse_sequence_key(key);
    const auto expires = parse_expiry(value);
    if (!sequence || !expires) {
      failure = Failure{"the log's table of active alerts is damaged"};
      return false;
    }
    if (*expires <= now) return true;
    full = meter.full();
    if (full) return false;
    auto record = at(*sequence);
    if (!record) {
      failure = record.error();
      return false;
    }
    full = !meter.takes(*record);
    if (full) return false;
    page.through = *sequence;
    page.records.push_back(*std::move(record));
    return true;
  };
  const auto scanned =
      store_.scan(LogTable::active, sequence_key(next(after)), sequence_key(next(last)), visit);
  if (!scanned) return scanned.error();
  if (failure) return *failure;
  if (!full) {
    page.through = last;
    page.end = true;
  }
  return page;
}

}  // namespace engine
