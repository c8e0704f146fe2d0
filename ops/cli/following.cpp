#include "ops/cli/following.hpp"

#include <algorithm>
#include <charconv>

#include "engine/position.hpp"

namespace ops::cli {

namespace json = boost::json;

namespace {

std::uint64_t number(const json::object& object, const char* name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_int64() || value->get_int64() < 0) return 0;
  return static_cast<std::uint64_t>(value->get_int64());
}

std::string text(const json::object& object, const char* name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

bool is_epoch(std::string_view text) {
  return text.size() == 16 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

void Following::start(const json::object& hello) {
  const std::uint64_t head = number(hello, "head");
  const auto* recovered = hello.if_contains("recovered");
  const bool whole = recovered == nullptr || !recovered->is_bool() || recovered->get_bool();
  epoch_ = text(hello, "epoch");
  if (!is_epoch(epoch_)) epoch_.clear();
  system_ = text(hello, "system");
  kind_ = text(hello, "kind");
  live_ = false;
  greeted_ = true;
  const std::string asked = after();
  if (!whole || asked.empty()) {
    sequence_ = head;
  } else if (asked == "active" || asked == "0") {
    sequence_ = 0;
  } else if (const auto position = engine::Position::parse(asked)) {
    sequence_ = engine::number(position->sequence);
  }
  // Until everything active has come, coming back with a position would leave some of it out.
  positioned_ = !whole || asked != "active";
}

Following::Step Following::take(const json::object& object) {
  const std::string type = text(object, "type");
  heard_ = !live_ || type == "beat";
  if (type == "hello") {
    if (greeted_) return Step::nothing;
    start(object);
    const auto* recovered = object.if_contains("recovered");
    const bool gap = recovered != nullptr && recovered->is_bool() && !recovered->get_bool();
    return gap ? Step::gap : Step::nothing;
  }
  if (type == "alert") {
    const std::uint64_t sequence = number(object, "seq");
    if (sequence <= sequence_) return Step::nothing;
    sequence_ = sequence;
    return Step::show;
  }
  if (type == "live") {
    if (live_) return Step::nothing;
    sequence_ = std::max(sequence_, number(object, "seq"));
    positioned_ = true;
    live_ = true;
    return Step::went_live;
  }
  if (type == "beat") return number(object, "last") > sequence_ ? Step::missed : Step::nothing;
  return Step::nothing;
}

std::string Following::after() const {
  if (epoch_.empty() || !positioned_) return after_;
  return engine::Position{epoch_, engine::Sequence{sequence_}}.text();
}

Comeback comeback_after(int code, std::string_view reason, int failures, double chance) {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  switch (code) {
    case 1002:
    case 1003:
    case 1007:
    case 1009:
    case 4400:
    case 4401:
      return {};
    case 4429:
      return {seconds{30}};
    case 1001: {
      constexpr std::string_view key = "reconnect_ms=";
      long long wait_ms = 0;
      if (reason.starts_with(key)) {
        const auto* begin = reason.data() + key.size();
        std::from_chars(begin, reason.data() + reason.size(), wait_ms);
      }
      if (wait_ms > 0) return {milliseconds{std::min(wait_ms, 120'000LL)}};
      break;
    }
    default:
      break;
  }
  const auto longest = seconds{1 << std::clamp(failures, 0, 5)};
  const double whole_ms = static_cast<double>(std::min<milliseconds>(longest, seconds{30}).count());
  return {milliseconds{static_cast<std::int64_t>(whole_ms * (0.5 + 0.5 * chance))}};
}

}  // namespace ops::cli
