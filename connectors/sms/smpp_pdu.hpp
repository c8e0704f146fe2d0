#pragma once
// SMPP 3.4's PDUs: octets to values and back, without I/O. Numbers are big-endian; a C-octet string
// ends with a NUL and is bounded with it.
//
//   command_length 4 | command_id 4 | command_status 4 | sequence_number 4 | body   (section 3.2)
//
// Plain values; any thread. A PduReader belongs to whoever reads its connection.
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/bytes.hpp"

namespace connectors::sms {

/// command_id (section 5.1.2.1).
enum class Command : std::uint32_t {
  generic_nack = 0x80000000,
  submit_sm = 0x00000004,
  submit_sm_resp = 0x80000004,
  deliver_sm = 0x00000005,
  deliver_sm_resp = 0x80000005,
  unbind = 0x00000006,
  unbind_resp = 0x80000006,
  bind_transceiver = 0x00000009,
  bind_transceiver_resp = 0x80000009,
  enquire_link = 0x00000015,
  enquire_link_resp = 0x80000015,
  alert_notification = 0x00000102,
  data_sm = 0x00000103,
  data_sm_resp = 0x80000103,
};

/// command_status (section 5.1.3): those that we say or treat by themselves.
namespace status {
inline constexpr std::uint32_t ok = 0x00;               // ESME_ROK
inline constexpr std::uint32_t command_length = 0x02;   // ESME_RINVCMDLEN
inline constexpr std::uint32_t command_id = 0x03;       // ESME_RINVCMDID
inline constexpr std::uint32_t bind_status = 0x04;      // ESME_RINVBNDSTS
inline constexpr std::uint32_t already_bound = 0x05;    // ESME_RALYBND
inline constexpr std::uint32_t system_error = 0x08;     // ESME_RSYSERR
inline constexpr std::uint32_t destination = 0x0B;      // ESME_RINVDSTADR
inline constexpr std::uint32_t bind_failed = 0x0D;      // ESME_RBINDFAIL
inline constexpr std::uint32_t password = 0x0E;         // ESME_RINVPASWD
inline constexpr std::uint32_t system_id = 0x0F;        // ESME_RINVSYSID
inline constexpr std::uint32_t queue_full = 0x14;       // ESME_RMSGQFUL
inline constexpr std::uint32_t submit_failed = 0x45;    // ESME_RSUBMITFAIL
inline constexpr std::uint32_t destination_ton = 0x50;  // ESME_RINVDSTTON
inline constexpr std::uint32_t destination_npi = 0x51;  // ESME_RINVDSTNPI
inline constexpr std::uint32_t throttled = 0x58;        // ESME_RTHROTTLED
inline constexpr std::uint32_t try_again = 0x64;        // ESME_RX_T_APPN
inline constexpr std::uint32_t rejected = 0x66;         // ESME_RX_R_APPN
}  // namespace status

/// The name that the specification gives a status ("ESME_RTHROTTLED"); empty for any other.
std::string_view status_name(std::uint32_t status);

/// Tags of optional parameters (section 5.3.2) that are looked at.
namespace tag {
inline constexpr std::uint16_t receipted_message_id = 0x001E;
inline constexpr std::uint16_t sar_msg_ref_num = 0x020C;
inline constexpr std::uint16_t sar_total_segments = 0x020E;
inline constexpr std::uint16_t sar_segment_seqnum = 0x020F;
inline constexpr std::uint16_t network_error_code = 0x0423;
inline constexpr std::uint16_t message_payload = 0x0424;
inline constexpr std::uint16_t message_state = 0x0427;
}  // namespace tag

struct Tlv {
  std::uint16_t tag = 0;
  engine::Bytes value;  // 65,535 octets at most
  bool operator==(const Tlv&) const = default;
};
using Tlvs = std::vector<Tlv>;

/// The value of the first one with that tag.
std::optional<engine::BytesView> find(const Tlvs& tlvs, std::uint16_t tag);

/// An address: type of number, numbering plan, and at most 20 octets of it (64 in data_sm).
struct Address {
  std::uint8_t ton = 0;
  std::uint8_t npi = 0;
  engine::Bytes digits;
  bool operator==(const Address&) const = default;
};

struct BindTransceiver {        // section 4.1.5
  engine::Bytes system_id;      // at most 15 octets, as all sizes here without the NUL
  engine::Bytes password;       // 8
  engine::Bytes system_type;    // 12
  std::uint8_t version = 0x34;  // interface_version
  Address range;                // addr_ton, addr_npi, address_range of 40
  bool operator==(const BindTransceiver&) const = default;
};
struct BindTransceiverResp {  // section 4.1.6; without a body where it refuses
  engine::Bytes system_id;    // 15
  Tlvs tlvs;
  bool operator==(const BindTransceiverResp&) const = default;
};

/// What submit_sm (section 4.4.1) and deliver_sm (section 4.6.1) have in common, which is all.
struct ShortMessage {
  engine::Bytes service_type;  // 5
  Address source;
  Address destination;
  std::uint8_t esm_class = 0;
  std::uint8_t protocol_id = 0;
  std::uint8_t priority = 0;
  engine::Bytes schedule;  // empty, or 16 octets
  engine::Bytes validity;  // empty, or 16 octets (section 7.1.1)
  std::uint8_t registered_delivery = 0;
  std::uint8_t replace_if_present = 0;
  std::uint8_t data_coding = 0;
  std::uint8_t default_message = 0;  // sm_default_msg_id
  engine::Bytes text;                // short_message: at most 254 octets
  Tlvs tlvs;
  bool operator==(const ShortMessage&) const = default;
};
struct SubmitSm : ShortMessage {
  bool operator==(const SubmitSm&) const = default;
};
struct DeliverSm : ShortMessage {
  bool operator==(const DeliverSm&) const = default;
};
struct SubmitSmResp {        // section 4.4.2; without a body where it refuses
  engine::Bytes message_id;  // 64
  bool operator==(const SubmitSmResp&) const = default;
};
struct DeliverSmResp {  // section 4.6.2: its message_id is unused and empty
  bool operator==(const DeliverSmResp&) const = default;
};
struct EnquireLink {
  bool operator==(const EnquireLink&) const = default;
};
struct EnquireLinkResp {
  bool operator==(const EnquireLinkResp&) const = default;
};
struct Unbind {
  bool operator==(const Unbind&) const = default;
};
struct UnbindResp {
  bool operator==(const UnbindResp&) const = default;
};
struct GenericNack {
  bool operator==(const GenericNack&) const = default;
};
struct AlertNotification {  // section 4.12.1: its body is not looked at
  bool operator==(const AlertNotification&) const = default;
};
struct DataSm {  // section 4.7.1: its body is not looked at
  bool operator==(const DataSm&) const = default;
};
struct DataSmResp {
  bool operator==(const DataSmResp&) const = default;
};
/// A command that is not among these.
struct UnknownPdu {
  std::uint32_t command = 0;
  bool operator==(const UnknownPdu&) const = default;
};
/// A command that is, with a body that is not what its section says.
struct MalformedPdu {
  std::uint32_t command = 0;
  bool operator==(const MalformedPdu&) const = default;
};

using PduBody =
    std::variant<BindTransceiver, BindTransceiverResp, SubmitSm, SubmitSmResp, DeliverSm,
                 DeliverSmResp, EnquireLink, EnquireLinkResp, Unbind, UnbindResp, GenericNack,
                 AlertNotification, DataSm, DataSmResp, UnknownPdu, MalformedPdu>;
struct Pdu {
  std::uint32_t status = 0;
  std::uint32_t sequence = 0;
  PduBody body;
  bool operator==(const Pdu&) const = default;
};

/// Whether a command_id is that of a response.
constexpr bool is_response(std::uint32_t command) { return (command & 0x80000000U) != 0; }

/// The octets of a PDU. Nothing where a field is longer than its bound, a C-octet string holds a
/// NUL, a time is neither empty nor 16 octets long, all of it is longer than kPduMax, or the body
/// is one that is only ever read: UnknownPdu, MalformedPdu.
std::optional<engine::Bytes> write_pdu(const Pdu& pdu);

/// Reads one whole PDU, header included. What is wrong with its body is said in the body, never by
/// the absence of a PDU. A body that goes on behind its last field is read as optional parameters
/// where the section has them, else ignored. A response is never malformed: it may end after its
/// header, and what cannot be read of it is left empty, so that an answer stays an answer. Call
/// with at least 16 octets.
Pdu read_pdu(engine::BytesView octets);

/// Octets as they arrive, split and joined in any way, to PDUs.
class PduReader {
 public:
  enum class Fault {
    too_short,  // a command_length below 16
    too_long,   // one above kPduMax
  };

  /// Appends to `out` each PDU that `octets` completes. After a fault nothing is read any more: the
  /// octets behind it have no beginning. Keeps kPduMax octets at most, and allocates nothing for a
  /// length that it refuses.
  std::optional<Fault> read(engine::BytesView octets, std::vector<Pdu>& out);

 private:
  std::optional<std::size_t> size_of_first(engine::BytesView octets);

  engine::Bytes held_;  // the beginning of a PDU
  std::optional<Fault> fault_;
};

}  // namespace connectors::sms
