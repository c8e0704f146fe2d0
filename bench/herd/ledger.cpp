#include "bench/herd/ledger.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "bench/herd/text.hpp"

namespace bench {

namespace {

std::uint32_t tenths(std::uint64_t from_ns, std::uint64_t to_ns) {
  const std::uint64_t passed = to_ns > from_ns ? (to_ns - from_ns) / 100 : 0;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(passed, 0xffff'ffffU));
}

}  // namespace

double percentile(std::vector<std::uint32_t>& values, double percent) {
  if (values.empty()) return 0;
  const auto wanted = static_cast<std::size_t>(percent / 100 * static_cast<double>(values.size()));
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::min(wanted, values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at / 10.0;
}

Ledger::Ledger(const Options& options)
    : options_(options), ordered_(options.ordered()), readers_(options.connections) {
  // Evenly among all, so that every route and every source has its share of them.
  const auto of_kind = [&](std::size_t reader, double share) {
    const auto before = static_cast<std::uint64_t>(static_cast<double>(reader) * share);
    return static_cast<std::uint64_t>(static_cast<double>(reader + 1) * share) > before;
  };
  const double rest = 1 - options.slow_share;
  std::size_t others = 0;
  for (std::size_t reader = 0; reader < readers_.size(); ++reader) {
    if (of_kind(reader, options.slow_share)) {
      readers_[reader].pace = Pace::slow;
    } else if (rest > 0 && of_kind(others++, std::min(1.0, options.stopped_share / rest))) {
      readers_[reader].pace = Pace::stopped;
    }
  }
}

const Route& Ledger::route(std::size_t reader) const {
  return options_.routes[reader % options_.routes.size()];
}

void Ledger::published(std::uint64_t number, std::uint64_t at_ns) {
  by_number_[number] = messages_.size();
  messages_.push_back({number, at_ns, {}, std::vector<std::uint64_t>(readers_.size() / 64 + 1)});
  messages_.back().arrivals.reserve(readers_.size());
}

void Ledger::published_at(std::uint64_t number, std::uint64_t at_ns) {
  const std::size_t found = find(number);
  if (found != kNone) messages_[found].sent_ns = at_ns;
}

/// Readers get the same messages one after the other, so most are found where the last one was or
/// beside it.
std::size_t Ledger::find(std::uint64_t number) {
  for (const std::size_t at : {last_found_, last_found_ + 1}) {
    if (at < messages_.size() && messages_[at].number == number) return last_found_ = at;
  }
  const auto found = by_number_.find(number);
  return found == by_number_.end() ? kNone : last_found_ = found->second;
}

void Ledger::arrived(std::size_t who, std::uint64_t number, std::uint64_t at_ns) {
  Reader& reader = readers_[who];
  reader.position = std::max(reader.position, number);
  Tally& tally = tallies_[static_cast<std::size_t>(reader.pace)];
  const std::size_t found = find(number);
  if (found == kNone) {
    ++tally.strays;
    return;
  }
  Message& message = messages_[found];
  const std::uint64_t bit = std::uint64_t{1} << who % 64;
  if ((message.seen[who / 64] & bit) != 0) {
    ++tally.duplicates;
    ++reader.wrong;
    return;
  }
  message.seen[who / 64] |= bit;
  if (!route(who).concerned_by(found)) {
    ++tally.unasked;
    ++reader.wrong;
    return;
  }
  ++reader.received;
  if (found < reader.next && ordered_) {
    ++tally.out_of_order;
    ++reader.wrong;
  } else {
    reader.next = found + 1;
  }
  if (reader.pace != Pace::prompt) {
    ++tally.deliveries;
  } else if (found < phase_first_) {
    ++tally.strays;
  } else {
    ++tally.deliveries;
    message.arrivals.push_back(tenths(phase_began_ns_, at_ns));
    last_arrival_ns_ = at_ns;
  }
}

void Ledger::heard(std::size_t reader, std::string_view text) {
  const std::uint64_t head = number_behind(text, "\"head\":");
  if (readers_[reader].position == 0) readers_[reader].position = head;
  if (messages_.empty()) head_ = std::max(head_, head);
  if (epoch_.empty()) epoch_ = quoted_behind(text, "\"epoch\":");
}

std::string Ledger::placed(std::size_t reader, const std::string& text) const {
  const std::uint64_t own = readers_[reader].position;
  return replaced(replaced(text, "{seq}", fmt::format("{}", own > 0 ? own : head_)), "{epoch}",
                  epoch_);
}

void Ledger::forget_times() {
  for (std::size_t i = phase_first_; i < messages_.size(); ++i) {
    std::vector<std::uint32_t>().swap(messages_[i].arrivals);
  }
}

void Ledger::begin_phase(std::uint64_t now_ns) {
  forget_times();
  tallies_[static_cast<std::size_t>(Pace::prompt)] = {};
  phase_first_ = messages_.size();
  phase_began_ns_ = last_arrival_ns_ = now_ns;
}

std::uint64_t Ledger::due(Pace pace) const {
  const std::size_t first = pace == Pace::prompt ? phase_first_ : 0;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < readers_.size(); ++i) {
    if (!readers_[i].member || readers_[i].pace != pace) continue;
    sum += route(i).concerned_by(first, messages_.size());
  }
  return sum;
}

Times Ledger::times() const {
  Times times;
  for (std::size_t i = phase_first_; i < messages_.size(); ++i) {
    const Message& message = messages_[i];
    if (message.arrivals.empty()) continue;
    std::vector<std::uint32_t> late;
    late.reserve(message.arrivals.size());
    for (const std::uint32_t arrival : message.arrivals) {
      late.push_back(tenths(message.sent_ns, phase_began_ns_ + std::uint64_t{arrival} * 100));
    }
    times.all.insert(times.all.end(), late.begin(), late.end());
    times.firsts.push_back(*std::min_element(late.begin(), late.end()));
    times.lasts.push_back(*std::max_element(late.begin(), late.end()));
    times.halves.push_back(static_cast<std::uint32_t>(percentile(late, 50) * 10));
  }
  return times;
}

std::uint64_t Ledger::phase_first_sent_ns() const {
  return phase_first_ < messages_.size() ? messages_[phase_first_].sent_ns : phase_began_ns_;
}

std::uint64_t Ledger::members(Pace pace) const {
  return static_cast<std::uint64_t>(
      std::count_if(readers_.begin(), readers_.end(),
                    [&](const Reader& reader) { return reader.member && reader.pace == pace; }));
}

std::uint64_t Ledger::complete(Pace pace) const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < readers_.size(); ++i) {
    const Reader& reader = readers_[i];
    sum += reader.member && reader.pace == pace && reader.wrong == 0 &&
                   reader.received == route(i).concerned_by(0, messages_.size())
               ? 1
               : 0;
  }
  return sum;
}

}  // namespace bench
