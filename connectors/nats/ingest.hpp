#pragma once
// Alerts by request and reply on tocsin.ingest: the same questions and answers as POST /v1/alerts,
// since it is the same engine that is asked. One thread takes requests, another sends the answers,
// so that neither the log nor a shard ever waits for a socket.
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "connectors/nats/asking.hpp"
#include "connectors/nats/connection.hpp"
#include "connectors/nats/limits.hpp"
#include "engine/base/waiting_line.hpp"
#include "engine/engine.hpp"

namespace connectors::nats {

inline constexpr const char* kIngestSubject = "tocsin.ingest";

class Ingest {
 public:
  explicit Ingest(engine::Engine& engine);
  ~Ingest();

  void start();
  /// From now on requests come by this connection, which listens on kIngestSubject.
  void use(std::shared_ptr<Connection> connection);
  /// Takes nothing more. What was taken is answered by the log, which stops next.
  void stop_taking();
  /// Sends the answers that are still to be sent, by a connection that is still there.
  void stop();

 private:
  struct Answer {
    std::weak_ptr<Connection> connection;  // the log's thread is never the one that ends it
    std::string subject;
    Reply reply;
  };
  using Answers = engine::WaitingLine<Answer>;

  void take();
  Asking::Say sent_by(const std::shared_ptr<Connection>& connection) const;
  void send();

  Asking asking_;
  // Outlives this where the log answers later.
  const std::shared_ptr<Answers> answers_ =
      std::make_shared<Answers>(2 * limits::kRequestsUnderWay, limits::kAnswersBytes);
  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<Connection> connection_;
  bool stopping_ = false;
  std::thread taker_, sender_;
};

}  // namespace connectors::nats
