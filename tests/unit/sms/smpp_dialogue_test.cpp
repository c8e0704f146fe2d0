#include "connectors/sms/smpp_dialogue.hpp"

#include <doctest/doctest.h>

#include "connectors/sms/limits.hpp"
#include "engine/base/octet_io.hpp"
#include "tests/unit/sms/centre.hpp"

using namespace tests;
using Taken = SmppDialogue::Taken;

namespace {

SmppAccount with_window(std::size_t window, std::size_t rate = 5000) {
  SmppAccount account = an_account();
  account.window = window;
  account.rate = rate;
  return account;
}

Bytes framed(std::uint32_t command, engine::BytesView body) {
  engine::OctetWriter out;
  out.put(static_cast<std::uint32_t>(16 + body.size()));
  out.put(command);
  out.put(std::uint32_t{0});
  out.put(std::uint32_t{7});
  out.put_raw(body);
  return out.take();
}

}  // namespace

TEST_CASE("a session binds as a transceiver of version 3.4 before anything else") {
  Centre centre;
  REQUIRE(centre.heard.size() == 1);
  const auto* bind = std::get_if<BindTransceiver>(&centre.heard[0].body);
  REQUIRE(bind != nullptr);
  CHECK(bind->system_id == "tocsin");
  CHECK(bind->password == "secret");
  CHECK(bind->version == 0x34);
  CHECK(bind->range.digits == "60006");
  CHECK(centre.heard[0].sequence == 1);
  CHECK(centre.dialogue.room(centre.now) == 0);
  CHECK(centre.submit(1) == Taken::no_room);
  centre.say({status::ok, 9, BindTransceiverResp{"other", {}}});  // nobody asked that
  CHECK(centre.events().empty());
  centre.say({status::ok, 1, BindTransceiverResp{"centre", {}}});
  CHECK(centre.events() == Lines{"bound centre"});
  CHECK(centre.dialogue.room(centre.now) > 0);
}

TEST_CASE("a refused bind is told with the centre's status") {
  Centre by_answer;
  by_answer.say({status::password, 1, BindTransceiverResp{}});
  CHECK(by_answer.events() == Lines{"bind_refused ESME_RINVPASWD", "ended bind_refused"});
  CHECK(by_answer.dialogue.ended());
  Centre by_nack;
  by_nack.say({status::command_id, 1, GenericNack{}});
  CHECK(by_nack.events() == Lines{"bind_refused ESME_RINVCMDID", "ended bind_refused"});
  SmppAccount account = an_account();
  account.password = "longer than eight";
  Centre unfit(account);
  CHECK(unfit.heard.empty());
  CHECK(unfit.events() == Lines{"bind_refused ESME_RINVSYSID", "ended bind_refused"});
}

TEST_CASE("a bind that is not answered within kAnswerMax ends the session") {
  Centre centre;
  CHECK(centre.dialogue.due() == centre.now + limits::kAnswerMax);
  centre.pass(limits::kAnswerMax - milliseconds(1));
  CHECK(centre.events().empty());
  centre.pass(milliseconds(1));
  CHECK(centre.events() == Lines{"ended bind_unanswered"});
}

TEST_CASE("a submit_sm says who and how long and how urgently") {
  Centre centre = Centre::bound();
  const auto parts = to_parts("dŵr", 1);
  Submission submission;
  submission.token = 4;
  submission.to = "+447700900123";
  submission.coding = parts->coding;
  submission.esm_class = parts->esm_class;
  submission.message = parts->messages[0];
  submission.priority = 3;
  submission.validity = std::chrono::minutes(90);
  CHECK(centre.dialogue.submit(submission, centre.now) == Taken::yes);
  centre.hear();
  const auto* submit = std::get_if<SubmitSm>(&centre.heard.at(0).body);
  REQUIRE(submit != nullptr);
  CHECK(submit->source == Address{5, 0, "TOCSIN"});
  CHECK(submit->destination == Address{1, 1, "447700900123"});
  CHECK(submit->data_coding == 8);
  CHECK(submit->priority == 3);
  CHECK(submit->validity == "000000013000000R");
  CHECK(submit->registered_delivery == 1);
  submission.to = "07700900123";
  CHECK(centre.dialogue.submit(submission, centre.now) == Taken::unfit);
  submission.to = "+447700900123";
  submission.message = Bytes(254, 'x');
  CHECK(centre.dialogue.submit(submission, centre.now) == Taken::yes);
  submission.message = Bytes(255, 'x');
  CHECK(centre.dialogue.submit(submission, centre.now) == Taken::unfit);
  CHECK(centre.dialogue.unanswered() == 2);
}

