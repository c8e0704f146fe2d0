#pragma once
// A log, an outbox on a real disk and three gateways, on a clock that the test moves. The outbox
// takes a turn only when it is asked to, and can be killed after each.
#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/outbox.hpp"
#include "engine/trust/signature.hpp"
#include "tests/support/alert_builder.hpp"
#include "tests/support/capture_channel.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/temp_dir.hpp"

namespace tests {

using namespace std::chrono_literals;
using engine::Sequence;
using engine::Way;
using engine::cap::Severity;

inline AlertBuilder alert(std::string_view identifier, Severity severity = Severity::severe) {
  return AlertBuilder().identifier(identifier).severity(severity).headline(identifier);
}
inline AlertBuilder cancel_of(std::string_view identifier, const AlertBuilder& named) {
  return AlertBuilder().identifier(identifier).cancel(named.identity());
}
inline AlertBuilder update_of(std::string_view identifier, const AlertBuilder& named) {
  return alert(identifier).update(named.identity());
}

class OutboxWorld {
 public:
  explicit OutboxWorld(std::vector<Way> ways = {Way::sms, Way::email, Way::webhook}) {
    for (const Way way : ways) gateways.emplace(way, std::make_shared<Gateway>(way));
    engine::LogOptions options;
    options.medium = engine::LogOptions::Medium::memory;
    options.threads = engine::LogOptions::Threads::none;
    log = std::move(engine::Log::open(options, clock).value());
    open();
  }

