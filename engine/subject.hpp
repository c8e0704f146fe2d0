#pragma once
// Where a bulletin goes on NATS: the subjects of schemas/subjects.md. Pure; any thread.
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/bulletin.hpp"
#include "engine/places.hpp"

namespace engine {

/// A text as one token of a subject: letters of ASCII as lower case, `_` for each character that is
/// neither such a letter nor a digit, `_` or `-`; `none` for a text without any.
std::string subject_token(std::string_view text);

struct Subjects {
  /// A copy for one area or one organisation.
  struct Copy {
    std::string of;  // the area's code as the list has it, or the organisation's key
    std::string subject;
    bool operator==(const Copy&) const = default;
  };
  std::string everybody;      // alerts.…; empty where it is not for everybody
  std::vector<Copy> areas;    // areas.…, by code; none where it is not for everybody
  std::vector<Copy> members;  // orgs.…, by key: whom a Restricted or Private alert is for

  bool nowhere() const { return everybody.empty() && areas.empty() && members.empty(); }
};

/// The keys of all organisations that an audience which is not Public is for.
using MembersOf = std::function<std::vector<std::string>(const cap::Audience&)>;

/// Finds them. Immutable; any thread.
class Addressing {
 public:
  explicit Addressing(const Places& places);

  /// What readers are not shown (Ack, Error) goes nowhere. `alerts.` has what anybody may read and
  /// `orgs.` what an organisation may, so that nothing of an alert with an audience is on a subject
  /// for everybody, not even that there is one.
  Subjects subjects_of(const Bulletin& bulletin, const MembersOf& members_of) const;

 private:
  std::vector<Wanted> areas_;  // every place, looked up once
};

}  // namespace engine
