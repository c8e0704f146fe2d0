#include "ops/admin/registration_json.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <charconv>

namespace ops {

namespace json = boost::json;
using engine::Contact;
using engine::Failure;
using engine::Hours;
using engine::Profile;
using engine::Result;
using engine::Way;

namespace {

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

bool truth_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

std::optional<double> real_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return value->to_number<double>();
}

const json::array& list_of(const json::object& object, std::string_view name) {
  static const json::array none;
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_array() ? value->get_array() : none;
}

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
  const json::object* object = value.if_object();
  if (object == nullptr) return Failure{"a contact is an object"};
  Contact contact;
  const std::string way = text_of(*object, "way");
  bool known = false;
  for (const Way one : {Way::sms, Way::email, Way::webhook}) {
    if (engine::text(one) == way) contact.way = one, known = true;
  }
  if (!known) return Failure{"a contact's way is sms, email or webhook"};
  if (const json::value* number = object->if_contains("number")) {
    boost::system::error_code error;
    contact.number = number->to_number<std::uint32_t>(error);
    if (error) return Failure{"a contact's number is a number"};
  }
  contact.address = text_of(*object, "address");
  contact.secret = text_of(*object, "secret");
  contact.consents = truth_of(*object, "consents");
  contact.fallback = truth_of(*object, "fallback");
  contact.dead = truth_of(*object, "dead");
  if (const std::string when = text_of(*object, "confirmed"); !when.empty()) {
    contact.confirmed = engine::parse_time(when);
    if (!contact.confirmed) return Failure{"when a contact was confirmed is a time"};
  }
  if (const std::string hours = text_of(*object, "hours"); !hours.empty()) {
    const auto read = hours_of(hours);
    if (!read) return Failure{"a contact's hours are such as 08:00-18:00"};
    contact.hours = *read;
  }
  return contact;
}

Result<Profile> read_profile(const json::object& object) {
  Profile profile;
  for (const auto& value : list_of(object, "premises")) {
    const json::object* place = value.if_object();
    if (place == nullptr) return Failure{"a place is an object"};
    engine::Premises premises;
    premises.ons = text_of(*place, "ons");
    const auto latitude = real_of(*place, "latitude"), longitude = real_of(*place, "longitude");
    if (latitude && longitude) premises.point = engine::cap::Point{*latitude, *longitude};
    profile.premises.push_back(std::move(premises));
  }
  for (const auto& sector : list_of(object, "sectors")) {
    if (!sector.is_string()) return Failure{"a sector is a text"};
    profile.sectors.emplace_back(sector.get_string());
  }
  if (object.contains("language")) profile.language = text_of(object, "language");
  for (const auto& value : list_of(object, "contacts")) {
    auto contact = read_contact(value);
    if (!contact) return contact.error();
    profile.contacts.push_back(*std::move(contact));
  }
  return profile;
}

json::object contact_json(const Contact& contact) {
  json::object told{
      {"number", contact.number},       {"way", std::string(engine::text(contact.way))},
      {"address", contact.address},     {"consents", contact.consents},
      {"fallback", contact.fallback},   {"dead", contact.dead},
      {"hours", text_of(contact.hours)}};
  if (!contact.secret.empty()) told["secret"] = contact.secret;
  if (contact.confirmed) told["confirmed"] = engine::format_time(*contact.confirmed);
  return told;
}

/// How many there are by each way: nothing to reach anybody by.
json::object count_json(const std::vector<Contact>& contacts) {
  json::object told;
  for (const Way way : {Way::sms, Way::email, Way::webhook}) {
    std::size_t count = 0;
    for (const auto& contact : contacts) count += contact.way == way ? 1 : 0;
    told[engine::text(way)] = count;
  }
  return told;
}

}  // namespace

Result<Said> read_said(const json::value& value, engine::Time now) {
  const json::object* object = value.if_object();
  if (object == nullptr) return Failure{"an organisation is an object"};
  Said said;
  engine::Organisation& organisation = said.organisation;
  organisation.key = text_of(*object, "organisation");
  organisation.name = text_of(*object, "name");
  organisation.since = now;
  for (const auto& group : list_of(*object, "groups")) {
    if (!group.is_string()) return Failure{"a group is a text"};
    organisation.groups.emplace_back(group.get_string());
  }
  said.names_subscription = object->contains("subscription");
  for (const auto& entry : list_of(*object, "subscription")) {
    const json::array* pair = entry.if_array();
    if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_string() ||
        !(*pair)[1].is_string()) {
      return Failure{"a subscription is a list of pairs: name and value"};
    }
    organisation.subscription.emplace_back((*pair)[0].get_string(), (*pair)[1].get_string());
  }
  if (const json::value* profile = object->if_contains("profile")) {
    if (!profile->is_object()) return Failure{"a profile is an object"};
    auto read = read_profile(profile->get_object());
    if (!read) return read.error();
    said.profile = *std::move(read);
  }
  return said;
}

json::object organisation_json(const engine::Organisation& organisation) {
  json::array groups, subscription;
  for (const auto& group : organisation.groups) groups.emplace_back(group);
  for (const auto& [name, value] : organisation.subscription) {
    subscription.push_back(json::array{name, value});
  }
  return {{"organisation", organisation.key},
          {"name", organisation.name},
          {"groups", std::move(groups)},
          {"subscription", std::move(subscription)},
          {"since", engine::format_time(organisation.since)}};
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
  if (contacts == Contacts::shown) told["premises"] = std::move(premises);
  told["sectors"] = std::move(sectors);
  told["language"] = profile.language;
  if (contacts == Contacts::counted) {
    told["premises"] = profile.premises.size();
    told["contacts"] = count_json(profile.contacts);
    return told;
  }
  for (const auto& contact : profile.contacts) listed.push_back(contact_json(contact));
  told["contacts"] = std::move(listed);
  return told;
}

}  // namespace ops
