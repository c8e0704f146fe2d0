#pragma once
// Somebody asks for an alert to be taken in: where the answer may go, how many are under way, and
// the engine's own answer. No socket; any thread.
#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "connectors/nats/message.hpp"
#include "engine/engine.hpp"

namespace connectors::nats {

/// What somebody asks. `reply` is empty where nobody waits for an answer.
struct Incoming {
  std::string reply;
  std::string body;
};

class Asking {
 public:
  explicit Asking(engine::Engine& engine);

  /// `say` runs once, with the subject that waits for it, on this thread or one of the log's; it
  /// may outlive this. Not at all where nobody waits, or where the answer was to go to no inbox:
  /// then nothing was looked at.
  using Say = std::function<void(const std::string& subject, Reply reply)>;
  void ask(Incoming incoming, Say say);

 private:
  engine::Engine& engine_;
  const std::shared_ptr<std::atomic<std::size_t>> under_way_ =
      std::make_shared<std::atomic<std::size_t>>(0);
  engine::Counter& elsewhere_;
};

}  // namespace connectors::nats
