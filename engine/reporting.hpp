#pragma once
// What a reader says of an alert, on its way to the receipts: taken only from those who may read
// that alert. Any thread.
#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "engine/log.hpp"
#include "engine/member.hpp"
#include "engine/receipts.hpp"
#include "engine/refusal.hpp"

namespace engine {

/// Why it was not taken; nothing where it was, and is durable.
using ReportAnswer = std::optional<Refusal>;

class Reporting {
 public:
  Reporting(Log& log, Receipts& receipts) : log_(log), receipts_(receipts) {}

  /// Takes all of them or none: each alert has to be one that the member may read, and whether
  /// there is such an alert is nobody's business who may not (`not_found`). `done` runs once: on
  /// this thread, the log's reader or the receipts'. The receipts' organisation is the member's,
  /// whatever stands there.
  void report(std::vector<Receipt> receipts, const Member& member, Done<ReportAnswer> done);
  /// A record that readers will soon speak of; the log's writer thread.
  void remember(const Record& record);

 private:
  struct Batch;
  BulletinPtr recent(Sequence sequence) const;
  void look_on(const std::shared_ptr<Batch>& batch);
  void take_all(const std::shared_ptr<Batch>& batch);

  Log& log_;
  Receipts& receipts_;
  mutable std::mutex mutex_;  // around the few lines that look at these
  std::array<std::pair<Sequence, BulletinPtr>, 64> recent_;  // by sequence modulo their number
};

}  // namespace engine
