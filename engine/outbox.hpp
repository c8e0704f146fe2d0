#pragma once
// What is owed to those who are not connected: planned from the log, kept on disk, tried by
// channels until it has arrived or is worth nothing any more. It has a thread of its own, the
// courier's, on which the channels are; nothing of it delays a connected reader.
#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/done.hpp"
#include "engine/base/metrics.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/channel.hpp"
#include "engine/delivery/escalation.hpp"
#include "engine/delivery/standing.hpp"
#include "engine/grouping.hpp"
#include "engine/log.hpp"
#include "engine/profile.hpp"
#include "engine/receipts.hpp"

namespace boost::asio {
class io_context;
}

namespace engine {

/// Those who can be told, as the directory knows them. Called on the courier's thread.
struct Addressees {
  struct Concerned {
    std::string organisation;
    double metres = 0;  // how far off it is; the order of those who cannot all be told at once
    Grouping grouping = {};
  };
  /// Whom a record concerns of those whose keys come after `after`, in the order of their keys, at
  /// most so many; fewer are the last ones. It is asked again and again for one record.
  std::function<std::vector<Concerned>(const Record&, std::string_view after, std::size_t most)>
      concerned;
  /// Whether it concerns anybody at all: asked of every bulletin. Null: the first one is asked for.
  std::function<bool(const Record&)> concerns_anybody = nullptr;
  /// Nothing: there is no such organisation, or nobody is known of it. Where it cannot be read now
  /// it is asked for again later.
  std::function<Result<std::optional<Profile>>(std::string_view organisation)> profile;
  /// Nothing will ever arrive at those contacts, each by its organisation and number.
  std::function<void(std::span<const std::pair<std::string, std::uint32_t>>)> mark_dead;
  /// A keyed hash by which an address is found again, and which tells nobody the address. Null, or
  /// nothing: replies from there are nobody's.
  std::function<std::optional<Octets<16>>(Way, std::string_view address)> mark;
  /// That contact wants no more messages; durable when it returns. Null: nobody can say so.
  std::function<Result<void>(std::string_view organisation, std::uint32_t contact)> leave;
};

struct OutboxParts {
  Log& log;
  Addressees addressees;
  /// Whether somebody of an organisation has acknowledged; null: nobody ever has.
  std::function<bool(Sequence, std::string_view organisation)> acknowledged;
  /// A sender, as the trust document names it; null: as it calls itself.
  std::function<std::string(std::string_view sender)> sender_name;
  /// Somebody has said something of an alert: a webhook's receiver in its very answer, or whoever
  /// writes back to a text message. `kept` hears, on any thread, whether it would survive a power
  /// loss. Null: nobody listens. On the courier's thread.
  std::function<void(std::vector<Receipt>, std::function<void(bool)> kept)> said;
  const Clock& clock;
  Metrics& metrics;
};

struct StoreTrial;  // engine/store/trial.hpp: what tests put beneath a store

struct OutboxOptions {
  std::filesystem::path directory;
  enum class Medium { disk, memory } medium = Medium::disk;  // memory: for tests
  enum class Threads { own, none } threads = Threads::own;   // none: run() takes a turn
  delivery::Rules rules = {};
  std::chrono::hours kept = std::chrono::hours{90 * 24};  // after an alert is over
  // Left free for others: what is owed gives way while there is room for bulletins still.
  std::uint64_t working_bytes = 48UL << 20;
  std::shared_ptr<const StoreTrial> trial = nullptr;
};

/// Organisations that an alert concerns. The first number is the sum of the four below it: `trying`
/// are those who are being tried, and those who were handed a message that nobody has reported on,
/// after the end too; `failed` are those who were not reached, and nothing is left to come.
struct OutboxSums {
  std::uint64_t matched = 0;
  std::uint64_t reached = 0, trying = 0, failed = 0, not_contactable = 0;
  bool operator==(const OutboxSums&) const = default;
};

/// Whom an alert concerns, and how far it has come with them.
struct OutboxReach : OutboxSums {
  /// The same of those in one area, or in one sector, by its name; an organisation counts once
  /// among the areas, where an empty name is nowhere, and once in each of its sectors.
  struct Group {
    std::string name;
    OutboxSums sums;
    bool operator==(const Group&) const = default;
  };
  std::vector<Group> areas, sectors;  // by name
  /// Of messages, by way and by what has become of them.
  std::array<std::array<std::uint64_t, delivery::kStates>, kWays> messages{};
  bool planned = false;  // false: there may be more whom it concerns
  bool operator==(const OutboxReach&) const = default;
};

/// An organisation that was not reached, or that was handed a message of an alert that is over
/// without a report on it; and what was tried. The words are the gateways' own, without anybody's
/// address.
struct Unreached {
  std::string organisation;
  delivery::Step step{};
  bool sent = false;  // it may have arrived, or arrive still
  struct Tried {
    std::uint32_t contact = 0;
    Way way = Way::sms;
    delivery::State state = delivery::State::owed;
    std::uint32_t attempts = 0;
    bool uncertain = false;
    std::string words;
    Time changed;
  };
  std::vector<Tried> tried;
};
struct UnreachedPage {
  std::vector<Unreached> organisations;  // by key
  std::string cursor;                    // where the next page begins
  bool end = false;
};

/// What one organisation was sent, or is owed, of one alert.
struct SentAlert {
  Sequence sequence = Sequence::none;
  std::string title;  // the alert's headline, shortened
  Time since;         // when it was admitted
  bool acknowledged = false;
  delivery::Step step{};  // the last one
  Grouping grouping;      // by what it is counted
  std::vector<Unreached::Tried> tried;
};
struct SentPage {
  std::vector<SentAlert> alerts;     // oldest first
  Sequence cursor = Sequence::none;  // where the next page begins
  bool end = false;
};

/// What a delivery is about, for whoever has a link of its own (engine/links.hpp).
struct DeliveryFound {
  Sequence sequence = Sequence::none;
  std::string organisation;
  std::uint32_t contact = 0;
  Way way = Way::sms;
  std::optional<Octets<16>> mark;  // of the address that it went to (Addressees::mark)
  std::string title;               // the alert's headline, shortened
  Time expires;
  bool ended = false;       // an Update or a Cancel has taken its place
  bool takes_back = false;  // it is a Cancel itself
};

/// For the operator.
struct OutboxState {
  Sequence planned = Sequence::none;  // every bulletin up to here has been looked at
  std::uint64_t under_way = 0;
  std::uint64_t uncertain = 0;  // attempts, since the start, of which nobody knows the end
  std::uint64_t dropped = 0;    // reports that found no room in memory
  bool writable = true;         // false after a failed write, until a restart
  bool full = false;            // as long as the disk has no room; ends by itself
};

class Outbox {
 public:
  /// A new one begins at the head of the log: nobody is told of what was before it.
  static Result<std::unique_ptr<Outbox>> open(const OutboxOptions& options, OutboxParts parts);
  ~Outbox();

