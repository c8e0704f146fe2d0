#include "connectors/sms/smpp_receipt.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace connectors::sms;
using engine::Bytes;

namespace {

DeliverSm receipt_of(std::string_view text, Tlvs tlvs = {}, std::uint8_t esm_class = 0x04) {
  DeliverSm message;
  message.esm_class = esm_class;
  message.text = text;
  message.tlvs = std::move(tlvs);
  return message;
}

Tlv state(std::uint8_t number) { return {tag::message_state, Bytes(1, static_cast<char>(number))}; }

std::string said(const std::optional<DeliveryReceipt>& receipt) {
  if (!receipt) return "none";
  return receipt->message_id + " " + std::string(text(receipt->state)) + " " + receipt->error;
}

constexpr std::string_view kWhole =
    "id:5F3A sub:001 dlvrd:001 submit date:2611211930 done date:2611211931 stat:DELIVRD err:000 "
    "text:Flood warning";

}  // namespace

TEST_CASE("the text of a receipt is read in the forms in which centres write it") {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {std::string(kWhole), "5F3A DELIVRD 000"},
      {"id:1 stat:UNDELIV err:27", "1 UNDELIV 27"},
      {"ID:abc Stat:delivrd Err:0", "abc DELIVRD 0"},
      {"id:1 sub:001 dlvrd:000 stat:EXPIRED", "1 EXPIRED "},
      {"id:1 stat:REJECTD err:12345678901234567890 Text:x", "1 REJECTD 1234567890123456"},
      {"stat:ACCEPTD id:7f", "7f ACCEPTD "},
      {"id:" + std::string(70, '7') + " stat:DELETED", std::string(64, '7') + " DELETED "},
      // nothing can be made of these
      {"", "none"},
      {"id:1", "none"},
      {"stat:DELIVRD", "none"},
      {"id: stat:DELIVRD", "none"},
      {"id:1 stat:FANCY", "none"},
      {"grid:1 stat:DELIVRD", "none"}};
  for (const auto& [octets, expected] : rows) {
    CAPTURE(octets);
    CHECK(said(read_receipt(receipt_of(octets))) == expected);
  }
}

TEST_CASE("what the sender of a message wrote is not taken for the centre's words") {
  CHECK(said(read_receipt(receipt_of("id:1 stat:UNDELIV text:id:2 stat:DELIVRD"))) == "1 UNDELIV ");
  CHECK(said(read_receipt(receipt_of("id:1 text:x stat:DELIVRD"))) == "none");
}

TEST_CASE("a reply that looks like a receipt is none") {
  CHECK_FALSE(is_receipt(receipt_of(kWhole, {}, 0x00)));
  CHECK_FALSE(is_receipt(receipt_of(kWhole, {}, 0x40)));
  CHECK_FALSE(is_receipt(receipt_of(kWhole, {}, 0x08)));
  CHECK(said(read_receipt(receipt_of(kWhole, {}, 0x00))) == "none");
  CHECK(is_receipt(receipt_of(kWhole, {}, 0x04)));
  CHECK(is_receipt(receipt_of(kWhole, {}, 0x44)));
  CHECK(is_receipt(receipt_of(kWhole, {}, 0x20)));
  CHECK(is_receipt(receipt_of("", {{tag::receipted_message_id, "1"}}, 0x00)));
}

TEST_CASE("optional parameters say more than the text, and nobody is reached whom either denies") {
  const Tlv id{tag::receipted_message_id, Bytes("9b\0", 3)};
  const std::vector<std::pair<DeliverSm, std::string>> rows = {
      {receipt_of("", {id, state(2)}), "9b DELIVRD "},
      {receipt_of(kWhole, {id}), "9b DELIVRD 000"},
      {receipt_of("id:1 stat:DELIVRD", {id, state(5)}), "9b UNDELIV "},
      {receipt_of("id:1 stat:UNDELIV", {id, state(2)}), "9b UNDELIV "},
      {receipt_of("id:1 stat:FANCY", {id, state(8)}), "9b REJECTD "},
      {receipt_of("", {id, state(0)}), "none"},
      {receipt_of("", {id, state(9)}), "none"},
      {receipt_of("", {id, {tag::message_state, ""}}), "none"},
      {receipt_of("id:1 stat:EXPIRED", {{tag::receipted_message_id, ""}}), "1 EXPIRED "},
      {receipt_of("", {id, state(5), {tag::network_error_code, Bytes("\x03\x01\x02", 3)}}),
       "9b UNDELIV 258"},
      {receipt_of("", {id, state(5), {tag::network_error_code, "x"}}), "9b UNDELIV "},
      {receipt_of("", {{tag::message_payload, Bytes(kWhole)}}), "5F3A DELIVRD 000"}};
  for (const auto& [message, expected] : rows) CHECK(said(read_receipt(message)) == expected);
}

TEST_CASE("after some states nothing more is heard of a message") {
  for (const auto state : {MessageState::delivered, MessageState::expired, MessageState::deleted,
                           MessageState::undeliverable, MessageState::rejected}) {
    CHECK(is_final(state));
  }
  for (const auto state : {MessageState::enroute, MessageState::accepted, MessageState::unknown}) {
    CHECK_FALSE(is_final(state));
  }
}

TEST_CASE("a message id is the same in text, from hexadecimal to decimal and back") {
  struct Row {
    std::string answered;
    std::string reported;
    SameId same;
  };
  const std::vector<Row> rows = {
      {"5F3A", "5f3a", SameId::as_text},
      {"005f3a", "5F3A", SameId::as_text},
      {"0", "000", SameId::as_text},
      {Bytes("7\0", 2), "7 ", SameId::as_text},
      {"a1-b2", "A1-B2", SameId::as_text},
      {"5f3a", "24378", SameId::hex_to_dec},
      {"0000005F3A", "0000024378", SameId::hex_to_dec},
      {"24378", "5F3A", SameId::dec_to_hex},
      {"10", "16", SameId::hex_to_dec},
      {"16", "10", SameId::dec_to_hex},
      {"ffffffffffffffff", "18446744073709551615", SameId::hex_to_dec},
      {"10000000000000000", "18446744073709551616", SameId::no},  // beyond 64 bits
      {"5f3a", "24379", SameId::no},
      {"5g", "5", SameId::no},
      {"-1", "1", SameId::no},
      {"", "5", SameId::no}};
  for (const Row& row : rows) {
    CAPTURE(row.answered);
    CAPTURE(row.reported);
    CHECK(same_id(row.answered, row.reported) == row.same);
    const auto lists = [](std::string_view one, std::string_view other) {
      const auto ids = same_ids(one);
      return std::find(ids.begin(), ids.end(), normal_id(other)) != ids.end();
    };
    CHECK(lists(row.answered, row.reported) == (row.same != SameId::no));
    CHECK(lists(row.reported, row.answered) == (row.same != SameId::no));
  }
}
