#include "connectors/web/routes.hpp"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <set>

#include "embedded/openapi.hpp"

using namespace connectors::web;

TEST_CASE("a request finds its route and HEAD that of GET") {
  const struct {
    const char *method, *path;
    Route::To to;
  } cases[] = {
      {"GET", "/v1/alerts", Route::To::list_alerts},
      {"HEAD", "/v1/alerts", Route::To::list_alerts},
      {"POST", "/v1/alerts", Route::To::post_alert},
      {"GET", "/v1/alerts/7", Route::To::get_alert},
      {"HEAD", "/v1/alerts/7.xml", Route::To::get_alert},
      {"GET", "/v1/stream", Route::To::stream},
      {"GET", "/", Route::To::page},
      {"GET", "/app.js", Route::To::page},
  };
  for (const auto& each : cases) {
    CAPTURE(each.path);
    std::string allowed;
    const Route* route = find_route(each.method, each.path, allowed);
    REQUIRE(route != nullptr);
    CHECK(route->to == each.to);
  }
}

TEST_CASE("a path that is somebody's names its methods and one that is nobody's names none") {
  const struct {
    const char *method, *path, *allowed;
  } cases[] = {
      {"PUT", "/v1/alerts", "GET, HEAD, POST"},
      {"PUT", "/v1/stream", "GET, HEAD"},
      {"get", "/livez", "GET, HEAD"},
      {"POST", "/app.js", "GET, HEAD"},
      {"GET", "/v1/alerts/", ""},
      {"GET", "/v1/alerts/7/", ""},
      {"GET", "/v1/alerts/7/more", ""},
      {"GET", "/V1/alerts", ""},
      {"GET", "", ""},
  };
  for (const auto& each : cases) {
    CAPTURE(each.path);
    std::string allowed;
    CHECK(find_route(each.method, each.path, allowed) == nullptr);
    CHECK(allowed == each.allowed);
  }
}

TEST_CASE("what stands at the name of a path is handed on whole") {
  Route route{};
  route.path = "/a/{name}/b";
  CHECK(match(route, "/a/x.y/b").name == "x.y");
  for (const auto* other : {"/a//b", "/a/b", "/a/x/c", "/a/x/y/b", "/a/x/b/", "a/x/b"}) {
    CAPTURE(other);
    CHECK_FALSE(match(route, other).hit);
  }
}

TEST_CASE("no request has two routes and each says what it is") {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const Route& route : routes()) {
    CHECK(seen.insert({route.method, route.path}).second);
    CHECK_FALSE(route.summary.empty());
    CHECK(route.path.starts_with('/'));
  }
}

TEST_CASE("the description has every route in its words and no other") {
  namespace json = boost::json;
  const std::string_view text = embedded::openapi();
  const json::value description = json::parse({text.data(), text.size()});
  const json::object& paths = description.at("paths").as_object();
  std::size_t described = 0;
  for (const auto& path : paths) described += path.value().as_object().size();
  CHECK(described == routes().size());
  for (const Route& route : routes()) {
    CAPTURE(route.path);
    CAPTURE(route.method);
    std::string method(route.method);
    for (char& c : method) c = static_cast<char>(c - 'A' + 'a');
    const json::value* path = paths.if_contains(route.path);
    REQUIRE(path != nullptr);
    const json::value* operation = path->as_object().if_contains(method);
    REQUIRE(operation != nullptr);
    CHECK(std::string_view(operation->at("summary").as_string()) == route.summary);
  }
}
