#include "ops/sinks/message_board.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include "ops/sinks/limits.hpp"

namespace ops::sinks {

namespace json = boost::json;

namespace {

/// Cut between two characters.
std::string cut(std::string text) {
  if (text.size() <= limits::kTextBytes) return text;
  std::size_t end = limits::kTextBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) --end;
  return text.substr(0, end) + "…";
}

}  // namespace

void MessageBoard::add(Message message) {
  message.text = cut(std::move(message.text));
  message.subject = cut(std::move(message.subject));
  kept_.push_back({++last_, clock_.now(), std::move(message)});
  if (kept_.size() > limits::kMessagesKept) kept_.pop_front();
}

std::string MessageBoard::json_after(std::uint64_t number) const {
  json::array messages;
  for (const Kept& one : kept_) {
    if (one.number <= number) continue;
    messages.push_back(json::object{{"number", one.number},
                                    {"at", engine::format_time(one.at)},
                                    {"way", one.message.way},
                                    {"to", one.message.to},
                                    {"subject", one.message.subject},
                                    {"text", one.message.text}});
  }
  return json::serialize(json::object{{"last", last_}, {"messages", std::move(messages)}});
}

}  // namespace ops::sinks
