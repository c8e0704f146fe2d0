#include "engine/cap/schema.hpp"

#include <fmt/format.h>
#include <libxml/xmlschemas.h>

#include <algorithm>
#include <array>

#include "embedded/cap_schema.hpp"
#include "engine/base/ensure.hpp"
#include "engine/cap/text.hpp"

namespace engine::cap {
namespace {

struct SchemaFree {
  void operator()(xmlSchema* schema) const noexcept { xmlSchemaFree(schema); }
  void operator()(xmlSchemaParserCtxt* parser) const noexcept { xmlSchemaFreeParserCtxt(parser); }
  void operator()(xmlSchemaValidCtxt* validity) const noexcept { xmlSchemaFreeValidCtxt(validity); }
};
using Schema = std::unique_ptr<xmlSchema, SchemaFree>;
using Validity = std::unique_ptr<xmlSchemaValidCtxt, SchemaFree>;

void ignore(void*, xmlError*) {}

Schema parse_schema() {
  prepare_xml_library();
  const ErrorsTo errors(ignore, nullptr);
  const std::string_view text = embedded::cap_schema();
  const std::unique_ptr<xmlSchemaParserCtxt, SchemaFree> parser(
      xmlSchemaNewMemParserCtxt(text.data(), static_cast<int>(text.size())));
  ENSURE(parser != nullptr);
  Schema schema(xmlSchemaParse(parser.get()));
  ENSURE(schema != nullptr);  // our own file: it parses, or the program was built wrong
  return schema;
}

xmlSchema* schema() {
  static const Schema parsed = parse_schema();
  return parsed.get();
}

void erase_all(std::string& text, std::string_view what) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos;) {
    text.erase(at, what.size());
  }
}

/// libxml2's sentence without what our own `where` says already, and without its full stop:
/// "Element '{urn:...}status': [facet 'enumeration'] The value 'X' is not ....\n".
std::string plain_words(const xmlError& error) {
  std::string text = error.message == nullptr ? "It does not fit" : error.message;
  erase_all(text, "{urn:oasis:names:tc:emergency:cap:1.2}");
  text = std::string(trim(text));
  for (const std::string_view intro : {"Element '", "[facet '"}) {
    if (!text.starts_with(intro)) continue;
    const std::size_t end = text.find(intro.front() == 'E' ? "': " : "'] ");
    if (end != std::string::npos) text.erase(0, end + 3);
  }
  if (text.ends_with('.')) text.pop_back();
  return printable(text, 300);
}

Rule rule_of(const xmlError& error, const xmlNode* node) {
  constexpr std::array<std::string_view, 4> kTimes = {"sent", "effective", "onset", "expires"};
  switch (error.code) {
    case XML_SCHEMAV_ELEMENT_CONTENT:
      return Rule::schema_element;
    case XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_1:
    case XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_2:
    case XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_3:
    case XML_SCHEMAV_CVC_PATTERN_VALID:
    case XML_SCHEMAV_CVC_ENUMERATION_VALID:
    case XML_SCHEMAV_CVC_FACET_VALID:
      break;
    default:
      return Rule::schema;
  }
  const std::string_view name = name_of(node);
  if (std::find(kTimes.begin(), kTimes.end(), name) != kTimes.end()) return Rule::time_format;
  return name == "language" ? Rule::language_tag : Rule::schema_value;
}

void on_fault(void* context, xmlError* error) {
  auto& findings = *static_cast<Findings*>(context);
  if (error->level == XML_ERR_WARNING) return;
  const auto* node = static_cast<const xmlNode*>(error->node);
  if (node != nullptr && node->type == XML_ATTRIBUTE_NODE) node = node->parent;
  if (node == nullptr || node->type != XML_ELEMENT_NODE) {
    findings.error(Rule::schema, error->line, plain_words(*error));
  } else {
    findings.error(rule_of(*error, node), node, plain_words(*error));
  }
}

}  // namespace

void check_schema(xmlDoc* document, Findings& findings) {
  const ErrorsTo errors(on_fault, &findings);
  // Kept for the thread's next document after one that fitted; made anew after any other.
  thread_local Validity kept;
  Validity validity = kept != nullptr ? std::move(kept) : Validity(xmlSchemaNewValidCtxt(schema()));
  const int answer = validity == nullptr ? -1 : xmlSchemaValidateDoc(validity.get(), document);
  if (answer == 0) kept = std::move(validity);
  if (answer != 0 && !findings.any_error()) {
    findings.error(Rule::schema, 0, "The document could not be held against the schema");
  }
}

}  // namespace engine::cap
