#pragma once
// The receipts' tables (schemas/organisations.md draws them): what was said is added to a change,
// and counts once it is committed. On the receipts' thread.
#include <array>
#include <memory>

#include "engine/receipts.hpp"
#include "engine/store/store.hpp"

namespace engine {

struct ReceiptsTable {
  static constexpr Table meta{0}, counts{1}, organisations{2}, settled{3};
  static constexpr std::array<const char*, 4> kNames = {"default", "counts", "organisations",
                                                        "settled"};
};

/// Counts go through memory: however many readers say the same of one bulletin in one batch, its
/// row is written once.
class Ledger {
 public:
  explicit Ledger(Store& store);

  // Everything below is part of one batch, until commit() or nothing.
  Result<void> add(const Delivered& delivered);
  Result<void> add(const Receipt& receipt);
  Result<void> settle(Sequence sequence, std::string_view organisation);
  /// What it said before, of this batch too.
  Result<void> forget(std::string_view organisation);
  /// After a commit: leaves no octet in the folder of the answers that were forgotten. What could
  /// not be cleaned is when the folder is opened the next time.
  Result<void> clean();
  /// What an earlier process left to be cleaned.
  Result<void> clean_rest();
  /// Whether all of the batch is durable. A new one has begun.
  Store::Commit commit();
  /// Begins a new batch, nothing of this one: after the store was opened anew.
  void begin();

  // What is committed.
  Result<ReachCounts> reach(Sequence sequence) const;
  Result<GivenAnswers> answers(Sequence sequence, std::string_view cursor, std::size_t most) const;
  Result<OrganisationSaid> said_by(std::string_view organisation, Sequence after,
                                   std::size_t most) const;
  Result<Sequence> position(std::string_view organisation) const;
  bool has_acknowledged(Sequence sequence, std::string_view organisation) const;

 private:
  using Said = std::uint8_t;  // bits: what an organisation has said or was handed
  Result<ReachCounts*> counts(Sequence sequence);
  Result<void> note(Sequence sequence, std::string_view organisation, Said said,
                    std::string_view answer);

  Store& store_;
  Store::Change change_;
  std::vector<Bytes> noted_;                               // of this batch: rows of organisations
  std::vector<Store::Stretch> forgotten_;                  // rows that held an answer
  bool promised_ = false;                                  // the batch has more than acks
  std::vector<std::pair<Sequence, ReachCounts>> touched_;  // of this batch, by sequence
};

}  // namespace engine
