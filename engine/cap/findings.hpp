#pragma once
// The rules' names in one table, and the list of what a document breaks. One Findings a judgement;
// it belongs to the thread that judges.
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "engine/cap/judge.hpp"

struct _xmlNode;  // libxml2's, so that this header does not need its headers

namespace engine::cap {

/// Every rule and every warning there is, in the order in which they are asked.
enum class Rule {
  encoding,
  well_formed,
  doctype,
  processing_instruction,
  cap_1_2,
  schema_element,
  schema_value,
  schema,
  identifier_characters,
  sender_characters,
  time_format,
  expires_before_sent,
  restriction_missing,
  addresses_missing,
  references_missing,
  references_malformed,
  references_itself,
  polygon_malformed,
  polygon_range,
  polygon_pairs,
  polygon_closed,
  polygon_vertex_twice,
  polygon_crossing,
  circle_malformed,
  circle_range,
  circle_radius,
  area_desc_blank,
  headline_blank,
  language_tag,
  control_character,
  bidi_override,
  markup,
  too_many_vertices,
  too_many_references,
  too_many_addresses,
  more_faults,
  // Warnings only.
  schema_location,
  severities_differ,
  instruction_missing,
  expires_missing,
  text_long,
  link_not_https,
  polygon_inside,
  markup_in_text,
};

struct RuleText {
  std::string_view name;    // "polygon_closed", as in schemas/rules.md
  std::string_view remedy;  // what to do, the end of every message
};

/// In the order of Rule.
std::span<const RuleText> all_rules();

/// `text` as it may stand in a message: one line, at most `characters_max` characters, what cannot
/// be seen (controls, bidirectional overrides) written as U+XXXX.
std::string printable(std::string_view text, std::size_t characters_max = 60);

/// The place of an element: "alert/info[1]/area[1]/polygon[2]".
std::string path_of(const _xmlNode* node);

class Findings {
 public:
  explicit Findings(std::size_t faults_max) : faults_max_(faults_max) {}

  /// `what` is the first half of a sentence: what was seen. The same rule at the same place counts
  /// once.
  void error(Rule rule, const _xmlNode* at, std::string_view what);
  void error(Rule rule, int line, std::string_view what);
  void warn(Rule rule, const _xmlNode* at, std::string_view what);

  bool any_error() const { return !errors_.faults.empty() || errors_.more > 0; }

  /// The faults found, with a last one that says how many more there are.
  Judgement judgement() &&;

 private:
  struct List {
    std::vector<Fault> faults;
    std::size_t more = 0;
  };
  void add(List& list, Rule rule, const _xmlNode* at, std::string_view what);
  void add(List& list, Rule rule, int line, std::string where, std::string_view what);
  static std::vector<Fault> finish(List list);

  std::size_t faults_max_;
  List errors_;
  List warnings_;
};

}  // namespace engine::cap
