#include "engine/shard/ring.hpp"

#include "engine/base/ensure.hpp"
#include "engine/limits.hpp"

namespace engine {

void Ring::push(FramePtr frame) {
  ENSURE(frames_.empty() || next(frames_.back()->record.sequence) == frame->record.sequence);
  bytes_ += frame->wire->size();
  frames_.push_back(std::move(frame));
  while (frames_.size() > 1 &&
         (frames_.size() > limits::kRingFrames || bytes_ > limits::kRingBytes)) {
    bytes_ -= frames_.front()->wire->size();
    frames_.pop_front();
  }
}

void Ring::clear() {
  frames_.clear();
  bytes_ = 0;
}

bool Ring::covers(Sequence through) const {
  return !frames_.empty() && next(through) >= frames_.front()->record.sequence;
}

const FramePtr& Ring::at(Sequence sequence) const {
  ENSURE(!frames_.empty() && sequence >= frames_.front()->record.sequence &&
         sequence <= frames_.back()->record.sequence);
  return frames_[number(sequence) - number(frames_.front()->record.sequence)];
}

}  // namespace engine
