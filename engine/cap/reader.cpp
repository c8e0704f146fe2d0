#include "engine/cap/reader.hpp"

#include <fmt/format.h>

#include "engine/cap/shapes.hpp"
#include "engine/cap/text.hpp"

namespace engine::cap {
namespace {

enum class Markup { refused, warned, allowed };

/// The texts of an info that people are shown, and whether tags may stand in them.
struct InfoText {
  std::string_view name;
  std::string Info::*member;
  Markup markup;
};
constexpr InfoText kInfoTexts[] = {
    {"event", &Info::event, Markup::refused},
    {"senderName", &Info::sender_name, Markup::refused},
    {"headline", &Info::headline, Markup::refused},
    {"description", &Info::description, Markup::warned},
    {"instruction", &Info::instruction, Markup::warned},
    {"contact", &Info::contact, Markup::allowed},
};

struct AlertText {
  std::string_view name;
  std::string Alert::*member;
};
constexpr AlertText kAlertTexts[] = {
    {"identifier", &Alert::identifier}, {"sender", &Alert::sender},
    {"source", &Alert::source},         {"restriction", &Alert::restriction},
    {"addresses", &Alert::addresses},   {"note", &Alert::note},
    {"incidents", &Alert::incidents},
};

class Reader {
 public:
  Reader(const Profile& profile, Findings& findings) : profile_(profile), findings_(findings) {}

  Alert alert(const xmlNode* root);

 private:
  void alert_child(const xmlNode* node, std::string_view name, Alert& alert);
  void names(const xmlNode* node, std::string_view name, const std::string& text);
  void scope(const xmlNode* root, const Alert& alert);
  void references(const xmlNode* root, Alert& alert);
  void severities(const xmlNode* root, const Alert& alert);
  void too_many(Rule rule, const xmlNode* at, std::size_t count, std::size_t count_max,
                std::string_view what);

  Info info(const xmlNode* element, const Alert& alert);
  void info_child(const xmlNode* node, std::string_view name, Info& info);
  bool info_text(const xmlNode* node, std::string_view name, Info& info);
  void info_missing(const xmlNode* element, const Alert& alert, const Info& info);
  void expiry(const xmlNode* node, const Alert& alert, const Info& info);
  void polygons_inside(const Info& info);
  Resource resource(const xmlNode* element);
  Area area(const xmlNode* element);
  NamedValue named_value(const xmlNode* element);

  std::optional<Time> time(const xmlNode* node);
  void language(const xmlNode* node, Info& info);
  void link(const xmlNode* node, std::string_view address);
  void shape(const xmlNode* node, const std::vector<ShapeFault>& faults);

