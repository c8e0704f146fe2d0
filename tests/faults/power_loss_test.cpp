// The power goes at a random moment, again and again; after each time the log is opened from what
// the disk has kept and held to what its senders were told. POWER_LOSSES says how often (500),
// POWER_LOSS_SEED repeats the choices of a run; the machine's own timing remains.
#include <cstdlib>
#include <iostream>

#include "tests/faults/round.hpp"

using namespace tests;

namespace {

constexpr std::uint64_t kLossesOfALife = 10;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* const value = std::getenv(name);
  return value != nullptr ? std::strtoull(value, nullptr, 10) : otherwise;
}

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

}  // namespace

TEST_CASE("No loss of power takes what was acknowledged") {
  const std::uint64_t losses = from_environment("POWER_LOSSES", 500);
  const std::uint64_t seed = from_environment("POWER_LOSS_SEED", 1);
  const auto folder = fast_folder("tocsin-power");
  std::uint64_t yes = 0, unanswered = 0, surprises = 0, opened = 0, operations = 0, done = 0;
  for (std::uint64_t life = seed; done < losses; ++life) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    Witness& witness = make_witness();
    for (std::uint64_t i = 0; i < kLossesOfALife && done < losses; ++i, ++done) {
      const std::uint64_t choices = life * 1000 + i;
      const int ended = run_apart([&] {
        Round round(folder, life, choices, witness);
        live_until_dark(round, choices);
      });
      INFO("life ", life, ", loss ", i, ": ", std::string(witness.complaint.data()));
      REQUIRE(ended == kDarkness);
    }
    for (std::uint32_t n = 1; n <= witness.sent; ++n) {
      ++(witness.yes[n].sequence != 0 ? yes : unanswered);
    }
    surprises += witness.surprises;
    opened += witness.opened;
    operations += witness.operations;
    drop(witness);
  }
  std::filesystem::remove_all(folder);
  std::cout << "power losses " << done << ", seed " << seed << ", opened " << opened
            << ", acknowledged " << yes << ", lost 0, unanswered " << unanswered
            << ", found whole all the same " << surprises << ", disk operations " << operations
            << "\n";
  CHECK(opened > losses / 2);
  CHECK(yes > losses);
}
