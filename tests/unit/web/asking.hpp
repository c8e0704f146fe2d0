#pragma once
// Requests put to the API without a socket, and organisations that may sign in.
#include <doctest/doctest.h>

#include <optional>

#include "engine/trust/signature.hpp"
#include "tests/unit/web/web_world.hpp"

namespace tests {

inline const connectors::web::Peer kNear{connectors::web::Door::front, true, "127.0.0.1"};
inline const connectors::web::Peer kFar{connectors::web::Door::front, false, "192.0.2.7"};

struct Ask {
  std::string method = "GET";
  std::string path;
  std::vector<engine::Filter::Parameter> query = {};
  std::vector<connectors::web::Field> fields = {};
  std::string body = {};
  connectors::web::Peer peer = kNear;
};

inline connectors::web::Response answer_to(WebWorld& world, const Ask& ask) {
  connectors::web::Request request;
  request.method = ask.method;
  request.path = ask.path;
  request.query = ask.query;
  request.fields = ask.fields;
  std::optional<connectors::web::Response> answer;
  world.api->handle(request, ask.body, ask.peer, [&answer](connectors::web::Response response) {
    REQUIRE_FALSE(answer.has_value());
    answer = std::move(response);
  });
  world.pump();
  REQUIRE(answer.has_value());
  if (answer->shared) answer->body = *answer->shared;
  return *answer;
}

inline std::string field_of(const connectors::web::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.fields) {
    if (key == name) return value;
  }
  return {};
}

inline bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// An organisation of that key, with groups, and a token of its own.
inline std::string member(WebWorld& world, const std::string& key,
                          std::vector<std::string> groups = {}) {
  engine::Organisation organisation;
  organisation.key = key;
  organisation.name = "The " + key;
  organisation.groups = std::move(groups);
  REQUIRE(world.directory->put(organisation).has_value());
  return world.directory->issue(key, engine::Secret::Kind::token).value().text;
}

inline std::vector<connectors::web::Field> bearer(const std::string& token) {
  return {{"authorization", "Bearer " + token}};
}

/// A document in the log past all questions, for whom it says.
inline void append(WebWorld& world, const std::string& payload,
                   engine::cap::Audience audience = {}) {
  auto bulletin = std::make_shared<engine::Bulletin>();
  bulletin->id = engine::trust::sha256(payload);
  bulletin->outline.identity = {std::string(kControlRoom), payload, world.clock.now()};
  bulletin->outline.expires = world.clock.now() + std::chrono::hours{1};
  bulletin->outline.audience = audience;
  engine::cap::Reach reach;
  reach.audience = std::move(audience);
  reach.status = engine::cap::Status::exercise;
  reach.sender = kControlRoom;
  bulletin->outline.reaches = {reach};
  bulletin->envelope = {std::string(engine::kCapType), payload, {engine::SignatureBlock{}}};
  world.log->append({bulletin, 1, true}, [](engine::AppendAnswer answer) {
    REQUIRE(std::holds_alternative<engine::Appended>(answer));
  });
  world.pump();
}

inline std::string cap_document(const std::string& headline) {
  return "<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"><identifier>" + headline +
         "</identifier><status>Exercise</status><info><headline>" + headline +
         "</headline></info></alert>";
}

}  // namespace tests
