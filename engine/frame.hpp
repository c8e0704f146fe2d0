#pragma once
// What goes over the wire to readers: the objects of schemas/stream.md, each serialised once and
// shared by everyone it concerns. Immutable; any thread.
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "engine/bulletin.hpp"
#include "engine/target.hpp"

namespace engine {

/// Bytes ready for a socket: a whole RFC 6455 frame. Shared, never copied.
using Wire = std::shared_ptr<const std::string>;

/// A record on its way to readers.
struct Frame {
  Record record;
  Wire wire;
  TargetPtr target;  // shared by consecutive frames that concern the same readers
};
using FramePtr = std::shared_ptr<const Frame>;

/// {"type":"alert","seq","at","id","envelope":{...}}
std::string alert_json(const Record& record);

Wire make_wire(const Record& record);
/// `previous`, if there is one, is the frame before.
FramePtr make_frame(Record record, const Frame* previous = nullptr);

/// Shapes drawn of one commit before what is ready goes out: some eight milliseconds of work, and
/// more than a whole commit of ordinary alerts has.
inline constexpr std::size_t kDrawnAtOnce = 2UL << 20;

/// Makes those of a commit and hands them to `post`, in order: together, so that they are one turn
/// for each shard, but where kDrawnAtOnce of shapes were drawn what is ready goes first. `last` is
/// the frame before them, if there is one, and then the last of them.
void make_frames(std::span<const Record> records, FramePtr& last,
                 const std::function<void(std::span<const FramePtr>)>& post);

/// An unmasked, final RFC 6455 frame with that payload.
Wire text_frame(std::string_view payload);
std::string websocket_frame(std::uint8_t opcode, std::string_view payload);

/// What `hello` says of this node and its log.
struct Hello {
  std::string node, system, kind;
  Epoch epoch;
  Sequence head;
  bool recovered = true;
};
std::string hello_json(const Hello& hello);
std::string live_json(Sequence sequence);
std::string beat_json(Sequence head, Time at, Sequence last);

}  // namespace engine
