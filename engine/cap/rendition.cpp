#include "engine/cap/rendition.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <iterator>

#include "engine/cap/document.hpp"
#include "engine/cap/text.hpp"

namespace engine::cap {
namespace {

namespace json = boost::json;

// No name of CAP's means two things, so a name alone says how its element is shown.
constexpr std::string_view kRepeated[] = {"code",      "info",      "category", "responseType",
                                          "eventCode", "parameter", "resource", "area",
                                          "polygon",   "circle",    "geocode"};
constexpr std::string_view kWithElements[] = {"info",     "eventCode", "parameter",
                                              "resource", "area",      "geocode"};

template <std::size_t n>
bool among(const std::string_view (&names)[n], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

/// The elements of `parent`. Elements with elements lie three deep at most in CAP; a document that
/// nests them otherwise is none that was admitted, and deeper ones are left out.
json::object object_of(const xmlNode* parent, int levels_left) {
  json::object object;
  for (const xmlNode* node = parent->children; node != nullptr; node = node->next) {
    if (!is_cap(node)) continue;
    const std::string_view name = name_of(node);
    json::value value;
    if (!among(kWithElements, name)) {
      value = json::string(trim(text_of(node)));
    } else if (levels_left > 0) {
      value = object_of(node, levels_left - 1);
    } else {
      continue;
    }
    if (!among(kRepeated, name)) {
      object.insert_or_assign(name, std::move(value));
      continue;
    }
    json::value& list = object[name];
    if (list.is_null()) list = json::array();
    list.as_array().push_back(std::move(value));
  }
  return object;
}

/// The root of a CAP document, as long as `document` lives.
Result<const xmlNode*> root_of(std::string_view xml, Document& document) {
  Findings findings(1);
  document = read_document(xml, Encoding::utf8_only, findings);
  const xmlNode* root = document ? xmlDocGetRootElement(document.get()) : nullptr;
  if (root == nullptr || !is_cap(root, "alert")) {
    return Failure{"The document cannot be read as CAP 1.2; take the signed bytes as they are."};
  }
  return root;
}

/// Runs of white space become one space.
std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool white = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!white) line += c;
    if (white && !line.ends_with(' ')) line += ' ';
  }
  return line;
}

const xmlNode* first_child(const xmlNode* parent, std::string_view name) {
  for (const xmlNode* node = parent->children; node != nullptr; node = node->next) {
    if (is_cap(node, name)) return node;
  }
  return nullptr;
}

}  // namespace

Result<std::string> rendition(std::string_view xml) {
  constexpr int kLevels = 3;  // info, area, geocode
  Document document;
  const auto root = root_of(xml, document);
  if (!root) return root.error();
  return json::serialize(object_of(*root, kLevels));
}

Result<Brief> brief(std::string_view xml) {
  Document document;
  const auto root = root_of(xml, document);
  if (!root) return root.error();
  const auto line = [](const xmlNode* node) {
    if (node == nullptr) return std::string();
    const std::string text = text_of(node);
    return printable(one_line(trim(text)), kTitleCharacters);
  };
  Brief brief;
  brief.status = line(first_child(*root, "status"));
  if (const xmlNode* info = first_child(*root, "info")) {
    brief.title = line(first_child(info, "headline"));
    if (is_blank(brief.title)) brief.title = line(first_child(info, "event"));
  } else {
    brief.title = line(first_child(*root, "note"));
  }
  return brief;
}

}  // namespace engine::cap
