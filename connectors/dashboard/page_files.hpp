#pragma once
// The page, compiled into the program: its files by the path they are asked for, and the policy
// they are to be sent with. Immutable; any thread.
#include <memory>
#include <string>
#include <string_view>

namespace connectors::dashboard {

struct PageFile {
  std::string_view content_type;
  std::shared_ptr<const std::string> body;
  std::string_view etag;  // strong, with its quotes: ready for the header
};

/// What a browser may do with the page: its own scripts, styles and engine, nothing else. The one
/// trusted-types policy turns the text of an alert into an XML document, which runs nothing.
inline constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types cap";

/// The file at that path ("/" is the page itself), or null.
const PageFile* page_file(std::string_view path);

}  // namespace connectors::dashboard
