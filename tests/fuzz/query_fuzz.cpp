// Any text as the query of a stream: decoded as browsers write it (a plus is a space), and a
// filter that keeps its promises whatever was asked for: repeated parameters only widen, different
// ones only narrow, equal filters and no others have equal keys. Positions come back as written.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/web/http_message.hpp"
#include "engine/base/ensure.hpp"
#include "engine/filter.hpp"
#include "engine/position.hpp"

namespace {

using namespace engine;
using Parameters = std::vector<Filter::Parameter>;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      result += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      result += text[i] == '+' ? ' ' : text[i];
    }
  }
  return result;
}

/// The reading of a query that everybody would write by hand.
Parameters by_hand(std::string_view query) {
  Parameters parameters;
  while (true) {
    const auto end = std::min(query.find('&'), query.size());
    const std::string_view piece = query.substr(0, end);
    const auto equals = std::min(piece.find('='), piece.size());
    parameters.emplace_back(decoded(piece.substr(0, equals)),
                            decoded(piece.substr(std::min(equals + 1, piece.size()))));
    if (end == query.size()) return parameters;
    query.remove_prefix(end + 1);
  }
}

cap::Outline alert(cap::Status status, cap::Severity severity, cap::Category category,
                   std::string sender) {
  cap::Outline outline;
  cap::Reach reach;
  reach.status = status;
  reach.severity = severity;
  reach.categories = cap::bit(category);
  reach.sender = std::move(sender);
  reach.codes = {"E09000033"};
  reach.shapes = {{cap::ring_of({{51.4, -0.3}, {51.4, 0.1}, {51.6, 0.1}, {51.6, -0.3}})}, {}};
  outline.reaches = {reach};
  Places::builtin().complete(outline);
  return outline;
}

const std::vector<cap::Outline>& alerts() {
  using namespace cap;
  static const std::vector<Outline> all = {
      alert(Status::actual, Severity::extreme, Category::fire, "control@example.police.uk"),
      alert(Status::exercise, Severity::minor, Category::met, "control@example.police.uk"),
      alert(Status::exercise, Severity::unknown, Category::security, "a@b"),
      alert(Status::test, Severity::moderate, Category::fire, "a@b"),
  };
  return all;
}

/// Whether everything the first one shows is shown by the second one too.
bool within(const Filter& narrow, const Filter& wide) {
  return std::all_of(alerts().begin(), alerts().end(), [&](const cap::Outline& outline) {
    return !narrow.matches(outline) || wide.matches(outline);
  });
}

Filter filter_of(const Parameters& parameters) {
  const auto parsed = Filter::parse(parameters, cap::Status::exercise, Places::builtin());
  const auto* filter = std::get_if<Filter>(&parsed);
  ENSURE(filter != nullptr);
  return *filter;
}

std::size_t count_of(const Parameters& parameters, std::string_view name) {
  return static_cast<std::size_t>(std::count_if(
      parameters.begin(), parameters.end(), [&](const auto& each) { return each.first == name; }));
}

/// Leaves each parameter out once, and holds the two filters against each other.
void check_filter(const Parameters& parameters) {
  const auto parsed = Filter::parse(parameters, cap::Status::exercise, Places::builtin());
  if (const auto* refusal = std::get_if<Refusal>(&parsed)) {
    ENSURE(refusal->code == Code::bad_query && !refusal->detail.empty());
    return;
  }
  const auto& whole = std::get<Filter>(parsed);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const std::string name = parameters[i].first;
    Parameters fewer = parameters;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    const Filter without = filter_of(fewer);
    ENSURE((without == whole) == (without.key() == whole.key()));
    if (!Filter::knows(name)) {
      ENSURE(without == whole);
    } else if (count_of(parameters, name) > 1) {
      ENSURE(within(without, whole));
    } else if (name != "status") {
      ENSURE(within(whole, without));
    }
  }
}

void check_position(std::string_view text) {
  if (const auto position = Position::parse(text)) ENSURE(position->text() == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view query(reinterpret_cast<const char*>(data), size);
  check_position(query);
  if (query.find_first_of(std::string_view("\0\r\n #", 5)) != std::string_view::npos) return 0;
  const std::string head =
      "GET /v1/stream?" + std::string(query) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const auto read = connectors::web::parse_head(head);
  const auto* request = std::get_if<connectors::web::Request>(&read);
  if (request == nullptr) return 0;
  ENSURE(request->path == "/v1/stream");
  ENSURE(request->query == by_hand(query));
  for (const auto& [name, value] : request->query) check_position(value);
  check_filter(request->query);
  return 0;
}
