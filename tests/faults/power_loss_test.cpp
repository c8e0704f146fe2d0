// The power goes at a random moment, again and again; after each time the log is opened from what
// the disk has kept and held to what its senders were told. POWER_LOSSES says how often (500),
// POWER_LOSS_SEED repeats the choices of a run; the machine's own timing remains.
#include <iostream>

#include "tests/faults/round.hpp"

using namespace tests;

namespace {

constexpr std::uint64_t kLossesOfALife = 10;

/// Some lose it while they open, most while they work, some while they rest.
void live_until_dark(Round& round, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const std::uint64_t moment = random() % 10 < 3 ? 1 + random() % 120 : 120 + random() % 500;
  round.disk().fail({std::nullopt, moment, 0});
  round.open();
  round.check();
  round.send_again();
  round.work();
  round.lose_power();
}

/// One log that loses its power ten times, each time in a process of its own.
int one_life(std::uint64_t life, const std::filesystem::path& folder, Witness& witness) {
  for (std::uint64_t i = 0; i < kLossesOfALife; ++i) {
    const std::uint64_t choices = life * 1000 + i;
    const int ended = run_apart([&] {
      Round round(folder, life, choices, witness);
      live_until_dark(round, choices);
    });
    if (ended != kDarkness) return ended;
    ++witness.losses;
  }
  return run_apart([&] {  // what the last of them left
    Round round(folder, life, life * 1000 + kLossesOfALife, witness);
    round.open();
    round.check();
  });
}

struct Sums {
  std::uint64_t losses = 0, yes = 0, unanswered = 0, surprises = 0, opened = 0, operations = 0;

  void add(const Witness& witness) {
    losses += witness.losses;
    for (std::uint32_t n = 1; n <= witness.sent; ++n) {
      ++(witness.yes[n].sequence != 0 ? yes : unanswered);
    }
    surprises += witness.surprises;
    opened += witness.opened;
    operations += witness.operations;
  }
};

}  // namespace

TEST_CASE("No loss of power takes what was acknowledged") {
  const std::uint64_t seed = from_environment("POWER_LOSS_SEED", 1);
  const std::uint64_t losses = from_environment("POWER_LOSSES", 500);
  const std::uint64_t lives = (losses + kLossesOfALife - 1) / kLossesOfALife;
  Sums sums;
  std::string broken;
  run_trials<Witness>("tocsin-power", {seed, seed + lives}, one_life,
                      [&](std::uint64_t life, int ended, const Witness& witness) {
                        sums.add(witness);
                        if (ended == 0 || !broken.empty()) return broken.empty();
                        broken = "life " + std::to_string(life) + ", loss " +
                                 std::to_string(witness.losses) + ", ended with " +
                                 std::to_string(ended) + ": " + witness.complaint.data();
                        return false;
                      });
  REQUIRE_MESSAGE(broken.empty(), broken);
  std::cout << "power losses " << sums.losses << ", seed " << seed << ", opened " << sums.opened
            << ", acknowledged " << sums.yes << ", lost 0, unanswered " << sums.unanswered
            << ", found whole all the same " << sums.surprises << ", disk operations "
            << sums.operations << "\n";
  CHECK(sums.losses >= losses);
  CHECK(sums.opened > losses / 2);
  CHECK(sums.yes > losses);
}
