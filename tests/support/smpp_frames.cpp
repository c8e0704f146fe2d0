// What the engine's SMPP makes of octets and octets of values, a line of JSON in and a line out, so
// that implementations nobody here wrote can be held against it:
//
//   {"write": {"command": "submit_sm", "status": 0, "sequence": 5, ...}}   {"hex": "..."} or null
//   {"read": "HEX"}                                    {"pdus": [{...}, ...], "fault": true}
//   {"text": "...", "reference": 7}          {"coding": 8, "esm_class": 64, "messages": ["HEX"]}
//   {"octets": "HEX", "coding": 0}                                         {"text": "..."} or null
//
// Octets of a message are in "octets", those of a parameter in "tlvs": [[tag, "HEX"], ...].
#include <boost/json.hpp>
#include <iostream>
#include <string>
#include <utility>

#include "connectors/sms/gsm_text.hpp"
#include "connectors/sms/smpp_pdu.hpp"
#include "engine/base/bytes.hpp"

namespace {

namespace json = boost::json;
using namespace connectors::sms;
using engine::Bytes;

std::string text_in(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value == nullptr ? std::string() : std::string(value->as_string());
}

template <class Number>
Number number_in(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value == nullptr ? Number{0} : value->to_number<Number>();
}

Bytes octets_in(const json::object& object, std::string_view name) {
  return engine::from_hex(text_in(object, name)).value();
}

Tlvs tlvs_in(const json::object& object) {
  Tlvs tlvs;
  const auto* list = object.if_contains("tlvs");
  if (list == nullptr) return tlvs;
  for (const auto& entry : list->as_array()) {
    const auto& pair = entry.as_array();
    tlvs.push_back({pair[0].to_number<std::uint16_t>(),
                    engine::from_hex(std::string_view(pair[1].as_string())).value()});
  }
  return tlvs;
}

json::array written(const Tlvs& tlvs) {
  json::array list;
  for (const Tlv& tlv : tlvs) list.push_back(json::array{tlv.tag, engine::to_hex(tlv.value)});
  return list;
}

template <class Message>
Message message_in(const json::object& asked) {
  Message message;
  message.service_type = text_in(asked, "service_type");
  message.source = {number_in<std::uint8_t>(asked, "source_addr_ton"),
                    number_in<std::uint8_t>(asked, "source_addr_npi"),
                    text_in(asked, "source_addr")};
  message.destination = {number_in<std::uint8_t>(asked, "dest_addr_ton"),
                         number_in<std::uint8_t>(asked, "dest_addr_npi"),
                         text_in(asked, "destination_addr")};
  message.esm_class = number_in<std::uint8_t>(asked, "esm_class");
  message.protocol_id = number_in<std::uint8_t>(asked, "protocol_id");
  message.priority = number_in<std::uint8_t>(asked, "priority_flag");
  message.schedule = text_in(asked, "schedule_delivery_time");
  message.validity = text_in(asked, "validity_period");
  message.registered_delivery = number_in<std::uint8_t>(asked, "registered_delivery");
  message.replace_if_present = number_in<std::uint8_t>(asked, "replace_if_present_flag");
  message.data_coding = number_in<std::uint8_t>(asked, "data_coding");
  message.default_message = number_in<std::uint8_t>(asked, "sm_default_msg_id");
  message.text = octets_in(asked, "octets");
  message.tlvs = tlvs_in(asked);
  return message;
}

PduBody body_in(const json::object& asked) {
  const std::string command = text_in(asked, "command");
  if (command == "submit_sm") return message_in<SubmitSm>(asked);
  if (command == "deliver_sm") return message_in<DeliverSm>(asked);
  if (command == "submit_sm_resp") return SubmitSmResp{text_in(asked, "message_id")};
  if (command == "bind_transceiver") {
    return BindTransceiver{text_in(asked, "system_id"), text_in(asked, "password"),
                           text_in(asked, "system_type"), 0x34, Address{}};
  }
  if (command == "bind_transceiver_resp") {
    return BindTransceiverResp{text_in(asked, "system_id"), tlvs_in(asked)};
  }
  if (command == "deliver_sm_resp") return DeliverSmResp{};
  if (command == "enquire_link") return EnquireLink{};
  if (command == "enquire_link_resp") return EnquireLinkResp{};
  if (command == "unbind") return Unbind{};
  if (command == "unbind_resp") return UnbindResp{};
  if (command == "data_sm_resp") return DataSmResp{};
  return GenericNack{};
}

/// A body as an object, with the names of the specification.
struct Shown {
  json::object operator()(const BindTransceiver& bind) const {
    return {{"command", "bind_transceiver"},     {"system_id", bind.system_id},
            {"password", bind.password},         {"system_type", bind.system_type},
            {"interface_version", bind.version}, {"address_range", bind.range.digits}};
  }
  json::object operator()(const BindTransceiverResp& resp) const {
    return {{"command", "bind_transceiver_resp"},
            {"system_id", resp.system_id},
            {"tlvs", written(resp.tlvs)}};
  }
  json::object operator()(const SubmitSm& message) const { return shown("submit_sm", message); }
  json::object operator()(const DeliverSm& message) const { return shown("deliver_sm", message); }
  json::object operator()(const SubmitSmResp& resp) const {
    return {{"command", "submit_sm_resp"}, {"message_id", resp.message_id}};
  }
  json::object operator()(const DeliverSmResp&) const { return bare("deliver_sm_resp"); }
  json::object operator()(const EnquireLink&) const { return bare("enquire_link"); }
  json::object operator()(const EnquireLinkResp&) const { return bare("enquire_link_resp"); }
  json::object operator()(const Unbind&) const { return bare("unbind"); }
  json::object operator()(const UnbindResp&) const { return bare("unbind_resp"); }
  json::object operator()(const GenericNack&) const { return bare("generic_nack"); }
  json::object operator()(const AlertNotification&) const { return bare("alert_notification"); }
  json::object operator()(const DataSm&) const { return bare("data_sm"); }
  json::object operator()(const DataSmResp&) const { return bare("data_sm_resp"); }
  json::object operator()(const UnknownPdu&) const { return bare("unknown"); }
  json::object operator()(const MalformedPdu&) const { return bare("malformed"); }

