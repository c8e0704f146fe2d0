#include "engine/cap/judge.hpp"

#include <fmt/format.h>

#include "engine/cap/document.hpp"
#include "engine/cap/findings.hpp"
#include "engine/cap/reader.hpp"
#include "engine/cap/schema.hpp"

namespace engine::cap {
namespace {

/// The alert of the document, as far as it can be read; what is wrong with it goes to `findings`.
std::optional<Alert> examine(std::string_view xml, const Profile& profile, Findings& findings) {
  const Document document = read_document(xml, profile.encoding, findings, Layout::dropped);
  if (document == nullptr) return std::nullopt;
  const xmlNode* root = xmlDocGetRootElement(document.get());
  check_nodes(document.get(), profile.encoding, findings);
  if (!is_cap(root, "alert")) {
    findings.error(Rule::cap_1_2, root,
                   fmt::format("The root element is <{}> in the namespace \"{}\"",
                               printable(name_of(root)), printable(namespace_of(root))));
    return std::nullopt;
  }
  check_schema(document.get(), findings);
  return read_alert(root, profile, findings);
}

}  // namespace

Judgement judge(std::string_view xml, const Profile& profile) {
  Findings findings(profile.faults_max);
  std::optional<Alert> alert = examine(xml, profile, findings);
  const bool sound = !findings.any_error();
  Judgement judgement = std::move(findings).judgement();
  if (sound) judgement.alert = std::move(alert);
  return judgement;
}

}  // namespace engine::cap
