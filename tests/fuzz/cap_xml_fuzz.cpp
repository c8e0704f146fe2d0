// Any bytes as a CAP document: judged without harm, and what is accepted stays acceptable when it
// is written by us or made our own.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/ensure.hpp"
#include "engine/cap/compose.hpp"
#include "engine/cap/findings.hpp"
#include "engine/cap/judge.hpp"
#include "engine/cap/outline.hpp"

namespace {

using namespace engine;
using namespace engine::cap;

void check_faults(const std::vector<Fault>& faults) {
  for (const Fault& fault : faults) {
    const auto known = all_rules();
    ENSURE(std::any_of(known.begin(), known.end(),
                       [&](const RuleText& rule) { return rule.name == fault.rule; }));
    ENSURE(!fault.where.empty() && fault.message.ends_with('.'));
  }
}

Judgement judged(std::string_view xml, const Profile& profile) {
  Judgement judgement = judge(xml, profile);
  ENSURE(judgement.alert.has_value() == judgement.errors.empty());
  check_faults(judgement.errors);
  check_faults(judgement.warnings);
  return judgement;
}

void check_outline(const Alert& alert) {
  const Outline outline = outline_of(alert);
  ENSURE(outline.reaches.size() <= 1);
  for (const Reach& reach : outline.reaches) {
    ENSURE(reach.shapes.shapes() <= kShapesMax);
    for (const Ring& ring : reach.shapes.polygons()) {
      const Extent box = box_around(ring);
      ENSURE(box.least.x >= -180 * kSpotsPerDegree && box.most.x <= 180 * kSpotsPerDegree);
      ENSURE(box.least.y >= -90 * kSpotsPerDegree && box.most.y <= 90 * kSpotsPerDegree);
      for (const Spot spot : ring) ENSURE(box.holds(spot) && reach.shapes.holds(spot));
    }
    for (const Disc& circle : reach.shapes.circles()) ENSURE(reach.shapes.holds(circle.centre()));
  }
}

/// Beyond every bound, the reaches of a long chain of Updates reach rather too many than too few.
void check_merged(const Alert& alert) {
  const Outline outline = outline_of(alert);
  if (outline.reaches.empty()) return;
  const Reach& own = outline.reaches.front();
  std::vector<Reach> all;
  for (std::size_t i = 0; i <= kReachesMax; ++i) {
    Reach other = own;
    other.codes = {"E0" + std::to_string(i)};
    add_reaches(all, {other});
  }
  ENSURE(!all.empty() && all.size() <= kReachesMax);
  std::size_t vertices = 0;
  for (const Reach& reach : all) {
    for (const Ring& ring : reach.shapes.polygons()) vertices += ring.size();
  }
  ENSURE(vertices <= kReachVerticesMax);
  for (const Ring& ring : own.shapes.polygons()) {
    const Spot corner = ring.front();
    ENSURE(std::any_of(all.begin(), all.end(),
                       [&](const Reach& reach) { return reach.shapes.holds(corner); }));
  }
}

/// Made our own: what was asked for stands in it, and it is as sound as before.
void check_made_our_own(std::string_view xml, const Alert& alert) {
  Rewrite changes;
  changes.identifier = "ours-1";
  changes.sender = "ours@example.org";
  changes.status = Status::test;
  changes.system = "exercise-gb";
  changes.sent = alert.sent + std::chrono::hours{24};
  if (alert.sent.time_since_epoch().count() % 2 == 0) {
    changes.expires = alert.sent + std::chrono::hours{26};
  }
  const Result<std::string> ours = rewrite(xml, changes);
  ENSURE(ours.has_value());
  Profile strict;
  strict.vertices_max = 1'000'000;
  const Judgement judgement = judged(*ours, strict);
  // A reference may have become the alert's own, and after the last day of the calendar none comes.
  if (!judgement.alert) {
    const bool last_day = compose(alert).find("9999-12-31") != std::string::npos;
    for (const Fault& fault : judgement.errors) {
      ENSURE(last_day || fault.rule == "references_itself");
    }
    return;
  }
  ENSURE(judgement.alert->identifier == "ours-1" && judgement.alert->sender == "ours@example.org");
  ENSURE(judgement.alert->status == Status::test && judgement.alert->sent == *changes.sent);
  const auto names_system = [](const std::string& code) { return code.starts_with("system:"); };
  ENSURE(std::count_if(judgement.alert->codes.begin(), judgement.alert->codes.end(),
                       names_system) == 1);
  ENSURE(judgement.alert->infos.size() == alert.infos.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view xml(reinterpret_cast<const char*>(data), size);
  Profile strict;
  strict.vertices_max = 1'000'000;
  Profile lenient = strict;
  lenient.encoding = Encoding::any;

  const Judgement admitted = judged(xml, strict);
  const Judgement checked = judged(xml, lenient);
  ENSURE(!admitted.alert || checked.alert);
  const Result<std::string> ours = rewrite(xml, {});
  if (!checked.alert) return 0;

  check_outline(*checked.alert);
  check_merged(*checked.alert);
  check_made_our_own(xml, *checked.alert);
  const std::string written = compose(*checked.alert);
  const Judgement again = judged(written, strict);
  ENSURE(again.alert.has_value());
  ENSURE(compose(*again.alert) == written);

  ENSURE(ours.has_value());
  const Judgement rewritten = judged(*ours, strict);
  ENSURE(rewritten.alert.has_value());
  ENSURE(compose(*rewritten.alert) == written);
  return 0;
}
