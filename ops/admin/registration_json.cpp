#include "ops/admin/registration_json.hpp"

#include <boost/json/array.hpp>

#include "engine/directory/directory_json.hpp"

namespace ops {

namespace json = boost::json;
using engine::Failure;
using engine::Result;

namespace {

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

const json::array& list_of(const json::object& object, std::string_view name) {
  static const json::array none;
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_array() ? value->get_array() : none;
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
  if (const json::value* subscription = object->if_contains("subscription")) {
    auto read = engine::read_subscription(*subscription);
    if (!read) return read.error();
    organisation.subscription = *std::move(read);
    said.names_subscription = true;
  }
  if (const json::value* profile = object->if_contains("profile")) {
    auto read = engine::read_profile(*profile);
    if (!read) return read.error();
    said.profile = *std::move(read);
  }
  return said;
}

}  // namespace ops
