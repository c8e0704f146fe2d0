#include "ops/cli/hints.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/admission.hpp"
#include "engine/places.hpp"
#include "ops/cli/visible.hpp"
#include "ops/cli/words.hpp"

namespace ops::cli {

namespace trust = engine::trust;
namespace cap = engine::cap;

namespace {

bool says_where(const cap::Area& area) {
  if (!area.polygons.empty() || !area.circles.empty()) return true;
  return std::any_of(area.geocodes.begin(), area.geocodes.end(), [](const cap::NamedValue& code) {
    return code.name == "ONS" && engine::Places::builtin().find(code.value) != nullptr;
  });
}

void place_hints(const cap::Alert& alert, std::vector<std::string>& hints) {
  if (alert.msg_type != cap::MsgType::alert && alert.msg_type != cap::MsgType::update) return;
  bool any = false;
  for (const auto& info : alert.infos) {
    for (const auto& area : info.areas) {
      any = true;
      if (says_where(area)) continue;
      hints.push_back(fmt::format(
          "area \"{}\" has no polygon, circle or known ONS code: the engine will refuse it "
          "(no_place), since no place means no alert and never everywhere",
          visible(area.description)));
    }
  }
  if (!any) hints.emplace_back("no area at all: the engine will refuse it (no_place)");
}

void authority_hints(const cap::Alert& alert, const trust::TrustDocument& document,
                     std::vector<std::string>& hints) {
  const auto found =
      std::find_if(document.senders.begin(), document.senders.end(),
                   [&](const trust::Sender& sender) { return sender.sender == alert.sender; });
  if (found == document.senders.end()) {
    hints.push_back(fmt::format("{} is no sender of system {}: the engine will refuse it",
                                visible(alert.sender), visible(document.system)));
    return;
  }
  if (alert.msg_type == cap::MsgType::cancel) return;
  const auto& authority = found->authority;
  const auto outside = [&](std::string_view what) {
    hints.push_back(
        fmt::format("{} lies outside what {} may speak about: the engine will refuse "
                    "it (outside_authority); see tocsin trust show",
                    what, visible(alert.sender)));
  };
  if (!authority.statuses.contains(alert.status)) outside(cap::text(alert.status));
  if (!authority.scopes.contains(alert.scope)) outside(cap::text(alert.scope));
  if (cap::rank(cap::severity_of(alert)) > cap::rank(authority.max_severity)) {
    outside(cap::text(cap::severity_of(alert)));
  }
  for (const auto& info : alert.infos) {
    for (const auto category : info.categories) {
      if ((authority.categories & cap::bit(category)) == 0) outside(cap::text(category));
    }
  }
  if (!engine::Places::builtin().inside(alert, authority.areas)) outside("the place");
}

}  // namespace

std::vector<std::string> hints_of(const cap::Alert& alert, std::string_view xml,
                                  const trust::TrustDocument* document) {
  std::vector<std::string> hints;
  const std::size_t payload_max = trust::EnvelopeLimits{}.payload_max;
  if (xml.size() > payload_max) {
    hints.push_back(fmt::format("it is {} KiB long and the engine takes {} KiB (too_large)",
                                xml.size() >> 10, payload_max >> 10));
  }
  if (alert.status == cap::Status::draft || alert.status == cap::Status::system) {
    hints.push_back(
        fmt::format("status {} is never taken (wrong_system)", cap::text(alert.status)));
  }
  for (const auto& named : alert.references) {
    if (named.sender == alert.sender) continue;
    hints.push_back(
        fmt::format("it refers to an alert of {}: the engine will refuse it "
                    "(foreign_reference)",
                    visible(named.sender)));
    break;
  }
  place_hints(alert, hints);
  if (document == nullptr) return hints;
  if (document->kind == trust::SystemKind::exercise && alert.status == cap::Status::actual) {
    hints.push_back(
        fmt::format("system {} is for exercises and never takes an Actual alert "
                    "(wrong_system)",
                    visible(document->system)));
  }
  authority_hints(alert, *document, hints);
  return hints;
}

}  // namespace ops::cli
