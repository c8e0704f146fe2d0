#include "connectors/sms/config.hpp"

#include <fmt/format.h>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <set>

#include "connectors/sms/smpp_submission.hpp"
#include "engine/sealing.hpp"
#include "engine/trust/files.hpp"

namespace connectors::sms {

using engine::Bytes;
using engine::Failure;
using engine::Result;

namespace {

constexpr std::uint16_t kPort = 2775, kTlsPort = 3550;  // smpp and smpps, as IANA lists them

// C-octet strings of a bind (SMPP 3.4, section 4.1.5), without their NUL.
constexpr std::size_t kSystemIdMax = 15, kPasswordMax = 8, kSystemTypeMax = 12, kAddressesMax = 40;

// One more would be more than any centre has a use for; each is an entry in memory.
constexpr std::size_t kWindowMax = 10'000, kRateMax = 1'000'000, kWeightMax = 1000;

bool printable(std::string_view text) {
  for (const char c : text) {
    if (c < ' ' || c > '~') return false;
  }
  return true;
}

/// It stands in metrics and records, so it is as plain as TOML's own bare keys.
bool is_name(std::string_view name) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  return !name.empty() && name.size() <= 32 &&
         name.find_first_not_of(kPlain) == std::string_view::npos;
}

Result<void> judge(const GatewayConfig& gateway) {
  const auto wrong = [&gateway](std::string_view what) {
    return Failure{fmt::format("sms.{}: {}", gateway.name, what)};
  };
  if (const auto url = parse_smpp_url(gateway.url); !url) return wrong(url.error().what);
  if (gateway.password_file.empty()) return wrong("password_file is missing");
  if (!sender_address(gateway.source)) {
    return wrong(
        "source is a name of at most 11 letters and digits, a short code of 3 to 8 digits, "
        "or a number such as +447700900123");
  }
  if (gateway.replies && gateway.source.find_first_not_of("+0123456789") != std::string::npos) {
    return wrong("replies = true wants a source that is a number: nobody can write back to a name");
  }
  if (gateway.window < 1 || gateway.window > kWindowMax) return wrong("window is 1 to 10000");
  if (gateway.rate < 1 || gateway.rate > kRateMax) return wrong("rate is 1 to 1000000");
  if (gateway.weight > kWeightMax) return wrong("weight is 0 to 1000");
  if (gateway.system_type.size() > kSystemTypeMax || !printable(gateway.system_type)) {
    return wrong("system_type is at most 12 characters");
  }
  if (gateway.addresses.size() > kAddressesMax || !printable(gateway.addresses)) {
    return wrong("addresses is at most 40 characters");
  }
  return {};
}

}  // namespace

Result<SmppUrl> parse_smpp_url(std::string_view text) {
  const Failure wrong{"url is smpp://SYSTEM_ID@HOST:PORT, or smpps:// for TLS"};
  const auto parsed = boost::urls::parse_uri(text);
  if (!parsed) return wrong;
  const boost::urls::url_view& url = *parsed;
  SmppUrl smpp;
  smpp.tls = url.scheme() == "smpps";
  if (!smpp.tls && url.scheme() != "smpp") return wrong;
  if (url.has_password()) return Failure{"a password belongs in password_file, not in the url"};
  const bool bare = url.encoded_path().empty() || url.encoded_path() == "/";
  if (!bare || url.has_query() || url.has_fragment()) return wrong;
  smpp.system_id = url.user();
  if (smpp.system_id.empty() || smpp.system_id.size() > kSystemIdMax ||
      !printable(smpp.system_id)) {
    return Failure{"url names a system_id of 1 to 15 characters before the @"};
  }
  smpp.host = url.host_address();
  if (smpp.host.empty() || !printable(smpp.host)) return wrong;
  if (url.has_port() && url.port_number() == 0) return wrong;
  smpp.port = url.has_port() ? url.port_number() : smpp.tls ? kTlsPort : kPort;
  return smpp;
}

Result<Bytes> read_password(const std::filesystem::path& file) {
  auto password = engine::trust::read_secret(file);
  if (!password || password->size() <= kPasswordMax) return password;
  engine::trust::wipe(*password);
  return Failure{fmt::format("{} holds no password of 1 to 8 characters", file.string())};
}

Result<void> judge(const SmsConfig& config) {
  std::set<std::string_view> names;
  for (const GatewayConfig& gateway : config.gateways) {
    if (!is_name(gateway.name)) {
      return Failure{fmt::format("sms.{}: a gateway's name is at most 32 letters, digits, - and _",
                                 gateway.name)};
    }
    if (!names.insert(gateway.name).second) {
      return Failure{fmt::format("there are two gateways sms.{}", gateway.name)};
    }
    if (auto judged = judge(gateway); !judged) return judged;
  }
  return {};
}

}  // namespace connectors::sms
