#pragma once
// What a herd is told on its command line.
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace bench {

/// A path that readers ask for, and which of the published bodies concern those who do: all, or
/// those whose number, counted from 0, leaves `rest` when it is divided by `divisor`.
struct Route {
  std::string path;
  std::uint64_t rest = 0;
  std::uint64_t divisor = 1;  // 0: none concerns them

  bool concerned_by(std::uint64_t body) const { return divisor > 0 && body % divisor == rest; }
  /// How many of the bodies from `first` up to `end` do.
  std::uint64_t concerned_by(std::uint64_t first, std::uint64_t end) const;
};

struct Options {
  std::string label = "peer";

  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::vector<Route> routes;  // connection k takes route k modulo their number; at least one
  std::string subprotocol;
  std::vector<std::string> headers;
  std::size_t connections = 1000;
  std::size_t connecting_max = 256;
  std::size_t per_source = 10'000;
  bool tls = false;
  std::string tls_ca;
  std::string tls_name;

  std::string hello;
  std::string hello2;
  bool hello_binary = false;
  std::string resume;        // instead of `hello` when a connection comes back
  std::string resume_query;  // added to the path when a connection comes back
  std::string hello_reply;

  std::string marker;
  std::string body;                 // a template with {ts}
  std::vector<std::string> bodies;  // or ready-made ones, each published once
  std::uint64_t first_id = 0;       // 0: one behind what the first hello calls the head
  std::string save;

  std::string pub_url;
  std::string pub_raw;
  std::string pub_raw_hello;
  std::uint16_t pub_port = 0;
  bool pub_plain = false;
  std::size_t pub_window = 1;
  std::size_t publishers = 1;

  double slow_share = 0;
  double slow_bytes_per_s = 0;
  double stopped_share = 0;
  int slow_buffer = 16'384;

  std::vector<std::string> phases;
  std::string restart;
  std::vector<pid_t> processes;
  double settle_s = 1;
  double drain_s = 20;
  bool spin = false;

  /// Whether the bodies carry the time at which they are sent.
  bool stamped() const { return bodies.empty(); }
  /// Whether what arrives has a number that only the server gave it.
  bool numbered_by_server() const;
  /// Whether there is an order in which all must get them: that of one publisher or of the server.
  bool ordered() const { return publishers == 1 || numbered_by_server(); }
};

/// Ends the program with a sentence where they make no sense, and with 0 after --help.
Options read_options(int count, char** values);

}  // namespace bench
