// The outbox on a disk that fails: nobody who is concerned is forgotten, what was counted is never
// counted less, and nothing is handed over that could not be written first.
#include <cerrno>

#include "engine/outbox.hpp"
#include "engine/trust/signature.hpp"
#include "tests/faults/keeper.hpp"
#include "tests/support/alert_builder.hpp"
#include "tests/support/capture_channel.hpp"
#include "tests/support/manual_clock.hpp"

using namespace tests;
using engine::Sequence;
using engine::delivery::State;

namespace {

constexpr std::size_t kOrganisations = 3;

struct OutboxWitness : KeeperWitness {
  std::atomic<std::uint64_t> alerts{0}, sent{0};
};

/// Its log is on a disk that never fails; its gateway takes everything.
class OutboxKeeper final : public Keeper {
 public:
  OutboxKeeper(const std::filesystem::path& folder, std::uint64_t seed, OutboxWitness& witness)
      : Keeper(folder, seed, witness), witness_(witness) {
    options_.directory = directory();
    options_.threads = engine::OutboxOptions::Threads::none;
    options_.trial = trial();
    for (auto& patience : options_.rules.patience) {
      patience = {std::chrono::seconds{0}, std::chrono::hours{12}};
    }
    engine::LogOptions log_options;
    log_options.directory = folder / "log";
    log_options.threads = engine::LogOptions::Threads::none;
    log_ = std::move(engine::Log::open(log_options, clock_).value());
  }

  std::string try_open() override {
    outbox_.reset();
    auto opened = engine::Outbox::open(
        options_, {*log_, everybody(), nullptr, nullptr, nullptr, clock_, metrics_});
    if (!opened) return opened.error().what;
    outbox_ = *std::move(opened);
    std::vector<std::unique_ptr<engine::Channel>> channels;
    channels.push_back(std::make_unique<CaptureChannel>(gateway_));
    outbox_->start(std::move(channels));
    return "";
  }

  bool change() override {
    append();
    settle();
    const bool taken = writable() && !full();
    ++(taken ? witness_.yes : witness_.refused);
    return taken;
  }

  void check() override {
    settle();
    std::uint64_t sent = 0;
    for (std::uint64_t i = 1; i <= number(outbox_->state().planned); ++i) sent += sent_of(i);
    promised(sent >= witness_.sent, "messages that were sent are counted no more");
    witness_.sent = sent;
    if (!writable() || full()) return;
    promised(outbox_->state().planned == log_->head(), "the log was not read to its end");
    promised(sent == number(log_->head()) * kOrganisations, "somebody was forgotten");
  }

  bool writable() const override { return outbox_->state().writable; }
  bool full() const override { return outbox_->state().full; }

 private:
  static std::string key_of(std::size_t i) { return "org" + std::to_string(i); }

  engine::Addressees everybody() const {
    engine::Addressees all;
    all.concerned = [](const engine::Record&, std::string_view after, std::size_t) {
      std::vector<engine::Addressees::Concerned> found;
      for (std::size_t i = 0; i < kOrganisations; ++i) {
        if (key_of(i) > after) found.push_back({key_of(i), 0});
      }
      return found;
    };
    all.profile = [](std::string_view key) -> engine::Result<std::optional<engine::Profile>> {
      engine::Profile profile;
      engine::Contact& contact = profile.contacts.emplace_back();
      contact.number = 1;
      contact.address = key;
      contact.consents = true;
      return std::optional(std::move(profile));
    };
    return all;
  }

  void append() {
    const AlertBuilder builder = AlertBuilder().identifier("A" + std::to_string(++witness_.alerts));
    auto bulletin = std::make_shared<engine::Bulletin>();
    bulletin->envelope.payload = builder.xml();
    bulletin->id = engine::trust::sha256(bulletin->envelope.payload);
    bulletin->outline = engine::cap::outline_of(builder.alert());
    log_->append({std::move(bulletin), 1000, true}, [](engine::AppendAnswer) {});
    while (log_->run()) {
    }
  }

  void settle() {
    for (bool more = true; more;) {
      more = outbox_->run();
      more = more || (!gateway_->open.empty() && writable() && !full());
      gateway_->answer_all(Gateway::accepted());
    }
  }

  std::uint64_t sent_of(std::uint64_t sequence) {
    std::uint64_t sent = 0;
    outbox_->reach(Sequence{sequence}, [&](auto answer) {
      promised(answer.has_value() && answer->has_value(), "an alert is not known any more");
      const engine::OutboxReach& sum = **answer;
      promised(sum.matched == sum.reached + sum.trying + sum.failed + sum.not_contactable &&
                   sum.matched <= kOrganisations,
               "the sums do not balance");
      sent = sum.messages[0][static_cast<std::size_t>(State::sent)];
    });
    outbox_->run();
    return sent;
  }

  OutboxWitness& witness_;
  engine::OutboxOptions options_;
  ManualClock clock_;
  engine::Metrics metrics_;
  std::shared_ptr<Gateway> gateway_ = std::make_shared<Gateway>(engine::Way::sms);
  std::unique_ptr<engine::Log> log_;
  std::unique_ptr<engine::Outbox> outbox_;
};

std::unique_ptr<Keeper> make(const std::filesystem::path& folder, std::uint64_t seed,
                             OutboxWitness& witness) {
  return std::make_unique<OutboxKeeper>(folder, seed, witness);
}

/// Operations of a kind fail, the first and ever rarer later ones; how many did.
int fail_some(const std::string& name, const DiskFault& kind) {
  int met = 0;
  std::string broken;
  run_trials<OutboxWitness>(
      "tocsin-" + name, {1, 13},
      [&](std::uint64_t number, const std::filesystem::path& folder, OutboxWitness& witness) {
        const std::uint64_t nth = number * number;
        const int ended = run_apart([&] {
          story_with(*make(folder, nth, witness), {kind.op, nth, kind.error, kind.lasts});
        });
        if (ended != kMet && ended != kNotMet && ended != kDarkness) return ended;
        reopened(*make(folder, nth, witness));
        return ended == kNotMet ? kNotMet : kMet;
      },
      [&](std::uint64_t number, int ended, const OutboxWitness& witness) {
        if (ended == kMet) ++met;
        if (ended == kMet || ended == kNotMet || !broken.empty()) return broken.empty();
        broken = "trial " + std::to_string(number) + " ended with " + std::to_string(ended) + ": " +
                 witness.complaint.data();
        return false;
      });
  REQUIRE_MESSAGE(broken.empty(), broken);
  return met;
}

}  // namespace

TEST_CASE(
    "After a write or a sync of the outbox that failed nothing is handed over until a restart") {
  for (const DiskOp op : {DiskOp::write, DiskOp::sync, DiskOp::open}) {
    CAPTURE(std::string(name_of(op)));
    CHECK(fail_some("outbox", {op, 0, EIO}) > 0);
  }
}

TEST_CASE("An outbox without room hands nothing over until there is some") {
  for (const DiskOp op : {DiskOp::write, DiskOp::open}) {
    CAPTURE(std::string(name_of(op)));
    CHECK(fail_some("outbox-full", {op, 0, ENOSPC, DiskFault::Lasts::until_mended}) > 0);
  }
}

TEST_CASE("No loss of power makes the outbox forget anybody") {
  lose_power_again_and_again<OutboxWitness>("outbox", from_environment("POWER_LOSSES", 500) / 10,
                                            make);
}
