#include "connectors/web/own_request.hpp"

#include <fmt/format.h>

#include <boost/json/object.hpp>

#include "connectors/web/answers.hpp"
#include "engine/directory/directory_json.hpp"
#include "engine/directory/limits.hpp"
#include "engine/trust/strict_json.hpp"

namespace connectors::web {

namespace json = boost::json;
namespace limits = engine::limits;
using engine::Code;
using engine::Refusal;

namespace {

constexpr std::size_t kDepth = 8;

std::variant<json::object, Refusal> read_object(const Request& request, std::string_view body) {
  if (body.size() > limits::kOwnBytes) {
    return refusal_of(Code::too_large, fmt::format("The body has {} octets; at most {}.",
                                                   body.size(), limits::kOwnBytes));
  }
  // Forms of other pages cannot send this type.
  const std::string type = request.field("content-type");
  if (type.substr(0, type.find(';')) != kJson) {
    return refusal_of(Code::bad_query, "Send Content-Type: application/json.");
  }
  auto value = engine::trust::parse_strict_json(body, kDepth);
  if (!value || !value->is_object()) {
    return refusal_of(Code::bad_query, "The body is not one JSON object.");
  }
  return std::move(value->get_object());
}

const std::string* text_of(const json::object& object, std::string_view name, std::string& into) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return nullptr;
  into = std::string(value->get_string());
  return &into;
}

bool is_code(std::string_view text) {
  return text.size() == 6 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::variant<engine::OwnWords, Refusal> read_own_words(const Request& request,
                                                       std::string_view body) {
  const auto read = read_object(request, body);
  if (const auto* refusal = std::get_if<Refusal>(&read)) return *refusal;
  engine::OwnWords own;
  for (const auto& [name, value] : std::get<json::object>(read)) {
    if (name == "profile") {
      auto profile = engine::read_profile(value);
      if (!profile) return refusal_of(Code::bad_query, profile.error().what + ".");
      own.profile = *std::move(profile);
    } else if (name == "subscription") {
      auto subscription = engine::read_subscription(value);
      if (!subscription) return refusal_of(Code::bad_query, subscription.error().what + ".");
      own.subscription = *std::move(subscription);
    } else {
      return refusal_of(Code::bad_query,
                        "An organisation changes its profile and its subscription; its name and "
                        "its groups are changed by whoever runs this engine.");
    }
  }
  if (!own.profile && !own.subscription) {
    return refusal_of(Code::bad_query, R"(Send {"profile":{…}}, {"subscription":[…]}, or both.)");
  }
  return own;
}

std::variant<OwnAddress, Refusal> read_own_address(const Request& request, std::string_view body,
                                                   OwnCode code) {
  const auto read = read_object(request, body);
  if (const auto* refusal = std::get_if<Refusal>(&read)) return *refusal;
  const auto& object = std::get<json::object>(read);
  OwnAddress to;
  std::string way;
  const bool both = text_of(object, "way", way) && text_of(object, "address", to.address);
  to.way = way == engine::text(engine::Way::email) ? engine::Way::email : engine::Way::sms;
  if (!both || way != engine::text(to.way)) {
    return refusal_of(
        Code::bad_query,
        R"(Send {"way":"sms" or "email","address":"..."}, and "code" to confirm it.)");
  }
  if (object.size() != (code == OwnCode::wanted ? 3U : 2U)) {
    return refusal_of(Code::bad_query,
                      "Send way and address, code only to confirm it, and "
                      "nothing else.");
  }
  if (code == OwnCode::wanted && (!text_of(object, "code", to.code) || !is_code(to.code))) {
    return refusal_of(Code::bad_query, "A code is a text of six digits.");
  }
  return to;
}

std::optional<Refusal> not_meant(const Request& request, std::string_view body,
                                 std::string_view organisation) {
  const auto read = read_object(request, body);
  if (const auto* refusal = std::get_if<Refusal>(&read)) return *refusal;
  const auto& object = std::get<json::object>(read);
  std::string erase;
  if (object.size() == 1 && text_of(object, "erase", erase) && erase == organisation) {
    return std::nullopt;
  }
  return refusal_of(Code::bad_query,
                    fmt::format("This erases everything of your organisation and cannot be taken "
                                "back. If that is meant, send {{\"erase\":\"{}\"}}.",
                                organisation));
}

}  // namespace connectors::web
