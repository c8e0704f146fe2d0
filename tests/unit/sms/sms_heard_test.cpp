// What telephones and centres say by themselves: receipts, and replies.
#include <doctest/doctest.h>

#include "connectors/sms/sms_channel.hpp"
#include "tests/unit/sms/socket_centre.hpp"

using namespace tests;
using engine::Fate;
using Lines = std::vector<std::string>;

TEST_CASE("receipts are reported by the gateway's name and the id that was answered") {
  SmsWorld world;
  world.start_bound();
  world.attempt(1);
  world.until_answered(1);
  deliver(world.centre(), "id:A1 stat:ENROUTE err:000", 0x04);
  deliver(world.centre(),
          "id:00a1 stat:UNDELIV err:\x01\xff"
          "1",
          0x04);
  deliver(world.centre(), "id:161 stat:DELIVRD err:000", 0x04);
  world.until([&] { return world.told.reports.size() == 3; });
  CHECK(world.told.lines == Lines{"a a1 delayed: ENROUTE 000", "a a1 failed: UNDELIV ??1",
                                  "a a1 delivered: DELIVRD 000"});
}

TEST_CASE("a receipt is answered once it is kept, and sent again where it was not") {
  SmsWorld world;
  world.start_bound();
  for (const char* text : {"id:1 stat:DELIVRD err:000", "id:2 stat:DELIVRD err:000"}) {
    deliver(world.centre(), text, 0x04);
  }
  world.until([&] { return world.told.reports.size() == 2; });
  world.settle();
  CHECK(world.centre().deliveries_answered == 0);
  world.told.reports[0](true);
  world.until([&] { return world.centre().deliveries_answered == 1; });
  CHECK(world.centre().deliveries_refused == 0);
  world.told.reports[1](false);
  world.until([&] { return world.centre().deliveries_refused == 1; });
}

TEST_CASE("a receipt that arrives together with its answer is told after it") {
  SmsWorld world;
  world.start_bound();
  std::size_t answered_before = 0;
  world.told.on_report = [&] { answered_before = world.answers.size(); };
  world.centre().on_submit = [](SocketCentre::Session& session, const Pdu& pdu) {
    DeliverSm receipt;
    receipt.esm_class = 0x04;
    receipt.text = "id:x stat:DELIVRD err:000";
    session.say_octets(write_pdu({status::ok, 900, receipt}).value() +
                       write_pdu({status::ok, pdu.sequence, SubmitSmResp{"x"}}).value());
  };
  world.attempt(1);
  world.until([&] { return !world.told.lines.empty(); });
  CHECK(answered_before == 1);
}

TEST_CASE(
    "a reply is answered with the number as contacts have it and of a long one its beginning") {
  SmsWorld world;
  world.start_bound();
  deliver(world.centre(), "1 SAFE");
  deliver(world.centre(), Bytes("\x05\x00\x03\x07\x02\x01", 6) + "2 HELP we are", 0x40);
  deliver(world.centre(), Bytes("\x05\x00\x03\x07\x02\x02", 6) + "1 on the roof", 0x40);
  world.until([&] { return world.told.replies.size() == 2; });
  CHECK(world.told.lines == Lines{"+447700900123 says 1 SAFE", "+447700900123 says 2 HELP we are"});
  // What nobody waits for is answered at once; the others when they are kept.
  world.until([&] { return world.centre().deliveries_answered == 1; });
  world.told.replies[0](true);
  world.told.replies[1](false);
  world.until([&] { return world.centre().deliveries_answered == 3; });
  CHECK(world.centre().deliveries_refused == 1);
  CHECK(world.metric("tocsin_sms_replies_total{outcome=\"unread\"}") == "1");
}

TEST_CASE("a reply that arrives together with the answer to its message is told after it") {
  SmsWorld world;
  world.start_bound();
  std::size_t answered_before = 0;
  world.told.on_reply = [&] { answered_before = world.answers.size(); };
  world.centre().on_submit = [](SocketCentre::Session& session, const Pdu& pdu) {
    DeliverSm reply;
    reply.text = "STOP";
    session.say_octets(write_pdu({status::ok, pdu.sequence, SubmitSmResp{"x"}}).value() +
                       write_pdu({status::ok, 900, reply}).value());
  };
  world.attempt(1);
  world.until([&] { return !world.told.replies.empty(); });
  CHECK(answered_before == 1);
}

TEST_CASE("a reply of a session that is over is answered in no other") {
  SmsWorld world;
  world.start_bound();
  deliver(world.centre(), "1 SAFE");
  world.until([&] { return world.told.replies.size() == 1; });
  world.centre().session().cut();
  world.until([&] { return world.centre().sessions.size() == 2 && world.channel->room() > 0; });
  world.told.replies[0](true);
  deliver(world.centre(), "1 SAFE");
  world.until([&] { return world.told.replies.size() == 2; });
  world.told.replies[1](true);
  world.until([&] { return world.centre().deliveries_answered == 1; });
  world.settle();
  CHECK(world.centre().deliveries_answered == 1);
}
