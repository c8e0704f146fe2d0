#include "tests/support/alert_builder.hpp"

#include <stdexcept>

#include "engine/cap/compose.hpp"
#include "tests/support/trust_builder.hpp"

namespace tests {

namespace cap = engine::cap;

engine::Envelope sign(std::string_view payload, const KeyPtrs& keys,
                      std::string_view payload_type) {
  engine::Envelope envelope;
  envelope.payload_type = payload_type;
  envelope.payload = payload;
  for (const auto* key : keys) envelope.signatures.push_back(key->sign(payload_type, payload));
  return envelope;
}

engine::Time at(std::string_view time) {
  const auto parsed = engine::parse_time(time);
  if (!parsed) throw std::runtime_error("not a time: " + std::string(time));
  return *parsed;
}

AlertBuilder::AlertBuilder() {
  alert_.identifier = "EX-2026-0001";
  alert_.sender = kControlRoom;
  alert_.sent = at("2026-11-21T12:00:00Z");
  alert_.status = cap::Status::exercise;
  alert_.codes = {"system:exercise-gb"};
  cap::Info info;
  info.language = "en-GB";
  info.categories = {cap::Category::safety};
  info.event = "Flooding";
  info.urgency = cap::Urgency::immediate;
  info.severity = cap::Severity::severe;
  info.certainty = cap::Certainty::observed;
  info.expires = at("2026-11-21T18:00:00Z");
  info.sender_name = "Exercise Control";
  info.headline = "EXERCISE: flooding near the river";
  info.description = "The river is over its banks between the bridges.";
  info.instruction = "Stay on upper floors.";
  cap::Area area;
  area.description = "Westminster";
  area.geocodes = {{"ONS", "E09000033"}};
  info.areas = {area};
  alert_.infos = {info};
}

AlertBuilder& AlertBuilder::identifier(std::string_view identifier) {
  alert_.identifier = identifier;
  return *this;
}
AlertBuilder& AlertBuilder::sender(std::string_view sender) {
  alert_.sender = sender;
  return *this;
}
AlertBuilder& AlertBuilder::sent(std::string_view time) { return sent(at(time)); }
AlertBuilder& AlertBuilder::sent(engine::Time time) {
  alert_.sent = time;
  return *this;
}
AlertBuilder& AlertBuilder::status(cap::Status status) {
  alert_.status = status;
  return *this;
}
AlertBuilder& AlertBuilder::scope(cap::Scope scope) {
  alert_.scope = scope;
  alert_.restriction = scope == cap::Scope::restricted ? "responders" : "";
  alert_.addresses = scope == cap::Scope::private_ ? "hospital@example.org" : "";
  return *this;
}
AlertBuilder& AlertBuilder::meant_for(std::string_view names) {
  (alert_.scope == cap::Scope::private_ ? alert_.addresses : alert_.restriction) = names;
  return *this;
}
AlertBuilder& AlertBuilder::codes(std::vector<std::string> codes) {
  alert_.codes = std::move(codes);
  return *this;
}
AlertBuilder& AlertBuilder::note(std::string_view note) {
  alert_.note = note;
  return *this;
}

AlertBuilder& AlertBuilder::about(cap::MsgType type, const cap::Identity& named) {
  alert_.msg_type = type;
  return refers_to(named);
}
AlertBuilder& AlertBuilder::update(const cap::Identity& named) {
  return about(cap::MsgType::update, named);
}
AlertBuilder& AlertBuilder::cancel(const cap::Identity& named) {
  return about(cap::MsgType::cancel, named).note("Sent in error.");
}
AlertBuilder& AlertBuilder::ack(const cap::Identity& named) {
  return about(cap::MsgType::ack, named);
}
AlertBuilder& AlertBuilder::refers_to(const cap::Identity& named) {
  alert_.references.push_back(named);
  return *this;
}

AlertBuilder& AlertBuilder::categories(std::vector<cap::Category> categories) {
  last().categories = std::move(categories);
  return *this;
}
AlertBuilder& AlertBuilder::severity(cap::Severity severity) {
  last().severity = severity;
  return *this;
}
AlertBuilder& AlertBuilder::expires(std::string_view time) {
  last().expires = at(time);
  return *this;
}
AlertBuilder& AlertBuilder::no_expires() {
  last().expires.reset();
  return *this;
}
AlertBuilder& AlertBuilder::headline(std::string_view headline) {
  last().headline = headline;
  return *this;
}
AlertBuilder& AlertBuilder::description(std::string_view description) {
  last().description = description;
  return *this;
}

AlertBuilder& AlertBuilder::info() {
  alert_.infos.push_back(cap::Info(alert_.infos.back()));
  return *this;
}
AlertBuilder& AlertBuilder::no_info() {
  alert_.infos.clear();
  return *this;
}

AlertBuilder& AlertBuilder::geocode(std::string_view code, std::string_view name) {
  last_area().geocodes.push_back({std::string(name), std::string(code)});
  return *this;
}
AlertBuilder& AlertBuilder::polygon(cap::Polygon polygon) {
  last_area().polygons.push_back(std::move(polygon));
  return *this;
}
AlertBuilder& AlertBuilder::circle(cap::Circle circle) {
  last_area().circles.push_back(circle);
  return *this;
}
AlertBuilder& AlertBuilder::no_shape() {
  const std::string description = last_area().description;
  last().areas.pop_back();
  return area(description);
}
AlertBuilder& AlertBuilder::no_area() {
  last().areas.clear();
  return *this;
}
AlertBuilder& AlertBuilder::area(std::string_view description) {
  cap::Area area;
  area.description = description;
  last().areas.push_back(std::move(area));
  return *this;
}

std::string AlertBuilder::xml() const { return cap::compose(alert_); }

std::string AlertBuilder::signed_by(const KeyPtrs& keys) const {
  return engine::trust::envelope_json(envelope(keys));
}

}  // namespace tests
