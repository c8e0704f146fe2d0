// What is asked of the outbox, and how often, whoever wants to know.
#include "connectors/web/reach_board.hpp"

#include "connectors/web/reach_limits.hpp"
#include "tests/unit/web/reach_world.hpp"

using namespace tests;
using connectors::web::ReachBoard;
using engine::Sequence;
namespace web_limits = connectors::web::limits;

namespace {

struct Board : ReachWorld {
  ReachBoard board{outbox.get(), engine::Places::builtin(), clock};
  std::size_t answers = 0, failures = 0;

  void ask(std::uint64_t sequence) {
    board.ask(Sequence{sequence},
              [this](engine::Result<ReachBoard::Text> text) { ++(text ? answers : failures); });
  }
  /// Until everything that was asked is answered.
  void settle() {
    for (std::size_t turns = 0; turns < web_limits::kReachWaiting; ++turns) outbox->run();
  }
  /// What one turn of the outbox answers.
  std::size_t turn() {
    const std::size_t before = answers;
    outbox->run();
    return answers - before;
  }
};

}  // namespace

TEST_CASE("whoever asks while the outbox is asked hears the same answer") {
  Board world;
  for (int i = 0; i < 5; ++i) world.ask(1);
  CHECK(world.answers == 0);
  CHECK(world.turn() == 5);
  world.ask(1);  // fresh
  CHECK(world.answers == 6);
  world.clock.advance(web_limits::kReachFresh);
  world.ask(1);
  CHECK(world.answers == 6);
  world.settle();
  CHECK(world.answers == 7);
}

TEST_CASE("the outbox is asked about kReachAsked alerts at once, and about the others after them") {
  Board world;
  for (std::uint64_t i = 1; i <= 3 * web_limits::kReachAsked; ++i) world.ask(i);
  CHECK(world.turn() == web_limits::kReachAsked);
  CHECK(world.turn() == web_limits::kReachAsked);
  CHECK(world.turn() == web_limits::kReachAsked);
  CHECK(world.failures == 0);
}

TEST_CASE("kReachWaiting requests wait and one more hears that it is too many") {
  Board world;
  for (std::size_t i = 0; i < web_limits::kReachWaiting; ++i) world.ask(1 + i % 100);
  CHECK(world.failures == 0);
  world.ask(1);
  world.ask(101);
  CHECK(world.failures == 2);
  world.settle();
  CHECK(world.answers == web_limits::kReachWaiting);
  world.ask(101);
  world.settle();
  CHECK(world.answers == web_limits::kReachWaiting + 1);
}

TEST_CASE("kReachKept answers are kept and of one more another is asked for again") {
  Board world;
  for (std::uint64_t i = 1; i <= web_limits::kReachKept; ++i) world.ask(i);
  world.settle();
  CHECK(world.answers == web_limits::kReachKept);
  world.ask(1);
  CHECK(world.answers == web_limits::kReachKept + 1);
  world.ask(web_limits::kReachKept + 1);
  world.settle();
  const std::size_t before = world.answers;
  for (std::uint64_t i = 1; i <= web_limits::kReachKept; ++i) world.ask(i);
  CHECK(world.answers < before + web_limits::kReachKept);
  world.settle();
  CHECK(world.answers == before + web_limits::kReachKept);
}
