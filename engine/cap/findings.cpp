#include "engine/cap/findings.hpp"

#include <fmt/format.h>
#include <libxml/tree.h>

#include <algorithm>
#include <array>

#include "engine/cap/document.hpp"
#include "engine/cap/text.hpp"
#include "engine/cap/utf8.hpp"

namespace engine::cap {
namespace {

constexpr std::array kRules = {
    RuleText{"encoding", "save the document as UTF-8 and declare no other encoding"},
    RuleText{"well_formed", "mend the XML there"},
    RuleText{"doctype", "remove the whole <!DOCTYPE ...>"},
    RuleText{"processing_instruction", "remove it, no alert needs one"},
    RuleText{"cap_1_2", "write an <alert> in the namespace urn:oasis:names:tc:emergency:cap:1.2"},
    RuleText{"schema_element", "put there what the CAP 1.2 schema expects, in its order"},
    RuleText{"schema_value", "write a value which the CAP 1.2 schema allows"},
    RuleText{"schema", "write it as the CAP 1.2 schema says"},
    RuleText{"identifier_characters", "give an identifier without spaces, commas, < and &"},
    RuleText{"sender_characters", "give a sender without spaces, commas, < and &"},
    RuleText{"time_format",
             "write a time like 2026-11-21T19:30:00-00:00, with seconds and a numeric offset"},
    RuleText{"expires_before_sent", "let it expire after it is sent"},
    RuleText{"restriction_missing", "say in <restriction> to whom it is restricted"},
    RuleText{"addresses_missing", "list in <addresses> whom it is for"},
    RuleText{"references_missing",
             "name in <references> the alerts it is about, each as sender,identifier,sent"},
    RuleText{"references_malformed",
             "write each reference as sender,identifier,sent and separate them by spaces"},
    RuleText{"references_itself", "name the earlier alert or give this one a new identifier"},
    RuleText{"polygon_malformed",
             "write pairs latitude,longitude in decimal degrees, separated by spaces"},
    RuleText{"polygon_range",
             "put the latitude (-90 to 90) first and the longitude (-180 to 180) second"},
    RuleText{"polygon_pairs", "give at least four pairs, the last one the same as the first"},
    RuleText{"polygon_closed", "repeat the first pair at the end"},
    RuleText{"polygon_vertex_twice", "leave one of them out or draw two polygons"},
    RuleText{"polygon_crossing", "draw the outline so that it meets itself nowhere"},
    RuleText{"circle_malformed", "write latitude,longitude, a space and the radius in kilometres"},
    RuleText{"circle_range",
             "put the latitude (-90 to 90) first and the longitude (-180 to 180) second"},
    RuleText{"circle_radius", "give a radius in kilometres of 0 or more"},
    RuleText{"area_desc_blank", "name the area in words"},
    RuleText{"headline_blank", "write a headline or leave the element out"},
    RuleText{"language_tag", "write a language tag such as en-GB or cy"},
    RuleText{"control_character", "remove the character"},
    RuleText{"bidi_override", "remove the character, the text orders itself"},
    RuleText{"markup", "write plain words"},
    RuleText{"too_many_vertices", "simplify the polygons"},
    RuleText{"too_many_references", "name the rest in another message"},
    RuleText{"too_many_addresses",
             "restrict it to a group, or address the rest in another message"},
    RuleText{"more_faults", "mend the listed ones first and check again"},
    RuleText{"schema_location", "remove the attribute, nobody loads it"},
    RuleText{"severities_differ", "send one alert for each severity, or give all infos the same"},
    RuleText{"instruction_missing", "say in <instruction> what people should do"},
    RuleText{"expires_missing", "say in <expires> until when it holds, else it is 24 hours"},
    RuleText{"text_long", "shorten it, or it will be cut where it is shown"},
    RuleText{"link_not_https", "link to an https address, no other is made clickable"},
    RuleText{"polygon_inside",
             "draw the remaining area as one outline, since CAP has no holes, or leave it out"},
    RuleText{"markup_in_text", "write plain words, the tags would be shown as they stand"},
};
static_assert(kRules.size() == static_cast<std::size_t>(Rule::markup_in_text) + 1);

const RuleText& text_of(Rule rule) { return kRules[static_cast<std::size_t>(rule)]; }

constexpr std::array<std::string_view, 11> kRepeatable = {
    "info", "category", "responseType", "eventCode", "parameter", "resource",
    "area", "polygon",  "circle",       "geocode",   "code"};

std::string step_of(const xmlNode* node) {
  const std::string_view name = name_of(node);
  const bool repeatable =
      std::find(kRepeatable.begin(), kRepeatable.end(), name) != kRepeatable.end();
  if (!repeatable) return printable(name);
  int place = 1;
  for (const xmlNode* before = node->prev; before != nullptr; before = before->prev) {
    if (before->type == XML_ELEMENT_NODE && name_of(before) == name) ++place;
  }
  return fmt::format("{}[{}]", name, place);
}

}  // namespace

std::span<const RuleText> all_rules() { return kRules; }

std::string printable(std::string_view text, std::size_t characters_max) {
  std::string shown;
  std::size_t count = 0;
  for (Utf8 scan(text); !scan.finished();) {
    if (count++ == characters_max) return shown + "...";
    const auto [code, bytes] = scan.next();
    if (code == '\n' || code == '\r' || code == '\t') {
      shown += ' ';
    } else if (is_control(code) || is_bidi_control(code)) {
      shown += fmt::format("U+{:04X}", static_cast<unsigned>(code));
    } else {
      shown += code == 0xFFFD ? "\uFFFD" : bytes;
    }
  }
  return shown;
}

std::string path_of(const xmlNode* node) {
  std::string path;
  for (; node != nullptr && node->type == XML_ELEMENT_NODE; node = node->parent) {
    path = path.empty() ? step_of(node) : step_of(node) + "/" + path;
  }
  return path;
}

void Findings::error(Rule rule, const xmlNode* at, std::string_view what) {
  add(errors_, rule, at, what);
}

void Findings::error(Rule rule, int line, std::string_view what) {
  add(errors_, rule, line, line > 0 ? fmt::format("line {}", line) : "the document", what);
}

void Findings::warn(Rule rule, const xmlNode* at, std::string_view what) {
  add(warnings_, rule, at, what);
}

void Findings::add(List& list, Rule rule, const xmlNode* at, std::string_view what) {
  // Counting costs nothing: a path is looked up only for a fault that will be listed.
  if (list.faults.size() >= faults_max_) {
    ++list.more;
    return;
  }
  const int line = static_cast<int>(xmlGetLineNo(at));
  std::string path = path_of(at);
  if (!path.empty()) path += ", ";
  add(list, rule, line, fmt::format("{}line {}", path, line), what);
}

void Findings::add(List& list, Rule rule, int line, std::string where, std::string_view what) {
  if (list.faults.size() >= faults_max_) {
    ++list.more;
    return;
  }
  const RuleText& text = text_of(rule);
  for (const Fault& fault : list.faults) {
    if (fault.rule == text.name && fault.where == where) return;
  }
  list.faults.push_back(
      {std::string(text.name), std::move(where), fmt::format("{}: {}.", what, text.remedy), line});
}

std::vector<Fault> Findings::finish(List list) {
  if (list.more > 0) {
    const RuleText& text = text_of(Rule::more_faults);
    list.faults.push_back({std::string(text.name), "the document",
                           fmt::format("{} more were found: {}.", list.more, text.remedy), 0});
  }
  return std::move(list.faults);
}

Judgement Findings::judgement() && {
  Judgement judgement;
  judgement.errors = finish(std::move(errors_));
  judgement.warnings = finish(std::move(warnings_));
  return judgement;
}

}  // namespace engine::cap
