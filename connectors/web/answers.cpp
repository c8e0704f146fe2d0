#include "connectors/web/answers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <charconv>

#include "connectors/web/text.hpp"

namespace connectors::web {
namespace {

constexpr int kDiskAskedAgain_s = 5;

}  // namespace

Response text_response(std::string_view type, std::string body, std::string_view cache) {
  Response response;
  response.content_type = type;
  response.body = std::move(body);
  response.fields.emplace_back("Cache-Control", cache);
  return response;
}

Response shared_response(std::string_view type, std::shared_ptr<const std::string> body,
                         std::string_view cache) {
  Response response = text_response(type, {}, cache);
  response.shared = std::move(body);
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
  if (code == engine::Code::log_unavailable) refusal.retry_after_s = kDiskAskedAgain_s;
  return refusal;
}

namespace {

/// q in thousandths; 1000 where there is none, 0 where it is none.
int quality(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::string_view parameter = cut(parameters, ';');
    if (!parameter.starts_with("q=")) continue;
    double q = 0;
    const auto [end, error] =
        std::from_chars(parameter.begin() + 2, parameter.end(), q, std::chars_format::fixed);
    const bool good = error == std::errc{} && end == parameter.end() && q >= 0 && q <= 1;
    return good ? static_cast<int>(q * 1000 + 0.5) : 0;
  }
  return 1000;
}

/// How exactly a range of Accept names a type: 3 itself, 2 its kind, 1 anything, 0 not at all.
int exactness(std::string_view range, std::string_view type) {
  if (range == type) return 3;
  if (range == "*/*") return 1;
  return range.ends_with("/*") && type.starts_with(range.substr(0, range.size() - 1)) ? 2 : 0;
}

}  // namespace

std::size_t preferred(const Request& request, std::span<const std::string_view> offered) {
  const std::string accept = lower(request.field("accept"));
  std::size_t best = 0;
  int best_quality = 0;
  for (std::size_t i = 0; i < offered.size(); ++i) {
    int exact = 0;
    int q = 0;
    std::string_view rest = accept;
    while (!rest.empty()) {
      std::string_view range = cut(rest, ',');
      const std::string_view type = cut(range, ';');
      const int here = exactness(type, offered[i]);
      if (here <= exact) continue;
      exact = here;
      q = quality(range);
    }
    if (q > best_quality) {
      best = i;
      best_quality = q;
    }
  }
  return best;
}

std::string etag_of(std::string_view body) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char octet : body) {
    hash = (hash ^ static_cast<unsigned char>(octet)) * 1099511628211ULL;
  }
  return fmt::format("\"{:016x}\"", hash);
}

void honour_etag(const Request& request, std::string_view etag, Response& response) {
  honour_etag(request.field("if-none-match"), etag, response);
}

bool if_match_holds(std::string_view if_match, std::string_view etag) {
  while (!if_match.empty()) {
    const std::string_view tag = cut(if_match, ',');
    if (tag == "*" || tag == etag) return true;
  }
  return false;
}

void honour_etag(std::string_view if_none_match, std::string_view etag, Response& response) {
  response.fields.emplace_back("ETag", etag);
  // Weak comparison (RFC 9110 section 13.1.2): W/ in front makes no difference.
  const auto opaque = [](std::string_view tag) {
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    return tag;
  };
  std::string_view rest = if_none_match;
  while (!rest.empty()) {
    const std::string_view tag = cut(rest, ',');
    if (tag != "*" && opaque(tag) != opaque(etag)) continue;
    response.status = 304;
    response.body.clear();
    response.shared.reset();
    return;
  }
}

}  // namespace connectors::web
