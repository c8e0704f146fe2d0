#pragma once
// An XML document read by libxml2, as safely as it can: no DOCTYPE, no entity of its own, nothing
// loaded from anywhere. Belongs to the thread that reads it.
#include <libxml/tree.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/cap/findings.hpp"

namespace engine::cap {

inline constexpr std::string_view kCapNamespace = "urn:oasis:names:tc:emergency:cap:1.2";
inline constexpr std::string_view kSignatureNamespace = "http://www.w3.org/2000/09/xmldsig#";
inline constexpr std::string_view kInstanceNamespace = "http://www.w3.org/2001/XMLSchema-instance";

struct DocumentFree {
  void operator()(xmlDoc* document) const noexcept { xmlFreeDoc(document); }
};
using Document = std::unique_ptr<xmlDoc, DocumentFree>;

/// The white space between the elements of an `alert`, an `info` or another of CAP's elements that
/// hold elements alone means nothing: who only reads can do without the nodes for it, which are
/// half of all. It counts where the document is written again.
enum class Layout { kept, dropped };

/// Reads the bytes once. Where it cannot be read, or has a DOCTYPE, or is not in an encoding of the
/// profile, that is added to `findings` and nothing returned.
Document read_document(std::string_view xml, Encoding encoding, Findings& findings,
                       Layout layout = Layout::kept);

/// The line of a `<!DOCTYPE` before the root element, found without parsing.
std::optional<int> find_doctype(std::string_view xml);

std::string_view name_of(const xmlNode* node);
std::string_view namespace_of(const xmlNode* node);

/// Whether this is an element of CAP 1.2.
bool is_cap(const xmlNode* node);
bool is_cap(const xmlNode* node, std::string_view name);

/// The text of an element as a reader is shown it: its text and CDATA, no comments.
std::string text_of(const xmlNode* element);

/// The next node in document order that is inside `root`; nullptr after the last.
xmlNode* next_in(const xmlNode* root, xmlNode* node);

/// Sends libxml2's errors of this thread to `function` as long as it lives, then where they went
/// before. (Without one, libxml2 writes them to standard error.)
class ErrorsTo {
 public:
  using Function = void (*)(void* context, xmlError* error);
  ErrorsTo(Function function, void* context);
  ~ErrorsTo();
  ErrorsTo(const ErrorsTo&) = delete;
  ErrorsTo& operator=(const ErrorsTo&) = delete;

 private:
  Function function_before_;
  void* context_before_;
};

/// Makes libxml2 ready for many threads, and unable to load anything. Once is enough.
void prepare_xml_library();

}  // namespace engine::cap
