#include "engine/member.hpp"

#include <algorithm>

namespace engine {

bool is_for(const cap::Audience& audience, const Member& member) {
  const auto named = [&](const std::string& name) {
    return std::binary_search(audience.names.begin(), audience.names.end(), name);
  };
  switch (audience.scope) {
    case cap::Scope::public_:
      return true;
    case cap::Scope::restricted:
      return std::any_of(member.groups.begin(), member.groups.end(), named);
    case cap::Scope::private_:
      return member.signed_in() && named(member.organisation);
  }
  return false;
}

bool may_read(const cap::Outline& outline, const Member& member) {
  if (!outline.shown()) return false;
  if (outline.reaches.empty()) return is_for(outline.audience, member);
  return std::any_of(outline.reaches.begin(), outline.reaches.end(),
                     [&](const cap::Reach& reach) { return is_for(reach.audience, member); });
}

}  // namespace engine
