#pragma once
// Organisations and their profiles as JSON: what operators and organisations themselves send and
// are shown (schemas/organisations.md). Pure; any thread.
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "engine/directory.hpp"

namespace engine {

/// [["area","E09000033"],…]
Result<std::vector<Filter::Parameter>> read_subscription(const boost::json::value& value);

/// What profile_json() writes, as far as it says something. A sentence for what it never says: an
/// unknown name, which may be one that was mistyped, or a value of another kind.
Result<Profile> read_profile(const boost::json::value& value);

boost::json::object organisation_json(const Organisation& organisation);
enum class Contacts {
  shown,    // all that is kept
  its_own,  // what the organisation itself is shown: no secrets of webhooks
  counted,  // how many there are by each way, and how many places
};
boost::json::object profile_json(const Profile& profile, Contacts contacts);

}  // namespace engine
