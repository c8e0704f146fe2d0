#include <fmt/format.h>
#include <libxml/tree.h>

#include <algorithm>
#include <array>
#include <vector>

#include "engine/cap/compose.hpp"
#include "engine/cap/document.hpp"
#include "engine/cap/text.hpp"

namespace engine::cap {
namespace {

constexpr std::string_view kSystem = "system:";

const xmlChar* chars(const std::string& text) {
  return reinterpret_cast<const xmlChar*>(text.c_str());
}

xmlNode* find_child(const xmlNode* element, std::string_view name) {
  for (xmlNode* child = element->children; child != nullptr; child = child->next) {
    if (is_cap(child, name)) return child;
  }
  return nullptr;
}

/// Replaces all that is in an element by a text.
void set_text(xmlNode* element, const std::string& text) {
  while (element->children != nullptr) {
    xmlNode* child = element->children;
    xmlUnlinkNode(child);
    xmlFreeNode(child);
  }
  xmlAddChild(element, xmlNewText(chars(text)));
}

bool is_white_space(const xmlNode* node) {
  return node != nullptr && node->type == XML_TEXT_NODE && node->content != nullptr &&
         trim(reinterpret_cast<const char*>(node->content)).empty();
}

/// A new element behind `before`, indented as that is.
xmlNode* add_after(xmlNode* before, const char* name, const std::string& text) {
  xmlNode* added = xmlNewNode(before->ns, reinterpret_cast<const xmlChar*>(name));
  xmlAddChild(added, xmlNewText(chars(text)));
  xmlNode* indent = is_white_space(before->prev) ? xmlCopyNode(before->prev, 0) : nullptr;
  xmlAddNextSibling(before, added);
  if (indent != nullptr) xmlAddPrevSibling(added, indent);
  return added;
}

/// The last element of `element` whose name is one of `names`: behind it, in the schema's order,
/// there is room for the next.
template <std::size_t N>
xmlNode* last_of(const xmlNode* element, const std::array<std::string_view, N>& names) {
  xmlNode* last = nullptr;
  for (xmlNode* child = element->children; child != nullptr; child = child->next) {
    if (is_cap(child) && std::find(names.begin(), names.end(), name_of(child)) != names.end()) {
      last = child;
    }
  }
  return last;
}

void remove(xmlNode* node) {
  if (is_white_space(node->prev)) {
    xmlNode* indent = node->prev;
    xmlUnlinkNode(indent);
    xmlFreeNode(indent);
  }
  xmlUnlinkNode(node);
  xmlFreeNode(node);
}

/// What no bulletin may have: processing instructions anywhere, and XML signatures.
void drop_foreign(xmlDoc* document) {
  auto* top = reinterpret_cast<xmlNode*>(document);
  std::vector<xmlNode*> foreign;
  for (xmlNode* node = next_in(top, top); node != nullptr; node = next_in(top, node)) {
    const bool signature = node->type == XML_ELEMENT_NODE && node->parent != nullptr &&
                           is_cap(node->parent, "alert") &&
                           namespace_of(node) == kSignatureNamespace;
    if (signature || node->type == XML_PI_NODE) foreign.push_back(node);
  }
  // From the end, so that what lies inside a signature goes before it.
  std::for_each(foreign.rbegin(), foreign.rend(), remove);
}

/// References to the old sender's alerts follow its name: the alert was made our own, and so were
/// those it continues. Others stay as they are.
void rename_references(xmlNode* root, std::string_view from, std::string_view to) {
  xmlNode* references = find_child(root, "references");
  if (references == nullptr) return;
  const std::string text = text_of(references);
  std::string renamed;
  for (const std::string_view word : split(text)) {
    if (!renamed.empty()) renamed += ' ';
    const bool ours = word.starts_with(from) && word.substr(from.size()).starts_with(',');
    renamed += ours ? fmt::format("{}{}", to, word.substr(from.size())) : std::string(word);
  }
  if (!renamed.empty()) set_text(references, renamed);
}

void set_system(xmlNode* root, const std::string& name) {
  const std::string code = fmt::format("{}{}", kSystem, name);
  std::vector<xmlNode*> others;
  for (xmlNode* child = root->children; child != nullptr; child = child->next) {
    if (is_cap(child, "code") && trim(text_of(child)).starts_with(kSystem)) others.push_back(child);
  }
  if (others.empty()) {
    constexpr std::array<std::string_view, 4> kBefore = {"scope", "restriction", "addresses",
                                                         "code"};
    if (xmlNode* before = last_of(root, kBefore)) add_after(before, "code", code);
    return;
  }
  set_text(others.front(), code);
  std::for_each(others.begin() + 1, others.end(), remove);
}

void shift(xmlNode* time, Duration by) {
  if (time == nullptr) return;
  const std::string text = text_of(time);
  if (const auto was = parse_cap_time(trim(text))) set_text(time, format_cap_time(*was + by));
}

void set_times(xmlNode* info, Duration by, const std::optional<Time>& expires) {
  if (by != Duration{}) {
    shift(find_child(info, "effective"), by);
    shift(find_child(info, "onset"), by);
    if (!expires) shift(find_child(info, "expires"), by);
  }
  if (!expires) return;
  if (xmlNode* element = find_child(info, "expires")) {
    set_text(element, format_cap_time(*expires));
    return;
  }
  constexpr std::array<std::string_view, 5> kBefore = {"certainty", "audience", "eventCode",
                                                       "effective", "onset"};
  if (xmlNode* before = last_of(info, kBefore)) {
    add_after(before, "expires", format_cap_time(*expires));
  }
}

/// Admission takes XML 1.0 alone. By its rules the document was read, whatever it says it is.
void declare_xml_1_0(xmlDoc* document) {
  if (document->version == nullptr) return;
  xmlFree(const_cast<xmlChar*>(document->version));
  document->version = xmlStrdup(reinterpret_cast<const xmlChar*>("1.0"));
}

Result<std::string> serialise(xmlDoc* document) {
  xmlChar* bytes = nullptr;
  int size = 0;
  xmlDocDumpMemoryEnc(document, &bytes, &size, "UTF-8");
  if (bytes == nullptr) return Failure{"The rewritten alert could not be written; try again."};
  std::string xml(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  xmlFree(bytes);
  return xml;
}

void ignore(void*, xmlError*) {}

}  // namespace

Result<std::string> rewrite(std::string_view xml, const Rewrite& changes) {
  Findings findings(1);
  const Document document = read_document(xml, Encoding::any, findings);
  if (document == nullptr) {
    const Judgement judgement = std::move(findings).judgement();
    return Failure{judgement.errors.front().message};
  }
  const ErrorsTo errors(ignore, nullptr);
  xmlNode* root = xmlDocGetRootElement(document.get());
  xmlNode* sender = find_child(root, "sender");
  xmlNode* identifier = find_child(root, "identifier");
  xmlNode* sent = find_child(root, "sent");
  xmlNode* status = find_child(root, "status");
  if (!is_cap(root, "alert") || !sender || !identifier || !sent || !status) {
    return Failure{"The document is not a whole CAP 1.2 alert; check it first."};
  }
  drop_foreign(document.get());
  declare_xml_1_0(document.get());
  if (!changes.sender.empty()) {
    rename_references(root, text_of(sender), changes.sender);
    set_text(sender, changes.sender);
  }
  if (!changes.identifier.empty()) set_text(identifier, changes.identifier);
  if (changes.status) set_text(status, std::string(text(*changes.status)));
  if (!changes.system.empty()) set_system(root, changes.system);
  const std::string was = text_of(sent);
  const auto sent_before = parse_cap_time(trim(was));
  const Duration by = changes.sent && sent_before ? *changes.sent - *sent_before : Duration{};
  if (changes.sent) set_text(sent, format_cap_time(*changes.sent));
  for (xmlNode* child = root->children; child != nullptr; child = child->next) {
    if (is_cap(child, "info")) set_times(child, by, changes.expires);
  }
  return serialise(document.get());
}

}  // namespace engine::cap
