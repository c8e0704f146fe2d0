#include "engine/reporting.hpp"

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

std::optional<Refusal> Reporting::refused(const Bulletin* bulletin, const Member& member) {
  Refusal refusal;
  if (bulletin == nullptr || !bulletin->outline.shown()) {
    refusal.code = Code::not_found;
    refusal.detail = "There is no such alert. Nothing was noted.";
    return refusal;
  }
  if (may_read(bulletin->outline, member)) return std::nullopt;
  refusal.code = member.signed_in() ? Code::forbidden : Code::unauthenticated;
  refusal.detail = member.signed_in() ? "This alert is for others. Nothing was noted."
                                      : "This alert is for signed-in organisations.";
  return refusal;
}

void Reporting::report(Receipt receipt, const Member& member, Done<ReportAnswer> done) {
  receipt.organisation = member.organisation;
  if (const BulletinPtr bulletin = recent(receipt.sequence)) {
    return judge(bulletin.get(), std::move(receipt), member, std::move(done));
  }
  const Sequence sequence = receipt.sequence;
  auto shared = std::make_shared<Done<ReportAnswer>>(std::move(done));
  log_.find(sequence, [this, receipt = std::move(receipt), member,
                       shared](Result<std::optional<Record>> found) mutable {
    if (!found) return (*shared)(unavailable(found.error().what));
    judge(*found ? (*found)->bulletin.get() : nullptr, std::move(receipt), member,
          std::move(*shared));
  });
}

void Reporting::judge(const Bulletin* bulletin, Receipt receipt, const Member& member,
                      Done<ReportAnswer> done) {
  if (auto refusal = refused(bulletin, member)) return done(std::move(refusal));
  auto shared = std::make_shared<Done<ReportAnswer>>(std::move(done));
  receipts_.take(std::move(receipt), [shared](Result<void> taken) {
    (*shared)(taken ? ReportAnswer{} : unavailable(taken.error().what));
  });
}

Refusal Reporting::unavailable(const std::string& why) {
  Refusal refusal;
  refusal.code = Code::log_unavailable;
  refusal.detail = "Nothing was noted: " + why + ".";
  refusal.retry_after_s = 5;
  return refusal;
}

}  // namespace engine
