#pragma once
// Does what has to wait for a disk and is asked for by a request: an invitation that becomes a
// token, a token that is renewed or revoked, a trust document that is taken. One thread, so that
// these happen one after the other; any thread asks.
#include <functional>
#include <thread>

#include "engine/base/waiting_line.hpp"

namespace connectors::web {

class Clerk {
 public:
  enum class Threads { own, none };  // none: run() does the work
  explicit Clerk(Threads threads);
  ~Clerk();
  Clerk(const Clerk&) = delete;
  Clerk& operator=(const Clerk&) = delete;

  using Work = std::function<void()>;
  /// False where limits::kClerkWaiting wait already, or after stop(): then it is not done.
  bool take(Work work);

  /// Does what waits, then nothing more.
  void stop();
  /// With Threads::none: does all that waits. True if there was any.
  bool run();

 private:
  engine::WaitingLine<Work> waiting_;
  std::thread thread_;
};

}  // namespace connectors::web
