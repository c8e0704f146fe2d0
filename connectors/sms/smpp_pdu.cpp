#include "connectors/sms/smpp_pdu.hpp"

#include <algorithm>
#include <utility>

#include "connectors/sms/limits.hpp"
#include "engine/base/ensure.hpp"
#include "engine/base/octet_io.hpp"

namespace connectors::sms {
namespace {

using engine::Bytes;
using engine::BytesView;

constexpr std::size_t kHeader = 16;

// Bounds of C-octet strings without their NUL (sections 4.1.5, 4.4.1, 4.4.2).
constexpr std::size_t kSystemId = 15;
constexpr std::size_t kPassword = 8;
constexpr std::size_t kSystemType = 12;
constexpr std::size_t kAddressRange = 40;
constexpr std::size_t kServiceType = 5;
constexpr std::size_t kAddress = 20;
constexpr std::size_t kTime = 16;
constexpr std::size_t kMessageId = 64;
constexpr std::size_t kShortMessage = 254;

/// Reads fields one after another. Once one is not what it has to be, good() is false.
class Fields {
 public:
  explicit Fields(BytesView body) : rest_(body) {}

  bool good() const { return good_; }
  void fail() { good_ = false; }

  std::uint8_t octet() {
    const BytesView taken = raw(1);
    return taken.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(taken[0]);
  }

  std::uint16_t pair() {
    const auto high = octet();
    return static_cast<std::uint16_t>(high << 8U | octet());
  }

  /// A C-octet string of at most `size_max` octets before its NUL.
  Bytes text(std::size_t size_max) {
    const std::size_t end = rest_.substr(0, size_max + 1).find('\0');
    if (end == BytesView::npos) {
      good_ = false;
      return {};
    }
    const BytesView taken = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return Bytes(taken);
  }

  Bytes time() {
    Bytes taken = text(kTime);
    if (!taken.empty() && taken.size() != kTime) good_ = false;
    return taken;
  }

  Address address(std::size_t size_max) {
    Address taken;
    taken.ton = octet();
    taken.npi = octet();
    taken.digits = text(size_max);
    return taken;
  }

  BytesView raw(std::size_t size) {
    if (!good_ || rest_.size() < size) {
      good_ = false;
      return {};
    }
    const BytesView taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  Tlvs tlvs() {
    Tlvs found;
    while (good_ && !rest_.empty()) {
      Tlv tlv;
      tlv.tag = pair();
      tlv.value = raw(pair());
      if (good_) found.push_back(std::move(tlv));
    }
    return found;
  }

 private:
  BytesView rest_;
  bool good_ = true;
};

void read_message(Fields& fields, ShortMessage& message) {
  message.service_type = fields.text(kServiceType);
  message.source = fields.address(kAddress);
  message.destination = fields.address(kAddress);
  message.esm_class = fields.octet();
  message.protocol_id = fields.octet();
  message.priority = fields.octet();
  message.schedule = fields.time();
  message.validity = fields.time();
  message.registered_delivery = fields.octet();
  message.replace_if_present = fields.octet();
  message.data_coding = fields.octet();
  message.default_message = fields.octet();
  const std::size_t size = fields.octet();
  if (size > kShortMessage) fields.fail();
  message.text = fields.raw(size);
  message.tlvs = fields.tlvs();
}

template <class Message>
PduBody message_in(Fields& fields) {
  Message message;
  read_message(fields, message);
  return message;
}

PduBody bind_in(Fields& fields) {
  BindTransceiver bind;
  bind.system_id = fields.text(kSystemId);
  bind.password = fields.text(kPassword);
  bind.system_type = fields.text(kSystemType);
  bind.version = fields.octet();
  bind.range = fields.address(kAddressRange);
  return bind;
}

// An answer is one by its header: what cannot be read behind it is left out.
PduBody bind_resp_in(Fields fields) {
  BindTransceiverResp resp;
  resp.system_id = fields.text(kSystemId);
  resp.tlvs = fields.tlvs();
  if (!fields.good()) resp.tlvs.clear();
  return resp;
}

PduBody submit_resp_in(Fields fields) { return SubmitSmResp{fields.text(kMessageId)}; }

PduBody body_of(std::uint32_t command, Fields& fields) {
  switch (static_cast<Command>(command)) {
    case Command::generic_nack:
      return GenericNack{};
    case Command::submit_sm:
      return message_in<SubmitSm>(fields);
    case Command::submit_sm_resp:
      return submit_resp_in(fields);
    case Command::deliver_sm:
      return message_in<DeliverSm>(fields);
    case Command::deliver_sm_resp:
      return DeliverSmResp{};
    case Command::unbind:
      return Unbind{};
    case Command::unbind_resp:
      return UnbindResp{};
    case Command::bind_transceiver:
      return bind_in(fields);
    case Command::bind_transceiver_resp:
      return bind_resp_in(fields);
    case Command::enquire_link:
      return EnquireLink{};
    case Command::enquire_link_resp:
      return EnquireLinkResp{};
    case Command::alert_notification:
      return AlertNotification{};
    case Command::data_sm:
      return DataSm{};
    case Command::data_sm_resp:
      return DataSmResp{};
  }
  return UnknownPdu{command};
}

/// Writes fields one after another. Once one does not fit, good() is false.
class Writer {
 public:
  void octet(std::uint8_t value) { out_.put(value); }
  void text(BytesView value, std::size_t size_max) {
    good_ = good_ && value.size() <= size_max && value.find('\0') == BytesView::npos;
    out_.put_raw(value);
    octet(0);
  }
  void time(BytesView value) {
    good_ = good_ && (value.empty() || value.size() == kTime);
    text(value, kTime);
  }
  void address(const Address& value, std::size_t size_max) {
    octet(value.ton);
    octet(value.npi);
    text(value.digits, size_max);
  }
  void counted(BytesView value, std::size_t size_max) {
    good_ = good_ && value.size() <= size_max;
    octet(static_cast<std::uint8_t>(value.size()));
    out_.put_raw(value);
  }
  void tlvs(const Tlvs& values) {
    for (const Tlv& tlv : values) {
      good_ = good_ && tlv.value.size() <= 0xFFFF;
      out_.put(tlv.tag);
      out_.put(static_cast<std::uint16_t>(tlv.value.size()));
      out_.put_raw(tlv.value);
    }
  }
  void fail() { good_ = false; }