TEST_CASE("answers settle their own message in any order, once") {
  Centre centre = Centre::bound();
  for (std::uint64_t token = 1; token <= 6; ++token) CHECK(centre.submit(token) == Taken::yes);
  centre.answer(1, "b");
  centre.answer(0, "a");
  centre.answer(0, "again");
  centre.answer(2, "", status::destination);
  centre.answer(3, "", 0x0A);
  centre.answer(4, "", status::system_error);
  centre.answer(5, "", 0x4FF);
  CHECK(centre.events() == Lines{"sent 2 b", "sent 1 a", "refused 3 ESME_RINVDSTADR recipient",
                                 "refused 4 ESME_RINVSRCADR", "deferred 5 ESME_RSYSERR",
                                 "deferred 6 "});
  CHECK(centre.dialogue.unanswered() == 0);
  centre.say({status::ok, 0x7FFFFFFF, SubmitSmResp{"never asked"}});
  centre.say({status::ok, 0, SubmitSmResp{"never asked"}});
  centre.say({status::ok, 0xFFFFFFFF, SubmitSmResp{"never asked"}});
  CHECK(centre.events().empty());
}

TEST_CASE("a generic_nack with its number refuses a message") {
  Centre centre = Centre::bound();
  CHECK(centre.submit_all() == 50);
  centre.say({status::command_length, centre.heard[0].sequence, GenericNack{}});
  centre.say({status::ok, centre.heard[1].sequence, GenericNack{}});
  centre.say({status::command_length, 0, GenericNack{}});
  CHECK(centre.events() == Lines{"refused 1 ESME_RINVCMDLEN", "deferred 2 ESME_RSYSERR"});
}

TEST_CASE("no more than the window is ever unanswered") {
  Centre centre = Centre::bound(with_window(3));
  CHECK(centre.submit_all() == 3);
  CHECK(centre.submit(4) == Taken::no_room);
  CHECK_FALSE(centre.dialogue.room_at());
  centre.answer(1, "b");
  CHECK(centre.dialogue.room(centre.now) == 1);
  CHECK(centre.submit_all(4) == 1);
}

