#include "engine/directory/directory_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <charconv>
#include <initializer_list>

namespace engine {

namespace json = boost::json;

namespace {

/// An object whose values are read by their names; the first thing that is wrong with it is kept.
class Reading {
 public:
  /// `what`: "a contact".
  Reading(const json::value& value, std::string_view what,
          std::initializer_list<std::string_view> known)
      : what_(what), object_(value.if_object()) {
    static const json::object none;
    if (object_ == nullptr) fault("is an object");
    for (const auto& member : object_ == nullptr ? none : *object_) {
      if (std::find(known.begin(), known.end(), std::string_view(member.key())) == known.end()) {
        fault(fmt::format("has no {}", std::string_view(member.key()).substr(0, 40)));
      }
    }
  }

  bool has(std::string_view name) const { return find(name) != nullptr; }

  std::string text(std::string_view name) {
    const json::value* value = find(name);
    if (value == nullptr) return {};
    if (!value->is_string()) return fault(fmt::format("has a {} that is no text", name)), "";
    return std::string(value->get_string());
  }
  bool truth(std::string_view name) {
    const json::value* value = find(name);
    if (value == nullptr) return false;
    if (!value->is_bool()) return fault(fmt::format("has {}: true or false", name)), false;
    return value->get_bool();
  }
  template <class T>
  std::optional<T> number(std::string_view name) {
    const json::value* value = find(name);
    if (value == nullptr) return std::nullopt;
    boost::system::error_code error;
    const T number = value->is_number() ? value->to_number<T>(error) : T{};
    if (value->is_number() && !error) return number;
    fault(fmt::format("has a {} that is no number", name));
    return std::nullopt;
  }
  const json::array& list(std::string_view name) {
    static const json::array none;
    const json::value* value = find(name);
    if (value == nullptr) return none;
    if (!value->is_array()) return fault(fmt::format("has {}, a list", name)), none;
    return value->get_array();
  }

  void fault(std::string_view sentence) {
    if (!fault_) fault_ = fmt::format("{} {}", what_, sentence);
  }
  const std::optional<std::string>& fault() const { return fault_; }

 private:
  const json::value* find(std::string_view name) const {
    return object_ == nullptr ? nullptr : object_->if_contains(name);
  }

  const std::string_view what_;
  const json::object* object_;
  std::optional<std::string> fault_;
};

/// 08:00
std::optional<std::chrono::minutes> minutes_of(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  unsigned hour = 0, minute = 0;
  const auto number = [](std::string_view digits, unsigned& into) {
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), into);
    return error == std::errc{} && end == digits.end();
  };
  if (!number(text.substr(0, 2), hour) || !number(text.substr(3), minute)) return std::nullopt;
  if (hour > 23 || minute > 59) return std::nullopt;
  return std::chrono::minutes{hour * 60 + minute};
}

std::string text_of(const Hours& hours) {
  const auto clock = [](std::chrono::minutes at) {
    return fmt::format("{:02}:{:02}", at.count() / 60, at.count() % 60);
  };
  return clock(hours.from) + "-" + clock(hours.until);
}

std::optional<Hours> hours_of(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto from = minutes_of(text.substr(0, dash)), until = minutes_of(text.substr(dash + 1));
  if (!from || !until) return std::nullopt;
  return Hours{*from, *until};
}

Result<Contact> read_contact(const json::value& value) {
  Reading read(
      value, "a contact",
      {"number", "way", "address", "secret", "consents", "fallback", "dead", "confirmed", "hours"});
  Contact contact;
  const std::string way = read.text("way");
  bool known = false;
  for (const Way one : {Way::sms, Way::email, Way::webhook}) {
    if (text(one) == way) contact.way = one, known = true;
  }
  if (!known) read.fault("has a way: sms, email or webhook");
  contact.number = read.number<std::uint32_t>("number").value_or(0);
  contact.address = read.text("address");
  contact.secret = read.text("secret");
  contact.consents = read.truth("consents");
  contact.fallback = read.truth("fallback");
  contact.dead = read.truth("dead");
  if (const std::string when = read.text("confirmed"); !when.empty()) {
    contact.confirmed = parse_time(when);
    if (!contact.confirmed) read.fault("was confirmed at a time such as 2026-11-21T19:30:00Z");
  }
  if (const std::string hours = read.text("hours"); !hours.empty()) {
    const auto within = hours_of(hours);
    if (!within) read.fault("has hours such as 08:00-18:00");
    contact.hours = within.value_or(Hours{});
  }
  if (read.fault()) return Failure{*read.fault()};
  return contact;
}

