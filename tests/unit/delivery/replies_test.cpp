// What people write back to text messages, and what comes of it.
#include "engine/delivery/replies.hpp"

#include <optional>

#include "engine/delivery/limits.hpp"
#include "tests/unit/delivery/outbox_world.hpp"

using namespace tests;
using engine::Fate;
using engine::Report;
using engine::delivery::State;
namespace limits = engine::delivery::limits;

namespace {

const std::string kPhone = "+447700900001";

/// An organisation whose only contact is that telephone.
struct ReplyWorld : OutboxWorld {
  ReplyWorld() { contact("org", Way::sms, kPhone); }

  /// Sent, and taken by the gateway.
  Sequence told(const AlertBuilder& builder) {
    const Sequence sequence = send(builder);
    advance(30s);
    sms().answer_all(Gateway::accepted());
    settle();
    return sequence;
  }
  /// Whether it was kept; nothing where nobody said so.
  std::optional<bool> reply(std::string_view text, const std::string& from = kPhone) {
    std::optional<bool> heard;
    sms().listener->answered(Way::sms, from, text, [&heard](bool yes) { heard = yes; });
    settle();
    return heard;
  }
  std::string counted(std::string_view outcome) const {
    const std::string name = "tocsin_replies_total{outcome=\"" + std::string(outcome) + "\"} ";
    const std::string all = metrics->text();
    const std::size_t at = all.find(name);
    if (at == std::string::npos) return "";
    return all.substr(at + name.size(), all.find('\n', at) - at - name.size());
  }
};

}  // namespace

TEST_CASE("a reply is a receipt about the newest alert that was sent there") {
  ReplyWorld world;
  (void)world.told(alert("A"));
  const Sequence second = world.told(alert("B"));
  CHECK(world.reply("1 SAFE") == true);
  REQUIRE(world.said.size() == 1);
  CHECK(world.said[0].sequence == second);
  CHECK(world.said[0].organisation == "org");
  CHECK(world.said[0].state == engine::Receipt::State::acknowledged);
  CHECK(world.said[0].answer == "safe");
  CHECK(world.counted("answered") == "1");
  // It counts for the outbox once the receipts have it, and say so.
  CHECK(world.stand(second) == "0 1 0 0");
  world.outbox->acknowledged(second, "org");
  CHECK(world.stand(second) == "1 0 0 0");
}

TEST_CASE("whoever answers is not followed by others of the organisation") {
  ReplyWorld world;
  world.contact("org", Way::email, "second@example.org");
  const Sequence sequence = world.told(alert("A"));
  CHECK(world.reply("2 help") == true);
  world.outbox->acknowledged(sequence, "org");
  world.advance(1h);
  CHECK(world.email().seen.empty());
  CHECK(world.said[0].answer == "need help");
}

TEST_CASE("who was told nothing is nobody, and who says nothing says nothing") {
  ReplyWorld world;
  CHECK(world.reply("1 SAFE") == true);
  (void)world.told(alert("A"));
  CHECK(world.reply("1 SAFE", "+447700900002") == true);
  CHECK(world.reply(" \r\n") == true);
  CHECK(world.said.empty());
  CHECK(world.counted("unknown") == "2");
  CHECK(world.counted("empty") == "1");
}

TEST_CASE("a message that never arrived is not what a reply is about") {
  ReplyWorld world;
  const Sequence first = world.told(alert("A"));
  (void)world.send(alert("B"));
  world.advance(30s);
  world.sms().answer_all(Gateway::refused(Fate::permanent, "no"));
  world.settle();
  CHECK(world.reply("1") == true);
  REQUIRE(world.said.size() == 1);
  CHECK(world.said[0].sequence == first);
}

