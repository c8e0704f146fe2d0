#include "engine/log/opening.hpp"

#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>

#include "engine/log/meta_keys.hpp"
#include "engine/log/record.hpp"
#include "engine/log/tables.hpp"

namespace engine {
namespace {

constexpr std::uint64_t kTailRecords = 16;  // read back whole at every opening

std::optional<Epoch> draw_epoch() {
  Octets<8> drawn{};
  if (::getrandom(drawn.data(), drawn.size(), 0) != static_cast<ssize_t>(drawn.size())) {
    return std::nullopt;
  }
  return to_hex(view(drawn));
}

Result<LogState> make_state(Store& store) {
  std::optional<Epoch> epoch = draw_epoch();
  if (!epoch) return Failure{"the system gave no random octets for the log's epoch"};
  auto change = store.change();
  change.put(LogTable::meta, kFormatKey, kFormat);
  change.put(LogTable::meta, kEpochKey, *epoch);
  change.put(LogTable::meta, kHeadKey, sequence_key(Sequence::none));
  if (store.commit(std::move(change), Durability::synced) != Store::Commit::done) {
    return Failure{"the new log could not be written"};
  }
  return LogState{*std::move(epoch), Sequence::none, {}, {}};
}

/// The last records must be there, one after the other, and whole.
Result<LogState> check_tail(const Store& store, Sequence head) {
  LogState state;
  state.head = head;
  const std::uint64_t count = std::min(number(head), kTailRecords);
  for (std::uint64_t i = number(head) - count + 1; i <= number(head); ++i) {
    const auto bytes = store.get(LogTable::records, sequence_key(Sequence{i}));
    if (!bytes) return bytes.error();
    if (!*bytes) return Failure{fmt::format("record {} is missing", i)};
    const auto record = decode_record(**bytes, Sequence{i});
    if (!record) return record.error();
    state.last_at = record->at;
    state.last_id = record->bulletin->id;
  }
  return state;
}

Result<Sequence> last_record(const Store& store) {
  const auto key = store.last_key(LogTable::records);
  if (!key) return key.error();
  if (!*key) return Sequence::none;
  const auto sequence = parse_sequence_key(**key);
  if (!sequence) return Failure{"the table of records holds a strange key"};
  return *sequence;
}

/// The head as it was written with the last record, if it agrees with the records.
Result<Sequence> agreed_head(const Store& store) {
  const auto last = last_record(store);
  if (!last) return last.error();
  const auto written = store.get(LogTable::meta, kHeadKey);
  if (!written) return written.error();
  const auto head = *written ? parse_sequence_key(**written) : std::nullopt;
  if (!head) return Failure{"it does not say where it ends"};
  if (*head != *last) {
    return Failure{
        fmt::format("it should end with record {} and ends with {}", number(*head), number(*last))};
  }
  return *head;
}

}  // namespace

Result<void> nothing_lost(const Folder* folder) {
  const auto noted = folder != nullptr ? folder->noted_head() : std::nullopt;
  if (!noted || *noted == Sequence::none) return {};
  return Failure{
      fmt::format("record {} was acknowledged here, but the store is empty", number(*noted))};
}

Failure damaged_log(const std::filesystem::path& directory, std::string_view how) {
  return {
      fmt::format("the log in {} cannot be opened: {}. Keep the folder as it is; restore it from a "
                  "copy, or start a new log with another --data",
                  directory.string(), how)};
}

Result<LogState> open_state(Store& store, const Folder* folder,
                            const std::filesystem::path& directory) {
  const auto format = store.get(LogTable::meta, kFormatKey);
  if (!format) return damaged_log(directory, format.error().what);
  const auto epoch = store.get(LogTable::meta, kEpochKey);
  if (!epoch) return damaged_log(directory, epoch.error().what);
  if (!*format && !*epoch) {
    const auto last = last_record(store);
    if (!last) return damaged_log(directory, last.error().what);
    if (auto lost = nothing_lost(folder); !lost) return damaged_log(directory, lost.error().what);
    if (*last == Sequence::none) return make_state(store);
  }
  if (!*format || !*epoch) return damaged_log(directory, "it does not say which log it is");
  if (**format != kFormat) {
    return Failure{
        fmt::format("the log in {} has format {}; this engine reads format {} only. "
                    "Run the engine that wrote it",
                    directory.string(), **format, kFormat)};
  }
  const auto head = agreed_head(store);
  if (!head) return damaged_log(directory, head.error().what);
  const auto noted = folder != nullptr ? folder->noted_head(**epoch) : std::nullopt;
  if (noted && *noted > *head) {
    return damaged_log(directory,
                       fmt::format("record {} was acknowledged, but it ends with record {}",
                                   number(*noted), number(*head)));
  }
  auto state = check_tail(store, *head);
  if (!state) return damaged_log(directory, state.error().what);
  state->epoch = **epoch;
  return state;
}

}  // namespace engine
