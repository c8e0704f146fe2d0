#include "connectors/web/clerk.hpp"

#include "engine/limits.hpp"

namespace connectors::web {

namespace limits = engine::limits;

namespace {

constexpr std::chrono::milliseconds kPatience{1000};

}  // namespace

Clerk::Clerk(Threads threads) : waiting_(limits::kClerkWaiting, limits::kClerkWaiting) {
  if (threads == Threads::none) return;
  thread_ = std::thread([this] {
    while (!waiting_.finished()) {
      for (Work& work : waiting_.take(1, 1, kPatience)) work();
    }
  });
}

Clerk::~Clerk() { stop(); }

bool Clerk::take(Work work) { return waiting_.enter(work, 1) == engine::Entry::taken; }

void Clerk::stop() {
  waiting_.close();
  if (thread_.joinable()) thread_.join();
}

bool Clerk::run() {
  bool any = false;
  for (auto works = waiting_.take(1, 1, {}); !works.empty(); works = waiting_.take(1, 1, {})) {
    works.front()();
    any = true;
  }
  return any;
}

}  // namespace connectors::web