TEST_CASE("a telephone that several organisations share answers for each of them") {
  ReplyWorld world;
  world.contact("other", Way::sms, kPhone);
  const Sequence first = world.append(alert("A"));
  world.only[first] = {"org"};
  world.settle();
  world.advance(30s);
  world.sms().answer_all(Gateway::accepted());
  world.settle();
  const Sequence second = world.append(alert("B"));
  world.only[second] = {"other"};
  world.settle();
  world.advance(30s);
  world.sms().answer_all(Gateway::accepted());
  world.settle();
  CHECK(world.reply("1") == true);
  REQUIRE(world.said.size() == 2);
  CHECK(world.said[0].organisation == "other");
  CHECK(world.said[0].sequence == second);
  CHECK(world.said[1].organisation == "org");
  CHECK(world.said[1].sequence == first);
}

TEST_CASE("a telephone that is a contact no more answers for nobody") {
  ReplyWorld world;
  (void)world.told(alert("A"));
  world.profiles["org"].contacts[0].address = "+447700900002";
  CHECK(world.reply("1") == true);
  CHECK(world.reply("STOP") == true);
  CHECK(world.reply("1", "+447700900002") == true);
  CHECK(world.said.empty());
  CHECK(world.left.empty());
  CHECK(world.counted("unknown") == "3");
}

TEST_CASE("what cannot be kept now is to be said again") {
  ReplyWorld world;
  (void)world.told(alert("A"));
  world.unreadable = true;
  CHECK(world.reply("1") == false);
  CHECK(world.counted("unreadable") == "1");
  world.unreadable = false;
  world.receipts_kept = false;
  CHECK(world.reply("1") == false);
  world.receipts_kept = true;
  world.can_leave = false;
  CHECK(world.reply("STOP") == false);
  CHECK(world.reply("1") == true);
  CHECK(world.said.size() == 1);
}

TEST_CASE("whoever writes STOP is sent nothing more, and the next of the organisation is") {
  ReplyWorld world;
  world.contact("org", Way::sms, "+447700900002");
  const Sequence first = world.told(alert("A"));
  CHECK(world.reply("Stop") == true);
  CHECK(world.left == std::vector<std::string>{"org/1"});
  CHECK(world.said.empty());
  CHECK(world.counted("left") == "1");
  CHECK(world.stand(first) == "0 1 0 0");  // it acknowledges nothing
  world.sms().seen.clear();
  (void)world.send(alert("B"));
  world.advance(30s);
  CHECK(world.sms().addresses() == "+447700900002");
  CHECK(world.reply("STOP") == true);  // said twice it is the same
}

TEST_CASE("a reply finds its alert after a crash, also where the message was under way") {
  ReplyWorld world;
  const Sequence first = world.told(alert("A"));
  world.crash();
  world.settle();
  CHECK(world.reply("1") == true);
  REQUIRE(world.said.size() == 1);
  CHECK(world.said[0].sequence == first);
  const Sequence second = world.send(alert("B"));
  world.advance(30s);
  world.crash();
  world.settle();
  CHECK(world.reply("1") == true);
  REQUIRE(world.said.size() == 2);
  CHECK(world.said[1].sequence == second);
}

TEST_CASE("a reply that comes with the answer to its message is about that message") {
  ReplyWorld world;
  const Sequence sequence = world.send(alert("A"));
  world.advance(30s);
  world.sms().answer_all(Gateway::accepted());
  CHECK(world.reply("1") == true);
  REQUIRE(world.said.size() == 1);
  CHECK(world.said[0].sequence == sequence);
}

TEST_CASE("what is erased or forgotten after its time is answered no more") {
  ReplyWorld world;
  world.contact("other", Way::sms, "+447700900002");
  (void)world.told(alert("A"));
  CHECK(world.erase("other"));
  world.contact("other", Way::sms, "+447700900002");
  CHECK(world.reply("1", "+447700900002") == true);
  CHECK(world.said.empty());
  CHECK(world.reply("1") == true);
  CHECK(world.said.size() == 1);
  world.advance(world.kept + 48h);
  CHECK(world.reply("1") == true);
  CHECK(world.said.size() == 1);
}