  std::optional<Bytes> finish(Command command, const Pdu& pdu) {
    const std::size_t size = kHeader + out_.bytes().size();
    if (!good_ || size > limits::kPduMax) return std::nullopt;
    engine::OctetWriter whole;
    whole.put(static_cast<std::uint32_t>(size));
    whole.put(static_cast<std::uint32_t>(command));
    whole.put(pdu.status);
    whole.put(pdu.sequence);
    whole.put_raw(out_.bytes());
    return whole.take();
  }

 private:
  engine::OctetWriter out_;
  bool good_ = true;
};

Command write_message(Writer& out, const ShortMessage& message, Command command) {
  out.text(message.service_type, kServiceType);
  out.address(message.source, kAddress);
  out.address(message.destination, kAddress);
  out.octet(message.esm_class);
  out.octet(message.protocol_id);
  out.octet(message.priority);
  out.time(message.schedule);
  out.time(message.validity);
  out.octet(message.registered_delivery);
  out.octet(message.replace_if_present);
  out.octet(message.data_coding);
  out.octet(message.default_message);
  out.counted(message.text, kShortMessage);
  out.tlvs(message.tlvs);
  return command;
}

/// Writes a body and says which command it is.
struct BodyWriter {
  Writer& out;
  std::uint32_t pdu_status;

  Command operator()(const BindTransceiver& bind) const {
    out.text(bind.system_id, kSystemId);
    out.text(bind.password, kPassword);
    out.text(bind.system_type, kSystemType);
    out.octet(bind.version);
    out.address(bind.range, kAddressRange);
    return Command::bind_transceiver;
  }
  Command operator()(const BindTransceiverResp& resp) const {
    if (pdu_status == status::ok) {
      out.text(resp.system_id, kSystemId);
      out.tlvs(resp.tlvs);
    }
    return Command::bind_transceiver_resp;
  }
  Command operator()(const SubmitSm& m) const { return write_message(out, m, Command::submit_sm); }
  Command operator()(const DeliverSm& m) const {
    return write_message(out, m, Command::deliver_sm);
  }
  Command operator()(const SubmitSmResp& resp) const {
    if (pdu_status == status::ok) out.text(resp.message_id, kMessageId);
    return Command::submit_sm_resp;
  }
  Command operator()(const DeliverSmResp&) const {
    out.text("", kMessageId);
    return Command::deliver_sm_resp;
  }
  Command operator()(const EnquireLink&) const { return Command::enquire_link; }
  Command operator()(const EnquireLinkResp&) const { return Command::enquire_link_resp; }
  Command operator()(const Unbind&) const { return Command::unbind; }
  Command operator()(const UnbindResp&) const { return Command::unbind_resp; }
  Command operator()(const GenericNack&) const { return Command::generic_nack; }
  Command operator()(const AlertNotification&) const {
    out.address({}, 64);  // source_addr
    out.address({}, 64);  // esme_addr
    return Command::alert_notification;
  }
  Command operator()(const DataSm&) const {
    out.text("", kServiceType);
    out.address({}, 64);
    out.address({}, 64);
    for (int i = 0; i < 3; ++i) out.octet(0);  // esm_class, registered_delivery, data_coding
    return Command::data_sm;
  }
  Command operator()(const DataSmResp&) const {
    if (pdu_status == status::ok) out.text("", kMessageId);
    return Command::data_sm_resp;
  }
  Command operator()(const UnknownPdu&) const { return nothing(); }
  Command operator()(const MalformedPdu&) const { return nothing(); }

