#pragma once
// What a reader says of an alert, on its way to the receipts: taken only from those who may read
// that alert. Any thread.
#include <array>
#include <mutex>
#include <optional>
#include <utility>

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

  /// `done` runs once: on this thread, the log's reader or the receipts'. The receipt's
  /// organisation is the member's, whatever stands there.
  void report(Receipt receipt, const Member& member, Done<ReportAnswer> done);
  /// A record that readers will soon speak of; the log's writer thread.
  void remember(const Record& record);

 private:
  BulletinPtr recent(Sequence sequence) const;
  void judge(const Bulletin* bulletin, Receipt receipt, const Member& member,
             Done<ReportAnswer> done);
  static std::optional<Refusal> refused(const Bulletin* bulletin, const Member& member);
  static Refusal unavailable(const std::string& why);

  Log& log_;
  Receipts& receipts_;
  mutable std::mutex mutex_;  // around the few lines that look at these
  std::array<std::pair<Sequence, BulletinPtr>, 64> recent_;  // by sequence modulo their number
};

}  // namespace engine
