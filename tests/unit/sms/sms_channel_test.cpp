#include "connectors/sms/sms_channel.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "tests/unit/sms/socket_centre.hpp"

using namespace tests;
using engine::Fate;
using Lines = std::vector<std::string>;

TEST_CASE("an attempt is submitted as its alert's text with its priority and validity, and named") {
  SmsWorld world;
  world.config.gateways[0].system_type = "alerts";
  world.config.gateways[0].addresses = "60006";
  world.start();
  CHECK(world.channel->room() == 0);
  world.until([&] { return world.told.rooms > 0; });
  CHECK(world.channel->room() > 0);
  world.attempt(1);
  CHECK(world.answers.empty());  // not before attempt() returned
  world.until_answered(1);
  const auto& attempted = world.answers.at(1);
  CHECK(attempted.outcome == engine::Outcome{Fate::sent, false, {}, ""});
  CHECK(attempted.gateway == "a");
  CHECK(attempted.parts == 1);
  REQUIRE(attempted.names.size() == 1);
  CHECK(attempted.names[0].name == "a1");

  const BindTransceiver& bind = world.centre().binds.at(0);
  CHECK(bind.system_id == "tocsin");
  CHECK(bind.password == "secret");
  CHECK(bind.system_type == "alerts");
  CHECK(bind.range.digits == "60006");
  const SubmitSm& submit = world.centre().submit(0);
  CHECK(submit.source == Address{5, 0, "TOCSIN"});
  CHECK(submit.destination == Address{1, 1, "447700900123"});
  CHECK(submit.text.starts_with("EXERCISE: Knighton: Flood warning"));
  CHECK(submit.priority == 2);
  CHECK(submit.validity == "000000020000000R");
  CHECK(submit.registered_delivery == 1);
  CHECK(world.metric("tocsin_sms_parts_total{outcome=\"sent\"}") == "1");
  CHECK(world.metric("tocsin_sms_gateway_up{gateway=\"a\"}") == "1");
}

TEST_CASE("a code is submitted as one plain text and what is no number is sent none") {
  SmsWorld world;
  world.start_bound();
  CHECK(world.channel->sends_codes());
  const auto send = [&](int number, std::string address) {
    world.channel->send_code(
        {std::move(address), "en", "012345", "exercise-gb",
         world.clock.now() + std::chrono::minutes(10)},
        [&world, number](engine::Attempted attempted) { world.answers[number] = attempted; });
  };
  send(1, "+447700900123");
  CHECK(world.answers.empty());  // not before send_code() returned
  world.until_answered(1);
  CHECK(world.answers.at(1).outcome.fate == Fate::sent);
  const SubmitSm& submit = world.centre().submit(0);
  CHECK(submit.destination == Address{1, 1, "447700900123"});
  CHECK(submit.text.starts_with("exercise-gb: your code is 012345."));
  CHECK(submit.priority == 0);
  CHECK(submit.validity == "000000001000000R");
  send(2, "0770");
  world.until_answered(2);
  CHECK(world.answers.at(2).outcome.fate == Fate::permanent);
}

TEST_CASE("a long text is submitted in parts together and named by each of them") {
  SmsWorld world;
  world.start_bound();
  world.attempt(1, an_sms_story(3, a_long_alert()));
  world.until_answered(1);
  const auto& attempted = world.answers.at(1);
  const auto parts = world.centre().submits.size();
  CHECK(parts > 1);
  CHECK(attempted.parts == parts);
  CHECK(attempted.outcome.fate == Fate::sent);
  CHECK(attempted.names.back().part == parts - 1);
  CHECK(world.centre().submit(0).esm_class == 0x40);
}

