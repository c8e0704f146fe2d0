// Who is handed what: members of organisations, anonymous readers, and those who are no longer what
// they were.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "engine/limits.hpp"
#include "tests/support/capture_outlet.hpp"
#include "tests/unit/shard/shard_world.hpp"

using namespace engine;
using tests::CaptureOutlet;

namespace {

using Names = std::vector<std::string>;

/// What the test knows of an alert, apart from the engine.
struct Written {
  cap::Scope scope = cap::Scope::public_;
  Names names;
  bool severe = false;
};

bool shared(const Names& one, const Names& other) {
  return std::any_of(one.begin(), one.end(), [&](const std::string& name) {
    return std::find(other.begin(), other.end(), name) != other.end();
  });
}

struct World : tests::ShardWorld {
  void on_records(std::span<const Record> records) override {
    for (const Record& record : records) shard->post(make_frame(record));
  }
  void append(const Written& alert) {
    written.push_back(alert);
    cap::Reach reach = exercise_reach();
    reach.audience = {alert.scope, alert.names};
    std::sort(reach.audience.names.begin(), reach.audience.names.end());
    reach.severity = alert.severe ? cap::Severity::severe : cap::Severity::minor;
    hand_to_log(reach, "alert " + std::to_string(written.size()));
    run();
  }
  std::string sign_up(const std::string& key, const Names& groups) {
    Organisation made;
    made.key = key;
    made.groups = groups;
    REQUIRE(directory->put(made).has_value());
    return directory->issue(key, Secret::Kind::token).value().text;
  }
  std::uint64_t join(CaptureOutlet& outlet, const std::string& token,
                     const Start& start = FromNow{}, const char* severity = nullptr) {
    std::vector<Filter::Parameter> parameters;
    if (severity != nullptr) parameters.emplace_back("severity", severity);
    const Member member = token.empty() ? Member{} : directory->member_of(token).value();
    auto filter = Filter::parse(parameters, cap::Status::exercise, Places::builtin(), member);
    return shard->join(outlet, std::get<Filter>(filter), start, {});
  }
  /// As run(), but what is handed to the receipts waits there.
  void read_on() {
    for (bool moved = true; moved;) {
      moved = log->run();
      shard->io().restart();
      moved = shard->io().poll() > 0 || moved;
    }
  }
  ReachCounts reach(std::uint64_t sequence) {
    std::optional<ReachCounts> counts;
    receipts->reach(Sequence{sequence}, [&](Result<ReachCounts> found) { counts = found.value(); });
    run();
    return counts.value();
  }

  std::vector<Written> written;  // by sequence, from 1
};

/// An organisation as the test knows it.
struct SignedUp {
  std::string key, token;
  Names groups;
};

bool meant_for(const Written& alert, const SignedUp* who) {
  if (alert.scope == cap::Scope::public_) return true;
  if (who == nullptr) return false;
  return alert.scope == cap::Scope::private_ ? shared(alert.names, {who->key})
                                             : shared(alert.names, who->groups);
}

struct Draw {
  std::mt19937_64 random{7};
  std::uint64_t below(std::uint64_t n) {
    return std::uniform_int_distribution<std::uint64_t>(0, n - 1)(random);
  }
  Names some(const Names& of, std::uint64_t most) {
    Names names;
    const auto count = below(most + 1);
    for (std::uint64_t i = 0; i < count; ++i) names.push_back(of[below(of.size())]);
    return names;
  }
};

}  // namespace

namespace {

/// One of those drawn at random, and where it began.
struct Reader {
  CaptureOutlet outlet;
  std::uint64_t id = 0, after = 0;
  const SignedUp* who = nullptr;
  bool severe_only = false;
};

}  // namespace

