#pragma once
// What operators say of organisations, as JSON (schemas/organisations.md). Pure.
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

}  // namespace ops
