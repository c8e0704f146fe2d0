#include "engine/filter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "engine/limits.hpp"

namespace engine {
namespace {

Refusal bad(std::string_view name, std::string_view value, std::string_view advice) {
  Refusal refusal;
  refusal.code = Code::bad_query;
  refusal.detail = fmt::format("{}={} is not understood: {}", name, value.substr(0, 80), advice);
  return refusal;
}

std::optional<double> decimal(std::string_view text) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.begin(), text.end(), value, std::chars_format::fixed);
  if (error != std::errc{} || end != text.end()) return std::nullopt;
  return value;
}

std::optional<cap::Point> point(std::string_view text) {
  const auto comma = text.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const auto latitude = decimal(text.substr(0, comma));
  const auto longitude = decimal(text.substr(comma + 1));
  if (!latitude || !longitude) return std::nullopt;
  if (!(*latitude >= -90 && *latitude <= 90)) return std::nullopt;
  if (!(*longitude >= -180 && *longitude <= 180)) return std::nullopt;
  return cap::Point{*latitude, *longitude};
}

template <class T>
void sort_unique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace

bool Filter::knows(std::string_view name) {
  return name == "area" || name == "category" || name == "severity" || name == "status" ||
         name == "sender";
}

std::variant<Filter, Refusal> Filter::parse(std::span<const Parameter> parameters,
                                            cap::Status default_status, const Places& places,
                                            Member member) {
  Filter filter;
  filter.member_ = std::move(member);
  std::size_t values = 0;
  for (const auto& [name, value] : parameters) {
    if (knows(name) && ++values > limits::kFilterValues) {
      return bad(name, value, fmt::format("at most {} filter values", limits::kFilterValues));
    }
    if (name == "area") {
      if (places.find(value) != nullptr) {
        filter.areas_.push_back(places.wanted(value));
      } else if (const auto where = point(value)) {
        filter.areas_.push_back(places.wanted(*where));
      } else {
        return bad(name, value, "give an ONS code such as E09000033, or latitude,longitude");
      }
    } else if (name == "category") {
      const auto category = cap::from_text<cap::Category>(value);
      if (!category) return bad(name, value, "give a CAP category such as Security");
      filter.categories_ |= cap::bit(*category);
    } else if (name == "severity") {
      const auto severity = cap::from_text<cap::Severity>(value);
      if (!severity) return bad(name, value, "give Extreme, Severe, Moderate or Minor");
      const int rank = cap::rank(*severity);
      filter.rank_at_least_ =
          filter.rank_at_least_ == 0 ? rank : std::min(filter.rank_at_least_, rank);
    } else if (name == "status") {
      const auto status = cap::from_text<cap::Status>(value);
      if (!status) return bad(name, value, "give Actual, Exercise or Test");
      filter.statuses_ |= 1U << static_cast<unsigned>(*status);
    } else if (name == "sender") {
      // A plus in a query is a space to most who read one, so "a+b@…" arrives as "a b@…".
      if (value.empty() || value.find_first_of(" ,<&") != std::string::npos) {
        return bad(name, value,
                   "give a CAP sender, which has no space, comma, < or &; write a plus as %2B");
      }
      filter.senders_.push_back(value);
    }
  }
  if (filter.statuses_ == 0) filter.statuses_ = 1U << static_cast<unsigned>(default_status);
  sort_unique(filter.areas_);
  sort_unique(filter.senders_);
  filter.put_in_numbers(places);
  return filter;
}

void Filter::put_in_numbers(const Places& places) {
  const auto number_of = [&](const std::string& code) {
    return static_cast<std::uint16_t>(places.find(code) - places.all().data());
  };
  for (const Wanted& wanted : areas_) {
    if (!wanted.code.empty()) {
      places_.push_back(number_of(wanted.code));
      continue;
    }
    points_.push_back({wanted.spot, static_cast<std::uint16_t>(grounds_.size()),
                       static_cast<std::uint16_t>(wanted.own.size())});
    for (const std::string& code : wanted.own) grounds_.push_back(number_of(code));
  }
  for (const std::string& sender : senders_) sender_hashes_.push_back(hash_of(sender));
  for (const std::string& group : member_.groups) group_hashes_.push_back(hash_of(group));
  organisation_hash_ = hash_of(member_.organisation);
}

bool Filter::matches(const cap::Outline& outline) const {
  if (!outline.shown()) return false;
  return std::any_of(outline.reaches.begin(), outline.reaches.end(), [&](const cap::Reach& reach) {
    return is_for(reach.audience, member_) && meets(reach);
  });
}

bool Filter::meets(const cap::Reach& reach) const {
  if ((statuses_ & 1U << static_cast<unsigned>(reach.status)) == 0) return false;
  if (cap::rank(reach.severity) < rank_at_least_) return false;
  if (categories_ != 0 && (categories_ & reach.categories) == 0) return false;
  if (!senders_.empty() && !std::binary_search(senders_.begin(), senders_.end(), reach.sender)) {
    return false;
  }
  return areas_.empty() || std::any_of(areas_.begin(), areas_.end(), [&](const Wanted& wanted) {
           return Places::concerns(reach, wanted);
         });
}

std::string Filter::key() const {
  std::string key = fmt::format("{:x} {} {:x}", categories_, rank_at_least_, statuses_);
  key += fmt::format(" m{}:{}", member_.organisation.size(), member_.organisation);
  key += fmt::format(" c{}.{}", member_.credential, member_.revision);
  for (const auto& group : member_.groups) key += fmt::format(" g{}:{}", group.size(), group);
  for (const auto& area : areas_) {
    key += area.code.empty() ? fmt::format(" p{},{}", area.spot.y, area.spot.x) : " a" + area.code;
  }
  for (const auto& sender : senders_) key += fmt::format(" s{}:{}", sender.size(), sender);
  return key;
}

}  // namespace engine
