// What a Cancel came to, by what the engine lists afterwards.
#include "ops/cli/standing.hpp"

#include <doctest/doctest.h>

using namespace ops::cli;
using engine::cap::Identity;
using engine::cap::MsgType;

namespace {

const engine::Time kSent = *engine::parse_time("2026-11-21T12:00:00Z");
const Identity kOne{"control@one.example", "one", kSent}, kTwo{"control@one.example", "two", kSent},
    kThree{"control@one.example", "three", kSent}, kOther{"control@one.example", "other", kSent};

Listed listed(std::uint64_t sequence, const Identity& identity, MsgType msg_type = MsgType::alert,
              std::vector<Identity> references = {}) {
  return {sequence, "", msg_type, identity, std::move(references)};
}
using Numbers = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("What replaced a cancelled alert in whatever steps is still active") {
  const Listed one = listed(1, kOne), other = listed(2, kOther);
  const Listed two = listed(3, kTwo, MsgType::update, {kOne});
  const Listed three = listed(4, kThree, MsgType::update, {kTwo});
  const Listed ack = listed(5, {"control@one.example", "ack", kSent}, MsgType::ack, {kOne});
  CHECK(aftermath_of({kOne}, {one, other}, {other}).still_active.empty());
  CHECK(aftermath_of({kOne}, {one, other, two}, {other, two}).still_active == Numbers{3});
  CHECK(aftermath_of({kOne}, {one, two, three}, {three}).still_active == Numbers{4});
  CHECK(aftermath_of({kOne}, {three, two, one}, {three}).still_active == Numbers{4});
  CHECK(aftermath_of({kTwo}, {one, two, three}, {three}).still_active == Numbers{4});
  CHECK(aftermath_of({kThree}, {one, two, three}, {}).still_active.empty());
  CHECK(aftermath_of({kOne}, {one, ack}, {}).still_active.empty());
  CHECK(aftermath_of({kOne}, {one}, {one}).still_active == Numbers{1});
}

TEST_CASE("A Cancel that names nothing that is listed stops nothing") {
  const Listed cancel = listed(2, kTwo, MsgType::cancel, {kOne});
  CHECK(aftermath_of({kOne}, {listed(1, kOne)}, {}).any_listed);
  CHECK_FALSE(aftermath_of({kOne}, {listed(1, kOther), cancel}, {}).any_listed);
  CHECK_FALSE(aftermath_of({kTwo}, {listed(1, kOne), cancel}, {}).any_listed);
}

TEST_CASE("What a Cancel has ended is known before another one is sent") {
  const Listed one = listed(1, kOne), two = listed(3, kTwo, MsgType::update, {kOne});
  const Listed cancel = listed(4, kThree, MsgType::cancel, {kOne});
  const Listed of_update = listed(4, kThree, MsgType::cancel, {kTwo});
  const auto before = [](const Identity& named, const std::vector<Listed>& all,
                         const std::vector<Listed>& active) -> std::uint64_t {
    const auto found = cancelled_before({named}, all, active);
    return found ? found->sequence : 0;
  };
  CHECK(before(kOne, {one}, {one}) == 0);
  CHECK(before(kOne, {one}, {}) == 0);  // over, and by no Cancel
  CHECK(before(kOne, {one, cancel}, {}) == 4);
  CHECK(before(kOther, {one, cancel, listed(5, kOther)}, {}) == 0);
  // A Cancel of what replaced it has ended it; where that goes on it has not.
  CHECK(before(kOne, {one, two, of_update}, {}) == 4);
  CHECK(before(kTwo, {one, two, of_update}, {}) == 4);
  CHECK(before(kOne, {one, two, cancel}, {two}) == 0);
}
