#pragma once
// Organisations and their profiles as JSON: what operators send and are shown
// (schemas/organisations.md). Pure.
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>

#include "engine/directory.hpp"

namespace ops {

/// What a request says of one organisation. What it leaves out is not there.
struct Said {
  engine::Organisation organisation;  // since: now
  bool names_subscription = false;    // otherwise it keeps what it has
  std::optional<engine::Profile> profile;
};
engine::Result<Said> read_said(const boost::json::value& value, engine::Time now);

boost::json::object organisation_json(const engine::Organisation& organisation);
enum class Contacts { shown, counted };
boost::json::object profile_json(const engine::Profile& profile, Contacts contacts);

}  // namespace ops
