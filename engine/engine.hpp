#pragma once
// The machine: a bulletin climbs from a sender to the log, and flows from the log to everyone. The
// log is the only place where the two meet.
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/base/metrics.hpp"
#include "engine/base/snapshot.hpp"
#include "engine/directory.hpp"
#include "engine/dry_run.hpp"
#include "engine/log.hpp"
#include "engine/receipts.hpp"
#include "engine/reporting.hpp"
#include "engine/shard/shard.hpp"
#include "engine/trust/trust_store.hpp"

namespace engine {

struct EngineOptions {
  std::string node = "tocsin";
  std::size_t shards = 1;
  AdmissionLimits admission;
};

/// What the machine is put together from; each outlives the engine, and is safe on any thread.
struct EngineParts {
  Log& log;
  trust::TrustStore& trust;  // holds a document
  const Places& places;
  Directory& directory;
  Receipts& receipts;
  const Clock& clock;
  Metrics& metrics;
};

/// What /readyz says: ready or not, and every reason to worry.
struct Readiness {
  bool ready = true;
  std::vector<std::string> problems;  // why it is not ready
  std::vector<std::string> warnings;  // ready, but somebody has to act
};

class Engine final : public Follower {
 public:
  Engine(EngineOptions options, const EngineParts& parts);

  /// Reads the newest records into memory, once for all shards, so that those who come back after a
  /// restart are served from there. Before the shards run; may wait for the disk. Without them the
  /// log is read instead.
  void remember_newest();

  /// Upstream. Any thread; `body` is what arrived, bounded by the caller. `done` runs once, on this
  /// thread or one of the log's.
  void ingest(std::string_view body, Done<AppendAnswer> done);

  /// Questions 1 to 13 with any number of holders, and whom the alert would reach now. Any thread;
  /// `done` runs once, on this thread, the log's, or a shard's.
  void dry_run(std::string_view body, Done<DryRunAnswer> done);

  /// Downstream, on the log's writer thread; the same for every record, whoever took it in.
  void on_records(std::span<const Record> records) override;

  trust::TrustPtr trust() const { return trust_.get(); }
  /// A newer trust document, or a revocation, from anybody: in force, and durable, when it returns.
  /// Any thread that may wait for the disk; one is taken after the other.
  trust::Taken take(BytesView file);
  /// The same of what the operator gives, at the start or by SIGHUP. Where it is not taken, or
  /// could not be read, /readyz warns of it until something of the operator's is taken.
  void take_from_operator(const Result<Bytes>& file);

  /// Every revocation that is kept, one envelope a line.
  std::shared_ptr<const std::string> revocations() const { return revocations_.get(); }

  Readiness readiness() const;
  /// What readiness() warns of besides. Before the shards run.
  void warn_also(std::function<std::vector<std::string>()> warnings);
  /// Called whenever the log has more, on its writer's thread, once the shards have it. Before the
  /// first append.
  void wake_also(std::function<void()> wake);

  const EngineOptions& options() const noexcept { return options_; }
  Log& log() noexcept { return log_; }
  const Log& log() const noexcept { return log_; }
  const Places& places() const noexcept { return places_; }
  Directory& directory() noexcept { return directory_; }
  const Directory& directory() const noexcept { return directory_; }
  Receipts& receipts() noexcept { return receipts_; }
  /// The way of readers' receipts into it.
  Reporting& reporting() noexcept { return reporting_; }
  const Clock& clock() const noexcept { return clock_; }
  Metrics& metrics() noexcept { return metrics_; }
  std::vector<std::unique_ptr<Shard>>& shards() noexcept { return shards_; }
  /// What a new stream is greeted with; the shard completes it.
  Hello hello() const;
  /// The status that filters mean where they name none.
  cap::Status default_status() const;
  /// What a reader asks for: the parameters of its query that are a filter's; where there are none,
  /// the stored subscription of its organisation.
  std::variant<Filter, Refusal> filter_for(std::span<const Filter::Parameter> query,
                                           const Member& member) const;

 private:
  void note_trust();
  trust::Taken take_either(BytesView file);
  void warn_of_trust(Readiness& readiness) const;
  void refuse(const Refused& refused, Done<AppendAnswer> done);
  void refuse(const Refused& refused, const std::shared_ptr<Done<DryRunAnswer>>& done);
  struct Counting;
  void count_concerned(std::shared_ptr<Counting> counting, std::size_t shard);
  void settle(AppendAnswer answer, Done<AppendAnswer>& done);

  EngineOptions options_;
  Log& log_;
  trust::TrustStore& trust_store_;
  const Places& places_;
  Directory& directory_;
  Receipts& receipts_;
  Reporting reporting_;
  const Clock& clock_;
  Metrics& metrics_;
  Snapshot<trust::TrustDocument> trust_;
  Snapshot<std::string> trust_complaint_;  // why what the operator gave last was not taken
  std::vector<std::function<std::vector<std::string>()>> more_warnings_;
  std::function<void()> wake_;
  Snapshot<std::string> revocations_;
  std::atomic<std::size_t> revocations_lapsed_{0};
  std::mutex taking_;  // of the store; what follows from a taking is set before the next begins
  std::vector<std::unique_ptr<Shard>> shards_;
  FramePtr last_frame_;  // of the log's thread
  Counter& admitted_;
  Counter& repeated_;
};

/// Metrics and one trace line for a refusal, wherever it was made.
void count_refusal(Metrics& metrics, const Refusal& refusal);

}  // namespace engine