TEST_CASE(
    "one in kBurstShare of a second goes out at once and never more than the contract after it") {
  Centre centre = Centre::bound(with_window(100'000, 500));
  std::size_t sent = centre.submit_all();
  CHECK(sent == 500 / limits::kBurstShare);
  CHECK(centre.dialogue.room_at() == centre.now + milliseconds(2));
  for (int i = 0; i < 5000; ++i) {
    centre.now += milliseconds(1);
    sent += centre.submit_all();
  }
  CHECK(sent == 5 + 5 * 500);
  // Silence earns no more than that either.
  centre.now += seconds(5);
  CHECK(centre.submit_all() == 5);

  Centre slow = Centre::bound(with_window(10, 1));
  CHECK(slow.submit_all() == 1);
  slow.now += milliseconds(999);
  CHECK(slow.submit_all() == 0);
  slow.now += milliseconds(1);
  CHECK(slow.submit_all() == 1);
}

TEST_CASE("a session goes on with the rate that the one before it left") {
  Centre before = Centre::bound(with_window(10, 2));
  CHECK(before.submit_all() == 1);
  SmppAccount account = with_window(10, 2);
  account.paid = before.dialogue.paid();
  Centre after = Centre::bound(account);
  after.now = before.now + milliseconds(499);
  CHECK(after.submit_all() == 0);
  after.now += milliseconds(1);
  CHECK(after.submit_all() == 1);
}

TEST_CASE("a rate that does not divide a second is rounded down and never up") {
  Centre centre = Centre::bound(with_window(100'000, 7));
  std::size_t sent = centre.submit_all();
  const std::size_t burst = sent;
  for (int i = 0; i < 60'000; ++i) {
    centre.now += milliseconds(1);
    sent += centre.submit_all();
  }
  CHECK(sent - burst <= 7 * 60);
  CHECK(sent - burst >= 7 * 60 - 1);
}

TEST_CASE("a centre that is too busy is left alone by the session, longer each time it says so") {
  Centre centre = Centre::bound(with_window(10, 1000));
  std::uint64_t token = 1;
  seconds pause = limits::kBackOffFirst;
  for (int round = 0; round < 8; ++round) {
    CAPTURE(round);
    centre.heard.clear();
    const std::size_t sent = centre.submit_all(token);
    REQUIRE(sent == 10);
    token += sent;
    // All of one window say the same, which is one pause.
    for (std::size_t i = 0; i < sent; ++i) {
      centre.answer(i, "", i % 2 == 0 ? status::throttled : status::queue_full);
    }
    CHECK(centre.events().size() == 10);
    CHECK(centre.dialogue.room(centre.now) == 0);
    CHECK(centre.dialogue.room_at() == centre.now + pause);
    centre.now += pause - milliseconds(1);
    CHECK(centre.submit(token) == Taken::no_room);
    centre.now += milliseconds(1);
    pause = std::min<seconds>(pause * 2, limits::kBackOffMax);
  }
  CHECK(pause == limits::kBackOffMax);
  // One that was sent since and taken makes the next pause a short one.
  centre.heard.clear();
  REQUIRE(centre.submit_all(token) == 10);
  centre.answer(0, "a");
  centre.answer(1, "", status::throttled);
  CHECK(centre.dialogue.room_at() == centre.now + limits::kBackOffFirst);
  CHECK(centre.events() == Lines{"sent " + std::to_string(token) + " a",
                                 "deferred " + std::to_string(token + 1) + " ESME_RTHROTTLED"});
}

TEST_CASE("a submit that is not answered within kAnswerMax is uncertain, and heard of if it is") {
  Centre centre = Centre::bound(with_window(2));
  CHECK(centre.submit_all() == 2);
  CHECK(centre.dialogue.due() == centre.now + limits::kAnswerMax);
  centre.pass(limits::kAnswerMax - milliseconds(1));
  CHECK(centre.events().empty());
  centre.pass(milliseconds(1));
  CHECK(centre.events() == Lines{"uncertain 1", "uncertain 2"});
  CHECK(centre.dialogue.uncertain() == 2);
  CHECK(centre.dialogue.room(centre.now) == 2);  // the window is free again
  centre.answer(1, "late");
  centre.answer(0, "", status::destination);
  CHECK(centre.events() == Lines{"sent 2 late", "refused 1 ESME_RINVDSTADR recipient"});
  centre.answer(1, "twice");
  CHECK(centre.events().empty());
}

TEST_CASE("of the overdue no more than kOverdueKept are known when they are answered") {
  Centre centre = Centre::bound(with_window(2 * limits::kOverdueKept, 1'000'000));
  for (std::uint64_t token = 0; token <= limits::kOverdueKept; ++token) centre.submit(token);
  centre.pass(limits::kAnswerMax);
  CHECK(centre.events().size() == limits::kOverdueKept + 1);
  centre.answer(0, "forgotten");
  CHECK(centre.events().empty());
  centre.answer(1, "known");
  CHECK(centre.events() == Lines{"sent 1 known"});
}

TEST_CASE("a centre that answers no submit of a window at all is given up") {
  for (const std::size_t window : {std::size_t{1}, limits::kUnansweredLeast, std::size_t{12}}) {
    CAPTURE(window);
    Centre centre = Centre::bound(with_window(window));
    const std::size_t most = std::max(window, limits::kUnansweredLeast);
    std::size_t sent = 0;
    while (!centre.dialogue.ended() && sent < 100) {
      sent += centre.submit_all(sent + 1);
      centre.pass(limits::kAnswerMax);
      centre.say({status::ok, 5, EnquireLinkResp{}});  // it is there, though
    }
    CHECK(sent == most);
    CHECK(centre.events().back() == "ended unanswered");
  }
}

TEST_CASE("a link that dies leaves every unanswered message uncertain, and counts them") {
  Centre centre = Centre::bound(with_window(3));
  CHECK(centre.submit_all() == 3);
  centre.answer(0, "a");
  centre.dialogue.lost();
  CHECK(centre.events() == Lines{"sent 1 a", "uncertain 2", "uncertain 3", "ended lost"});
  CHECK(centre.dialogue.uncertain() == 2);
  centre.dialogue.lost();
  centre.answer(1, "b");
  CHECK(centre.events().empty());
}

TEST_CASE("a silent centre is asked after kSilenceMax and given up after two enquiries") {
  Centre centre = Centre::bound();
  const Instant silent_since = centre.now;
  CHECK(centre.dialogue.due() == centre.now + limits::kSilenceMax);
  centre.pass(limits::kSilenceMax - milliseconds(1));
  CHECK(centre.heard_of<EnquireLink>() == 0);
  centre.pass(milliseconds(1));
  CHECK(centre.heard_of<EnquireLink>() == 1);
  CHECK(centre.dialogue.due() == centre.now + limits::kEnquiryMax);
  centre.pass(limits::kEnquiryMax);
  CHECK(centre.heard_of<EnquireLink>() == 2);
  centre.pass(limits::kEnquiryMax - milliseconds(1));
  CHECK_FALSE(centre.dialogue.ended());
  centre.pass(milliseconds(1));
  CHECK(centre.events() == Lines{"ended silent"});
  CHECK(centre.now - silent_since <= 2 * limits::kSilenceMax);
}

TEST_CASE("whoever says anything whole is alive, and half a PDU is not") {
  Centre centre = Centre::bound();
  centre.pass(limits::kSilenceMax);
  CHECK(centre.heard_of<EnquireLink>() == 1);
  centre.say({status::ok, centre.heard.back().sequence, EnquireLinkResp{}});
  centre.pass(limits::kSilenceMax - milliseconds(1));
  CHECK(centre.heard_of<EnquireLink>() == 1);
  centre.say_octets(write_pdu({0, 1, EnquireLink{}})->substr(0, 15));
  centre.pass(milliseconds(1));
  CHECK(centre.heard_of<EnquireLink>() == 2);
}

TEST_CASE("the centre's enquiries are answered with their number") {
  Centre centre = Centre::bound();
  centre.say({status::ok, 4711, EnquireLink{}});
  CHECK(centre.heard == std::vector<Pdu>{{0, 4711, EnquireLinkResp{}}});
}

TEST_CASE("a receipt that overtook its answer is told after it") {
  Centre centre = Centre::bound();
  centre.submit(1);
  centre.submit(2);
  centre.deliver_receipt("24378");
  CHECK(centre.events().empty());
  centre.answer(1, "other");
  CHECK(centre.events() == Lines{"sent 2 other"});
  centre.answer(0, "5F3A");  // hexadecimal here, decimal there
  CHECK(centre.events() == Lines{"sent 1 5F3A", "receipt 24378 DELIVRD"});
  centre.deliver_receipt("5f3a");
  CHECK(centre.events() == Lines{"receipt 5f3a DELIVRD"});
}

TEST_CASE("a receipt that overtook its answer waits for the id as it was answered") {
  Centre centre = Centre::bound();
  centre.submit(1);
  centre.submit(2);
  centre.deliver_receipt("16");
  centre.answer(0, "10");  // which is 16 where it is hexadecimal
  CHECK(centre.events() == Lines{"sent 1 10"});
  centre.answer(1, "16");
  CHECK(centre.events() == Lines{"sent 2 16", "receipt 16 DELIVRD"});
}

TEST_CASE("a receipt waits for no answer but those that were outstanding when it came") {
  Centre centre = Centre::bound();
  centre.submit(1);
  centre.deliver_receipt("of yesterday");
  centre.submit(2);
  centre.answer(0, "a");
  CHECK(centre.events() == Lines{"sent 1 a", "receipt of DELIVRD"});

  centre.deliver_receipt("early");
  centre.pass(limits::kAnswerMax);
  CHECK(centre.events() == Lines{"uncertain 2", "receipt early DELIVRD"});

  centre.submit(3);
  centre.deliver_receipt("last");
  centre.dialogue.lost();
  CHECK(centre.events() == Lines{"uncertain 3", "receipt last DELIVRD", "ended lost"});
}

TEST_CASE("beyond kEarlyReceipts the oldest receipt waits no longer") {
  Centre centre = Centre::bound();
  centre.submit(1);
  for (std::size_t i = 0; i < limits::kEarlyReceipts; ++i) {
    centre.deliver_receipt("r" + std::to_string(i));
  }
  CHECK(centre.events().empty());
  centre.deliver_receipt("newest");
  CHECK(centre.events() == Lines{"receipt r0 DELIVRD"});
  centre.answer(0, "r5");
  const Lines rest = centre.events();
  REQUIRE(rest.size() == 1 + limits::kEarlyReceipts);
  CHECK(rest[0] == "sent 1 r5");
  CHECK(rest[1] == "receipt r5 DELIVRD");
  CHECK(rest[2] == "receipt r1 DELIVRD");
}

TEST_CASE("a receipt is answered as whoever was told says") {
  Centre centre = Centre::bound();
  centre.deliver_receipt("a");
  CHECK(centre.events() == Lines{"receipt a DELIVRD"});
  CHECK(centre.heard.empty());
  centre.dialogue.answer_delivery(77, true);
  centre.deliver_receipt("a");
  centre.dialogue.answer_delivery(77, false);
  centre.hear();
  CHECK(centre.heard ==
        std::vector<Pdu>{{0, 77, DeliverSmResp{}}, {status::try_again, 77, DeliverSmResp{}}});
  centre.deliver("stat:DELIVRD", 0x04);  // of what, nobody knows
  CHECK(centre.heard.back() == Pdu{0, 77, DeliverSmResp{}});
}

TEST_CASE("a receipt of a message that was answered waits for no other answer") {
  Centre centre = Centre::bound();
  centre.submit(1);
  centre.answer(0, "00A1");
  for (std::uint64_t token = 2; token <= 3; ++token) centre.submit(token);
  (void)centre.events();
  centre.deliver_receipt("a1");
  CHECK(centre.events() == Lines{"receipt a1 DELIVRD"});
  centre.deliver_receipt("161");  // it may be one of those, or the first in decimal
  CHECK(centre.events().empty());
}

TEST_CASE("a receipt that overtook its answer is sent again after kReceiptHeld and counts still") {
  constexpr milliseconds kHeld = limits::kReceiptHeld;
  Centre centre = Centre::bound();
  centre.submit(1);
  centre.deliver_receipt("early");
  centre.pass(kHeld / 2);
  centre.deliver("id:later stat:DELIVRD err:000", 0x04, 78);
  centre.pass(kHeld / 2 - milliseconds(1));
  CHECK(centre.heard_of<DeliverSmResp>() == 0);
  CHECK(centre.dialogue.due() == centre.now + milliseconds(1));
  centre.pass(milliseconds(1));
  CHECK(centre.heard.back() == Pdu{status::try_again, 77, DeliverSmResp{}});
  CHECK(centre.heard_of<DeliverSmResp>() == 1);
  CHECK(centre.dialogue.due() == centre.now + kHeld / 2);
  centre.answer(0, "early");
  CHECK(centre.events() == Lines{"sent 1 early", "receipt early DELIVRD", "receipt later DELIVRD"});
  centre.pass(kHeld);
  CHECK(centre.heard_of<DeliverSmResp>() == 1);  // the other one when it is kept
}

TEST_CASE("kDeliveriesUnanswered deliveries are held and one more is sent again") {
  Centre centre = Centre::bound();
  for (std::size_t i = 0; i < limits::kDeliveriesUnanswered; ++i) centre.deliver_receipt("a");
  CHECK(centre.heard.empty());
  centre.deliver("1 SAFE", 0, 78);
  CHECK(centre.heard == std::vector<Pdu>{{status::try_again, 78, DeliverSmResp{}}});
  CHECK(centre.events().size() == limits::kDeliveriesUnanswered);
  centre.dialogue.answer_delivery(77, true);
  centre.deliver("1 SAFE", 0, 79);
  CHECK(centre.events() == Lines{"reply +447700900123 60006 1 SAFE"});
}

TEST_CASE("a reply is told, also when it comes twice, and answered as whoever was told says") {
  Centre centre = Centre::bound();
  centre.deliver("1 SAFE");
  centre.deliver("1 SAFE");
  CHECK(centre.events() ==
        Lines{"reply +447700900123 60006 1 SAFE", "reply +447700900123 60006 1 SAFE"});
  CHECK(centre.heard.empty());
  centre.dialogue.answer_delivery(77, false);
  centre.dialogue.answer_delivery(77, true);
  centre.hear();
  CHECK(centre.heard ==
        std::vector<Pdu>{{status::try_again, 77, DeliverSmResp{}}, {0, 77, DeliverSmResp{}}});
  centre.deliver(std::string_view("\x05\x00\x03\x07\x02\x02there", 11), 0x40);
  centre.deliver("\x7fno header", 0x40);
  CHECK(centre.events() ==
        Lines{"reply +447700900123 60006 there part 2", "reply +447700900123 60006 unreadable"});
  DeliverSm payload;
  payload.tlvs = {{tag::message_payload, Bytes("\x00\x31", 2)}};
  payload.data_coding = 8;
  centre.say({0, 78, payload});
  payload.data_coding = 4;
  centre.say({0, 79, payload});
  CHECK(centre.events() == Lines{"reply   1", "reply   unreadable"});
  centre.dialogue.lost();
  centre.dialogue.answer_delivery(79, true);
  CHECK(centre.dialogue.take_output().empty());
}

TEST_CASE("every request is answered, whatever it is") {
  Centre centre = Centre::bound();
  const auto answer_to = [&](engine::BytesView octets) {
    centre.heard.clear();
    centre.say_octets(octets);
    return centre.heard;
  };
  CHECK(answer_to(framed(static_cast<std::uint32_t>(Command::deliver_sm), "junk")) ==
        std::vector<Pdu>{{status::rejected, 7, DeliverSmResp{}}});
  CHECK(answer_to(framed(0x42, "junk")) ==
        std::vector<Pdu>{{status::command_id, 7, GenericNack{}}});
  CHECK(answer_to(framed(static_cast<std::uint32_t>(Command::submit_sm), "junk")) ==
        std::vector<Pdu>{{status::command_length, 7, GenericNack{}}});
  CHECK(answer_to(write_pdu({0, 7, SubmitSm{}}).value()) ==
        std::vector<Pdu>{{status::command_id, 7, GenericNack{}}});
  CHECK(answer_to(write_pdu({0, 7, BindTransceiver{}}).value()) ==
        std::vector<Pdu>{{status::command_id, 7, GenericNack{}}});
  CHECK(answer_to(framed(static_cast<std::uint32_t>(Command::data_sm), "junk")) ==
        std::vector<Pdu>{{status::command_id, 7, DataSmResp{}}});
  // What is no request is not, or two that do not understand each other would never stop.
  CHECK(answer_to(framed(0x80000042, "junk")).empty());
  CHECK(answer_to(framed(static_cast<std::uint32_t>(Command::alert_notification), "x")).empty());
  CHECK(answer_to(write_pdu({status::command_id, 7, GenericNack{}}).value()).empty());
  CHECK(answer_to(write_pdu({0, 7, UnbindResp{}}).value()).empty());
  CHECK(centre.events().empty());

  Centre early;
  early.heard.clear();
  early.deliver("1 SAFE");
  CHECK(early.heard == std::vector<Pdu>{{status::bind_status, 77, DeliverSmResp{}}});
  CHECK(early.events().empty());
}

TEST_CASE("a stream out of step is told and closed") {
  for (const char* length : {"00000000", "00000004", "ffffffff", "00001001"}) {
    CAPTURE(length);
    Centre centre = Centre::bound();
    centre.submit(1);
    centre.heard.clear();
    centre.say_octets(write_pdu({0, 9, EnquireLink{}}).value() + engine::from_hex(length).value());
    CHECK(centre.heard ==
          std::vector<Pdu>{{0, 9, EnquireLinkResp{}}, {status::command_length, 0, GenericNack{}}});
    CHECK(centre.events() == Lines{"uncertain 1", "ended broken_stream"});
  }
}

TEST_CASE("an unbind of the centre's leaves time for the answers that are on their way") {
  Centre centre = Centre::bound();
  centre.submit(1);
  centre.submit(2);
  const auto submitted = centre.heard;
  centre.say({0, 5, Unbind{}});
  CHECK(centre.heard.back() == Pdu{0, 5, UnbindResp{}});
  CHECK(centre.submit(3) == Taken::no_room);
  centre.answer(0, "a");
  CHECK_FALSE(centre.dialogue.ended());
  centre.answer(1, "b");
  CHECK(centre.events() == Lines{"sent 1 a", "sent 2 b", "ended unbound_by_centre"});

  Centre silent = Centre::bound();
  silent.submit(1);
  silent.say({0, 5, Unbind{}});
  silent.pass(limits::kAnswerMax);
  CHECK(silent.events() == Lines{"uncertain 1", "ended unbound_by_centre"});

  Centre idle = Centre::bound();
  idle.say({0, 5, Unbind{}});
  CHECK(idle.events() == Lines{"ended unbound_by_centre"});
}

TEST_CASE("a session ends well: no more is submitted, answers are waited for, then unbind") {
  Centre centre = Centre::bound();
  centre.submit(1);
  centre.dialogue.end(centre.now);
  centre.hear();
  CHECK(centre.heard_of<Unbind>() == 0);
  CHECK(centre.submit(2) == Taken::no_room);
  centre.answer(0, "a");
  CHECK(centre.heard_of<Unbind>() == 1);
  centre.say({0, 999, UnbindResp{}});  // of another
  CHECK_FALSE(centre.dialogue.ended());
  centre.deliver("1 SAFE");
  centre.say({0, centre.heard[1].sequence, UnbindResp{}});
  CHECK(centre.events() == Lines{"sent 1 a", "reply +447700900123 60006 1 SAFE", "ended unbound"});

  Centre deaf = Centre::bound();
  deaf.dialogue.end(deaf.now);
  CHECK(deaf.dialogue.due() == deaf.now + limits::kAnswerMax);
  deaf.pass(limits::kAnswerMax);
  CHECK(deaf.events() == Lines{"ended unbound"});

  Centre binding;
  binding.dialogue.end(binding.now);
  CHECK(binding.events() == Lines{"ended unbound"});
}

TEST_CASE("sequence numbers go from 0x7FFFFFFF to 1 and answers still find their message") {
  SmppAccount account = an_account();
  account.sequence = 0x7FFFFFFC;
  Centre centre = Centre::bound(account);
  for (std::uint64_t token = 1; token <= 4; ++token) centre.submit(token);
  REQUIRE(centre.heard.size() == 4);
  CHECK(centre.heard[0].sequence == 0x7FFFFFFE);
  CHECK(centre.heard[1].sequence == 0x7FFFFFFF);
  CHECK(centre.heard[2].sequence == 1);
  CHECK(centre.heard[3].sequence == 2);
  for (const std::size_t i : {2U, 0U, 3U, 1U}) centre.answer(i, std::to_string(i));
  CHECK(centre.events() == Lines{"sent 3 2", "sent 1 0", "sent 4 3", "sent 2 1"});
}
