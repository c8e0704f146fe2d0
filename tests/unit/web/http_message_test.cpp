#include "connectors/web/http_message.hpp"

#include <doctest/doctest.h>

#include "engine/limits.hpp"

using namespace connectors::web;
using engine::Code;
using engine::Refusal;

namespace {

const std::string kHost = "Host: localhost\r\n";

std::string head(std::string_view line, std::string_view fields = "") {
  return std::string(line) + "\r\n" + kHost + std::string(fields) + "\r\n";
}

bool refused(const std::string& head) {
  const auto parsed = parse_head(head);
  const auto* refusal = std::get_if<Refusal>(&parsed);
  return refusal != nullptr && refusal->code == Code::bad_query && !refusal->detail.empty();
}

Request good(const std::string& head) {
  auto parsed = parse_head(head);
  REQUIRE(std::holds_alternative<Request>(parsed));
  return std::get<Request>(std::move(parsed));
}

}  // namespace

TEST_CASE("a head is read with its path and query decoded") {
  const Request request =
      good(head("GET /v1/alerts%2F?area=51.5%2C-0.1&area=E09000033&empty= HTTP/1.1",
                "Accept: text/html, Application/CAP+xml\r\nContent-Length: 7\r\n"));
  CHECK(request.method == "GET");
  CHECK(request.path == "/v1/alerts/");
  REQUIRE(request.query.size() == 3);
  CHECK(request.query[0].second == "51.5,-0.1");
  CHECK(request.query[1].second == "E09000033");
  CHECK(request.content_length == 7);
  CHECK(request.keep_alive);
  CHECK(request.has_token("accept", "application/cap+xml"));
  CHECK_FALSE(request.has_token("accept", "cap+xml"));
}

TEST_CASE("connections are kept unless the client or HTTP/1.0 says otherwise") {
  CHECK_FALSE(good(head("GET / HTTP/1.1", "Connection: keep-alive, Close\r\n")).keep_alive);
  CHECK_FALSE(good("GET / HTTP/1.0\r\n\r\n").keep_alive);
}

TEST_CASE("what two servers could read differently is refused") {
  const std::pair<const char*, std::string> cases[] = {
      {"chunked", head("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n")},
      {"length and chunked",
       head("POST / HTTP/1.1", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n")},
      {"encoding not ending in chunked",
       head("POST / HTTP/1.1", "Transfer-Encoding: chunked, gzip\r\n")},
      {"chunked in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {"two lengths", head("POST / HTTP/1.1", "Content-Length: 3\r\nContent-Length: 3\r\n")},
      {"a list of lengths", head("POST / HTTP/1.1", "Content-Length: 3, 3\r\n")},
      {"a signed length", head("POST / HTTP/1.1", "Content-Length: +3\r\n")},
      {"a negative length", head("POST / HTTP/1.1", "Content-Length: -3\r\n")},
      {"a length in hexadecimal", head("POST / HTTP/1.1", "Content-Length: 0x3\r\n")},
      {"a folded field", head("GET / HTTP/1.1", "X-A: 1\r\n 2\r\n")},
      {"a bare line feed", "GET / HTTP/1.1\nHost: a\r\n\r\n"},
      {"a bare carriage return", head("GET / HTTP/1.1", "X-A: 1\rX-B: 2\r\n")},
      {"a NUL", head("GET / HTTP/1.1", std::string("X-A: 1\0002\r\n", 10))},
      {"a blank before the colon", head("GET / HTTP/1.1", "X-A : 1\r\n")},
      {"an absolute target", head("GET http://localhost/ HTTP/1.1")},
      {"an authority as target", head("CONNECT localhost:80 HTTP/1.1")},
      {"no host", "GET / HTTP/1.1\r\n\r\n"},
      {"two hosts", head("GET / HTTP/1.1", "Host: other\r\n")},
      {"another version", head("GET / HTTP/2.0")},
      {"no version", "GET /\r\n\r\n"},
      {"nonsense", "\x16\x03\x01\r\n\r\n"},
      {"a target too long",
       head("GET /" + std::string(engine::limits::kQueryBytes, 'x') + " HTTP/1.1")},
  };
  for (const auto& each : cases) {
    CAPTURE(each.first);
    CHECK(refused(each.second));
  }
}

TEST_CASE("a target of the longest length is read") {
  const std::string path = "/" + std::string(engine::limits::kQueryBytes - 1, 'x');
  CHECK(good(head("GET " + path + " HTTP/1.1")).path == path);
}

TEST_CASE("the head ends at its empty line") {
  CHECK(head_size("GET / HTTP/1.1\r\nHost: a\r\n") == 0);
  CHECK(head_size("GET / HTTP/1.1\r\n\r\nbody") == 18);
}

TEST_CASE("answers carry their length, nosniff and what the refusal says") {
  Refusal refusal;
  refusal.code = Code::too_many;
  refusal.detail = "Wait.";
  refusal.retry_after_s = 7;
  const std::string text = serialize(problem(refusal), BodyPart::with_body);
  CHECK(text.starts_with("HTTP/1.1 429 Too Many Requests\r\n"));
  CHECK(text.find("\r\nRetry-After: 7\r\n") != std::string::npos);
  CHECK(text.find("\r\nX-Content-Type-Options: nosniff\r\n") != std::string::npos);
  CHECK(text.find("\r\nContent-Type: application/problem+json\r\n") != std::string::npos);
  CHECK(text.find("\"too_many\"") != std::string::npos);
  CHECK(serialize(problem(refusal), BodyPart::without_body).ends_with("\r\n\r\n"));
}

TEST_CASE("the upgrade is answered with RFC 6455's own example") {
  CHECK(websocket_accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  CHECK(websocket_accept("dGhlIHNhbXBsZQ==").empty());
  CHECK(websocket_accept("").empty());
}
