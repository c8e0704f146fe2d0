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
