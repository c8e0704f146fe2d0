#pragma once
// One connection to a NATS server, from its greeting to its end: what broke is not mended here but
// begun anew by whoever holds it, so that nothing is sent in another order than it was given.
// nats.c's threads end behind it, where they set a flag and call `ended`. Any thread; what waits
// for the server waits for a few seconds at most (limits.hpp).
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "connectors/nats/asking.hpp"
#include "connectors/nats/config.hpp"
#include "connectors/nats/message.hpp"
#include "connectors/nats/progress.hpp"

namespace connectors::nats {

/// The stream that keeps what is for everybody, and what it keeps.
inline constexpr const char* kStreamName = "TOCSIN_ALERTS";
inline constexpr const char* kStreamSubjects = "alerts.>";

struct Outgoing {
  std::string subject;
  std::string id;            // Nats-Msg-Id; empty: none
  const Headers* headers{};  // the others; null: none
  std::string_view body;
};

class Connection {
 public:
  /// Waits for the server's greeting. `name` is what the server's operator sees. `ended` runs once
  /// it is over, on a thread of the library: post and return.
  static engine::Result<std::shared_ptr<Connection>> open(const NatsConfig& config,
                                                          const std::string& name,
                                                          std::function<void()> ended);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool over() const;
  /// Ends it; whoever waits in next() returns.
  void close();

  /// Handed to the socket soon; that the server has it is said by round_trip().
  engine::Result<void> publish(const Outgoing& message);
  /// Returns when the server has done all that was published before, or not at all. A sentence too
  /// where it did not permit some alert's subject: then that is as good as not published.
  engine::Result<void> round_trip();

  /// Where the stream ends; `there` is false where the server has no JetStream. Makes the stream
  /// where there is none, kept by so many servers, and changes none that there is.
  struct Stream {
    bool there = false;
    std::optional<StreamEnd> end;
  };
  engine::Result<Stream> open_stream(std::size_t replicas);
  /// A durable consumer for a partner to replay by; made where it is missing.
  engine::Result<void> open_consumer(const std::string& partner);
  /// Returns when the stream has it. What it has already under that id is not kept twice.
  engine::Result<void> keep(const Outgoing& message);

  /// From now on requests on a subject wait here, as many as kRequestsWaiting.
  engine::Result<void> listen(const std::string& subject);
  /// The next request; nothing after so long, or when it is over.
  std::optional<Incoming> next(std::chrono::milliseconds patience);

 private:
  struct Parts;
  explicit Connection(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace connectors::nats