TEST_CASE("of what an address was told the newest kToldLooked alerts are looked at") {
  ReplyWorld world;
  world.contact("early", Way::sms, kPhone);
  const auto tell = [&](const std::string& who, int number) {
    const Sequence sequence = world.append(alert("A" + std::to_string(number)));
    world.only[sequence] = {who};
    world.settle();
    world.advance(30s);
    world.sms().answer_all(Gateway::accepted());
    world.settle();
  };
  tell("early", 0);
  for (std::size_t i = 1; i < limits::kToldLooked; ++i) tell("org", static_cast<int>(i));
  CHECK(world.reply("1") == true);
  CHECK(world.said.size() == 2);
  tell("org", static_cast<int>(limits::kToldLooked));
  CHECK(world.reply("1") == true);
  CHECK(world.said.size() == 3);
}

TEST_CASE("what a delivery is about is found by its id") {
  ReplyWorld world;
  const Sequence sequence = world.told(alert("A"));
  const auto find = [&](const engine::DeliveryId& id) {
    std::optional<engine::DeliveryFound> found;
    world.outbox->find(id, [&](auto answer) { found = answer.value(); });
    world.settle();
    return found;
  };
  const auto id = world.sms().seen.at(0).delivery;
  const auto found = find(id);
  REQUIRE(found.has_value());
  CHECK(found->sequence == sequence);
  CHECK(found->organisation == "org");
  CHECK(found->contact == 1);
  CHECK(found->title == "A");
  CHECK_FALSE(found->ended);
  CHECK_FALSE(found->takes_back);
  (void)world.told(cancel_of("C", alert("A")));
  CHECK(find(id)->ended);
  CHECK(find(world.sms().seen.at(1).delivery)->takes_back);
  CHECK_FALSE(find(engine::DeliveryId{}).has_value());
}

TEST_CASE("what says nothing new keeps nobody waiting behind it") {
  ReplyWorld world;
  const Sequence sequence = world.send(alert("A"));
  world.advance(30s);
  world.sms().answer(Gateway::accepted({{"a", 0}}));
  world.settle();
  for (std::size_t i = 0; i < limits::kHeardAtOnce; ++i) {
    world.sms().report("nobody's", Report::Kind::delivered);
  }
  world.sms().report("a", Report::Kind::delivered);
  world.settle();
  CHECK(world.messages(sequence, State::delivered) == 1);
}

TEST_CASE("a report by a delivery's id or by a name is told kept once it is written") {
  ReplyWorld world;
  (void)world.told(alert("A"));
  std::vector<bool> kept;
  const auto note = [&](bool yes) { kept.push_back(yes); };
  world.sms().listener->reported(world.sms().seen.at(0).delivery,
                                 {Report::Kind::delivered, false, ""}, note);
  world.sms().report("nobody's", Report::Kind::delivered, "", note);
  CHECK(kept.empty());
  world.settle();
  CHECK(kept == std::vector{true, true});
}

TEST_CASE("what would not survive a crash is told to nobody as kept") {
  ReplyWorld world;
  const Sequence sequence = world.send(alert("A"));
  world.advance(30s);
  world.sms().answer(Gateway::accepted({{"a", 0}}));
  bool kept = false;
  world.sms().report("a", Report::Kind::delivered, "", [&](bool yes) { kept = yes; });
  while (!kept) REQUIRE(world.outbox->run());
  world.crash();
  CHECK(world.messages(sequence, State::delivered) == 1);
}

TEST_CASE("while the disk takes nothing a report is told at once to be told again") {
  ReplyWorld world;
  const Sequence sequence = world.send(alert("A"));
  world.advance(30s);
  world.sms().answer(Gateway::accepted({{"a", 0}}));
  world.settle();
  world.working_bytes = UINT64_MAX;
  world.open();
  std::vector<bool> kept;
  const auto note = [&](bool yes) { kept.push_back(yes); };
  world.sms().report("a", Report::Kind::delivered, "", note);
  world.sms().listener->answered(Way::sms, "+447700900123", "1 SAFE", note);
  world.settle();
  CHECK(kept == std::vector{false, false});
  world.working_bytes.reset();
  world.open();
  CHECK(world.messages(sequence, State::sent) == 1);
  world.sms().report("a", Report::Kind::delivered, "", note);
  CHECK(world.messages(sequence, State::delivered) == 1);
  CHECK(kept == std::vector{false, false, true});
}
