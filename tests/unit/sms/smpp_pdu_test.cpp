#include "connectors/sms/smpp_pdu.hpp"

#include <doctest/doctest.h>

#include "connectors/sms/limits.hpp"
#include "engine/base/octet_io.hpp"

using namespace connectors::sms;
using engine::Bytes;
using engine::BytesView;

namespace {

SubmitSm a_message() {
  SubmitSm message;
  message.service_type = "ALERT";
  message.source = {5, 0, "TOCSIN"};
  message.destination = {1, 1, "447700900123"};
  message.esm_class = 0x40;
  message.priority = 3;
  message.validity = "000000020000000R";
  message.registered_delivery = 1;
  message.data_coding = 8;
  message.text = Bytes("\x05\x00\x03\x01\x02\x01\x00\x41", 8);
  message.tlvs = {{tag::message_state, Bytes("\x02")}};
  return message;
}

Bytes with_header(std::uint32_t size, std::uint32_t command, BytesView body = {}) {
  engine::OctetWriter out;
  out.put(size);
  out.put(command);
  out.put(std::uint32_t{0});
  out.put(std::uint32_t{7});
  out.put_raw(body);
  return out.take();
}

Bytes framed(std::uint32_t command, BytesView body) {
  return with_header(static_cast<std::uint32_t>(16 + body.size()), command, body);
}

constexpr auto kSubmit = static_cast<std::uint32_t>(Command::submit_sm);
constexpr auto kDeliver = static_cast<std::uint32_t>(Command::deliver_sm);

std::vector<Pdu> one_of_each() {
  DeliverSm reply;
  reply.source = {1, 1, "447700900123"};
  reply.destination = {3, 0, "60006"};
  reply.text = "1 SAFE";
  BindTransceiver bind;
  bind.system_id = "tocsin";
  bind.password = "secret";
  bind.system_type = "ALERTS";
  return {{0, 1, bind},
          {0, 1, BindTransceiverResp{"centre", {{0x0210, "\x34"}}}},
          {status::password, 1, BindTransceiverResp{}},
          {0, 2, a_message()},
          {0, 2, SubmitSmResp{"5f3a"}},
          {status::throttled, 2, SubmitSmResp{}},
          {0, 3, reply},
          {0, 3, DeliverSmResp{}},
          {0, 4, EnquireLink{}},
          {0, 4, EnquireLinkResp{}},
          {0, 5, Unbind{}},
          {0, 0x7FFFFFFF, UnbindResp{}},
          {status::command_id, 0, GenericNack{}},
          {0, 6, AlertNotification{}},
          {0, 7, DataSm{}},
          {0, 7, DataSmResp{}}};
}

}  // namespace

TEST_CASE("what is written is read as the same") {
  for (const Pdu& pdu : one_of_each()) {
    CAPTURE(pdu.body.index());
    const auto octets = write_pdu(pdu);
    REQUIRE(octets);
    CHECK(read_pdu(*octets) == pdu);
  }
}

TEST_CASE("a submit_sm has the octets of section 4.4.1") {
  SubmitSm message;
  message.source = {5, 0, "TOCSIN"};
  message.destination = {1, 1, "447700900123"};
  message.registered_delivery = 1;
  message.text = "Hi";
  message.tlvs = {{0x0204, Bytes("\x00\x01", 2)}};
  CHECK(engine::to_hex(write_pdu({0, 9, message}).value()) ==
        "0000003b"
        "00000004"
        "00000000"
        "00000009"
        "00"
        "0500544f4353494e00"
        "01013434373730303930303132"
        "3300"
        "000000"
        "00"
        "00"
        "01"
        "00"
        "00"
        "00"
        "024869"
        "020400020001");
}

