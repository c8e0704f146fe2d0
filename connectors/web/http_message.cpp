#include "connectors/web/http_message.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>

#include "connectors/web/text.hpp"
#include "engine/base/bytes.hpp"
#include "engine/limits.hpp"

namespace connectors::web {

namespace http = boost::beast::http;
namespace limits = engine::limits;
using engine::Code;
using engine::Refusal;

namespace {

Refusal bad(std::string detail) {
  Refusal refusal;
  refusal.code = Code::bad_query;
  refusal.detail = std::move(detail);
  return refusal;
}

/// What a lenient parser would mend and another would read otherwise.
const char* ambiguity(std::string_view head) {
  for (std::size_t i = 0; i < head.size(); ++i) {
    const char c = head[i];
    if (c == '\0') return "The head of the request holds a NUL.";
    if (c == '\r' && (i + 1 == head.size() || head[i + 1] != '\n')) {
      return "The head of the request holds a carriage return by itself.";
    }
    if (c != '\n') continue;
    if (i == 0 || head[i - 1] != '\r') return "Lines of the head end in CR LF, not LF alone.";
    if (i + 1 < head.size() && (head[i + 1] == ' ' || head[i + 1] == '\t')) {
      return "A field is continued on the next line; write it on one.";
    }
  }
  return nullptr;
}

std::variant<Request, Refusal> read_target(Request request, std::string_view target) {
  if (!target.starts_with('/'))
    return bad("Send the path alone as the target, such as /v1/alerts.");
  if (target.size() > limits::kQueryBytes) {
    return bad(fmt::format("The target is longer than {} octets.", limits::kQueryBytes));
  }
  const auto url = boost::urls::parse_origin_form({target.data(), target.size()});
  if (!url) return bad("The target is not a path and query of RFC 3986.");
  request.path = url->path();
  for (const auto& parameter : url->params()) {
    request.query.emplace_back(std::string(parameter.key), std::string(parameter.value));
  }
  return request;
}

}  // namespace

std::string Request::field(std::string_view name) const {
  std::string joined;
  for (const auto& [key, value] : fields) {
    if (key != name) continue;
    if (!joined.empty()) joined += ", ";
    joined += value;
  }
  return joined;
}

bool Request::has_token(std::string_view name, std::string_view token) const {
  const std::string all = lower(field(name));
  std::string_view rest = all;
  while (!rest.empty()) {
    if (cut(rest, ',') == token) return true;
  }
  return false;
}

bool Request::accepts(std::string_view type) const {
  const std::string all = lower(field("accept"));
  std::string_view rest = all;
  while (!rest.empty()) {
    const std::string_view range = cut(rest, ',');
    const auto semicolon = std::min(range.find(';'), range.size());
    if (trimmed(range.substr(0, semicolon)) != type) continue;
    const auto weight = range.find("q=", semicolon);
    // Of what a weight may be, only 0, 0.0 and their like have no other digit.
    return weight == std::string_view::npos ||
           range.find_first_of("123456789", weight) != std::string_view::npos;
  }
  return false;
}

std::size_t head_size(std::string_view bytes) {
  const auto end = bytes.find("\r\n\r\n");
  return end == std::string_view::npos ? 0 : end + 4;
}

std::variant<Request, Refusal> parse_head(std::string_view head) {
  if (const char* why = ambiguity(head)) return bad(why);
  http::request_parser<http::empty_body> parser;
  parser.header_limit(limits::kHeaderBytes);
  parser.body_limit(boost::none);
  boost::beast::error_code error;
  parser.put(boost::asio::buffer(head.data(), head.size()), error);
  if ((error && error != http::error::need_more) || !parser.is_header_done()) {
    return bad(fmt::format("The request is not HTTP/1.1: {}.", error.message()));
  }
  const auto& message = parser.get();
  Request request;
  request.method = std::string(message.method_string());
  request.version = static_cast<int>(message.version());
  request.keep_alive = request.version == 11;
  if (message.version() != 11 && message.version() != 10) return bad("Speak HTTP/1.1.");
  std::size_t hosts = 0;
  std::size_t lengths = 0;
  for (const auto& field : message) {
    Field entry{lower(std::string_view(field.name_string().data(), field.name_string().size())),
                std::string(trimmed({field.value().data(), field.value().size()}))};
    hosts += entry.first == "host" ? 1 : 0;
    if (entry.first == "transfer-encoding") {
      return bad("Transfer encodings are not taken; send Content-Length.");
    }
    if (entry.first == "content-length") {
      ++lengths;
      const auto& text = entry.second;
      const auto [end, fault] =
          std::from_chars(text.data(), text.data() + text.size(), request.content_length);
      if (fault != std::errc{} || end != text.data() + text.size() || text.front() == '+') {
        return bad("Content-Length is not a number of octets.");
      }
    }
    request.fields.push_back(std::move(entry));
  }
  if (lengths > 1) return bad("Content-Length is there more than once.");
  if (hosts > 1 || (hosts == 0 && message.version() == 11)) return bad("Send one Host field.");
  if (request.has_token("connection", "close")) request.keep_alive = false;
  const auto target = message.target();
  return read_target(std::move(request), {target.data(), target.size()});
}

Response problem(const Refusal& refusal) {
  Response response;
  response.status = engine::http_status(refusal.code);
  response.refused = refusal.code;
  response.content_type = "application/problem+json";
  response.body = engine::problem_json(refusal);
  response.fields.emplace_back("Cache-Control", "no-store");
  if (refusal.code == Code::unauthenticated) {
    response.fields.emplace_back("WWW-Authenticate", "Bearer");
  }
  if (refusal.retry_after_s > 0) {
    response.fields.emplace_back("Retry-After", std::to_string(refusal.retry_after_s));
  }
  return response;
}

std::string serialize(const Response& response, BodyPart part) {
  std::string text = serialize_head(response);
  if (part == BodyPart::with_body) text += response.content();
  return text;
}

std::string serialize_head(const Response& response) {
  const auto reason = http::obsolete_reason(static_cast<http::status>(response.status));
  std::string text = fmt::format("HTTP/1.1 {} {}\r\nServer: tocsin\r\n", response.status,
                                 std::string_view(reason.data(), reason.size()));
  if (response.status != 101) {
    text += "X-Content-Type-Options: nosniff\r\n";
    const bool streams = response.then == Response::Then::stream;
    // A 304 speaks of what the client has, whose length is not nothing; a 204 may not name one
    // (RFC 9110 section 8.6); a stream's is not known.
    if (response.status != 304 && response.status != 204 && !streams) {
      text += fmt::format("Content-Length: {}\r\n", response.content().size());
    }
    if (!response.content().empty() || streams) {
      text += "Content-Type: " + response.content_type + "\r\n";
    }
    if (response.then != Response::Then::keep) text += "Connection: close\r\n";
  }
  for (const auto& [name, value] : response.fields) text += name + ": " + value + "\r\n";
  return text + "\r\n";
}

std::string websocket_accept(std::string_view key) {
  const auto nonce = engine::from_base64(key);
  if (!nonce || nonce->size() != 16) return {};
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  engine::Octets<20> digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha1(), nullptr) != 1) {
    return {};
  }
  return engine::to_base64(engine::view(digest));
}

}  // namespace connectors::web
