#include "engine/receipts/ledger.hpp"

#include <algorithm>

#include "engine/base/octet_io.hpp"

namespace engine {
namespace {

constexpr std::uint8_t kConnected = 1, kDisplayed = 2, kAcknowledged = 4, kAnswered = 8;

constexpr std::size_t kSequenceBytes = 8;
constexpr std::string_view kPurgeKey = "purge";
constexpr std::size_t kOthersPassed =
    64;  // rows, before a place is sought: that costs about as much

Bytes counts_key(Sequence sequence) {
  OctetWriter out;
  out.put(number(sequence));
  return out.take();
}

Bytes said_key(Sequence sequence, std::string_view organisation) {
  return counts_key(sequence) + Bytes(organisation);
}

void put(OctetWriter& out, const ReachCount& count) {
  out.put(count.connected);
  out.put(count.displayed);
  out.put(count.acknowledged);
  out.put(count.answered);
}

ReachCount count_of(OctetReader& in) {
  ReachCount count;
  count.connected = in.number<std::uint64_t>();
  count.displayed = in.number<std::uint64_t>();
  count.acknowledged = in.number<std::uint64_t>();
  count.answered = in.number<std::uint64_t>();
  return count;
}

std::uint8_t said_of(const Receipt& receipt) {
  const std::uint8_t state =
      receipt.state == Receipt::State::displayed ? kDisplayed : kAcknowledged;
  return static_cast<std::uint8_t>(state | (receipt.answer.empty() ? 0 : kAnswered));
}

void count(ReachCount& count, std::uint8_t said, std::uint64_t times) {
  if ((said & kConnected) != 0) count.connected += times;
  if ((said & kDisplayed) != 0) count.displayed += times;
  if ((said & kAcknowledged) != 0) count.acknowledged += times;
  if ((said & kAnswered) != 0) count.answered += times;
}

Failure damaged() { return Failure{"an entry of the receipts is damaged"}; }

}  // namespace

Ledger::Ledger(Store& store) : store_(store), change_(store.change()) {}

Result<ReachCounts*> Ledger::counts(Sequence sequence) {
  const auto at =
      std::lower_bound(touched_.begin(), touched_.end(), sequence,
                       [](const auto& row, Sequence wanted) { return row.first < wanted; });
  if (at != touched_.end() && at->first == sequence) return &at->second;
  const auto kept = reach(sequence);
  if (!kept) return kept.error();
  return &touched_.insert(at, {sequence, *kept})->second;
}

Result<void> Ledger::add(const Delivered& delivered) {
  promised_ = true;
  if (!delivered.organisation.empty()) {
    return note(delivered.sequence, delivered.organisation, kConnected, {});
  }
  const auto row = counts(delivered.sequence);
  if (!row) return row.error();
  count((*row)->anonymous, kConnected, delivered.streams);
  return {};
}

Result<void> Ledger::add(const Receipt& receipt) {
  promised_ = true;
  if (!receipt.organisation.empty()) {
    return note(receipt.sequence, receipt.organisation, said_of(receipt), receipt.answer);
  }
  const auto row = counts(receipt.sequence);
  if (!row) return row.error();
  count((*row)->anonymous, said_of(receipt), 1);
  return {};
}

// said, then the newest answer.
Result<void> Ledger::note(Sequence sequence, std::string_view organisation, Said said,
                          std::string_view answer) {
  const Bytes key = said_key(sequence, organisation);
  const auto kept = change_.get(ReceiptsTable::organisations, key);
  if (!kept) return kept.error();
  if (*kept && (*kept)->empty()) return damaged();
  const Said before = *kept ? static_cast<Said>((**kept)[0]) : Said{0};
  const std::string_view old_answer =
      *kept ? std::string_view(**kept).substr(1) : std::string_view{};
  if ((said & ~before) == 0 && (answer.empty() || answer == old_answer)) return {};
  const auto row = counts(sequence);
  if (!row) return row.error();
  count((*row)->organisations, static_cast<Said>(said & ~before), 1);
  Bytes value(1, static_cast<char>(before | said));
  value += answer.empty() ? old_answer : answer;
  change_.put(ReceiptsTable::organisations, key, value);
  noted_.push_back(key);
  return {};
}

Result<void> Ledger::settle(Sequence sequence, std::string_view organisation) {
  const auto kept = change_.get(ReceiptsTable::settled, organisation);
  if (!kept) return kept.error();
  if (*kept && OctetReader(**kept).number<std::uint64_t>() >= number(sequence)) return {};
  change_.put(ReceiptsTable::settled, organisation, counts_key(sequence));
  return {};
}

Result<void> Ledger::forget(std::string_view organisation) {
  promised_ = true;
  const auto erase_its = [&](BytesView key, bool answered) {
    if (key.size() <= kSequenceBytes || key.substr(kSequenceBytes) != organisation) return;
    change_.erase(ReceiptsTable::organisations, key);
    if (answered) forgotten_.push_back({ReceiptsTable::organisations, Bytes(key), Bytes(key)});
  };
  // Rows stand by alert, then by organisation: past some others the next place of its own is
  // sought, so that it takes as long as there are alerts, and not rows of everybody.
  for (std::optional<Bytes> from = Bytes(); from;) {
    std::optional<Bytes> next;
    std::size_t others = 0;
    const auto visit = [&](BytesView key, BytesView value) {
      erase_its(key, value.size() > 1);
      if (++others < kOthersPassed) return true;
      const Sequence sequence{OctetReader(key).number<std::uint64_t>()};
      const Bytes own = said_key(sequence, organisation);
      next = key < own ? own : counts_key(Sequence{number(sequence) + 1});
      return false;
    };
    const auto scanned =
        store_.scan(ReceiptsTable::organisations, *from, Bytes(128, '\xff'), visit);
    if (!scanned) return scanned.error();
    from = std::move(next);
  }
  for (const Bytes& key : noted_) erase_its(key, true);  // of this batch, not in the store yet
  if (!forgotten_.empty()) change_.put(ReceiptsTable::meta, kPurgeKey, "1");
  change_.erase(ReceiptsTable::settled, organisation);
  return {};
}

Result<void> Ledger::clean() {
  if (forgotten_.empty()) return {};
  if (auto purged = store_.purge(std::exchange(forgotten_, {})); !purged) return purged;
  auto change = store_.change();
  change.erase(ReceiptsTable::meta, kPurgeKey);
  if (store_.commit(std::move(change), Durability::synced) == Store::Commit::done) return {};
  return Failure{"the disk"};
}

Result<void> Ledger::clean_rest() {
  const auto rest = store_.get(ReceiptsTable::meta, kPurgeKey);
  if (!rest) return rest.error();
  if (!*rest) return {};
  forgotten_.push_back({ReceiptsTable::organisations, {}, Bytes(128, '\xff')});
  return clean();
}

Store::Commit Ledger::commit() {
  for (const auto& [sequence, counts] : touched_) {
    OctetWriter out;
    put(out, counts.organisations);
    put(out, counts.anonymous);
    change_.put(ReceiptsTable::counts, counts_key(sequence), out.bytes());
  }
  touched_.clear();
  noted_.clear();
  const bool promised = std::exchange(promised_, false);
  Store::Change batch = std::exchange(change_, store_.change());
  if (batch.empty()) return Store::Commit::done;
  return store_.commit(std::move(batch), promised ? Durability::synced : Durability::lazy);
}

void Ledger::begin() {
  touched_.clear();
  noted_.clear();
  promised_ = false;
  change_ = store_.change();
}

Result<ReachCounts> Ledger::reach(Sequence sequence) const {
  const auto kept = store_.get(ReceiptsTable::counts, counts_key(sequence));
  if (!kept) return kept.error();
  if (!*kept) return ReachCounts{};
  OctetReader in(**kept);
  ReachCounts counts;
  counts.organisations = count_of(in);
  counts.anonymous = count_of(in);
  if (!in.finished()) return damaged();
  return counts;
}

Result<GivenAnswers> Ledger::answers(Sequence sequence, std::string_view cursor,
                                     std::size_t most) const {
  GivenAnswers page;
  page.cursor = cursor;
  page.end = true;
  bool whole = true;
  std::size_t looked = 0;
  const auto visit = [&](BytesView key, BytesView value) {
    page.end = looked++ < most;
    whole = whole && key.size() > kSequenceBytes && !value.empty();
    if (!page.end || !whole) return false;
    page.cursor = key.substr(kSequenceBytes);
    if (value.size() > 1) page.given.push_back({page.cursor, std::string(value.substr(1))});
    return true;
  };
  const Bytes from = said_key(sequence, cursor) + (cursor.empty() ? "" : std::string(1, '\0'));
  const auto scanned = store_.scan(ReceiptsTable::organisations, from,
                                   said_key(sequence, std::string(65, '\xff')), visit);
  if (!scanned) return scanned.error();
  if (!whole) return damaged();
  return page;
}

/// Whatever somebody said of has a row of counts: so its rows are looked up, and nobody else's.
Result<OrganisationSaid> Ledger::said_by(std::string_view organisation, Sequence after,
                                         std::size_t most) const {
  OrganisationSaid page;
  page.cursor = after;
  page.end = true;
  std::optional<Failure> fault;
  std::size_t looked = 0;
  const auto visit = [&](BytesView key, BytesView) {
    page.end = looked++ < most;
    if (!page.end) return false;
    const Sequence sequence{OctetReader(key).number<std::uint64_t>()};
    const auto kept = store_.get(ReceiptsTable::organisations, said_key(sequence, organisation));
    if (!kept || (*kept && (*kept)->empty())) fault = kept ? damaged() : kept.error();
    if (fault) return false;
    page.cursor = sequence;
    if (!*kept) return true;
    const auto said = static_cast<Said>((**kept)[0]);
    page.said.push_back({sequence, (said & kConnected) != 0, (said & kDisplayed) != 0,
                         (said & kAcknowledged) != 0, std::string((**kept).substr(1))});
    return true;
  };
  const auto scanned =
      store_.scan(ReceiptsTable::counts, counts_key(after) + '\0', Bytes(9, '\xff'), visit);
  if (!scanned) return scanned.error();
  if (fault) return *fault;
  return page;
}

bool Ledger::has_acknowledged(Sequence sequence, std::string_view organisation) const {
  const auto kept = store_.get(ReceiptsTable::organisations, said_key(sequence, organisation));
  if (!kept || !*kept || (*kept)->empty()) return false;
  return (static_cast<Said>((**kept)[0]) & kAcknowledged) != 0;
}

Result<Sequence> Ledger::position(std::string_view organisation) const {
  const auto kept = store_.get(ReceiptsTable::settled, organisation);
  if (!kept) return kept.error();
  if (!*kept) return Sequence::none;
  OctetReader in(**kept);
  const Sequence sequence{in.number<std::uint64_t>()};
  if (!in.finished()) return damaged();
  return sequence;
}

}  // namespace engine
