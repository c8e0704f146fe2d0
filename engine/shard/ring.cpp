#include "engine/shard/ring.hpp"

#include "engine/base/ensure.hpp"
#include "engine/limits.hpp"

namespace engine {

/// What a frame adds to a ring that ends with, or begins after, the other one.
std::size_t Ring::octets_of(const Frame& frame, const Frame* neighbour) {
  const bool shared = neighbour != nullptr && neighbour->target == frame.target;
  std::size_t octets = frame.wire->size() + (shared || !frame.target ? 0 : frame.target->octets());
  if (frame.record.bulletin) octets += cap::octets_of_shapes(frame.record.bulletin->outline);
  return octets;
}

Ring Ring::of_newest(std::span<const Record> records, const Make& make,
                     const std::function<bool()>& go_on) {
  Ring ring;
  while (!records.empty() && ring.frames_.size() < limits::kRingFrames &&
         (ring.frames_.empty() || go_on())) {
    const Frame* neighbour = ring.frames_.empty() ? nullptr : ring.frames_.front().get();
    FramePtr frame = make(records.back(), neighbour);
    const std::size_t octets = octets_of(*frame, neighbour);
    if (neighbour != nullptr && ring.bytes_ + octets > limits::kRingBytes) break;
    ring.bytes_ += octets;
    ring.frames_.push_front(std::move(frame));
    records = records.first(records.size() - 1);
  }
  return ring;
}

void Ring::push(FramePtr frame) {
  ENSURE(frames_.empty() || next(frames_.back()->record.sequence) == frame->record.sequence);
  bytes_ += octets_of(*frame, frames_.empty() ? nullptr : frames_.back().get());
  frames_.push_back(std::move(frame));
  while (frames_.size() > 1 &&
         (frames_.size() > limits::kRingFrames || bytes_ > limits::kRingBytes)) {
    bytes_ -= octets_of(*frames_.front(), frames_[1].get());
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
