#include "connectors/web/answers.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

using namespace connectors::web;

namespace {

Request with_field(std::string name, std::string value) {
  Request request;
  request.fields.emplace_back(std::move(name), std::move(value));
  return request;
}

constexpr std::array<std::string_view, 3> kOffered = {"application/json", "application/cap+xml",
                                                      "application/vnd.tocsin.cap+json"};

}  // namespace

TEST_CASE("what a client would rather have is what it gets and the first where it cannot") {
  const struct {
    const char* accept;
    std::size_t chosen;
  } cases[] = {
      {"", 0},
      {"*/*", 0},
      {"application/json", 0},
      {"application/cap+xml", 1},
      {"APPLICATION/CAP+XML", 1},
      {"application/vnd.tocsin.cap+json", 2},
      {"text/html, application/cap+xml;q=0.5, */*;q=0.1", 1},
      {"application/cap+xml;q=0.5, application/json;q=0.8", 0},
      {"application/cap+xml; q=0.9 , application/json ;q=0.8", 1},
      {"application/cap+xml, application/json", 0},
      {"application/*", 0},
      {"application/json;q=0, */*", 1},
      {"*/*;q=0.9, application/json;q=0.1", 1},
      {"application/cap+xml;level=1;q=1, application/json;q=0.999", 1},
      {"text/html", 0},
      {"application/cap+xml;q=0", 0},
      {"application/cap+xml;q=2", 0},
      {"application/cap+xml;q=x, application/vnd.tocsin.cap+json;q=0.001", 2},
      {",,;,=;q", 0},
  };
  for (const auto& each : cases) {
    CAPTURE(each.accept);
    CHECK(preferred(with_field("accept", each.accept), kOffered) == each.chosen);
  }
}

TEST_CASE("a client that has it already is told so and nothing more") {
  const struct {
    const char* given;
    int status;
  } cases[] = {
      {"\"a\"", 304},
      {"W/\"a\"", 304},
      {"\"b\", \"a\"", 304},
      {"*", 304},
      {"\"b\" , W/\"a\"", 304},
      {"", 200},
      {"\"b\"", 200},
      {"a", 200},
      {"\"a", 200},
      {"\"A\"", 200},
  };
  for (const auto& each : cases) {
    for (const auto* etag : {"\"a\"", "W/\"a\""}) {
      CAPTURE(each.given);
      Response response = text_response(kJson, "{}", kNoCache);
      honour_etag(with_field("if-none-match", each.given), etag, response);
      CHECK(response.status == each.status);
      CHECK(response.body == (each.status == 304 ? "" : "{}"));
      CHECK(response.fields.back() == Field{"ETag", etag});
    }
  }
}

TEST_CASE("a parameter that is not known or there twice is wrong") {
  const auto wrong = [](std::vector<engine::Filter::Parameter> query, Filters filters) {
    Request request;
    request.query = std::move(query);
    return wrong_parameter(request, {"after"}, filters).value_or("");
  };
  CHECK(wrong({{"after", "1"}, {"area", "x"}, {"area", "y"}}, Filters::read).empty());
  CHECK(wrong({{"area", "x"}}, Filters::unknown) == "The parameter area is not known here.");
  CHECK(wrong({{"limit", "1"}}, Filters::read) == "The parameter limit is not known here.");
  CHECK(wrong({{"after", "1"}, {"after", "1"}}, Filters::read) ==
        "The parameter after is there twice.");
}

TEST_CASE("a refusal for a disk says when to come back and no other one does by itself") {
  using engine::Code;
  CHECK(refusal_of(Code::log_unavailable, "").retry_after_s == 5);
  CHECK(refusal_of(Code::not_found, "").retry_after_s == 0);
  const Response response = problem(refusal_of(Code::log_unavailable, "The disk is slow."));
  CHECK(response.status == 503);
  CHECK(std::count(response.fields.begin(), response.fields.end(),
                   std::pair<std::string, std::string>{"Retry-After", "5"}) == 1);
}
