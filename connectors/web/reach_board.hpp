#pragma once
// What the outbox says of alerts, asked for once for all who want to know it at about the same
// time: it is asked on the thread that sends messages, and anybody may ask. Any thread.
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/base/done.hpp"
#include "engine/outbox.hpp"
#include "engine/places.hpp"

namespace connectors::web {

class ReachBoard {
 public:
  /// reach_members() of an alert, as of limits::kReachFresh ago or less.
  using Text = std::shared_ptr<const std::string>;
  using Hears = engine::Done<engine::Result<Text>>;

  /// `outbox`: null where nobody is told of anything; else it outlives this, and its last answer
  /// comes before this ends.
  ReachBoard(engine::Outbox* outbox, const engine::Places& places, const engine::Clock& clock);

  /// `hears` runs on this thread or on the outbox's.
  void ask(engine::Sequence sequence, Hears hears);

 private:
  struct Entry {
    Text text;             // null before the first answer
    engine::Time at = {};  // when it was answered
    std::vector<Hears> waiting;
  };
  using Entries = std::map<engine::Sequence, Entry>;

  bool fresh(const Entry& entry) const;
  void make_room();
  void put_question(engine::Sequence sequence);
  void answered(engine::Sequence sequence, const engine::Result<Text>& text);

  engine::Outbox* const outbox_;
  const engine::Places& places_;
  const engine::Clock& clock_;
  std::mutex mutex_;  // of what follows; never held while anybody else is called
  Entries entries_;
  std::deque<engine::Sequence> line_;  // entries that somebody waits for and nobody asked about yet
  std::size_t asked_ = 0, waiting_ = 0;
};

}  // namespace connectors::web
