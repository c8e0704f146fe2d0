#pragma once
// What an operator says of the gateways that carry text messages. Plain data; any thread.
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/sms/smpp_pdu.hpp"
#include "engine/base/result.hpp"

namespace connectors::sms {

/// One gateway: one session with one message centre.
struct GatewayConfig {
  std::string name;                     // ours; in traces, metrics and the record of deliveries
  std::string url;                      // smpp://system_id@host:port, or smpps:// for TLS
  std::filesystem::path password_file;  // readable by its owner alone; read anew for each session
  std::string source;                   // who messages are from: a name, a short code or a number
  std::size_t window = 100;             // messages without an answer, at most
  std::size_t rate = 500;               // messages a second by contract
  std::size_t weight = 1;               // its share beside others; 0: where none of them can
  std::filesystem::path ca_file;        // whose certificates count; empty: what the system trusts
  std::string system_type;              // as the centre wants it, most want nothing
  std::string addresses;                // whose messages we take, as the centre wants it
  bool replies = false;  // what is written back to `source` comes to us: texts ask for it
};

struct SmsConfig {
  std::vector<GatewayConfig> gateways;  // none: there is no such channel
};

/// What stands in a gateway's url.
struct SmppUrl {
  bool tls = false;
  engine::Bytes system_id;
  std::string host;  // a name or an address, IPv6 without its brackets
  std::uint16_t port = 0;
  bool operator==(const SmppUrl&) const = default;
};

/// Port 2775 where none is said, and 3550 with TLS. A sentence for anything else than a system_id
/// of 1 to 15 octets, a host and a port; for a password too, which is no part of a url.
engine::Result<SmppUrl> parse_smpp_url(std::string_view text);

/// A password file's contents without the line end behind them. A sentence where the file cannot be
/// read, others than its owner may, or what it holds is not 1 to 8 octets.
engine::Result<engine::Bytes> read_password(const std::filesystem::path& file);

/// A sentence for the first thing that cannot be: what is wrong with a value, or a name twice.
engine::Result<void> judge(const SmsConfig& config);

}  // namespace connectors::sms
