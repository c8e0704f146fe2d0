#include "connectors/nats/ingest.hpp"

#include "engine/base/trace.hpp"

namespace connectors::nats {

namespace {

constexpr std::chrono::milliseconds kPatience{200};

}  // namespace

Ingest::Ingest(engine::Engine& engine) : asking_(engine) {}

Ingest::~Ingest() {
  stop_taking();
  stop();
}

void Ingest::start() {
  taker_ = std::thread([this] { take(); });
  sender_ = std::thread([this] { send(); });
}

void Ingest::use(std::shared_ptr<Connection> connection) {
  {
    const std::lock_guard lock(mutex_);
    connection_ = std::move(connection);
  }
  changed_.notify_all();
}

void Ingest::stop_taking() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (taker_.joinable()) taker_.join();
}

void Ingest::stop() {
  answers_->close();
  if (!sender_.joinable()) return;
  sender_.join();
  std::unique_lock lock(mutex_);
  const auto connection = std::move(connection_);
  lock.unlock();
  if (connection && !connection->over()) (void)connection->round_trip();
}

void Ingest::take() {
  for (;;) {
    std::shared_ptr<Connection> connection;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || connection_ != nullptr; });
      if (stopping_) return;
      if (connection_->over()) {
        connection_.reset();
        continue;
      }
      connection = connection_;
    }
    if (auto incoming = connection->next(kPatience)) {
      asking_.ask(*std::move(incoming), sent_by(connection));
    }
  }
}

Asking::Say Ingest::sent_by(const std::shared_ptr<Connection>& connection) const {
  return [answers = answers_, connection = std::weak_ptr(connection)](const std::string& subject,
                                                                      Reply reply) {
    Answer one{connection, subject, std::move(reply)};
    const std::size_t weight = one.reply.body.size();
    if (answers->enter(one, weight) != engine::Entry::taken) {
      engine::trace(engine::Level::warning, "nats_answer_dropped");
    }
  };
}

void Ingest::send() {
  while (!answers_->finished()) {
    for (const Answer& answer :
         answers_->take(limits::kRequestsUnderWay, 1UL << 20, std::chrono::seconds{1})) {
      const auto connection = answer.connection.lock();
      if (!connection) continue;  // whoever asked sends it again, and is told that it is there
      const auto sent =
          connection->publish({answer.subject, "", &answer.reply.headers, answer.reply.body});
      if (!sent) {
        engine::trace(engine::Level::notice, "nats_answer_not_sent", {{"what", sent.error().what}});
      }
    }
  }
}

}  // namespace connectors::nats