  Command nothing() const {
    out.fail();
    return Command::generic_nack;
  }
};

}  // namespace

std::string_view status_name(std::uint32_t status) {
  static constexpr std::pair<std::uint32_t, std::string_view> kNames[] = {
      {0x00, "ESME_ROK"},
      {0x01, "ESME_RINVMSGLEN"},
      {0x02, "ESME_RINVCMDLEN"},
      {0x03, "ESME_RINVCMDID"},
      {0x04, "ESME_RINVBNDSTS"},
      {0x05, "ESME_RALYBND"},
      {0x06, "ESME_RINVPRTFLG"},
      {0x07, "ESME_RINVREGDLVFLG"},
      {0x08, "ESME_RSYSERR"},
      {0x0A, "ESME_RINVSRCADR"},
      {0x0B, "ESME_RINVDSTADR"},
      {0x0C, "ESME_RINVMSGID"},
      {0x0D, "ESME_RBINDFAIL"},
      {0x0E, "ESME_RINVPASWD"},
      {0x0F, "ESME_RINVSYSID"},
      {0x14, "ESME_RMSGQFUL"},
      {0x15, "ESME_RINVSERTYP"},
      {0x43, "ESME_RINVESMCLASS"},
      {0x45, "ESME_RSUBMITFAIL"},
      {0x48, "ESME_RINVSRCTON"},
      {0x49, "ESME_RINVSRCNPI"},
      {0x50, "ESME_RINVDSTTON"},
      {0x51, "ESME_RINVDSTNPI"},
      {0x53, "ESME_RINVSYSTYP"},
      {0x54, "ESME_RINVREPFLAG"},
      {0x58, "ESME_RTHROTTLED"},
      {0x61, "ESME_RINVSCHED"},
      {0x62, "ESME_RINVEXPIRY"},
      {0x64, "ESME_RX_T_APPN"},
      {0x65, "ESME_RX_P_APPN"},
      {0x66, "ESME_RX_R_APPN"},
      {0xC0, "ESME_RINVOPTPARSTREAM"},
      {0xC2, "ESME_RINVPARLEN"},
      {0xC3, "ESME_RMISSINGOPTPARAM"},
      {0xC4, "ESME_RINVOPTPARAMVAL"},
      {0xFE, "ESME_RDELIVERYFAILURE"},
      {0xFF, "ESME_RUNKNOWNERR"}};
  for (const auto& [number, name] : kNames) {
    if (number == status) return name;
  }
  return {};
}

std::optional<BytesView> find(const Tlvs& tlvs, std::uint16_t tag) {
  for (const Tlv& tlv : tlvs) {
    if (tlv.tag == tag) return tlv.value;
  }
  return std::nullopt;
}

std::optional<Bytes> write_pdu(const Pdu& pdu) {
  Writer out;
  const Command command = std::visit(BodyWriter{out, pdu.status}, pdu.body);
  return out.finish(command, pdu);
}

Pdu read_pdu(BytesView octets) {
  ENSURE(octets.size() >= kHeader);
  engine::OctetReader header(octets.substr(0, kHeader));
  (void)header.number<std::uint32_t>();
  const auto command = header.number<std::uint32_t>();
  Pdu pdu;
  pdu.status = header.number<std::uint32_t>();
  pdu.sequence = header.number<std::uint32_t>();
  Fields fields(octets.substr(kHeader));
  pdu.body = body_of(command, fields);
  if (!fields.good()) pdu.body = MalformedPdu{command};
  return pdu;
}

std::optional<std::size_t> PduReader::size_of_first(BytesView octets) {
  if (octets.size() < 4) return std::nullopt;
  const std::size_t size = engine::OctetReader(octets).number<std::uint32_t>();
  if (size < kHeader) fault_ = Fault::too_short;
  if (size > limits::kPduMax) fault_ = Fault::too_long;
  return size;
}

std::optional<PduReader::Fault> PduReader::read(BytesView octets, std::vector<Pdu>& out) {
  while (!fault_ && !octets.empty()) {
    if (held_.empty()) {  // whole PDUs are read where they are
      const auto size = size_of_first(octets);
      if (fault_) break;
      if (size && *size <= octets.size()) {
        out.push_back(read_pdu(octets.substr(0, *size)));
        octets.remove_prefix(*size);
        continue;
      }
    }
    const auto known = size_of_first(held_);
    const std::size_t wanted = (known ? *known : 4) - held_.size();
    const std::size_t taken = std::min(wanted, octets.size());
    held_ += octets.substr(0, taken);
    octets.remove_prefix(taken);
    const auto size = size_of_first(held_);
    if (fault_ || !size || held_.size() < *size) continue;
    out.push_back(read_pdu(held_));
    held_.clear();
  }
  if (fault_) held_ = {};
  return fault_;
}

}  // namespace connectors::sms
