#pragma once
// An alert for a test, and its envelope with real signatures. Starts as a sound exercise alert
// about Westminster, sent at 12:00 on the day that ManualClock starts with; every test changes what
// it is about.
//
//   const std::string body = AlertBuilder().severity(cap::Severity::minor)
//                                          .signed_by({&world.key("Ann")});
#include <string>
#include <string_view>
#include <vector>

#include "engine/bulletin.hpp"
#include "engine/cap/alert.hpp"
#include "engine/trust/envelope.hpp"
#include "engine/trust/key_file.hpp"

namespace tests {

using KeyPtrs = std::vector<const engine::trust::SigningKey*>;

/// An envelope around those bytes, signed by each key in this order.
engine::Envelope sign(std::string_view payload, const KeyPtrs& keys,
                      std::string_view payload_type = engine::kCapType);

/// A time of RFC 3339; stops the test where it is none.
engine::Time at(std::string_view time);

class AlertBuilder {
 public:
  AlertBuilder();

  AlertBuilder& identifier(std::string_view identifier);
  AlertBuilder& sender(std::string_view sender);
  AlertBuilder& sent(std::string_view time);
  AlertBuilder& sent(engine::Time time);
  AlertBuilder& status(engine::cap::Status status);
  AlertBuilder& scope(engine::cap::Scope scope);
  /// Whom it is for: the group of a Restricted alert, the organisations of a Private one.
  AlertBuilder& meant_for(std::string_view names);
  AlertBuilder& codes(std::vector<std::string> codes);  // instead of system:exercise-gb
  AlertBuilder& note(std::string_view note);

  // What it is about those before it; each names one.
  AlertBuilder& update(const engine::cap::Identity& named);
  AlertBuilder& cancel(const engine::cap::Identity& named);
  AlertBuilder& ack(const engine::cap::Identity& named);
  AlertBuilder& refers_to(const engine::cap::Identity& named);

  // Of its last info.
  AlertBuilder& categories(std::vector<engine::cap::Category> categories);
  AlertBuilder& severity(engine::cap::Severity severity);
  AlertBuilder& expires(std::string_view time);
  AlertBuilder& no_expires();
  AlertBuilder& headline(std::string_view headline);
  AlertBuilder& description(std::string_view description);

  /// Another info, like the last one.
  AlertBuilder& info();
  AlertBuilder& no_info();

  // Of the last area of its last info.
  AlertBuilder& geocode(std::string_view code, std::string_view name = "ONS");
  AlertBuilder& polygon(engine::cap::Polygon polygon);
  AlertBuilder& circle(engine::cap::Circle circle);
  AlertBuilder& no_shape();                          // without polygons, circles and geocodes
  AlertBuilder& no_area();                           // the info has none at all
  AlertBuilder& area(std::string_view description);  // another one, with nothing but its name

  engine::cap::Identity identity() const { return alert_.identity(); }
  const engine::cap::Alert& alert() const { return alert_; }
  std::string xml() const;

  engine::Envelope envelope(const KeyPtrs& keys) const { return sign(xml(), keys); }
  /// The body of a POST.
  std::string signed_by(const KeyPtrs& keys) const;

 private:
  AlertBuilder& about(engine::cap::MsgType type, const engine::cap::Identity& named);
  engine::cap::Info& last() { return alert_.infos.back(); }
  engine::cap::Area& last_area() { return last().areas.back(); }

  engine::cap::Alert alert_;
};

}  // namespace tests