  /// What channels run on: the courier's thread, once started.
  boost::asio::io_context& io();
  /// Once. Without channels nobody can be contacted, and nothing is kept but how many they are.
  void start(std::vector<std::unique_ptr<Channel>> channels);

  // Any thread; never waits.

  /// The log has more.
  void wake();
  /// Whether there is a channel for that way.
  bool tells_by(Way way) const noexcept;
  /// Whether codes can be sent by that way.
  bool sends_codes(Way way) const noexcept;
  /// Somebody of an organisation has acknowledged.
  void acknowledged(Sequence sequence, std::string organisation);

  // Any thread; `done` runs on the courier's.

  /// Nothing: there is nobody to be told of that bulletin.
  void reach(Sequence sequence, Done<Result<std::optional<OutboxReach>>> done);
  /// Who is not known to have been reached and is not being tried any more, after `cursor`.
  void unreached(Sequence sequence, std::string cursor, Done<Result<UnreachedPage>> done);
  /// Of the alerts after that one, what an organisation was sent.
  void sent_to(std::string organisation, Sequence after, Done<Result<SentPage>> done);
  /// Nothing: there is none, or not any more.
  void find(const DeliveryId& delivery, Done<Result<std::optional<DeliveryFound>>> done);
  /// Everything of an organisation is gone once `done` says so; it stays a number. The directory
  /// has erased it before.
  void erase(std::string organisation, Done<Result<void>> done);
  /// Sends a code, behind all that is owed by that way and until it expires; it is on no disk.
  /// False: limits::kCodesWaiting wait already, or no channel sends codes by that way.
  void send_code(Way way, CodeMessage message, Done<bool> taken);
  /// How each gateway is.
  void gateways(Done<std::vector<GatewayState>> done);

  OutboxState state() const noexcept;

  /// Channels finish what is under way, what they say is written, and the thread ends. What was
  /// asked and not answered is told no.
  void stop();
  /// With Threads::none, instead of start(): everything of an organisation is gone when it returns,
  /// and nothing else is done. For whoever opens a folder that no engine runs on.
  Result<void> erase_alone(std::string_view organisation);
  /// With Threads::none, instead of start(), and nothing else is done.
  Result<SentPage> sent_alone(std::string_view organisation, Sequence after);
  /// With Threads::none: takes one turn, which is one write. True if there may be more to do.
  bool run();

 private:
  class Impl;
  explicit Outbox(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace engine
