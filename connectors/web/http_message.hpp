#pragma once
// HTTP/1.1 requests read (Beast's parser, behind checks of our own) and answers written. No I/O.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/filter.hpp"
#include "engine/refusal.hpp"

namespace connectors::web {

using Field = std::pair<std::string, std::string>;

struct Request {
  std::string method;
  std::string path;                              // decoded
  std::vector<engine::Filter::Parameter> query;  // decoded, in order
  std::vector<Field> fields;                     // names in lower case
  std::size_t content_length = 0;
  int version = 11;  // 10: HTTP/1.0
  bool keep_alive = true;
  bool by_tls = false;  // our own; a proxy in front may speak TLS too

  /// The value of a field, all of them joined by commas; empty where there is none.
  std::string field(std::string_view name) const;
  /// Whether a comma-separated field holds that token, in any case.
  bool has_token(std::string_view name, std::string_view token) const;
  /// Whether Accept names that very type, and not to refuse it (`q=0`).
  bool accepts(std::string_view type) const;
};

/// Where the head of a request ends: the size up to and with its empty line, or 0 if it is not
/// complete.
std::size_t head_size(std::string_view bytes);

/// Reads a head, its empty line included. Refused (`bad_query`): whatever two servers could read
/// differently: chunked or other transfer encodings, more than one Content-Length, folded lines,
/// NUL or a bare line end, absolute targets, no or several Hosts.
std::variant<Request, engine::Refusal> parse_head(std::string_view head);

struct ReachWatch;  // connectors/web/reach_stream.hpp

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  // Instead of `body`: what its owner keeps for everybody, so that no answer has one of its own.
  std::shared_ptr<const std::string> shared;
  std::vector<Field> fields;
  std::optional<engine::Code> refused;                        // of a problem document
  enum class Then { keep, close, stream } then = Then::keep;  // stream: the body is what follows
  std::shared_ptr<const ReachWatch> watch;                    // and what follows is that

  std::string_view content() const { return shared ? std::string_view(*shared) : body; }
};

Response problem(const engine::Refusal& refusal);

/// The bytes of an answer. Every one carries nosniff; `without_body` answers HEAD.
enum class BodyPart { with_body, without_body };
std::string serialize(const Response& response, BodyPart part);
/// The same without its body, which then follows by itself.
std::string serialize_head(const Response& response);

/// Sec-WebSocket-Accept for a client's key (RFC 6455 section 4.2.2); empty if the key is not the
/// base64 of 16 octets.
std::string websocket_accept(std::string_view key);

}  // namespace connectors::web
