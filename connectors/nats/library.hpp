#pragma once
// nats.c as both kinds of connection use it: what is destroyed with its scope, its errors as
// sentences, and how a connection is begun and ends. Nothing of it leaves this folder.
#include <nats/nats.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "connectors/nats/config.hpp"

namespace connectors::nats {

template <class T, void (*destroy)(T*)>
struct Destroy {
  void operator()(T* one) const noexcept { destroy(one); }
};
using Options = std::unique_ptr<natsOptions, Destroy<natsOptions, natsOptions_Destroy>>;
using Message = std::unique_ptr<natsMsg, Destroy<natsMsg, natsMsg_Destroy>>;
using StreamInfo = std::unique_ptr<jsStreamInfo, Destroy<jsStreamInfo, jsStreamInfo_Destroy>>;
using ConsumerInfo =
    std::unique_ptr<jsConsumerInfo, Destroy<jsConsumerInfo, jsConsumerInfo_Destroy>>;
using PublishAck = std::unique_ptr<jsPubAck, Destroy<jsPubAck, jsPubAck_Destroy>>;

template <class D>
std::int64_t milliseconds(D duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

/// The library's sentence for what its last call on this thread met.
engine::Failure failure(std::string_view doing, natsStatus status);

/// Whether what the server does not permit is to tell partners of alerts. It names the subject.
bool is_of_alerts(std::string_view said);

/// One connection of the library's and what its threads may touch, which lives until the last of
/// them has said so.
class Session {
 public:
  /// Waits for the server's greeting. `ended` runs once it is over, on a thread of the library.
  static engine::Result<std::unique_ptr<Session>> open(const NatsConfig& config,
                                                       const std::string& name,
                                                       std::function<void()> ended);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  natsConnection* get() const { return connection_; }
  bool over() const;
  void close();
  /// Closes it and waits for the library's last word about it, which has to come before what it
  /// speaks of is gone, and before a subscription is that its reader may just be handing a message
  /// to: whoever made subscriptions and contexts destroys them after this.
  void end();

  /// What the library's threads have: it lives until the last of them has said so.
  struct Watch {
    std::mutex mutex;
    std::condition_variable changed;
    bool over = false;
    std::function<void()> ended;
  };

 private:
  explicit Session(std::shared_ptr<Watch> watch) : watch_(std::move(watch)) {}
  natsConnection* connection_ = nullptr;
  std::shared_ptr<Watch> watch_;
};

}  // namespace connectors::nats
