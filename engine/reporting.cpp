#include "engine/reporting.hpp"

#include <fmt/format.h>

namespace engine {

void Reporting::remember(const Record& record) {
  const std::lock_guard lock(mutex_);
  recent_[number(record.sequence) % recent_.size()] = {record.sequence, record.bulletin};
}

BulletinPtr Reporting::recent(Sequence sequence) const {
  const std::lock_guard lock(mutex_);
  const auto& [kept, bulletin] = recent_[number(sequence) % recent_.size()];
  return kept == sequence ? bulletin : nullptr;
}

/// Receipts on their way, and how far the alerts they speak of were looked at.
struct Reporting::Batch {
  Batch(std::vector<Receipt> given, const Member& who, Done<ReportAnswer> answer)
      : receipts(std::move(given)), member(who), done(std::move(answer)) {}

  std::vector<Receipt> receipts;
  const Member member;
  Done<ReportAnswer> done;
  std::size_t looked = 0;
};

namespace {

Refusal no_such_alert(Sequence sequence) {
  Refusal refusal;
  refusal.code = Code::not_found;
  refusal.detail = fmt::format("There is no alert {}. Nothing was taken.", number(sequence));
  return refusal;
}

Refusal unavailable(std::string detail) {
  Refusal refusal;
  refusal.code = Code::log_unavailable;
  refusal.detail = std::move(detail);
  refusal.retry_after_s = 5;
  return refusal;
}

/// Why none of them is kept, and what to do about it.
Refusal not_kept(const ReceiptsState& state) {
  if (!state.writable) {
    Refusal refusal = unavailable(
        "Receipts could not be written and are not taken until the engine is restarted. Tell the "
        "operator, and send these again then.");
    refusal.retry_after_s = 30;
    return refusal;
  }
  if (state.full) {
    return unavailable(
        "The engine's disk is full. The operator must make room; the engine then takes receipts "
        "again by itself. Send these again then.");
  }
  return unavailable("Nothing was noted: too much waits to be written. Send these again later.");
}

bool concerns(const Bulletin& bulletin, const Member& member) {
  return bulletin.outline.shown() && may_read(bulletin.outline, member);
}

}  // namespace

void Reporting::report(std::vector<Receipt> receipts, const Member& member,
                       Done<ReportAnswer> done) {
  auto batch = std::make_shared<Batch>(std::move(receipts), member, std::move(done));
  for (Receipt& receipt : batch->receipts) receipt.organisation = member.organisation;
  look_on(batch);
}

/// One alert after the other; the rest of them is looked at where the log's answer comes.
void Reporting::look_on(const std::shared_ptr<Batch>& batch) {
  for (; batch->looked < batch->receipts.size(); ++batch->looked) {
    const Sequence sequence = batch->receipts[batch->looked].sequence;
    if (batch->looked > 0 && batch->receipts[batch->looked - 1].sequence == sequence) continue;
    const BulletinPtr bulletin = recent(sequence);
    if (!bulletin) {
      return log_.find(sequence, [this, batch, sequence](Result<std::optional<Record>> found) {
        if (!found)
          return batch->done(
              unavailable("Nothing was noted: " + found.error().what + ". Send it again later."));
        if (!*found || !concerns(*(*found)->bulletin, batch->member)) {
          return batch->done(no_such_alert(sequence));
        }
        ++batch->looked;
        look_on(batch);
      });
    }
    if (!concerns(*bulletin, batch->member)) return batch->done(no_such_alert(sequence));
  }
  take_all(batch);
}

void Reporting::take_all(const std::shared_ptr<Batch>& batch) {
  if (batch->receipts.empty()) return batch->done(std::nullopt);
  receipts_.take(std::move(batch->receipts), [this, batch](Result<void> taken) {
    batch->done(taken ? ReportAnswer{} : not_kept(receipts_.state()));
  });
}

}  // namespace engine