  static json::object bare(const char* command) { return {{"command", command}}; }
  static json::object shown(const char* command, const ShortMessage& message) {
    return {{"command", command},
            {"service_type", message.service_type},
            {"source_addr_ton", message.source.ton},
            {"source_addr_npi", message.source.npi},
            {"source_addr", message.source.digits},
            {"dest_addr_ton", message.destination.ton},
            {"dest_addr_npi", message.destination.npi},
            {"destination_addr", message.destination.digits},
            {"esm_class", message.esm_class},
            {"protocol_id", message.protocol_id},
            {"priority_flag", message.priority},
            {"schedule_delivery_time", message.schedule},
            {"validity_period", message.validity},
            {"registered_delivery", message.registered_delivery},
            {"replace_if_present_flag", message.replace_if_present},
            {"data_coding", message.data_coding},
            {"sm_default_msg_id", message.default_message},
            {"octets", engine::to_hex(message.text)},
            {"tlvs", written(message.tlvs)}};
  }
};

json::value read(const json::object& asked) {
  PduReader reader;
  std::vector<Pdu> pdus;
  const bool fault = reader.read(octets_in(asked, "read"), pdus).has_value();
  json::array list;
  for (const Pdu& pdu : pdus) {
    json::object object = std::visit(Shown{}, pdu.body);
    object["status"] = pdu.status;
    object["sequence"] = pdu.sequence;
    list.push_back(std::move(object));
  }
  return json::object{{"pdus", std::move(list)}, {"fault", fault}};
}

json::value write(const json::object& asked) {
  const auto octets = write_pdu({number_in<std::uint32_t>(asked, "status"),
                                 number_in<std::uint32_t>(asked, "sequence"), body_in(asked)});
  if (!octets) return nullptr;
  return json::object{{"hex", engine::to_hex(*octets)}};
}

json::value parts(const json::object& asked) {
  const auto parts = to_parts(text_in(asked, "text"), number_in<std::uint8_t>(asked, "reference"));
  if (!parts) return nullptr;
  json::array messages;
  for (const Bytes& message : parts->messages) messages.emplace_back(engine::to_hex(message));
  return json::object{{"coding", static_cast<int>(parts->coding)},
                      {"esm_class", parts->esm_class},
                      {"messages", std::move(messages)}};
}

json::value answer(const json::object& asked) {
  if (asked.contains("write")) return write(asked.at("write").as_object());
  if (asked.contains("read")) return read(asked);
  if (asked.contains("text")) return parts(asked);
  const auto text = to_utf8(number_in<std::uint8_t>(asked, "coding"), octets_in(asked, "octets"));
  if (!text) return nullptr;
  return json::object{{"text", *text}};
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << json::serialize(answer(json::parse(line).as_object())) << '\n';
  }
  return 0;
}