TEST_CASE("a field of its greatest length is written and one octet more is not") {
  const auto writes = [](auto change) {
    SubmitSm message = a_message();
    change(message);
    return write_pdu({0, 1, message}).has_value();
  };
  CHECK(writes([](auto& m) { m.service_type = Bytes(5, 'x'); }));
  CHECK_FALSE(writes([](auto& m) { m.service_type = Bytes(6, 'x'); }));
  CHECK(writes([](auto& m) { m.source.digits = Bytes(20, '1'); }));
  CHECK_FALSE(writes([](auto& m) { m.source.digits = Bytes(21, '1'); }));
  CHECK(writes([](auto& m) { m.destination.digits = Bytes(20, '1'); }));
  CHECK_FALSE(writes([](auto& m) { m.destination.digits = Bytes(21, '1'); }));
  CHECK(writes([](auto& m) { m.validity = ""; }));
  CHECK_FALSE(writes([](auto& m) { m.validity = Bytes(15, '0'); }));
  CHECK_FALSE(writes([](auto& m) { m.validity = Bytes(17, '0'); }));
  CHECK(writes([](auto& m) { m.text = Bytes(254, 'x'); }));
  CHECK_FALSE(writes([](auto& m) { m.text = Bytes(255, 'x'); }));
  CHECK_FALSE(writes([](auto& m) { m.source.digits = Bytes("a\0b", 3); }));

  const auto binds = [](std::size_t id, std::size_t password, std::size_t type) {
    return write_pdu(
               {0, 1,
                BindTransceiver{Bytes(id, 'x'), Bytes(password, 'x'), Bytes(type, 'x'), 0x34, {}}})
        .has_value();
  };
  CHECK(binds(15, 8, 12));
  CHECK_FALSE(binds(16, 8, 12));
  CHECK_FALSE(binds(15, 9, 12));
  CHECK_FALSE(binds(15, 8, 13));
  CHECK(write_pdu({0, 1, SubmitSmResp{Bytes(64, 'x')}}));
  CHECK_FALSE(write_pdu({0, 1, SubmitSmResp{Bytes(65, 'x')}}));
  CHECK_FALSE(write_pdu({0, 1, UnknownPdu{0x42}}));
}

TEST_CASE("a PDU of kPduMax octets is written and read and one octet more is neither") {
  SubmitSm message;
  message.tlvs = {{tag::message_payload, ""}};
  const std::size_t bare = write_pdu({0, 1, message})->size();
  message.tlvs[0].value = Bytes(limits::kPduMax - bare, 'x');
  const auto largest = write_pdu({0, 1, message});
  REQUIRE(largest);
  CHECK(largest->size() == limits::kPduMax);
  PduReader reader;
  std::vector<Pdu> read;
  CHECK_FALSE(reader.read(*largest, read));
  CHECK(read == std::vector<Pdu>{{0, 1, message}});

  message.tlvs[0].value += 'x';
  CHECK_FALSE(write_pdu({0, 1, message}));
  CHECK(reader.read(with_header(limits::kPduMax + 1, kSubmit), read) == PduReader::Fault::too_long);
}

TEST_CASE("PDUs are read however their octets arrive") {
  Bytes stream;
  for (const Pdu& pdu : one_of_each()) stream += write_pdu(pdu).value();
  for (std::size_t step = 1; step <= stream.size(); step += step < 40 ? 1 : 37) {
    PduReader reader;
    std::vector<Pdu> read;
    for (std::size_t at = 0; at < stream.size(); at += step) {
      REQUIRE_FALSE(reader.read(BytesView(stream).substr(at, step), read));
    }
    CAPTURE(step);
    CHECK(read == one_of_each());
  }
}

TEST_CASE("a length that no PDU has is a fault with its fourth octet and nothing follows it") {
  const std::vector<std::pair<std::uint32_t, std::optional<PduReader::Fault>>> rows = {
      {0, PduReader::Fault::too_short},
      {4, PduReader::Fault::too_short},
      {15, PduReader::Fault::too_short},
      {16, std::nullopt},
      {limits::kPduMax + 1, PduReader::Fault::too_long},
      {0xFFFFFFFF, PduReader::Fault::too_long}};
  for (const auto& [size, fault] : rows) {
    CAPTURE(size);
    const Bytes octets = with_header(size, static_cast<std::uint32_t>(Command::enquire_link));
    PduReader whole;
    std::vector<Pdu> read;
    CHECK(whole.read(octets, read) == fault);
    CHECK(read.size() == (fault ? 0 : 1));
    PduReader slow;
    for (int i = 0; i < 3; ++i) CHECK_FALSE(slow.read(octets.substr(i, 1), read));
    CHECK(slow.read(octets.substr(3, 1), read) == fault);
    read.clear();
    const Bytes good = write_pdu({0, 1, Unbind{}}).value();
    CHECK(whole.read(good, read) == fault);
    CHECK(read.size() == (fault ? 0 : 1));
  }
}

