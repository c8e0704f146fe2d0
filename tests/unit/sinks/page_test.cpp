#include <doctest/doctest.h>

#include <boost/json/parse.hpp>

#include "ops/sinks/limits.hpp"
#include "ops/sinks/page_server.hpp"
#include "tests/support/manual_clock.hpp"

using namespace ops::sinks;

namespace {

struct Page {
  tests::ManualClock clock;
  MessageBoard board{clock};

  std::string ask(const std::string& target, const std::string& host = "127.0.0.1:4000") const {
    return answer_to("GET " + target + " HTTP/1.1\r\nAccept: */*\r\nHost: " + host + "\r\n", board);
  }
  boost::json::value messages(const std::string& query = "") const {
    const std::string answer = ask("/messages" + query);
    return boost::json::parse(answer.substr(answer.find("\r\n\r\n") + 4));
  }
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the page and what it is made of are answered and nothing else is") {
  const Page page;
  for (const std::string path : {"/", "/sinks.css", "/sinks.js", "/messages?after=0"}) {
    CAPTURE(path);
    const std::string answer = page.ask(path);
    CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(has(answer, "Content-Security-Policy: default-src 'none'; script-src 'self'"));
    CHECK(has(answer, "X-Content-Type-Options: nosniff\r\n"));
  }
  CHECK(page.ask("/other").starts_with("HTTP/1.1 404"));
  CHECK(answer_to("POST /messages HTTP/1.1\r\nHost: localhost\r\n", page.board)
            .starts_with("HTTP/1.1 405"));
  for (const std::string_view head : {"", "GET", "GET ", "GET /", "\r\n", "GET / HTTP/1.1\r\n"}) {
    CHECK_FALSE(answer_to(head, page.board).starts_with("HTTP/1.1 200"));
  }
}

TEST_CASE("a page of another host that has its name lead here is shown nothing") {
  const Page page;
  CHECK(page.ask("/messages", "localhost").starts_with("HTTP/1.1 200"));
  CHECK(page.ask("/messages", "evil.example:4000").starts_with("HTTP/1.1 403"));
  CHECK(page.ask("/messages", "127.0.0.1.evil.example").starts_with("HTTP/1.1 403"));
}

TEST_CASE("the newest kMessagesKept messages are told, and of them those after a number") {
  Page page;
  for (std::size_t i = 0; i <= limits::kMessagesKept; ++i) {
    page.board.add({"sms", "+44", "", "text " + std::to_string(i)});
  }
  const auto all = page.messages();
  CHECK(all.at("last") == limits::kMessagesKept + 1);
  CHECK(all.at("messages").as_array().size() == limits::kMessagesKept);
  CHECK(all.at("messages").at(0).at("text") == "text 1");
  CHECK(page.messages("?after=500").at("messages").as_array().size() == 1);
  CHECK(page.messages("?after=501").at("messages").as_array().empty());
}

TEST_CASE("a text of kTextBytes is told whole and a longer one is cut between two characters") {
  Page page;
  const std::string whole = std::string(limits::kTextBytes - 1, 'a');
  page.board.add({"email", "a@b", "<b>s</b>", whole + "b"});
  page.board.add({"email", "a@b", "", whole + "\xc5\xb5"});
  const auto told = page.messages().at("messages");
  CHECK(told.at(0).at("text").as_string() == whole + "b");
  CHECK(told.at(0).at("subject") == "<b>s</b>");
  CHECK(told.at(1).at("text").as_string() == whole + "\xe2\x80\xa6");
}