  const Profile& profile_;
  Findings& findings_;
  bool has_sent_ = false;
  const xmlNode* references_ = nullptr;
  const xmlNode* expires_ = nullptr;      // of the info being read
  std::vector<const xmlNode*> polygons_;  // of the info being read, the sound ones
  std::size_t vertices_ = 0, circles_ = 0;
};

template <class Enum>
void read_enum(const xmlNode* node, Enum& value) {
  if (const auto read = from_text<Enum>(text_of(node))) value = *read;
}

/// Calls `visit(child, name)` for each CAP element right below `element`.
template <class Visit>
void each_child(const xmlNode* element, Visit visit) {
  for (const xmlNode* child = element->children; child != nullptr; child = child->next) {
    if (is_cap(child)) visit(child, name_of(child));
  }
}

Alert Reader::alert(const xmlNode* root) {
  Alert alert;
  each_child(root,
             [&](const xmlNode* node, std::string_view name) { alert_child(node, name, alert); });
  scope(root, alert);
  references(root, alert);
  severities(root, alert);
  too_many(Rule::too_many_vertices, root, vertices_, profile_.vertices_max,
           "The vertices of its polygons are");
  too_many(Rule::too_many_vertices, root, circles_, kCirclesMax, "Its circles are");
  return alert;
}

void Reader::alert_child(const xmlNode* node, std::string_view name, Alert& alert) {
  for (const AlertText& text : kAlertTexts) {
    if (text.name != name) continue;
    alert.*text.member = text_of(node);
    names(node, name, alert.*text.member);
    return;
  }
  if (name == "sent") {
    const auto sent = time(node);
    has_sent_ = sent.has_value();
    alert.sent = sent.value_or(Time{});
  } else if (name == "status") {
    read_enum(node, alert.status);
  } else if (name == "msgType") {
    read_enum(node, alert.msg_type);
  } else if (name == "scope") {
    read_enum(node, alert.scope);
  } else if (name == "code") {
    alert.codes.push_back(text_of(node));
  } else if (name == "references") {
    references_ = node;
  } else if (name == "info") {
    alert.infos.push_back(info(node, alert));
  }
}

void Reader::names(const xmlNode* node, std::string_view name, const std::string& text) {
  if (is_name(text)) return;
  if (name == "identifier") {
    findings_.error(Rule::identifier_characters, node,
                    fmt::format("The identifier is \"{}\"", printable(text)));
  } else if (name == "sender") {
    findings_.error(Rule::sender_characters, node,
                    fmt::format("The sender is \"{}\"", printable(text)));
  }
}

void Reader::scope(const xmlNode* root, const Alert& alert) {
  if (alert.scope == Scope::restricted && is_blank(alert.restriction)) {
    findings_.error(Rule::restriction_missing, root, "The scope is Restricted, to nobody named");
  }
  if (alert.scope == Scope::private_ && is_blank(alert.addresses)) {
    findings_.error(Rule::addresses_missing, root, "The scope is Private, for nobody named");
  }
  const std::size_t names =
      alert.scope == Scope::private_ ? addresses_in(alert.addresses).size() : 0;
  too_many(Rule::too_many_addresses, root, names, profile_.addresses_max, "The addresses are");
}

std::optional<Identity> read_reference(std::string_view text) {
  const std::size_t first = text.find(',');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = text.find(',', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const std::string_view sender = text.substr(0, first);
  const std::string_view identifier = text.substr(first + 1, second - first - 1);
  const auto sent = parse_cap_time(text.substr(second + 1));
  if (!sent || !is_name(sender) || !is_name(identifier)) return std::nullopt;
  return Identity{std::string(sender), std::string(identifier), *sent};
}

void Reader::references(const xmlNode* root, Alert& alert) {
  const std::string text = references_ == nullptr ? "" : text_of(references_);
  const std::vector<std::string_view> words = split(text);
  too_many(Rule::too_many_references, references_, words.size(), profile_.references_max,
           "The references are");
  if (alert.msg_type == MsgType::alert) {
    // An Alert needs none, and what it has decides nothing: so it is read where it can be.
    for (const std::string_view word : words) {
      if (auto reference = read_reference(word)) alert.references.push_back(std::move(*reference));
    }
    return;
  }
  if (words.empty()) {
    findings_.error(
        Rule::references_missing, references_ == nullptr ? root : references_,
        fmt::format("An alert of msgType {} has no references", engine::cap::text(alert.msg_type)));
  }
  for (const std::string_view word : words) {
    auto reference = read_reference(word);
    if (!reference) {
      findings_.error(Rule::references_malformed, references_,
                      fmt::format("One reference is \"{}\"", printable(word, 120)));
      continue;
    }
    if (has_sent_ && *reference == alert.identity()) {
      findings_.error(Rule::references_itself, references_, "The alert names itself");
    }
    alert.references.push_back(std::move(*reference));
  }
}

void Reader::severities(const xmlNode* root, const Alert& alert) {
  for (const Info& info : alert.infos) {
    if (info.severity == alert.infos.front().severity) continue;
    findings_.warn(Rule::severities_differ, root,
                   fmt::format("One info is {} and another {}, so the whole alert counts as {}",
                               text(alert.infos.front().severity), text(info.severity),
                               text(severity_of(alert))));
    return;
  }
}

/// To a drafter a warning, since others may admit more.
void Reader::too_many(Rule rule, const xmlNode* at, std::size_t count, std::size_t count_max,
                      std::string_view what) {
  if (count <= count_max) return;
  const std::string said =
      fmt::format("{} {}, more than the {} which are admitted", what, count, count_max);
  if (profile_.encoding == Encoding::utf8_only) {
    findings_.error(rule, at, said);
  } else {
    findings_.warn(rule, at, said);
  }
}

Info Reader::info(const xmlNode* element, const Alert& alert) {
  Info info;
  expires_ = nullptr;
  polygons_.clear();
  each_child(element,
             [&](const xmlNode* node, std::string_view name) { info_child(node, name, info); });
  expiry(expires_, alert, info);
  info_missing(element, alert, info);
  polygons_inside(info);
  return info;
}

void Reader::info_child(const xmlNode* node, std::string_view name, Info& info) {
  if (info_text(node, name, info)) return;
  if (name == "language") {
    language(node, info);
  } else if (name == "category") {
    if (const auto category = from_text<Category>(text_of(node))) {
      info.categories.push_back(*category);
    }
  } else if (name == "responseType") {
    info.response_types.push_back(text_of(node));
  } else if (name == "urgency") {
    read_enum(node, info.urgency);
  } else if (name == "severity") {
    read_enum(node, info.severity);
  } else if (name == "certainty") {
    read_enum(node, info.certainty);
  } else if (name == "effective") {
    info.effective = time(node);
  } else if (name == "onset") {
    info.onset = time(node);
  } else if (name == "expires") {
    info.expires = time(node);
    expires_ = node;
  } else if (name == "web") {
    info.web = trim(text_of(node));
    link(node, info.web);
  } else if (name == "parameter") {
    info.parameters.push_back(named_value(node));
  } else if (name == "resource") {
    info.resources.push_back(resource(node));
  } else if (name == "area") {
    info.areas.push_back(area(node));
  }
}

bool Reader::info_text(const xmlNode* node, std::string_view name, Info& info) {
  for (const InfoText& kind : kInfoTexts) {
    if (kind.name != name) continue;
    const std::string& text = info.*kind.member = text_of(node);
    if (kind.markup == Markup::refused && has_markup(text)) {
      findings_.error(Rule::markup, node,
                      fmt::format("There is markup in \"{}\"", printable(text)));
    }
    if (kind.markup == Markup::warned && has_markup(text)) {
      findings_.warn(Rule::markup_in_text, node, "There is markup in the text");
    }
    if (name == "headline" && is_blank(text)) {
      findings_.error(Rule::headline_blank, node, "The headline is blank");
    }
    if (const auto found = find_plain_link(text)) {
      findings_.warn(Rule::link_not_https, node,
                     fmt::format("The text links to {}", printable(*found)));
    }
    const Length length = length_of(text);
    if (name == "description" && length.characters > length.characters_max) {
      findings_.warn(Rule::text_long, node,
                     fmt::format("The description has {} {} characters, more than {}",
                                 length.characters, length.alphabet, length.characters_max));
    }
    return true;
  }
  return false;
}

void Reader::expiry(const xmlNode* node, const Alert& alert, const Info& info) {
  if (!has_sent_ || !info.expires || *info.expires >= alert.sent) return;
  findings_.error(Rule::expires_before_sent, node,
                  fmt::format("It expires {}, before it is sent {}", format_time(*info.expires),
                              format_time(alert.sent)));
}

void Reader::info_missing(const xmlNode* element, const Alert& alert, const Info& info) {
  if (alert.msg_type != MsgType::alert && alert.msg_type != MsgType::update) return;
  if (is_blank(info.instruction)) {
    findings_.warn(Rule::instruction_missing, element, "There is no instruction");
  }
  if (expires_ == nullptr) {
    findings_.warn(Rule::expires_missing, element, "There is no expires");
  }
}

void Reader::polygons_inside(const Info& info) {
  std::vector<const Polygon*> polygons;
  for (const Area& area : info.areas) {
    for (const Polygon& polygon : area.polygons) polygons.push_back(&polygon);
  }
  // Only sound polygons were kept, so the two lists go together.
  for (const Inside& found : find_polygons_inside(polygons)) {
    findings_.warn(Rule::polygon_inside, polygons_[found.inner],
                   fmt::format("The polygon lies inside {}", path_of(polygons_[found.outer])));
  }
}

Resource Reader::resource(const xmlNode* element) {
  Resource resource;
  each_child(element, [&](const xmlNode* node, std::string_view name) {
    if (name == "resourceDesc") {
      resource.description = text_of(node);
    } else if (name == "mimeType") {
      resource.mime_type = text_of(node);
    } else if (name == "uri") {
      resource.uri = trim(text_of(node));
      link(node, resource.uri);
    }
  });
  return resource;
}

Area Reader::area(const xmlNode* element) {
  Area area;
  each_child(element, [&](const xmlNode* node, std::string_view name) {
    if (name == "areaDesc") {
      area.description = text_of(node);
      if (is_blank(area.description)) {
        findings_.error(Rule::area_desc_blank, node, "The areaDesc is blank");
      } else if (has_markup(area.description)) {
        findings_.error(Rule::markup, node,
                        fmt::format("There is markup in \"{}\"", printable(area.description)));
      }
    } else if (name == "polygon") {
      PolygonText read = read_polygon(text_of(node));
      vertices_ += read.polygon.size();
      shape(node, read.faults);
      if (!read.faults.empty()) return;
      area.polygons.push_back(std::move(read.polygon));
      polygons_.push_back(node);
    } else if (name == "circle") {
      const CircleText read = read_circle(text_of(node));
      ++circles_;
      shape(node, read.faults);
      area.circles.push_back(read.circle);
    } else if (name == "geocode") {
      area.geocodes.push_back(named_value(node));
    }
  });
  return area;
}

NamedValue Reader::named_value(const xmlNode* element) {
  NamedValue named;
  each_child(element, [&](const xmlNode* node, std::string_view name) {
    if (name == "valueName") named.name = trim(text_of(node));
    if (name == "value") named.value = trim(text_of(node));
  });
  return named;
}

std::optional<Time> Reader::time(const xmlNode* node) {
  // What cannot be written as CAP again (a year before 1 or after 9999 in UTC) is no time either.
  constexpr Time kFirst = std::chrono::sys_days{std::chrono::year{1} / 1 / 1};
  constexpr Time kEnd = std::chrono::sys_days{std::chrono::year{10000} / 1 / 1};
  const std::string text = text_of(node);
  const auto time = parse_cap_time(trim(text));
  if (time && *time >= kFirst && *time < kEnd) return time;
  findings_.error(Rule::time_format, node, fmt::format("The time is \"{}\"", printable(text)));
  return std::nullopt;
}

void Reader::language(const xmlNode* node, Info& info) {
  const std::string text = text_of(node);
  const std::string_view tag = trim(text);
  if (tag.empty()) return;  // the schema's default stands
  info.language = tag;
  if (!is_language_tag(tag)) {
    findings_.error(Rule::language_tag, node,
                    fmt::format("The language is \"{}\"", printable(tag)));
  }
}

void Reader::link(const xmlNode* node, std::string_view address) {
  if (address.empty() || address.starts_with("https://")) return;
  findings_.warn(Rule::link_not_https, node, fmt::format("The link is {}", printable(address)));
}

void Reader::shape(const xmlNode* node, const std::vector<ShapeFault>& faults) {
  for (const ShapeFault& fault : faults) findings_.error(fault.rule, node, fault.what);
}

void check_text(const xmlNode* node, Findings& findings) {
  const std::string_view text = reinterpret_cast<const char*>(node->content);
  if (is_plain(text)) return;
  if (const auto code = find_control(text)) {
    findings.error(Rule::control_character, node->parent,
                   fmt::format("There is U+{:04X} in the text", static_cast<unsigned>(*code)));
  }
  if (const auto code = find_bidi_control(text)) {
    findings.error(Rule::bidi_override, node->parent,
                   fmt::format("There is U+{:04X}, which turns the direction of the text",
                               static_cast<unsigned>(*code)));
  }
}

void check_instruction(const xmlNode* node, Encoding encoding, Findings& findings) {
  const std::string what =
      fmt::format("There is a processing instruction, {}", printable(name_of(node)));
  if (encoding == Encoding::utf8_only) {
    findings.error(Rule::processing_instruction, node, what);
  } else {
    findings.warn(Rule::processing_instruction, node, what);
  }
}

void drop_schema_location(xmlNode* node, Findings& findings) {
  for (const char* name : {"schemaLocation", "noNamespaceSchemaLocation"}) {
    xmlAttr* attribute = xmlHasNsProp(node, reinterpret_cast<const xmlChar*>(name),
                                      reinterpret_cast<const xmlChar*>(kInstanceNamespace.data()));
    if (attribute == nullptr) continue;
    findings.warn(Rule::schema_location, node, "It says where to load a schema from");
    xmlRemoveProp(attribute);
  }
}

}  // namespace

void check_nodes(xmlDoc* document, Encoding encoding, Findings& findings) {
  auto* top = reinterpret_cast<xmlNode*>(document);
  for (xmlNode* node = next_in(top, top); node != nullptr; node = next_in(top, node)) {
    const bool is_text = node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE;
    if (is_text && node->content != nullptr) check_text(node, findings);
    if (node->type == XML_PI_NODE) check_instruction(node, encoding, findings);
    if (node->type == XML_ELEMENT_NODE && node->properties != nullptr) {
      drop_schema_location(node, findings);
    }
  }
}

Alert read_alert(const xmlNode* root, const Profile& profile, Findings& findings) {
  return Reader(profile, findings).alert(root);
}

}  // namespace engine::cap
