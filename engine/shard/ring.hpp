#pragma once
// A shard's recent frames: the one backlog of the house. A reader is only a sequence into it, so a
// slow one costs nothing; behind the tail it reads from the log. Lives on its shard's thread.
#include <deque>
#include <functional>
#include <span>

#include "engine/frame.hpp"

namespace engine {

class Ring {
 public:
  using Make = std::function<FramePtr(const Record& record, const Frame* neighbour)>;
  /// The newest of the records, which are consecutive: as many as it holds, as long as `go_on()`
  /// says true, and the newest in any case. Made from the newest back, so that none is made for
  /// nothing; `neighbour` is the frame made before.
  static Ring of_newest(std::span<const Record> records, const Make& make,
                        const std::function<bool()>& go_on);

  /// Sequences must be consecutive. The oldest leave when there are too many frames or bytes, what
  /// frames need to be matched and what their records keep of shapes counted.
  void push(FramePtr frame);
  void clear();

  /// Whether everything after `through` is here, up to the newest.
  bool covers(Sequence through) const;
  /// The frame of that sequence; covers() said it is here.
  const FramePtr& at(Sequence sequence) const;

 private:
  static std::size_t octets_of(const Frame& frame, const Frame* neighbour);

  std::deque<FramePtr> frames_;
  std::size_t bytes_ = 0;
};

}  // namespace engine
