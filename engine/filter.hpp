#pragma once
// Which bulletins a reader asked for. Parameters repeat (or), different ones combine (and). Equal
// filters compare equal, so that they share one decision. Immutable; any thread.
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
  bool matches(const cap::Outline& outline) const;

  const Member& member() const { return member_; }

  bool operator==(const Filter&) const = default;
  /// Equal filters have equal keys, different ones different keys.
  std::string key() const;

 private:
  bool meets(const cap::Reach& reach) const;

  Member member_;
  std::vector<Wanted> areas_;
  cap::CategorySet categories_ = 0;  // none: any
  int rank_at_least_ = 0;
  unsigned statuses_ = 0;  // bit n: cap::Status with number n
  std::vector<std::string> senders_;
};

}  // namespace engine
