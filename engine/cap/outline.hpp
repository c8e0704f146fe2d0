#pragma once
// What the log and the fan-out need of an alert, so that nobody reads its XML a second time: what
// it is, until when, what it replaces, and whom it reaches. Stored beside the signed bytes in every
// record; derived from them, never signed, never shown.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/cap/alert.hpp"
#include "engine/cap/footprint.hpp"

namespace engine::cap {

/// A rectangle of latitudes and longitudes, edges included.
struct Box {
  double south = 0, west = 0, north = 0, east = 0;
  bool operator==(const Box&) const = default;
};

/// Bounds of what an outline holds; beyond them it is made coarser, which reaches rather too many
/// than too few.
inline constexpr std::size_t kReachesMax = 32;
// Of one reach: more become the box around all. More than a document's vertices make, since what an
// authority judged shape by shape must not reach into the gaps between.
inline constexpr std::size_t kShapesMax = 16'384;
inline constexpr std::size_t kCodesMax = 4096;  // of one reach: more reach everywhere
// Of all reaches together, half a megabyte of a record: the largest polygons become their boxes.
inline constexpr std::size_t kReachVerticesMax = 65'536;
// Of all reaches together: those with the most reach everywhere.
inline constexpr std::size_t kReachCodesMax = 16'384;
// A longer code is none of any list, and nobody can ask for it.
inline constexpr std::size_t kCodeBytes = 64;

/// What one document may name, by question 6. Nothing of these may ever be left out of a Cancel,
/// which reaches exactly those whom its alerts reached; so they are bounded where they are written,
/// and a Cancel's record holds at most so many alerts' audiences: a few megabytes at the very most.
inline constexpr std::size_t kReferencesMax = 64;
inline constexpr std::size_t kAudienceNamesMax = 1000;
// A longer name is no organisation's and no group's, and is not kept.
inline constexpr std::size_t kAudienceNameBytes = 64;
// From so many names of all reaches on, those of one audience are merged: its names stand once.
inline constexpr std::size_t kReachNamesMax = 4 * kAudienceNamesMax;
// What a document adds of the Cancels it names, which stop nothing that is not stopped already.
// They may have named Cancels in turn, so without a bound each could reach as far as all before it.
inline constexpr std::size_t kReachesOfCancelsBytes = 1UL << 20;

using CategorySet = std::uint16_t;  // bit n: Category with number n
constexpr CategorySet bit(Category category) {
  return static_cast<CategorySet>(1U << static_cast<unsigned>(category));
}

/// Whom a document is meant for.
struct Audience {
  Scope scope = Scope::public_;
  std::vector<std::string> names;  // Restricted: groups; Private: organisations; sorted, each once
  bool operator==(const Audience&) const = default;
};
/// Whether everybody for whom `other` is meant is among those for whom `one` is.
bool covers(const Audience& one, const Audience& other);

/// One way in which a bulletin concerns people: those who listen for all of this at once.
struct Reach {
  Audience audience;
  Status status = Status::actual;
  Severity severity = Severity::unknown;
  CategorySet categories = 0;
  std::string sender;
  bool everywhere = false;         // more was named than is kept
  std::vector<std::string> codes;  // ONS geocodes, sorted, each once
  Footprint shapes;
  /// The known codes that shapes meet or geocodes lie in, sorted: the authorities and all that
  /// contains them. Found once, by Places::complete(), so that matching by code needs no geometry.
  std::vector<std::string> met;
  bool operator==(const Reach&) const = default;
};

struct Outline {
  MsgType msg_type = MsgType::alert;
  Audience audience;  // its own
  Identity identity;
  Time expires;
  std::vector<Identity> references;
  /// An Alert's own; for an Update its own and those of the alerts it names; for a Cancel only the
  /// latter, so it moves nobody by areas of its own. The log adds what the named alerts reached.
  std::vector<Reach> reaches;
  bool operator==(const Outline&) const = default;

  /// Whether readers are shown it: Ack and Error are logged only.
  bool shown() const {
    return msg_type == MsgType::alert || msg_type == MsgType::update || msg_type == MsgType::cancel;
  }
};

/// The outline of a judged alert, with its own reach (none for Cancel, Ack and Error), which
/// Places::complete() has yet to complete.
Outline outline_of(const Alert& alert);

/// The smallest box around a polygon, and one around a circle on the globe (half a percent too
/// wide, never too narrow). Across the antimeridian or around a pole it is every longitude.
Box box_of(const Polygon& polygon);
Box box_of(const Circle& circle);

/// Adds `more` to `reaches`, each different one once; beyond kReachesMax or kReachNamesMax those of
/// one audience are merged, and beyond kReachVerticesMax or kReachCodesMax made coarser, so that a
/// long chain of Updates reaches rather too many than too few.
void add_reaches(std::vector<Reach>& reaches, std::vector<Reach> more);

/// The same where much is added in many steps: merged now and then, so that the last step has to be
/// add_reaches().
void gather_reaches(std::vector<Reach>& reaches, std::vector<Reach> more);

/// About what it takes in a record.
std::size_t octets_of(const Reach& reach);
/// About what its shapes take in memory, with what was made of them to find whom they meet.
std::size_t octets_of_shapes(const Outline& outline);

}  // namespace engine::cap