TEST_CASE("ten thousand readers drawn at random hear all that is meant for them and nothing else") {
  World world;
  Draw draw;
  // Keys and groups share their names: what is said to one must not reach the other.
  const Names names = {"fire", "police", "port", "rail", "water", "acme"};
  std::vector<SignedUp> known;
  for (const auto& key : names) {
    Names groups = draw.some(names, 3);
    known.push_back({key, world.sign_up(key, groups), groups});
  }
  const auto append = [&] {
    Written alert;
    alert.scope = static_cast<cap::Scope>(draw.below(3));
    if (alert.scope != cap::Scope::public_) alert.names = draw.some(names, 2);
    alert.severe = draw.below(3) == 0;
    world.append(alert);
  };
  for (int i = 0; i < 20; ++i) append();
  std::uint64_t heard_of_restricted = 0;
  for (int round = 0; round < 100; ++round) {
    std::vector<std::unique_ptr<Reader>> readers;
    const std::uint64_t head = world.written.size();
    for (int i = 0; i < 100; ++i) {
      auto reader = std::make_unique<Reader>();
      if (draw.below(4) != 0) reader->who = &known[draw.below(known.size())];
      reader->severe_only = draw.below(4) == 0;
      Start start = FromNow{};
      reader->after = head;
      const auto kind = draw.below(3);
      if (kind == 0) {
        reader->after = head - std::min<std::uint64_t>(head, draw.below(24));
        start = Position{world.log->epoch(), Sequence{reader->after}};
      } else if (kind == 1 && head < 30) {
        reader->after = 0;
        start = FromActive{};
      }
      reader->id = world.join(reader->outlet, reader->who != nullptr ? reader->who->token : "",
                              start, reader->severe_only ? "Severe" : nullptr);
      if (draw.below(2) == 0) world.run();
      readers.push_back(std::move(reader));
    }
    append();
    append();
    world.run();
    for (auto& reader : readers) {
      std::vector<std::uint64_t> expected;
      for (std::uint64_t i = reader->after + 1; i <= world.written.size(); ++i) {
        const Written& alert = world.written[i - 1];
        if (!meant_for(alert, reader->who) || (reader->severe_only && !alert.severe)) continue;
        expected.push_back(i);
        if (alert.scope != cap::Scope::public_) ++heard_of_restricted;
      }
      CHECK(World::sequences(reader->outlet) == expected);
      world.shard->leave(reader->id);
    }
  }
  CHECK(heard_of_restricted > 1'000);  // or nothing was tried
}

TEST_CASE("ten thousand outlines drawn at random are read by those one of their reaches is for") {
  REQUIRE(trust::start_crypto());
  Draw draw;
  const Names names = {"fire", "police", "port"};
  for (int i = 0; i < 10'000; ++i) {
    cap::Outline outline;
    outline.msg_type = static_cast<cap::MsgType>(draw.below(5));
    const SignedUp who{names[draw.below(3)], "", draw.some(names, 2)};
    const bool anonymous = draw.below(3) == 0;
    Member member{who.key, who.groups};
    std::sort(member.groups.begin(), member.groups.end());
    if (anonymous) member = {};
    bool meant = false;
    const auto audience = [&] {
      Written alert{static_cast<cap::Scope>(draw.below(3)), draw.some(names, 2)};
      if (alert.scope == cap::Scope::public_) alert.names.clear();
      std::sort(alert.names.begin(), alert.names.end());
      return alert;
    };
    const Written own = audience();
    outline.audience = {own.scope, own.names};
    const auto reaches = draw.below(4);
    for (std::uint64_t r = 0; r < reaches; ++r) {
      const Written reached = audience();
      cap::Reach reach;
      reach.audience = {reached.scope, reached.names};
      outline.reaches.push_back(reach);
      meant = meant || meant_for(reached, anonymous ? nullptr : &who);
    }
    if (reaches == 0) meant = meant_for(own, anonymous ? nullptr : &who);
    const bool shown =
        outline.msg_type != cap::MsgType::ack && outline.msg_type != cap::MsgType::error;
    CHECK(may_read(outline, member) == (meant && shown));
  }
}

TEST_CASE("a stream ends within a second when its token is revoked and others go on") {
  World world;
  const std::string first = world.sign_up("acme", {});
  const std::string second = world.directory->issue("acme", Secret::Kind::token).value().text;
  CaptureOutlet revoked, other, anonymous;
  world.join(revoked, first);
  world.join(other, second);
  world.join(anonymous, "");
  world.run();
  REQUIRE(world.directory->revoke(first).has_value());
  world.shard->tick();
  CHECK(revoked.closed == code(CloseReason::bad_token));
  CHECK(other.closed == 0);
  CHECK(anonymous.closed == 0);
  REQUIRE(world.directory->erase("acme").has_value());
  world.shard->tick();
  CHECK(other.closed == code(CloseReason::bad_token));
  CHECK(anonymous.closed == 0);
  world.append({cap::Scope::private_, {"acme"}});
  CHECK(World::sequences(revoked).empty());
  CHECK(World::sequences(other).empty());
}

TEST_CASE("who was erased or revoked is shown nothing from that moment on") {
  for (const unsigned trial : {0U, 1U, 2U, 3U}) {
    CAPTURE(trial);
    World world;
    const std::string token = world.sign_up("acme", {});
    CaptureOutlet live, behind;
    world.join(live, token);
    const auto id = world.join(behind, token);
    world.run();
    behind.room = 0;
    world.append({cap::Scope::private_, {"acme"}});
    REQUIRE(World::sequences(live).size() == 1);
    const bool erased = trial % 2 == 0;
    const bool ended = erased ? world.directory->erase("acme").has_value()
                              : world.directory->revoke(token).has_value();
    REQUIRE(ended);
    behind.room = 10;
    if (trial < 2) {
      world.append({cap::Scope::private_, {"acme"}});
    } else {
      world.shard->writable(id);
    }
    world.run();
    CHECK(World::sequences(live).size() == 1);
    CHECK(World::sequences(behind).empty());
    CHECK(live.closed == code(CloseReason::bad_token));
    CHECK(behind.closed == code(CloseReason::bad_token));
  }
}

TEST_CASE("who was revoked while its page was on the way is shown nothing of it") {
  World world;
  const std::string token = world.sign_up("acme", {});
  world.append({cap::Scope::private_, {"acme"}});
  const Member member = world.directory->member_of(token).value();
  CaptureOutlet reading;
  auto filter = Filter::parse({}, cap::Status::exercise, Places::builtin(), member);
  world.shard->join(reading, std::get<Filter>(filter), FromActive{}, {});  // asks for a page
  REQUIRE(reading.messages.size() == 1);                                   // hello
  REQUIRE(world.directory->revoke(token).has_value());
  world.run();
  CHECK(World::sequences(reading).empty());
  CHECK(reading.closed == code(CloseReason::bad_token));
}

TEST_CASE("a stream ends within kMembersLooked when its token runs out and others go on") {
  World world;
  world.sign_up("acme", {});
  const Secret invitation = world.directory->issue("acme", Secret::Kind::invitation).value();
  const Secret session = world.directory->accept(invitation.text).value();
  const std::string lasting = world.directory->issue("acme", Secret::Kind::token).value().text;
  CaptureOutlet runs_out, lasts;
  world.join(runs_out, session.text);
  world.join(lasts, lasting);
  world.run();
  world.shard->tick();
  world.clock.set(*session.expires);
  for (int i = 0; i < limits::kMembersLooked.count(); ++i) world.shard->tick();
  CHECK(runs_out.closed == code(CloseReason::bad_token));
  CHECK(lasts.closed == 0);
  CHECK(limits::kMembersLooked.count() == 60);
}

TEST_CASE("whose groups changed is sent back at once and reads by the new ones") {
  World world;
  const std::string token = world.sign_up("acme", {"police"});
  CaptureOutlet before, after;
  world.join(before, token);
  world.run();
  world.append({cap::Scope::restricted, {"police"}});
  CHECK(World::sequences(before).size() == 1);
  Organisation changed = world.directory->find("acme").value();
  changed.groups = {"fire"};
  REQUIRE(world.directory->put(changed).has_value());
  world.shard->tick();
  CHECK(before.closed == code(CloseReason::going_away));
  CHECK(before.close_text == "reconnect_ms=0");
  world.join(after, token, Position{});
  world.run();
  CHECK(World::sequences(after).empty());
  world.append({cap::Scope::restricted, {"fire"}});
  CHECK(World::sequences(after).size() == 1);
  CHECK(World::sequences(before).size() == 1);
}

TEST_CASE("who was looked up before its token was revoked is shown nothing") {
  World world;
  const std::string token = world.sign_up("acme", {});
  world.append({cap::Scope::private_, {"acme"}});
  const Member member = world.directory->member_of(token).value();
  REQUIRE(world.directory->revoke(token).has_value());
  world.shard->tick();
  CaptureOutlet late;
  auto filter = Filter::parse({}, cap::Status::exercise, Places::builtin(), member);
  world.shard->join(late, std::get<Filter>(filter), Position{}, {});
  CHECK(late.messages.empty());
  world.run();
  CHECK(late.closed == code(CloseReason::bad_token));
  CHECK(late.messages.empty());
}

TEST_CASE("what is handed over is counted whether live or caught up") {
  World world;
  const std::string token = world.sign_up("acme", {});
  std::vector<std::unique_ptr<CaptureOutlet>> outlets;
  const auto come = [&](const std::string& who, const Start& start) {
    outlets.push_back(std::make_unique<CaptureOutlet>());
    world.join(*outlets.back(), who, start);
    world.run();
  };
  for (int i = 0; i < 5; ++i) come("", FromNow{});
  come(token, FromNow{});
  come(token, FromNow{});
  outlets.front()->room = 1;
  world.append({});
  world.append({});
  CHECK(world.reach(1).anonymous.connected == 5);
  CHECK(world.reach(1).organisations.connected == 1);
  CHECK(world.reach(2).anonymous.connected == 4);  // one has no room yet
  come("", Position{});
  come(token, Position{});
  world.shard->tick();
  CHECK(world.reach(1).anonymous.connected == 6);
  CHECK(world.reach(1).organisations.connected == 1);
  CHECK(world.reach(2).anonymous.connected == 5);
}

TEST_CASE("a shard hands its counts over when limits::kTally of them wait") {
  for (const std::size_t many : {limits::kTally - 1, limits::kTally}) {
    CAPTURE(many);
    World world;
    for (std::size_t i = 0; i < many; ++i) world.append({});
    REQUIRE(world.receipts->state().waiting == 0);
    CaptureOutlet outlet;
    world.join(outlet, "", Position{});
    world.read_on();
    REQUIRE(World::sequences(outlet).size() == many);
    CHECK(world.receipts->state().waiting == (many < limits::kTally ? 0 : 1));
    world.shard->tick();  // what is left goes with the clock
    CHECK(world.receipts->state().waiting == 1);
    CHECK(world.reach(1).anonymous.connected == 1);
    CHECK(world.reach(many).anonymous.connected == 1);
  }
}

TEST_CASE("what is tallied of the same alert and the same readers is added up") {
  constexpr std::size_t kEntries = 100;
  Tally tally;
  for (std::size_t i = 0; i < kEntries; ++i) {
    tally.add(Sequence{i + 1}, i % 2 == 0 ? "" : "acme", 1);
    tally.add(Sequence{i + 1}, "", 0);
  }
  CHECK(tally.size() == kEntries);
  tally.add(Sequence{1}, "", 4);
  const auto taken = tally.take();
  CHECK(taken.size() == kEntries);
  CHECK(tally.size() == 0);
  const auto first = std::find_if(taken.begin(), taken.end(), [](const Delivered& delivered) {
    return delivered.sequence == Sequence{1};
  });
  REQUIRE(first != taken.end());
  CHECK(first->streams == 5);
}
