#include "engine/cap/document.hpp"

#include <fmt/format.h>
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>

#include <algorithm>
#include <array>
#include <limits>

#include "engine/cap/text.hpp"
#include "engine/cap/utf8.hpp"

namespace engine::cap {
namespace {

struct ParserFree {
  void operator()(xmlParserCtxt* parser) const noexcept { xmlFreeParserCtxt(parser); }
};
using Parser = std::unique_ptr<xmlParserCtxt, ParserFree>;

struct Failure {
  int code = 0;
  int line = 0;
  std::string message;
};

/// What one parse found, gathered by the callbacks below.
struct Trouble {
  std::optional<int> doctype_line;
  std::optional<Failure> first_failure;
  Layout layout = Layout::kept;
};

int line_at(std::string_view xml, std::size_t offset) {
  return 1 +
         static_cast<int>(std::count(xml.begin(), xml.begin() + static_cast<long>(offset), '\n'));
}

xmlParserInput* load_nothing(const char*, const char*, xmlParserCtxt*) { return nullptr; }

void on_error(void* context, xmlError* error) {
  auto& trouble = *static_cast<Trouble*>(context);
  if (trouble.first_failure || error->level == XML_ERR_WARNING) return;
  trouble.first_failure =
      Failure{error->code, error->line, error->message == nullptr ? "unreadable" : error->message};
}

// Called with the name after `<!DOCTYPE`, before anything of the declaration is read: the parser
// stops there, so that no entity is ever declared, in whatever encoding the document is.
void on_doctype(void* context, const xmlChar*, const xmlChar*, const xmlChar*) {
  auto* parser = static_cast<xmlParserCtxt*>(context);
  static_cast<Trouble*>(parser->_private)->doctype_line =
      parser->input == nullptr ? 0 : parser->input->line;
  xmlStopParser(parser);
}

// Called when the declaration is read, so that the encoding is known. All of the document is in
// memory then, but for what an encoder has yet to turn into UTF-8: without one there is nothing
// more to read, and the parser need not make room for it whenever it comes near the end.
void on_start(void* context) {
  xmlSAX2StartDocument(context);
  const xmlParserInput* input = static_cast<xmlParserCtxt*>(context)->input;
  if (input == nullptr || input->buf == nullptr || input->buf->encoder != nullptr) return;
  input->buf->readcallback = nullptr;
}

/// Whether CAP lets this element hold elements alone.
bool holds_elements(const xmlNode* node) {
  constexpr std::array<std::string_view, 7> kHolders = {
      "alert", "info", "area", "geocode", "parameter", "resource", "eventCode"};
  return is_cap(node) &&
         std::find(kHolders.begin(), kHolders.end(), name_of(node)) != kHolders.end();
}

// Of lines beyond what a node can hold, libxml2 keeps the numbers in the text beside it.
void on_characters(void* context, const xmlChar* text, int length) {
  const auto* parser = static_cast<xmlParserCtxt*>(context);
  const bool may_drop = static_cast<Trouble*>(parser->_private)->layout == Layout::dropped &&
                        std::all_of(text, text + length,
                                    [](xmlChar c) { return is_xml_space(static_cast<char>(c)); }) &&
                        parser->node != nullptr &&
                        parser->input->line < std::numeric_limits<unsigned short>::max();
  if (may_drop && holds_elements(parser->node)) return;
  xmlSAX2Characters(context, text, length);
}

bool says_encoding(const Failure& failure) {
  return failure.code == XML_ERR_INVALID_ENCODING || failure.code == XML_ERR_UNKNOWN_ENCODING ||
         failure.code == XML_ERR_UNSUPPORTED_ENCODING;
}

bool is_utf16_or_32(std::string_view xml) {
  const std::string_view start = xml.substr(0, 4);
  return start.starts_with("\xFE\xFF") || start.starts_with("\xFF\xFE") ||
         start.find('\0') != std::string_view::npos;
}

constexpr std::size_t kAttributesMax = 500;

/// Whether there are more `=` than a flood of attributes must have. Nearly no document does.
bool has_many_equals(std::string_view xml) {
  std::size_t count = 0;
  for (auto at = xml.find('='); at != std::string_view::npos; at = xml.find('=', at + 1)) {
    if (++count > kAttributesMax) return true;
  }
  return false;
}

/// Where a tag has more attributes than kAttributesMax. libxml2 compares each with each, so a tag
/// of thirty thousand would keep it busy for a second; no alert has any to speak of. What is
/// counted is `="` and `='` since the last `<`, which may not stand in a tag: never fewer than
/// there are, and text would have to be odd to be mistaken for them. NUL is skipped, for the sake
/// of UTF-16.
std::optional<std::size_t> find_attribute_flood(std::string_view xml) {
  if (!has_many_equals(xml)) return std::nullopt;
  std::size_t count = 0;
  bool after_equals = false;
  for (std::size_t at = 0; at < xml.size(); ++at) {
    const char c = xml[at];
    if (c == '<') {
      count = 0;
    } else if (after_equals && (c == '"' || c == '\'') && ++count > kAttributesMax) {
      return at;
    }
    const bool passed_over = c == '\0' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
    after_equals = c == '=' || (after_equals && passed_over);
  }
  return std::nullopt;
}

constexpr int kNamespacesMax = 100;

/// Where there are more declarations of namespaces than kNamespacesMax. They hold for all that is
/// inside, and libxml2 looks through them for each element that has a prefix.
std::optional<std::size_t> find_namespace_flood(std::string_view xml) {
  constexpr std::string_view kDeclaration = "xmlns";
  int count = 0;
  for (auto at = xml.find(kDeclaration); at != std::string_view::npos;
       at = xml.find(kDeclaration, at + kDeclaration.size())) {
    if (++count > kNamespacesMax) return at;
  }
  return std::nullopt;
}

/// What can be told of the bytes alone. In UTF-8 NUL is refused here, since libxml2 takes it for
/// the end and would leave unread what follows.
bool bytes_allowed(std::string_view xml, Encoding encoding, Findings& findings) {
  if (xml.size() > static_cast<std::size_t>(std::numeric_limits<int>::max() / 2)) {
    findings.error(Rule::well_formed, 0, "The document is larger than a gigabyte");
    return false;
  }
  if (const auto at = find_attribute_flood(xml)) {
    findings.error(Rule::schema, line_at(xml, *at),
                   fmt::format("A tag has more than {} attributes", kAttributesMax));
    return false;
  }
  if (const auto at = find_namespace_flood(xml)) {
    findings.error(
        Rule::schema, line_at(xml, *at),
        fmt::format("There are more than {} declarations of namespaces", kNamespacesMax));
    return false;
  }
  if (encoding == Encoding::any) {
    if (is_utf16_or_32(xml) || xml.find('\0') == std::string_view::npos) return true;
    findings.error(Rule::well_formed, line_at(xml, xml.find('\0')), "There is a NUL byte");
    return false;
  }
  if (const auto at = first_not_utf8(xml)) {
    findings.error(Rule::encoding, line_at(xml, *at),
                   fmt::format("Byte {} of the document is not UTF-8", *at));
    return false;
  }
  return true;
}

bool declared_utf8(const xmlDoc* document) {
  if (document->encoding == nullptr) return true;
  std::string name(reinterpret_cast<const char*>(document->encoding));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return name == "UTF-8" || name == "US-ASCII";
}

/// libxml2 reads any 1.x as 1.0; others read 1.1 by other rules, or not at all.
bool is_xml_1_0(const xmlDoc* document) {
  return document->version == nullptr ||
         std::string_view(reinterpret_cast<const char*>(document->version)) == "1.0";
}

bool report(const Trouble& trouble, Findings& findings) {
  if (trouble.doctype_line) {
    findings.error(Rule::doctype, *trouble.doctype_line, "The document has a DOCTYPE");
    return true;
  }
  if (!trouble.first_failure) return false;
  const Failure& failure = *trouble.first_failure;
  const std::string_view message = trim(failure.message);
  if (says_encoding(failure)) {
    findings.error(Rule::encoding, failure.line,
                   fmt::format("The encoding cannot be read ({})", printable(message, 120)));
  } else {
    findings.error(Rule::well_formed, failure.line,
                   fmt::format("This is not well-formed XML ({})", printable(message, 120)));
  }
  return true;
}

/// This thread's parser between two documents; null while one is read, or where none is kept.
thread_local Parser parser_at_rest;

Parser take_parser() {
  if (parser_at_rest != nullptr) return std::move(parser_at_rest);
  Parser parser(xmlNewParserCtxt());
  if (parser == nullptr) return parser;
  parser->sax->internalSubset = on_doctype;
  parser->sax->startDocument = on_start;
  parser->sax->characters = on_characters;
  parser->sax->ignorableWhitespace = on_characters;  // the same, or libxml2 would tell them apart
  return parser;
}

constexpr std::size_t kNamesKeptBytes = 16 * 1024;

/// Keeps a parser for the next document, which spares making one with all its tables. Only after
/// a document that was read to its end without fault, so that nothing of one that broke off can
/// reach the next, whatever libxml2 may leave in it. And only while the names that it collected
/// are few, since they are kept as long as it is.
void put_back(Parser parser, const Trouble& trouble) {
  const bool sound = !trouble.doctype_line && !trouble.first_failure && parser->wellFormed == 1;
  if (!sound || xmlDictGetUsage(parser->dict) > kNamesKeptBytes) return;
  xmlCtxtReset(parser.get());  // lets go of the document's bytes
  parser->_private = nullptr;
  parser_at_rest = std::move(parser);
}

}  // namespace

ErrorsTo::ErrorsTo(Function function, void* context)
    : function_before_(xmlStructuredError), context_before_(xmlStructuredErrorContext) {
  xmlSetStructuredErrorFunc(context, function);
}

ErrorsTo::~ErrorsTo() { xmlSetStructuredErrorFunc(context_before_, function_before_); }

void prepare_xml_library() {
  static const bool ready = [] {
    xmlInitParser();
    xmlSetExternalEntityLoader(load_nothing);
    return true;
  }();
  static_cast<void>(ready);
}

std::optional<int> find_doctype(std::string_view xml) {
  std::size_t at = xml.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  for (;;) {
    at = std::min(xml.find_first_not_of(" \t\r\n", at), xml.size());
    const std::string_view rest = xml.substr(at);
    if (rest.starts_with("<!DOCTYPE")) return line_at(xml, at);
    std::string_view closing;
    if (rest.starts_with("<!--")) {
      closing = "-->";
    } else if (rest.starts_with("<?")) {
      closing = "?>";
    } else {
      return std::nullopt;
    }
    // `<!-->` is no whole comment: the closing is looked for behind the opening.
    const std::size_t end = xml.find(closing, at + (closing.size() == 3 ? 4 : 2));
    if (end == std::string_view::npos) return std::nullopt;
    at = end + closing.size();
  }
}

Document read_document(std::string_view xml, Encoding encoding, Findings& findings, Layout layout) {
  prepare_xml_library();
  if (!bytes_allowed(xml, encoding, findings)) return nullptr;
  if (const auto line = find_doctype(xml)) {
    findings.error(Rule::doctype, *line, "The document has a DOCTYPE");
    return nullptr;
  }
  Trouble trouble;
  trouble.layout = layout;
  const ErrorsTo errors(on_error, &trouble);
  Parser parser = take_parser();
  if (parser == nullptr) {
    findings.error(Rule::well_formed, 0, "There is no memory to read the document");
    return nullptr;
  }
  parser->_private = &trouble;
  Document document(xmlCtxtReadMemory(parser.get(), xml.data(), static_cast<int>(xml.size()),
                                      nullptr, nullptr, XML_PARSE_NONET | XML_PARSE_BIG_LINES));
  put_back(std::move(parser), trouble);
  if (report(trouble, findings)) return nullptr;
  if (document == nullptr || xmlDocGetRootElement(document.get()) == nullptr) {
    findings.error(Rule::well_formed, 1, "There is no XML document");
    return nullptr;
  }
  if (encoding == Encoding::utf8_only && !is_xml_1_0(document.get())) {
    findings.error(Rule::well_formed, 1, "The document declares another version of XML than 1.0");
    return nullptr;
  }
  if (encoding == Encoding::utf8_only && !declared_utf8(document.get())) {
    const auto* name = reinterpret_cast<const char*>(document->encoding);
    findings.error(Rule::encoding, 1,
                   fmt::format("The document declares the encoding {}", printable(name, 40)));
    return nullptr;
  }
  return document;
}

std::string_view name_of(const xmlNode* node) {
  return node->name == nullptr ? "" : reinterpret_cast<const char*>(node->name);
}

std::string_view namespace_of(const xmlNode* node) {
  if (node->ns == nullptr || node->ns->href == nullptr) return "";
  return reinterpret_cast<const char*>(node->ns->href);
}

bool is_cap(const xmlNode* node) {
  return node->type == XML_ELEMENT_NODE && namespace_of(node) == kCapNamespace;
}

bool is_cap(const xmlNode* node, std::string_view name) {
  return is_cap(node) && name_of(node) == name;
}

std::string text_of(const xmlNode* element) {
  std::string text;
  for (const xmlNode* child = element->children; child != nullptr; child = child->next) {
    const bool is_text = child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE;
    if (is_text && child->content != nullptr) text += reinterpret_cast<const char*>(child->content);
  }
  return text;
}

xmlNode* next_in(const xmlNode* root, xmlNode* node) {
  if (node->children != nullptr && node->type != XML_ENTITY_REF_NODE) return node->children;
  while (node != root) {
    if (node->next != nullptr) return node->next;
    node = node->parent;
    if (node == nullptr) return nullptr;
  }
  return nullptr;
}

}  // namespace engine::cap
