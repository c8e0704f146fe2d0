// What the engine says of itself, and the page.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "connectors/dashboard/page_files.hpp"
#include "connectors/web/answers.hpp"
#include "connectors/web/api.hpp"
#include "embedded/openapi.hpp"

namespace connectors::web {

namespace json = boost::json;

Response Api::livez() const { return text_response(kJson, R"({"live":true})", kNoStore); }

Response Api::readyz() const {
  const engine::Readiness readiness = engine_.readiness();
  const auto trust = engine_.trust();
  const auto texts = [](const std::vector<std::string>& lines) {
    json::array array;
    for (const auto& line : lines) array.emplace_back(line);
    return json::serialize(array);
  };
  Response response = text_response(
      kJson,
      fmt::format(
          R"({{"ready":{},"problems":{},"warnings":{},"node":{},"system":{},"kind":"{}",)"
          R"("epoch":"{}","head":{},"streams":{},"trust":{{"version":{},"expires":"{}"}}}})",
          readiness.ready, texts(readiness.problems), texts(readiness.warnings),
          json_text(engine_.options().node), json_text(trust->system), engine_.hello().kind,
          engine_.log().epoch(), number(engine_.log().head()), streams(), trust->version,
          engine::format_time(trust->expires)),
      kNoStore);
  response.status = readiness.ready ? 200 : 503;
  return response;
}

Response Api::metrics() const {
  return text_response("text/plain; version=0.0.4", engine_.metrics().text(), kNoStore);
}

Response Api::openapi(const Request& request) const {
  static const auto text = std::make_shared<const std::string>(embedded::openapi());
  static const std::string etag = etag_of(*text);
  Response response = shared_response(kJson, text, kNoCache);
  honour_etag(request, etag, response);
  return response;
}

Response Api::page(const Request& request) const {
  const auto* file = dashboard::page_file(request.path);
  Response response = shared_response(file->content_type, file->body, kNoCache);
  response.fields.emplace_back("Content-Security-Policy", dashboard::kContentSecurityPolicy);
  response.fields.emplace_back("Referrer-Policy", "no-referrer");
  response.fields.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  honour_etag(request, file->etag, response);
  return response;
}

}  // namespace connectors::web
