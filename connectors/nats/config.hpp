#pragma once
// What an operator says of the NATS server that partners listen to. Plain data; any thread.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"

namespace connectors::nats {

struct NatsConfig {
  std::string url;  // nats://host:port, or tls://host:port; empty: there is no such server
  // Who we are there: a name with a password, or a key. Neither: a server that lets anybody in.
  std::string user;
  std::filesystem::path password_file;
  std::string nkey;  // the public key, U…
  std::filesystem::path nkey_seed_file;
  // Whose certificates count, instead of what the system trusts; and ours, where the server asks.
  std::filesystem::path ca_file, cert_file, key_file;
  // Whether alerts are kept by a JetStream stream, for partners to replay. Nothing: where the
  // server has JetStream, and once it had it always.
  std::optional<bool> stream;
  std::vector<std::string> partners;  // who replays by a durable consumer of that name
  bool ingest = true;                 // alerts are taken in on tocsin.ingest
  std::size_t replicas = 1;           // so many servers keep the stream, once it is made

  bool configured() const { return !url.empty(); }
};

struct ClusterConfig {
  std::vector<std::string> urls;  // of the servers; empty: this machine is alone
  NatsConfig access;              // who we are there
  std::size_t replicas = 3;       // so many servers keep the order, once and for all
  // The key that the machines have and their servers have not: what is shared beside the log is
  // sealed with it. Empty: nothing is.
  std::filesystem::path shared_key_file;
  bool edge = false;  // this machine follows, and has no say in the order
  bool configured() const { return !urls.empty(); }
};

struct NatsUrl {
  bool tls = false;
  std::string host;  // a name or an address, IPv6 without its brackets
  std::uint16_t port = 4222;
  bool operator==(const NatsUrl&) const = default;
};

/// A sentence for anything else than a host and a port; for a name or a password too, which are no
/// part of a url.
engine::Result<NatsUrl> parse_url(std::string_view text);

/// `nats://a,b,c`: the scheme of the first counts for those that have none.
engine::Result<std::vector<std::string>> parse_urls(std::string_view text);

/// A sentence for the first thing that cannot be.
engine::Result<void> check(const NatsConfig& config);

}  // namespace connectors::nats
