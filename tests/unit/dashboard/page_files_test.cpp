#include "connectors/dashboard/page_files.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

using connectors::dashboard::kContentSecurityPolicy;
using connectors::dashboard::page_file;
using connectors::dashboard::PageFile;

namespace {

std::string source_of(const std::string& name) {
  std::ifstream file(TOCSIN_SOURCE_DIR "/connectors/dashboard/" + name, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Every path that `text` names in the way that `pattern` finds names.
std::set<std::string> named_in(const std::string& text, const std::regex& pattern) {
  std::set<std::string> names;
  for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it) {
    names.insert((*it)[1]);
  }
  return names;
}

}  // namespace

TEST_CASE("the page itself answers to the root") {
  const PageFile* page = page_file("/");
  REQUIRE(page != nullptr);
  CHECK(*page->body == source_of("index.html"));
  CHECK(page->content_type == "text/html; charset=utf-8");
}

TEST_CASE("a path that is no file of the page is nothing") {
  for (const auto* path : {"", "index.html", "/../CMakeLists.txt", "/package.json", "/v1/trust"}) {
    CAPTURE(path);
    CHECK(page_file(path) == nullptr);
  }
}

TEST_CASE("every file that the page asks for is in the program") {
  const auto wanted = named_in(source_of("index.html"), std::regex("(?:src|href)=\"(/[^\"]+)\""));
  CHECK(wanted.size() >= 3);
  for (const auto& path : wanted) {
    CAPTURE(path);
    CHECK(page_file(path) != nullptr);
  }
}

TEST_CASE("every module that a module imports is in the program as it stands in the folder") {
  std::set<std::string> waiting{"app.js"};
  std::set<std::string> seen;
  while (!waiting.empty()) {
    const std::string name = *waiting.begin();
    waiting.erase(waiting.begin());
    if (!seen.insert(name).second) continue;
    CAPTURE(name);
    const PageFile* file = page_file("/" + name);
    REQUIRE(file != nullptr);
    CHECK(file->content_type == "text/javascript; charset=utf-8");
    CHECK(*file->body == source_of(name));
    waiting.merge(named_in(*file->body, std::regex("from '\\./([^']+)'")));
  }
  CHECK(seen.size() >= 10);
}

TEST_CASE("an etag is quoted and tells files apart") {
  const std::string_view page = page_file("/")->etag;
  CHECK(page.front() == '"');
  CHECK(page.back() == '"');
  CHECK(page != page_file("/app.js")->etag);
  CHECK(page == page_file("/index.html")->etag);
}

TEST_CASE("the policy allows nothing unsafe and nobody else") {
  CHECK(kContentSecurityPolicy.find("unsafe") == std::string_view::npos);
  CHECK(kContentSecurityPolicy.find("default-src 'none'") == 0);
  CHECK(kContentSecurityPolicy.find('*') == std::string_view::npos);
}

TEST_CASE("the page has no scripts or styles but those in files") {
  const std::string page = source_of("index.html");
  CHECK_FALSE(std::regex_search(page, std::regex("<style|style=|[ \\n]on[a-z]+=|javascript:")));
  CHECK_FALSE(std::regex_search(page, std::regex("<script(?![^>]*src=)")));
}