  /// Killed at this moment: the disk is as it is, and gateways have what they have.
  void crash() {
    const auto image = folder.path() / std::to_string(++lives_);
    // A file may go while it is copied, where background work ends just then.
    std::error_code gone;
    for (int tries = 0; tries == 0 || (gone && tries < 100); ++tries) {
      gone.clear();
      std::filesystem::remove_all(image);
      std::filesystem::copy(directory_, image, std::filesystem::copy_options::recursive, gone);
    }
    REQUIRE_FALSE(gone);
    outbox.reset();
    directory_ = image;
    open();
  }
  void open() {
    if (directory_.empty()) directory_ = folder.path() / "0";
    outbox.reset();
    metrics = std::make_unique<engine::Metrics>();
    engine::OutboxOptions options;
    options.directory = directory_;
    options.threads = engine::OutboxOptions::Threads::none;
    options.kept = kept;
    options.working_bytes = working_bytes.value_or(options.working_bytes);
    options.trial = trial;
    auto opened = engine::Outbox::open(options, parts());
    REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().what));
    outbox = *std::move(opened);
    std::vector<std::unique_ptr<engine::Channel>> channels;
    for (const auto& [way, gateway] : gateways) {
      channels.push_back(std::make_unique<CaptureChannel>(gateway));
    }
    outbox->start(std::move(channels));
  }

  Sequence append(const AlertBuilder& builder) {
    auto bulletin = std::make_shared<engine::Bulletin>();
    bulletin->envelope.payload_type = engine::kCapType;
    bulletin->envelope.payload = builder.xml();
    bulletin->envelope.signatures.resize(1);
    bulletin->id = engine::trust::sha256(bulletin->envelope.payload);
    bulletin->outline = engine::cap::outline_of(builder.alert());
    Sequence sequence = Sequence::none;
    log->append({std::move(bulletin), 1000, true}, [&](engine::AppendAnswer answer) {
      sequence = std::get<engine::Appended>(answer).sequence;
    });
    while (log->run()) {
    }
    return sequence;
  }
  /// Everything that can be done now is done.
  void settle() {
    while (outbox->run()) {
    }
  }
  Sequence send(const AlertBuilder& builder) {
    const Sequence sequence = append(builder);
    settle();
    return sequence;
  }
  void advance(engine::Duration by) {
    clock.advance(by);
    settle();
  }
  /// To an organisation's place in the order, `metres` off.
  engine::Profile& organisation(const std::string& key, double metres = 0) {
    distances[key] = metres;
    return profiles[key];
  }
  /// A contact that may be told, at any hour.
  void contact(const std::string& key, Way way, const std::string& address) {
    engine::Profile& profile = organisation(key, distances[key]);
    engine::Contact& added = profile.contacts.emplace_back();
    added.number = static_cast<std::uint32_t>(profile.contacts.size());
    added.way = way;
    added.address = address;
    added.consents = true;
  }

  engine::OutboxReach reach(Sequence sequence) {
    std::optional<engine::OutboxReach> found;
    outbox->reach(sequence, [&](auto answer) { found = answer.value(); });
    settle();
    REQUIRE(found.has_value());
    const auto& sum = *found;
    CHECK(sum.matched == sum.reached + sum.trying + sum.failed + sum.not_contactable);
    return sum;
  }
  /// reached, trying, failed, not contactable.
  std::string stand(Sequence sequence) {
    const auto sum = reach(sequence);
    return std::to_string(sum.reached) + " " + std::to_string(sum.trying) + " " +
           std::to_string(sum.failed) + " " + std::to_string(sum.not_contactable);
  }
  /// How many messages of that way are in that state.
  std::uint64_t messages(Sequence sequence, engine::delivery::State state, Way way = Way::sms) {
    return reach(sequence).messages[static_cast<std::size_t>(way)][static_cast<std::size_t>(state)];
  }
  engine::UnreachedPage unreached(Sequence sequence, std::string cursor = "") {
    engine::UnreachedPage page;
    outbox->unreached(sequence, std::move(cursor), [&](auto answer) { page = answer.value(); });
    settle();
    return page;
  }
  bool erase(const std::string& key) {
    profiles.erase(key);
    distances.erase(key);
    std::optional<bool> erased;
    outbox->erase(key, [&](engine::Result<void> done) { erased = done.has_value(); });
    settle();
    return erased.value();
  }

  Gateway& sms() { return *gateways.at(Way::sms); }
  Gateway& email() { return *gateways.at(Way::email); }
  Gateway& webhook() { return *gateways.at(Way::webhook); }
  const std::filesystem::path& directory() const { return directory_; }

  ManualClock clock;
  TempDir folder;
  std::unique_ptr<engine::Metrics> metrics;  // of this life
  std::shared_ptr<const engine::StoreTrial> trial = nullptr;
  std::chrono::hours kept = engine::OutboxOptions{}.kept;
  std::optional<std::uint64_t> working_bytes;  // as the outbox has it where there is none
  std::map<Way, std::shared_ptr<Gateway>> gateways;
  std::map<std::string, engine::Profile> profiles;
  std::map<std::string, double> distances;  // of whom every alert concerns
  std::map<std::string, engine::Grouping> groupings;
  std::map<Sequence, std::vector<std::string>> only;  // or of those alone
  std::map<std::string, bool> acknowledged;
  bool unreadable = false;        // the profiles, at the moment
  std::vector<std::string> dead;  // organisation/contact
  std::size_t dead_writes = 0;
  std::vector<std::string> left;  // organisation/contact
  bool can_leave = true;          // the directory can be written
  std::vector<engine::Receipt> said;
  bool receipts_kept = true;
  std::unique_ptr<engine::Log> log;
  std::unique_ptr<engine::Outbox> outbox;

 private:
  engine::OutboxParts parts() {
    engine::Addressees addressees;
    addressees.concerned = [this](const engine::Record& record, std::string_view after,
                                  std::size_t most) {
      std::vector<engine::Addressees::Concerned> found;
      for (const auto& [key, metres] : distances) {
        if (key <= after || found.size() == most) continue;
        const auto at = only.find(record.sequence);
        if (at != only.end() &&
            std::find(at->second.begin(), at->second.end(), key) == at->second.end()) {
          continue;
        }
        found.push_back({key, metres, groupings[key]});
      }
      return found;
    };
    addressees.profile =
        [this](std::string_view key) -> engine::Result<std::optional<engine::Profile>> {
      if (unreadable) return engine::Failure{"the directory cannot be read"};
      const auto at = profiles.find(std::string(key));
      if (at == profiles.end()) return std::optional<engine::Profile>{};
      return std::optional(at->second);
    };
    addressees.mark_dead = [this](std::span<const std::pair<std::string, std::uint32_t>> those) {
      ++dead_writes;
      for (const auto& [key, contact] : those) {
        dead.push_back(key + "/" + std::to_string(contact));
        for (engine::Contact& one : profiles[key].contacts) {
          if (one.number == contact) one.dead = true;
        }
      }
    };
    addressees.mark = [](Way way, std::string_view address) {
      const auto hash =
          engine::trust::sha256(std::string(engine::text(way)) + std::string(address));
      return engine::exactly<16>(engine::view(hash).substr(0, 16));
    };
    addressees.leave = [this](std::string_view key, std::uint32_t contact) -> engine::Result<void> {
      if (!can_leave) return engine::Failure{"the directory cannot be written"};
      left.push_back(std::string(key) + "/" + std::to_string(contact));
      for (engine::Contact& one : profiles[std::string(key)].contacts) {
        if (one.number == contact) one.consents = false;
      }
      return {};
    };
    return {*log,
            std::move(addressees),
            [this](Sequence, std::string_view key) { return acknowledged[std::string(key)]; },
            nullptr,
            [this](std::vector<engine::Receipt> receipts, std::function<void(bool)> told) {
              if (receipts_kept) said.insert(said.end(), receipts.begin(), receipts.end());
              told(receipts_kept);
            },
            clock,
            *metrics};
  }

  std::filesystem::path directory_;
  int lives_ = 0;
};

}  // namespace tests
