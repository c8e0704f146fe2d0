#pragma once
// Partners on NATS, put together: a thread that keeps a connection, publishes over it and beats,
// and beside it what takes alerts in. A server that is away changes nothing for anybody else: what
// it has to be told waits in the log.
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "connectors/nats/ingest.hpp"
#include "connectors/nats/publisher.hpp"

namespace connectors::nats {

class Partners {
 public:
  /// `progress_file` lies in the data folder. The engine outlives it.
  static engine::Result<std::unique_ptr<Partners>> open(const NatsConfig& config,
                                                        const std::filesystem::path& progress_file,
                                                        engine::Engine& engine);
  ~Partners();

  void start();
  /// The log has more. Any thread.
  void wake();
  /// Takes no more alerts, and reads no more of the log; before that stops.
  void stop_taking();
  /// Sends the answers that are left and ends everything; after the log has answered.
  void stop();

  struct State {
    bool connected = false;
    bool stream = false;  // the server keeps alerts for partners to replay
    engine::Sequence published = engine::Sequence::none;
    std::string why;        // why it is not connected
    std::string complaint;  // why its progress is not kept
  };
  State state() const;
  /// For /readyz.
  std::vector<std::string> warnings() const;

 private:
  Partners(const NatsConfig& config, const std::filesystem::path& progress_file,
           engine::Engine& engine);

  void run();
  engine::Result<void> talk();
  engine::Result<void> talk(const std::shared_ptr<Connection>& connection);
  engine::Result<void> publish_all(Connection& connection,
                                   std::chrono::steady_clock::time_point& next_beat);
  void say(const State& state);
  bool quiet() const;
  /// False at the end.
  bool wait_for(std::chrono::steady_clock::duration time);

  /// What the library's threads may reach: it lives as long as they do.
  struct Bell {
    std::mutex mutex;
    std::condition_variable rung;
    bool more = false, quiet = false, stopping = false;
  };

  const NatsConfig config_;
  engine::Engine& engine_;
  Publisher publisher_;
  std::unique_ptr<Ingest> ingest_;
  const std::shared_ptr<Bell> bell_ = std::make_shared<Bell>();
  mutable std::mutex mutex_;
  State state_;
  std::thread thread_;
  engine::Counter& failures_;
};

}  // namespace connectors::nats
