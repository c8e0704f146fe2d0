#pragma once
// Which bulletins a reader asked for. Parameters repeat (or), different ones combine (and). Equal
// filters compare equal, so that they share one decision. Immutable; any thread.
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/member.hpp"
#include "engine/places.hpp"
#include "engine/refusal.hpp"

namespace engine {

class Filter {
 public:
  using Parameter = std::pair<std::string, std::string>;  // name and value, decoded

  /// Reads `area`, `category`, `severity`, `status` and `sender`; other parameters are not its
  /// business. `default_status` holds where no status is named. `bad_query` says what is wrong.
  /// `member` is who asks.
  static std::variant<Filter, Refusal> parse(std::span<const Parameter> parameters,
                                             cap::Status default_status, const Places& places,
                                             Member member = {});
  /// Whether `parse` reads that parameter.
  static bool knows(std::string_view name);

  /// Whether a bulletin concerns this reader: it is shown, and one of its reaches is for them and
  /// meets every parameter.
  /// Where many filters are asked of one bulletin, Target answers the same in less time.
  bool matches(const cap::Outline& outline) const;

  const Member& member() const { return member_; }

  bool operator==(const Filter&) const = default;
  /// Equal filters have equal keys, different ones different keys.
  std::string key() const;

 private:
  friend class Target;

  /// A point somebody asks for and the authorities that hold it, as numbers.
  struct Point {
    cap::Spot spot;
    std::uint16_t first_ground = 0, grounds = 0;  // of grounds_
    bool operator==(const Point&) const = default;
  };

  static std::uint64_t hash_of(const std::string& text) { return std::hash<std::string>{}(text); }
  bool meets(const cap::Reach& reach) const;
  void put_in_numbers(const Places& places);

  cap::CategorySet categories_ = 0;  // none: any
  int rank_at_least_ = 0;
  unsigned statuses_ = 0;  // bit n: cap::Status with number n
  // The areas, senders and names of below as Target compares them: places by their place among all.
  std::vector<std::uint16_t> places_;
  std::vector<Point> points_;
  std::vector<std::uint16_t> grounds_;
  std::vector<std::uint64_t> sender_hashes_, group_hashes_;
  std::uint64_t organisation_hash_ = 0;

  Member member_;
  std::vector<Wanted> areas_;
  std::vector<std::string> senders_;
};

}  // namespace engine
