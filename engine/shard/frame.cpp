#include "engine/frame.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <utility>
#include <vector>

#include "engine/limits.hpp"
#include "engine/trust/envelope.hpp"

namespace engine {
namespace {

std::string json_text(std::string_view text) {
  return boost::json::serialize(boost::json::string(text));
}

}  // namespace

std::string alert_json(const Record& record) {
  const Bulletin& bulletin = *record.bulletin;
  std::string text = fmt::format(R"({{"type":"alert","seq":{},"at":"{}","id":")",
                                 number(record.sequence), format_time(record.at));
  append_hex(text, view(bulletin.id));
  text += R"(","envelope":)";
  trust::append_envelope_json(text, bulletin.envelope);
  text += '}';
  return text;
}

Wire make_wire(const Record& record) { return text_frame(alert_json(record)); }

FramePtr make_frame(Record record, const Frame* previous) {
  Wire wire = make_wire(record);
  const std::shared_ptr<const cap::Outline> outline(record.bulletin, &record.bulletin->outline);
  const bool same = previous != nullptr && previous->target->same_for(*outline);
  TargetPtr target =
      same ? previous->target : std::make_shared<const Target>(outline, Places::builtin());
  return std::make_shared<const Frame>(
      Frame{std::move(record), std::move(wire), std::move(target)});
}

void make_frames(std::span<const Record> records, FramePtr& last,
                 const std::function<void(std::span<const FramePtr>)>& post) {
  std::vector<FramePtr> ready;
  std::size_t drawn = 0;
  for (const Record& record : records) {
    const FramePtr before = std::exchange(last, make_frame(record, last.get()));
    const bool shared = before && before->target == last->target;
    if (!shared) drawn += last->target->octets_drawn();
    ready.push_back(last);
    if (drawn < kDrawnAtOnce) continue;
    post(ready);
    ready.clear();
    drawn = 0;
  }
  if (!ready.empty()) post(ready);
}

std::string websocket_frame(std::uint8_t opcode, std::string_view payload) {
  std::string frame;
  frame.reserve(payload.size() + 10);
  frame += static_cast<char>(0x80 | opcode);
  const auto length = payload.size();
  int length_octets = 0;
  if (length < 126) {
    frame += static_cast<char>(length);
  } else if (length < 65536) {
    frame += static_cast<char>(126);
    length_octets = 2;
  } else {
    frame += static_cast<char>(127);
    length_octets = 8;
  }
  for (int i = length_octets - 1; i >= 0; --i) frame += static_cast<char>(length >> (8 * i) & 0xff);
  frame += payload;
  return frame;
}

Wire text_frame(std::string_view payload) {
  return std::make_shared<const std::string>(websocket_frame(0x1, payload));
}

std::string hello_json(const Hello& hello) {
  const std::string gap =
      hello.recovered ? "null" : fmt::format(R"({{"from":1,"to":{}}})", number(hello.head));
  return fmt::format(
      R"({{"type":"hello","node":{},"system":{},"kind":{},"epoch":"{}","head":{},"recovered":{},)"
      R"("gap":{},"heartbeat_s":{}}})",
      json_text(hello.node), json_text(hello.system), json_text(hello.kind), hello.epoch,
      number(hello.head), hello.recovered, gap, limits::kHeartbeat.count());
}

std::string live_json(Sequence sequence) {
  return fmt::format(R"({{"type":"live","seq":{}}})", number(sequence));
}

std::string beat_json(Sequence head, Time at, Sequence last) {
  return fmt::format(R"({{"type":"beat","head":{},"at":"{}","last":{},"checkpoint":null}})",
                     number(head), format_time(at), number(last));
}

}  // namespace engine
