#pragma once
// The bulletins that are being told of: read from the log when they are needed, read once for
// everybody, and a few of them kept. On the courier's thread, which may wait for the log's reader.
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "engine/channel.hpp"
#include "engine/log.hpp"

namespace engine::delivery {

using StoryPtr = std::shared_ptr<const Story>;

class Stories {
 public:
  /// `run` does the log's work where it has no threads of its own; else null.
  Stories(Log& log, std::function<std::string(std::string_view)> sender_name,
          std::function<void()> run);

  /// The records after that one.
  Result<std::vector<Record>> after(Sequence sequence, std::size_t most) const;
  Result<Record> record(Sequence sequence);
  /// Whether the log has it as in force: not over, and ended by nothing that came after it or
  /// before.
  Result<bool> in_force(const Record& record, Time now) const;
  /// As it is told to people. `named` are those that it names, as far as they are known.
  Result<StoryPtr> story(Sequence sequence, const std::vector<Sequence>& named);
  /// The same of a record that is at hand.
  StoryPtr remember(const Record& record, const std::vector<Sequence>& named);

 private:
  struct Kept {
    Record record;
    StoryPtr story;
    bool whole = false;  // with what it ends
  };
  Kept* kept(Sequence sequence);
  Result<Record> read(Sequence sequence) const;
  template <class Answer>
  Answer wait_for(const std::function<void(Done<Answer>)>& ask) const;

  Log& log_;
  std::function<std::string(std::string_view)> sender_name_;
  std::function<void()> run_;
  std::list<Kept> kept_;  // the one that was asked for last is first
};

}  // namespace engine::delivery
