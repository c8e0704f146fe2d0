#include "connectors/web/answers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <charconv>

namespace connectors::web {

Response text_response(std::string_view type, std::string body, std::string_view cache) {
  Response response;
  response.content_type = type;
  response.body = std::move(body);
  response.fields.emplace_back("Cache-Control", cache);
  return response;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return value;
}

const std::string* value_of(const Request& request, std::string_view name) {
  const auto found = std::find_if(request.query.begin(), request.query.end(),
                                  [&](const auto& parameter) { return parameter.first == name; });
  return found == request.query.end() ? nullptr : &found->second;
}

std::optional<std::string> wrong_parameter(const Request& request,
                                           std::initializer_list<std::string_view> known,
                                           Filters filters) {
  std::vector<std::string_view> seen;
  for (const auto& [name, value] : request.query) {
    if (filters == Filters::read && engine::Filter::knows(name)) continue;
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return fmt::format("The parameter {} is not known here.", name.substr(0, 40));
    }
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
      return fmt::format("The parameter {} is there twice.", name);
    }
    seen.emplace_back(name);
  }
  return std::nullopt;
}

std::string json_text(std::string_view text) {
  return boost::json::serialize(boost::json::string(text));
}

engine::Refusal refusal_of(engine::Code code, std::string detail) {
  engine::Refusal refusal;
  refusal.code = code;
  refusal.detail = std::move(detail);
  return refusal;
}

void honour_etag(const Request& request, std::string_view etag, Response& response) {
  response.fields.emplace_back("ETag", etag);
  // Weak comparison (RFC 9110 section 13.1.2): W/ in front makes no difference.
  const std::string given = request.field("if-none-match");
  std::string_view rest = given;
  const auto trim = [](std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
  };
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    std::string_view tag = trim(rest.substr(0, comma));
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag == etag || tag == "*") {
      response.status = 304;
      response.body.clear();
      return;
    }
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
}

}  // namespace connectors::web
