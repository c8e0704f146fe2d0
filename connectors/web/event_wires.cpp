#include "connectors/web/event_wires.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "engine/limits.hpp"

namespace connectors::web {

namespace limits = engine::limits;
using engine::CloseReason;
using engine::Wire;

namespace {

/// What an unmasked frame carries (engine/frame.hpp writes them).
std::string_view payload_of(std::string_view frame) {
  const auto length = static_cast<std::uint8_t>(frame[1]);
  return frame.substr(length < 126 ? 2 : length == 126 ? 4 : 10);
}

/// The digits behind the first of the beginnings that an object may have.
std::string_view position_of(std::string_view json) {
  for (const std::string_view begin :
       {R"({"type":"alert","seq":)", R"({"type":"live","seq":)", R"({"type":"beat","head":)"}) {
    if (!json.starts_with(begin)) continue;
    const std::string_view rest = json.substr(begin.size());
    return rest.substr(0, std::min(rest.find_first_not_of("0123456789"), rest.size()));
  }
  return {};
}

std::optional<long> reconnect_ms(std::string_view text) {
  constexpr std::string_view kName = "reconnect_ms=";
  if (!text.starts_with(kName)) return std::nullopt;
  text.remove_prefix(kName.size());
  long value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string event_text(std::string_view json, std::string_view epoch) {
  std::string text;
  text.reserve(json.size() + 64);
  if (const std::string_view sequence = position_of(json); !sequence.empty()) {
    text.append("id: ").append(epoch).append(":").append(sequence).append("\n");
  }
  return text.append("data: ").append(json).append("\n\n");
}

std::string close_event(CloseReason reason, std::string_view text) {
  auto delay = reconnect_ms(text);
  if (!delay && reason == CloseReason::too_slow) delay = limits::kReconnectSoon.count();
  std::string event = "event: close\n";
  if (delay) event += fmt::format("retry: {}\n", *delay);
  return event +
         fmt::format(R"(data: {{"type":"close","code":{},"reconnect_ms":{}}})",
                     engine::code(reason), delay ? std::to_string(*delay) : "null") +
         "\n\n";
}

Wire EventWires::of(const Wire& frame) {
  if (const auto found = made_.find(frame.get()); found != made_.end()) return found->second.event;
  std::string text;
  std::string_view rest = payload_of(*frame);
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    if (end > 0) text += event_text(rest.substr(0, end), epoch_);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  const auto event = std::make_shared<const std::string>(std::move(text));
  if (frame.use_count() == 1) return event;  // one reader's own: nobody else will ask for it
  made_.emplace(frame.get(), Entry{frame, event});
  order_.push_back(frame.get());
  bytes_ += frame->size() + event->size();
  while (order_.size() > 1 &&
         (order_.size() > limits::kEventWires || bytes_ > limits::kEventWiresBytes)) {
    const auto oldest = made_.find(order_.front());
    bytes_ -= oldest->second.frame->size() + oldest->second.event->size();
    made_.erase(oldest);
    order_.pop_front();
  }
  return event;
}

}  // namespace connectors::web