Result<Premises> read_premises(const json::value& value) {
  Reading read(value, "a place", {"latitude", "longitude", "ons"});
  Premises premises;
  premises.ons = read.text("ons");
  const auto latitude = read.number<double>("latitude");
  const auto longitude = read.number<double>("longitude");
  if (latitude.has_value() != longitude.has_value()) {
    read.fault("has both latitude and longitude, or neither");
  }
  if (read.fault()) return Failure{*read.fault()};
  if (latitude && longitude) premises.point = cap::Point{*latitude, *longitude};
  return premises;
}

json::object contact_json(const Contact& contact, Contacts contacts) {
  json::object told{{"number", contact.number},       {"way", std::string(text(contact.way))},
                    {"address", contact.address},     {"consents", contact.consents},
                    {"fallback", contact.fallback},   {"dead", contact.dead},
                    {"hours", text_of(contact.hours)}};
  if (contacts == Contacts::shown && !contact.secret.empty()) told["secret"] = contact.secret;
  if (contact.confirmed) told["confirmed"] = format_time(*contact.confirmed);
  return told;
}

/// How many there are by each way: nothing to reach anybody by.
json::object count_json(const std::vector<Contact>& contacts) {
  json::object told;
  for (const Way way : {Way::sms, Way::email, Way::webhook}) {
    std::size_t count = 0;
    for (const auto& contact : contacts) count += contact.way == way ? 1 : 0;
    told[text(way)] = count;
  }
  return told;
}

}  // namespace

Result<std::vector<Filter::Parameter>> read_subscription(const json::value& value) {
  const Failure wrong{"a subscription is a list of pairs: name and value"};
  const json::array* list = value.if_array();
  if (list == nullptr) return wrong;
  std::vector<Filter::Parameter> subscription;
  for (const auto& entry : *list) {
    const json::array* pair = entry.if_array();
    if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_string() ||
        !(*pair)[1].is_string()) {
      return wrong;
    }
    subscription.emplace_back((*pair)[0].get_string(), (*pair)[1].get_string());
  }
  return subscription;
}

Result<Profile> read_profile(const json::value& value) {
  Reading read(value, "a profile", {"premises", "sectors", "language", "contacts"});
  Profile profile;
  for (const auto& one : read.list("premises")) {
    auto premises = read_premises(one);
    if (!premises) return premises.error();
    profile.premises.push_back(*std::move(premises));
  }
  for (const auto& sector : read.list("sectors")) {
    if (!sector.is_string()) return Failure{"a sector is a text"};
    profile.sectors.emplace_back(sector.get_string());
  }
  if (read.has("language")) profile.language = read.text("language");
  for (const auto& one : read.list("contacts")) {
    auto contact = read_contact(one);
    if (!contact) return contact.error();
    profile.contacts.push_back(*std::move(contact));
  }
  if (read.fault()) return Failure{*read.fault()};
  return profile;
}

json::object organisation_json(const Organisation& organisation) {
  json::array groups, subscription;
  for (const auto& group : organisation.groups) groups.emplace_back(group);
  for (const auto& [name, value] : organisation.subscription) {
    subscription.push_back(json::array{name, value});
  }
  return {{"organisation", organisation.key},
          {"name", organisation.name},
          {"groups", std::move(groups)},
          {"subscription", std::move(subscription)},
          {"since", format_time(organisation.since)}};
}

json::object profile_json(const Profile& profile, Contacts contacts) {
  json::array premises, sectors, listed;
  for (const auto& place : profile.premises) {
    json::object told;
    if (place.point) {
      told["latitude"] = place.point->latitude;
      told["longitude"] = place.point->longitude;
    }
    if (!place.ons.empty()) told["ons"] = place.ons;
    premises.push_back(std::move(told));
  }
  for (const auto& sector : profile.sectors) sectors.emplace_back(sector);
  json::object told;
  if (contacts != Contacts::counted) told["premises"] = std::move(premises);
  told["sectors"] = std::move(sectors);
  told["language"] = profile.language;
  if (contacts == Contacts::counted) {
    told["premises"] = profile.premises.size();
    told["contacts"] = count_json(profile.contacts);
    return told;
  }
  for (const auto& contact : profile.contacts) listed.push_back(contact_json(contact, contacts));
  told["contacts"] = std::move(listed);
  return told;
}

}  // namespace engine
