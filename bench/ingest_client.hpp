#pragma once
// A client that costs little: one thread, epoll, and so many connections kept open, each with the
// next request on its way as soon as an answer is there. What is asked and what counts as an answer
// is the protocol's.
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// What stands at the beginning of what a server sent.
struct Answer {
  enum class Kind : std::uint8_t { none, good, bad, refused, aside };
  std::size_t octets = 0;  // none: nothing whole is there yet
  Kind kind = Kind::none;
  std::string_view reply;  // to be sent back at once; for asides alone
};

class Protocol {
 public:
  virtual ~Protocol() = default;
  /// Sent first on every connection, before the clock starts.
  virtual std::string greeting(std::size_t connection) const = 0;
  /// Appends the next request; false when there is none left.
  virtual bool next(std::size_t connection, std::string& out) = 0;
  virtual Answer answer(std::string_view received) const = 0;
};

struct Load {
  std::string host = "127.0.0.1";
  std::vector<std::uint16_t> ports;  // connections go to one after the other of them in turn
  std::size_t clients = 1;
  std::size_t pipeline = 1;  // requests on their way on one connection
  std::size_t warm = 0;      // answers before the clock starts
  double seconds = 0;        // 0: until no request is left
};

struct Outcome {
  std::uint64_t good = 0, bad = 0, refused = 0;  // refused: as the protocol allows
  double seconds = 0;
  std::vector<double> micros;  // from the last octet given to the kernel to the answer, each
  std::string complaint;       // the first bad answer, or what ended the connection
};

Outcome run(const Load& load, Protocol& protocol);

/// {"clients",…} in one line on standard output; 0 where everything was answered as it should be.
int report(std::string_view label, const Load& load, Outcome outcome);

}  // namespace bench
