#pragma once
// The engine's address as --server gives it. Pure.
#include <string>
#include <string_view>

#include "ops/cli/outcome.hpp"

namespace ops::cli {

struct Url {
  std::string host;  // without the brackets of an IPv6 address
  std::string port;
  std::string prefix;   // path in front of /v1, for an engine behind another server; may be empty
  bool tls = false;     // https
  std::string ca_file;  // authorities to believe instead of the machine's; may be empty

  /// Whether what is sent there stays on this machine.
  bool loopback() const;
  std::string authority() const;  // for the Host field
  std::string text() const { return (tls ? "https://" : "http://") + authority() + prefix; }
};

/// http://HOST[:PORT][/PREFIX], or https.
Outcome<Url> parse_url(std::string_view text);

/// A query's value, percent-encoded.
std::string query_value(std::string_view text);

}  // namespace ops::cli
