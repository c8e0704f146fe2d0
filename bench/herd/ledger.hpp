#pragma once
// Who should have what, and who has it since when: every reader is to get every message that
// concerns it exactly once and in order.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bench/herd/options.hpp"

namespace bench {

enum class Pace : std::uint8_t { prompt, slow, stopped };
inline constexpr std::size_t kPaces = 3;

/// What came to the readers of one pace.
struct Tally {
  std::uint64_t deliveries = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t out_of_order = 0;
  std::uint64_t unasked = 0;  // what should not concern them
  std::uint64_t strays = 0;   // never published here, or by an earlier phase
};

/// Times of arrival of one phase, in tenths of microseconds.
struct Times {
  std::vector<std::uint32_t> all;
  std::vector<std::uint32_t> firsts;  // one for each message: until the first reader had it,
  std::vector<std::uint32_t> halves;  // until half of them had it,
  std::vector<std::uint32_t> lasts;   // until the last one had it
};

/// The value below which that share of `values` lies, in microseconds; moves them about.
double percentile(std::vector<std::uint32_t>& values, double percent);

class Ledger {
 public:
  explicit Ledger(const Options& options);

  Pace pace(std::size_t reader) const { return readers_[reader].pace; }
  const Route& route(std::size_t reader) const;

  // What is published.

  /// A message that arrives with `number` after the marker; sent at that time, or 0 where that is
  /// learnt later.
  void published(std::uint64_t number, std::uint64_t at_ns);
  void published_at(std::uint64_t number, std::uint64_t at_ns);
  std::uint64_t messages() const { return messages_.size(); }
  std::uint64_t head() const { return head_; }

  // What arrives.

  /// That reader is there, and is to get everything from here on.
  void joined(std::size_t reader) { readers_[reader].member = true; }
  void arrived(std::size_t reader, std::uint64_t number, std::uint64_t at_ns);
  /// Anything else that a server says: its epoch and head are in there.
  void heard(std::size_t reader, std::string_view text);
  /// The text with {seq} and {epoch} of that reader's position.
  std::string placed(std::size_t reader, const std::string& text) const;

  // Phases.

  /// Forgets the times of earlier messages; counts anew what comes to prompt readers.
  void begin_phase(std::uint64_t now_ns);
  const Tally& tally(Pace pace) const { return tallies_[static_cast<std::size_t>(pace)]; }
  /// How many deliveries to readers of that pace there should have been since the phase began, or
  /// to slow ones since the beginning.
  std::uint64_t due(Pace pace) const;
  Times times() const;
  std::uint64_t phase_first_sent_ns() const;
  std::uint64_t last_arrival_ns() const { return last_arrival_ns_; }

  /// Of the readers of that pace: how many there are, and how many have everything, once and in
  /// order.
  std::uint64_t members(Pace pace) const;
  std::uint64_t complete(Pace pace) const;

 private:
  struct Message {
    std::uint64_t number = 0;
    std::uint64_t sent_ns = 0;
    std::vector<std::uint32_t> arrivals;  // tenths of microseconds since the phase began
    std::vector<std::uint64_t> seen;      // a bit for each reader
  };

  struct Reader {
    std::uint64_t position = 0;
    std::uint64_t next = 0;      // no message before this one is still to come
    std::uint64_t received = 0;  // different ones that concern it
    std::uint64_t wrong = 0;     // twice, out of order, or not for it
    Pace pace = Pace::prompt;
    bool member = false;
  };

  static constexpr std::size_t kNone = ~std::size_t{0};

  std::size_t find(std::uint64_t number);
  void forget_times();

  const Options& options_;
  const bool ordered_;
  std::vector<Reader> readers_;
  std::vector<Message> messages_;
  std::unordered_map<std::uint64_t, std::size_t> by_number_;
  std::array<Tally, kPaces> tallies_{};
  std::size_t last_found_ = 0;
  std::size_t phase_first_ = 0;
  std::uint64_t phase_began_ns_ = 0;
  std::uint64_t last_arrival_ns_ = 0;
  std::uint64_t head_ = 0;
  std::string epoch_;
};

}  // namespace bench
