#pragma once
// A message centre that takes everything: binds and submits are answered at once, with ids that
// count. One thread, epoll, and no more of SMPP than that, so that whoever is measured against it
// costs more than it does.
#include <cstdint>
#include <string>
#include <vector>

namespace bench {

struct SinkCounts {
  std::uint64_t binds = 0;
  std::uint64_t submits = 0;
  std::uint64_t octets = 0;
  double first_s = 0, last_s = 0;  // of the submits, by the steady clock
};

/// One submit: when it came, by the steady clock, and to which number, by its digits.
struct SinkEntry {
  double at_s = 0;
  std::uint64_t number = 0;
};

class SmscSink {
 public:
  /// Listens at 127.0.0.1; port 0 picks one. Ends the process with a sentence where it cannot.
  explicit SmscSink(std::uint16_t port);
  ~SmscSink();
  SmscSink(const SmscSink&) = delete;
  SmscSink& operator=(const SmscSink&) = delete;

  std::uint16_t port() const { return port_; }
  /// Serves until `descriptor` is readable, or at its end.
  void serve_until(int descriptor);
  const SinkCounts& counts() const { return counts_; }

  /// From here on each submit is remembered, which costs a little.
  void keep_journal() { keeps_journal_ = true; }
  const std::vector<SinkEntry>& journal() const { return journal_; }

 private:
  struct Connection {
    std::string in, out;
    bool waits_to_write = false;
  };
  void accept();
  bool read(int socket);
  bool write(int socket, Connection& connection);
  /// False where it is no SMPP.
  bool answer(Connection& connection);

  int listening_ = -1, epoll_ = -1;
  std::uint16_t port_ = 0;
  std::vector<Connection> connections_;  // by descriptor
  SinkCounts counts_;
  bool keeps_journal_ = false;
  std::vector<SinkEntry> journal_;
};

}  // namespace bench