TEST_CASE("a fault comes after what was whole before it") {
  PduReader reader;
  std::vector<Pdu> read;
  CHECK(reader.read(write_pdu({0, 1, EnquireLink{}}).value() + Bytes(4, '\0'), read) ==
        PduReader::Fault::too_short);
  CHECK(read == std::vector<Pdu>{{0, 1, EnquireLink{}}});
}

TEST_CASE("a command that is unknown is read as that and the next one after it") {
  PduReader reader;
  std::vector<Pdu> read;
  const Bytes stream = framed(0x00000042, "whatever") + write_pdu({0, 8, EnquireLink{}}).value();
  CHECK_FALSE(reader.read(stream, read));
  CHECK(read == std::vector<Pdu>{{0, 7, UnknownPdu{0x42}}, {0, 8, EnquireLink{}}});
}

TEST_CASE("a body that ends too soon or has no NUL is malformed at every length") {
  const Bytes whole = write_pdu({0, 7, DeliverSm{a_message()}}).value();
  const Bytes body = whole.substr(16);
  const std::size_t without_tlvs = body.size() - 5;
  for (std::size_t size = 0; size < body.size(); ++size) {
    CAPTURE(size);
    const Pdu read = read_pdu(framed(kDeliver, body.substr(0, size)));
    CHECK(read.sequence == 7);
    if (size == without_tlvs) continue;  // is whole by itself
    CHECK(read.body == PduBody{MalformedPdu{kDeliver}});
  }
  Bytes long_address = body;
  long_address.replace(body.find("TOCSIN"), 6, Bytes(21, '1'));
  CHECK(read_pdu(framed(kDeliver, long_address)).body == PduBody{MalformedPdu{kDeliver}});
  long_address = body;
  long_address.replace(body.find("TOCSIN"), 6, Bytes(20, '1'));
  CHECK(std::holds_alternative<DeliverSm>(read_pdu(framed(kDeliver, long_address)).body));
}

TEST_CASE("optional parameters that are unknown are kept out of the way") {
  DeliverSm message{a_message()};
  message.tlvs = {{0x1400, "vendor"},
                  {tag::sar_msg_ref_num, Bytes("\x00\x01", 2)},
                  {0x1400, ""},
                  {tag::receipted_message_id, Bytes("5f3a\0", 5)}};
  const Pdu read = read_pdu(write_pdu({0, 1, message}).value());
  REQUIRE(std::holds_alternative<DeliverSm>(read.body));
  const auto& tlvs = std::get<DeliverSm>(read.body).tlvs;
  CHECK(find(tlvs, tag::receipted_message_id) == BytesView("5f3a\0", 5));
  CHECK(find(tlvs, 0x1400) == BytesView("vendor"));
  CHECK_FALSE(find(tlvs, tag::message_payload));
}

TEST_CASE("a response is an answer whatever its body is") {
  const auto submit_resp = static_cast<std::uint32_t>(Command::submit_sm_resp);
  const auto bind_resp = static_cast<std::uint32_t>(Command::bind_transceiver_resp);
  const std::vector<std::pair<Bytes, Bytes>> rows = {
      {"", ""},
      {Bytes("5f\0", 3), "5f"},
      {Bytes("5f\0junk", 7), "5f"},
      {"no end", ""},
      {Bytes(65, 'x') + Bytes(1, '\0'), ""},
      {Bytes(64, 'x') + Bytes(1, '\0'), Bytes(64, 'x')}};
  for (const auto& [body, id] : rows) {
    CAPTURE(body);
    CHECK(read_pdu(framed(submit_resp, body)).body == PduBody{SubmitSmResp{id}});
  }
  CHECK(read_pdu(framed(bind_resp, "")).body == PduBody{BindTransceiverResp{}});
  CHECK(read_pdu(framed(bind_resp, Bytes("c\0\x02\x10\x00", 5))).body ==
        PduBody{BindTransceiverResp{"c", {}}});
}

TEST_CASE("statuses have the names of the specification") {
  CHECK(status_name(status::throttled) == "ESME_RTHROTTLED");
  CHECK(status_name(status::queue_full) == "ESME_RMSGQFUL");
  CHECK(status_name(status::password) == "ESME_RINVPASWD");
  CHECK(status_name(0x400) == "");
}
