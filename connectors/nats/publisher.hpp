#pragma once
// What partners are told: the log, in order, on the subjects of schemas/subjects.md. Goes on behind
// what the server has, over as many connections as it takes. Of one thread, which waits for the log
// and for the server.
#include <filesystem>
#include <memory>

#include "connectors/nats/connection.hpp"
#include "connectors/nats/rolls.hpp"
#include "engine/engine.hpp"
#include "engine/subject.hpp"

namespace connectors::nats {

class Publisher {
 public:
  Publisher(const NatsConfig& config, std::filesystem::path progress_file, engine::Engine& engine);

  /// Reads how far it was. Before anything else.
  engine::Result<void> load();
  /// On a new connection: opens the stream, and finds where to go on.
  engine::Result<void> begin(Connection& connection);
  /// The next page of the log, if there is one. Everything of it has been acknowledged by the
  /// server when this returns; else the connection is to be given up and begun anew.
  engine::Result<void> publish(Connection& connection);
  engine::Result<void> beat(Connection& connection);

  bool behind() const { return progress_.published < engine_.log().head(); }
  const Progress& progress() const { return progress_; }
  /// Whether a stream keeps what is published over this connection.
  bool streams() const { return stream_; }
  /// Why the progress could not be kept; empty where it was.
  const std::string& complaint() const { return complaint_; }

 private:
  engine::Result<void> publish(Connection& connection, const engine::Record& record);
  engine::Result<void> publish_copies(Connection& connection, const engine::Record& record,
                                      const Headers& headers,
                                      const std::vector<engine::Subjects::Copy>& copies,
                                      engine::Counter& counter);
  void keep_progress();

  const NatsConfig& config_;
  const std::filesystem::path progress_file_;
  engine::Engine& engine_;
  const engine::Addressing addressing_;
  Rolls rolls_;
  Progress progress_;
  bool stream_ = false;  // of this connection
  std::string complaint_;
  engine::Counter &alerts_, &areas_, &members_;
};

}  // namespace connectors::nats