TEST_CASE("what an answer means for a number, for a message and until later") {
  struct Row {
    std::uint32_t status;
    Fate fate;
    bool contact_dead;
    const char* why;
  };
  const Row rows[] = {
      {status::destination, Fate::permanent, true, "ESME_RINVDSTADR"},
      {0x0A, Fate::permanent, false, "ESME_RINVSRCADR"},
      {status::system_error, Fate::later, false, "ESME_RSYSERR"},
      {status::throttled, Fate::later, false, "ESME_RTHROTTLED"},
      {status::queue_full, Fate::later, false, "ESME_RMSGQFUL"},
      {0x4FF, Fate::later, false, "status 0x000004FF"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    SmsWorld world;
    world.start_bound();
    leave_unanswered(world.centre());
    world.attempt(1);
    world.until([&] { return world.centre().submits.size() == 1; });
    world.centre().answer(0, row.status);
    world.until_answered(1);
    const bool busy = verdict_of(row.status) == Verdict::throttled;
    const auto wait = busy ? std::optional<engine::Duration>(limits::kBackOffFirst) : std::nullopt;
    CHECK(world.answers.at(1).outcome ==
          engine::Outcome{row.fate, row.contact_dead, wait, row.why});
    CHECK(world.answers.at(1).put_off == busy);
    CHECK_FALSE(world.answers.at(1).uncertain);
  }
}

TEST_CASE("what cannot be a message is answered without one") {
  SmsWorld world;
  world.start_bound();
  world.attempt(1, an_sms_story(), "07700900123");
  world.attempt(2);
  world.clock.advance(std::chrono::hours(3));
  engine::Attempt late;
  late.address = "+447700900123";
  late.story = an_sms_story();
  late.expires = world.clock.now();
  world.channel->attempt(late, [&](engine::Attempted attempted) { world.answers[3] = attempted; });
  CHECK(world.answers.empty());
  world.until_answered(3);
  CHECK(world.answers.at(1).outcome.fate == Fate::permanent);
  CHECK(world.answers.at(1).outcome.contact_dead);
  CHECK(world.answers.at(2).outcome.fate == Fate::sent);
  CHECK(world.answers.at(3).outcome ==
        engine::Outcome{Fate::permanent, false, {}, "It has expired."});
  CHECK(world.centre().submits.size() == 1);
}

TEST_CASE("a centre that says it is too busy has no room until it has rested") {
  SmsWorld world;
  world.times.back_off_first = milliseconds(300);
  world.start_bound();
  leave_unanswered(world.centre());
  world.attempt(1);
  world.until([&] { return world.centre().submits.size() == 1; });
  const int rooms = world.told.rooms;
  world.centre().answer(0, status::throttled);
  world.until_answered(1);
  CHECK(world.channel->room() == 0);
  world.until([&] { return world.told.rooms > rooms; });
  CHECK(world.channel->room() > 0);
}

TEST_CASE("room is what the window and the rate allow and time makes more of it") {
  SmsWorld world;
  world.config.gateways[0].window = 7;
  world.config.gateways[0].rate = 300;
  world.start_bound();
  leave_unanswered(world.centre());
  CHECK(world.channel->room() == 300 / limits::kBurstShare);
  for (int i = 1; i <= 3; ++i) world.attempt(i);
  CHECK(world.channel->room() == 0);
  const int rooms = world.told.rooms;
  world.until([&] { return world.told.rooms > rooms; });  // by time alone
  int number = 3;
  world.told.on_room = [&] {
    while (world.channel->room() > 0) world.attempt(++number);
  };
  world.told.on_room();
  world.until([&] { return world.centre().submits.size() == 7; });
  world.settle();
  CHECK(world.centre().submits.size() == 7);  // the window is full
  CHECK(world.channel->gateways()[0].under_way == 7);
  world.centre().answer(3, status::ok, "x");
  world.until([&] { return world.centre().submits.size() == 8; });
}

TEST_CASE("room that time makes is told of no more often than each kRoomEvery") {
  SmsWorld world;
  world.config.gateways[0].rate = 1'000;  // room for one each millisecond
  world.config.gateways[0].window = 10'000;
  world.start_bound();
  leave_unanswered(world.centre());
  int number = 0;
  std::vector<std::chrono::steady_clock::time_point> when;
  world.told.on_room = [&] {
    when.push_back(std::chrono::steady_clock::now());
    while (world.channel->room() > 0) world.attempt(++number);
  };
  world.told.on_room();
  world.until([&] { return when.size() >= 10; });
  // All but what passes between asking for the time and being told.
  CHECK(when.back() - when[1] >= (when.size() - 2) * limits::kRoomEvery - milliseconds(1));
  CHECK(number > 10);
  world.told.on_room = nullptr;
}

TEST_CASE("more answers than kReadMax octets at once are all read") {
  SmsWorld world;
  world.config.gateways[0].window = 1000;
  world.start_bound();
  leave_unanswered(world.centre());
  for (int i = 1; i <= 1000; ++i) world.attempt(i);
  world.until([&] { return world.centre().submits.size() == 1000; });
  Bytes answers;
  for (const Pdu& submit : world.centre().submits) {
    answers +=
        write_pdu({status::ok, submit.sequence, SubmitSmResp{"an id of some length"}}).value();
  }
  REQUIRE(answers.size() > 2 * limits::kReadMax);
  world.centre().session().say_octets(answers);
  world.until_answered(1000);
}

TEST_CASE("room counts texts as long as the last one and what is begun is finished first") {
  SmsWorld world;
  world.config.gateways[0].window = 4;
  world.start_bound();
  leave_unanswered(world.centre());
  const auto story = an_sms_story(3, a_long_alert());
  world.attempt(1, story);
  world.attempt(2, story);
  CHECK(world.channel->room() == 0);
  world.until([&] { return world.centre().submits.size() == 4; });
  world.centre().on_submit = nullptr;
  for (std::size_t i = 0; i < 4; ++i) world.centre().answer(i, status::ok, "x");
  world.until_answered(2);
  CHECK(world.answers.at(2).outcome.fate == Fate::sent);
  const std::size_t parts = world.answers.at(1).parts;
  REQUIRE(parts > 2);
  CHECK(world.centre().submits.size() == 2 * parts);
  CHECK(world.channel->room() == (4 + parts - 1) / parts);
}

TEST_CASE("what expires while it waits for room is not submitted any more") {
  SmsWorld world;
  world.config.gateways[0].window = 1;
  world.start_bound();
  leave_unanswered(world.centre());
  world.attempt(1);
  world.attempt(2);
  world.until([&] { return world.centre().submits.size() == 1; });
  world.clock.advance(std::chrono::hours(3));
  world.centre().answer(0, status::ok, "x");
  world.until_answered(2);
  CHECK(world.answers.at(1).outcome.fate == Fate::sent);
  CHECK(world.answers.at(2).outcome ==
        engine::Outcome{Fate::permanent, false, {}, "It has expired."});
  CHECK(world.centre().submits.size() == 1);
  CHECK(world.channel->room() == 1);
}

TEST_CASE("an answer that does not come leaves a message uncertain and no gateway tries it again") {
  SmsWorld world(2);
  world.times.answer = milliseconds(200);
  world.config.gateways[1].weight = 0;
  world.start_bound();
  leave_unanswered(world.centre());
  world.attempt(1);
  world.until_answered(1);
  CHECK(world.answers.at(1).uncertain);
  CHECK(world.answers.at(1).outcome.fate == Fate::later);
  CHECK(world.answers.at(1).gateway == "a");
  CHECK(world.centre(1).submits.empty());
  CHECK(world.metric("tocsin_sms_parts_total{outcome=\"uncertain\"}") == "1");

  // It comes after all, and then its receipt.
  world.centre().answer(0, status::ok, "late1");
  deliver(world.centre(), "id:late1 stat:DELIVRD err:000", 0x04);
  world.until([&] { return !world.told.lines.empty(); });
  CHECK(world.told.lines == Lines{"delivery 1 delivered: DELIVRD 000"});
}

TEST_CASE("messages on their way are uncertain where a gateway dies and later ones take another") {
  SmsWorld world(2);
  world.config.gateways[1].weight = 0;
  world.times.reconnect_first = world.times.reconnect_max = seconds(30);
  world.start_bound();
  leave_unanswered(world.centre(0));
  world.attempt(1);
  world.until([&] { return world.centre(0).submits.size() == 1; });
  world.centre(0).session().cut();
  world.until_answered(1);
  CHECK(world.answers.at(1).uncertain);
  world.attempt(2);
  world.until_answered(2);
  CHECK(world.answers.at(2).outcome.fate == Fate::sent);
  CHECK(world.answers.at(2).gateway == "b");
  CHECK(world.centre(1).submits.size() == 1);
  const auto state = world.channel->gateways();
  CHECK_FALSE(state[0].up);
  CHECK(state[0].why.starts_with("The connection was lost"));
  CHECK(state[1].up);
  CHECK(world.metric("tocsin_sms_gateway_up{gateway=\"a\"}") == "0");
}

TEST_CASE("what waits for a gateway that dies before it was submitted goes by another one") {
  SmsWorld world(2);
  world.config.gateways[0].window = 2;
  world.config.gateways[1].weight = 0;
  world.times.reconnect_first = world.times.reconnect_max = seconds(30);
  world.start_bound();
  leave_unanswered(world.centre(0));
  for (int i = 1; i <= 5; ++i) world.attempt(i);  // more than there is room for
  world.until([&] { return world.centre(0).submits.size() == 2; });
  world.centre(0).session().cut();
  world.until_answered(5);
  for (int i = 1; i <= 2; ++i) CHECK(world.answers.at(i).uncertain);
  for (int i = 3; i <= 5; ++i) {
    CHECK(world.answers.at(i).outcome.fate == Fate::sent);
    CHECK(world.answers.at(i).gateway == "b");
  }
  CHECK(world.centre(0).submits.size() == 2);
  CHECK(world.centre(1).submits.size() == 3);
}

TEST_CASE("what was submitted and had not left when the connection ended goes by another one") {
  constexpr int kMany = 10'000;  // in parts, more octets than sockets hold
  SmsWorld world(2);
  world.config.gateways[0].window = 100'000;
  world.config.gateways[0].rate = 10'000'000;
  world.config.gateways[1].weight = 0;
  world.times.reconnect_first = world.times.reconnect_max = seconds(30);
  world.centre(0).take_little();
  world.start_bound();
  leave_unanswered(world.centre(0));
  world.centre(0).session().paused = true;
  const auto story = an_sms_story(3, a_long_alert());
  for (int i = 1; i <= kMany; ++i) world.attempt(i, story);
  world.settle();
  for (int i = 1; i <= 5; ++i) world.attempt(kMany + i, story);  // behind what is being written
  world.settle();
  world.centre(0).session().cut();
  world.until_answered(kMany + 5);
  for (int i = 1; i <= kMany; ++i) REQUIRE(world.answers.at(i).uncertain);
  for (int i = 1; i <= 5; ++i) {
    CHECK(world.answers.at(kMany + i).gateway == "b");
    CHECK(world.answers.at(kMany + i).outcome.fate == Fate::sent);
  }
  const std::size_t parts = world.answers.at(kMany + 1).parts;
  CHECK(world.centre(1).submits.size() == 5 * parts);
  CHECK(world.metric("tocsin_sms_parts_total{outcome=\"unsent\"}") == std::to_string(5 * parts));
}

TEST_CASE("a centre that reads nothing is read all the same") {
  constexpr int kMany = 10'000;  // in parts, more octets than sockets hold
  SmsWorld world;
  world.config.gateways[0].window = 100'000;
  world.config.gateways[0].rate = 10'000'000;
  world.centre().take_little();
  world.start_bound();
  leave_unanswered(world.centre());
  world.centre().session().paused = true;
  const auto story = an_sms_story(3, a_long_alert());
  for (int i = 1; i <= kMany; ++i) world.attempt(i, story);
  world.settle();
  for (int i = 1; i <= 200; ++i) world.attempt(kMany + i, story);  // behind what is being written
  world.settle();
  for (std::size_t said = 1; said <= 3; ++said) {
    deliver(world.centre(), "1 SAFE");
    world.until([&] { return world.told.lines.size() == said; });
  }
}

TEST_CASE("where no gateway is up an attempt is for later and a text that was begun too") {
  SmsWorld world;
  world.config.gateways[0].window = 1;
  world.times.reconnect_first = world.times.reconnect_max = seconds(30);
  world.start_bound();
  leave_unanswered(world.centre());
  world.attempt(1, an_sms_story(3, a_long_alert()));
  world.attempt(2);
  world.until([&] { return world.centre().submits.size() == 1; });
  world.centre().answer(0, status::ok, "x");
  world.until([&] { return world.centre().submits.size() == 2; });
  world.centre().session().cut();
  world.until_answered(2);
  CHECK(world.answers.at(1).outcome.fate == Fate::later);
  CHECK_FALSE(world.answers.at(1).uncertain);
  CHECK(world.answers.at(2).outcome ==
        engine::Outcome{Fate::later, false, {}, "No gateway is up."});
  world.attempt(3);
  world.until_answered(3);
  CHECK(world.answers.at(3).outcome.why == "No gateway is up.");
  CHECK(world.channel->room() == 0);
}

TEST_CASE("a gateway that is hung up on is called again, with the password of then") {
  SmsWorld world;
  world.start_bound();
  world.centre().session().cut();
  world.until([&] { return !world.channel->gateways()[0].up; });
  std::ofstream(world.folder.path() / "password") << "another\n";
  world.until([&] { return world.channel->gateways()[0].up; });
  CHECK(world.centre().binds.at(0).password == "secret");
  CHECK(world.centre().binds.back().password == "another");
  world.attempt(1);
  world.until_answered(1);
  CHECK(world.answers.at(1).outcome.fate == Fate::sent);
}

TEST_CASE("one gateway that refuses the bind leaves all to the other until it takes it") {
  SmsWorld world(2);
  world.centre(0).bind_status = status::password;
  world.start();
  world.until([&] { return world.told.rooms > 0 && world.centre(0).binds.size() >= 2; });
  const auto state = world.channel->gateways();
  CHECK_FALSE(state[0].up);
  CHECK(state[0].why == "The centre refused the bind: ESME_RINVPASWD.");
  for (int i = 1; i <= 4; ++i) world.attempt(i);
  world.until_answered(4);
  CHECK(world.centre(1).submits.size() == 4);
  world.centre(0).bind_status = status::ok;
  world.until([&] { return world.channel->gateways()[0].up; });
  for (int i = 5; i <= 8; ++i) world.attempt(i);
  world.until_answered(8);
  CHECK(world.centre(0).submits.size() == 2);
  CHECK(world.centre(1).submits.size() == 6);
}

TEST_CASE(
    "a password file that others may read keeps its gateway down and is not in the sentence") {
  SmsWorld world;
  ::chmod((world.folder.path() / "password").c_str(), 0644);
  world.start();
  const auto state = world.channel->gateways();
  CHECK_FALSE(state[0].up);
  CHECK(state[0].why.find("may be read by others") != std::string::npos);
  CHECK(state[0].why.find("secret") == std::string::npos);
  CHECK(world.centre().sessions.empty());
  ::chmod((world.folder.path() / "password").c_str(), 0600);
  world.until([&] { return world.channel->gateways()[0].up; });
}

TEST_CASE("a centre that unbinds in the middle of a window is answered to its end and bound anew") {
  SmsWorld world;
  world.start_bound();
  leave_unanswered(world.centre());
  for (int i = 1; i <= 3; ++i) world.attempt(i);
  world.until([&] { return world.centre().submits.size() == 3; });
  world.centre().session().say({status::ok, 50, Unbind{}});
  world.settle();
  CHECK(world.channel->room() == 0);
  for (std::size_t i = 0; i < 3; ++i) world.centre().answer(i, status::ok, std::to_string(i));
  world.until_answered(3);
  for (int i = 1; i <= 3; ++i) CHECK(world.answers.at(i).outcome.fate == Fate::sent);
  world.until([&] { return world.centre().sessions.size() == 2 && world.channel->room() > 0; });
}

TEST_CASE("a centre that is silent is hung up on after two enquiries") {
  SmsWorld world;
  world.times.silence = milliseconds(80);
  world.times.enquiry = milliseconds(40);
  world.centre().answers_enquiries = false;
  world.start_bound();
  world.until([&] { return world.centre().sessions.size() == 2; });
  CHECK(world.centre().enquiries == 2);
  CHECK(world.centre().sessions[0]->cut_by_peer);
}

TEST_CASE("a gateway that cannot be connected within kConnectMax is given up and tried again") {
  const Times times;
  CHECK(times.connect == limits::kConnectMax);
  SmsWorld world;
  world.times.connect = milliseconds(50);
  world.config.gateways[0].url.replace(0, 7, "smpps://");  // the centre never shakes hands
  world.start();
  world.until([&] { return world.centre().sessions.size() == 2; });
  CHECK(world.channel->gateways()[0].why == "It could not be connected in time.");
}

TEST_CASE("stopping waits for the answers and unbinds") {
  SmsWorld world;
  world.times.stop = seconds(10);
  world.start_bound();
  leave_unanswered(world.centre());
  world.attempt(1);
  world.until([&] { return world.centre().submits.size() == 1; });
  world.stop();
  CHECK_FALSE(world.stopped.has_value());
  CHECK(world.channel->room() == 0);
  world.attempt(2);
  world.settle();
  CHECK_FALSE(world.stopped.has_value());
  CHECK(world.answers.at(2).outcome ==
        engine::Outcome{Fate::later, false, {}, "The engine stops."});
  world.centre().answer(0, status::ok, "x");
  world.until([&] { return world.stopped.has_value(); });
  CHECK(*world.stopped);
  CHECK(world.centre().unbinds == 1);
  CHECK(world.answers.at(1).outcome.fate == Fate::sent);
}

TEST_CASE("stopping takes no longer than kStopMax and says what is not known") {
  const Times times;
  CHECK(times.stop == limits::kStopMax);
  SmsWorld world;
  world.times.stop = milliseconds(60);
  world.start_bound();
  leave_unanswered(world.centre());
  world.attempt(1);
  world.until([&] { return world.centre().submits.size() == 1; });
  world.stop();
  world.until([&] { return world.stopped.has_value(); });
  CHECK_FALSE(*world.stopped);
  CHECK(world.answers.at(1).uncertain);
}

TEST_CASE("kAttemptsMax attempts wait for their answers and one more is for later") {
  SmsWorld world;
  world.config.gateways[0].window = 1;
  world.start_bound();
  leave_unanswered(world.centre());
  const auto story = an_sms_story();
  for (std::size_t i = 0; i < limits::kAttemptsMax; ++i) {
    engine::Attempt attempt;
    attempt.address = "+447700900123";
    attempt.story = story;
    attempt.expires = world.clock.now() + std::chrono::hours(2);
    world.channel->attempt(std::move(attempt), [](engine::Attempted) {});
  }
  world.attempt(1);
  world.until_answered(1);
  CHECK(world.answers.at(1).outcome ==
        engine::Outcome{Fate::later, false, {}, "Too much is under way."});
}
