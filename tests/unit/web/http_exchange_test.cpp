#include "connectors/web/http_exchange.hpp"

#include <doctest/doctest.h>

#include "engine/limits.hpp"
#include "tests/unit/web/web_world.hpp"

using namespace tests;
namespace limits = engine::limits;

namespace {

/// A request whose head has exactly that many octets.
std::string head_of(std::size_t size) {
  const std::string begin = "GET /v1/trust HTTP/1.1\r\nHost: localhost\r\nX-Long: ";
  return begin + std::string(size - begin.size() - 4, 'x') + "\r\n\r\n";
}

std::string post(std::size_t length, std::string_view body) {
  return "POST /v1/alerts HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
         std::to_string(length) + "\r\n\r\n" + std::string(body);
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a head of kHeaderBytes is read and one octet more is header_too_large") {
  WebWorld world;
  Client client = world.connect();
  CHECK(world.ask(client, head_of(limits::kHeaderBytes)).starts_with("HTTP/1.1 200 "));
  const std::string answer = world.ask(client, head_of(limits::kHeaderBytes + 1));
  CHECK(answer.starts_with("HTTP/1.1 431 "));
  CHECK(holds(answer, engine::text(engine::Code::header_too_large)));
  CHECK(client.ended());
}

TEST_CASE("a body of kBodyBytes is read and one octet more is too_large before it is sent") {
  WebWorld world;
  Client client = world.connect();
  CHECK(holds(world.ask(client, post(limits::kBodyBytes, std::string(limits::kBodyBytes, 'x'))),
              "\"malformed_envelope\""));
  const std::string answer = world.ask(client, post(limits::kBodyBytes + 1, ""));
  CHECK(answer.starts_with("HTTP/1.1 413 "));
  CHECK(holds(answer, "\"too_large\""));
}

TEST_CASE("bodies on their way may have kBodiesBytes together") {
  WebWorld world;
  std::vector<Client> clients;
  for (std::size_t i = 0; i < limits::kBodiesBytes / limits::kBodyBytes; ++i) {
    clients.push_back(world.connect());
    clients.back().send(post(limits::kBodyBytes, "x"));
    world.pump();
  }
  for (Client& client : clients) CHECK(client.receive().empty());
  Client another = world.connect();
  const std::string answer = world.ask(another, post(limits::kBodyBytes, "x"));
  CHECK(answer.starts_with("HTTP/1.1 429 "));
  CHECK(holds(answer, "\r\nRetry-After: 1\r\n"));
  clients.pop_back();
  world.pump();
  Client later = world.connect();
  CHECK(world.ask(later, post(limits::kBodyBytes, "x")).empty());
}

TEST_CASE("a head has kHeaderMax to arrive however slowly it comes") {
  WebWorld world;
  Client silent = world.connect();
  Client slow = world.connect();
  slow.send("GET ");
  world.pump();
  for (int i = 0; i < limits::kHeaderMax.count(); ++i) {
    world.pass(std::chrono::seconds{1});
    slow.send("x");
    world.pump();
  }
  silent.receive();
  slow.receive();
  CHECK_FALSE(silent.ended());
  CHECK_FALSE(slow.ended());
  world.pass(std::chrono::seconds{1});
  silent.receive();
  slow.receive();
  CHECK(silent.ended());
  CHECK(slow.ended());
}

TEST_CASE("a body has kBodyMax to arrive and a kept connection kIdleMax to ask again") {
  WebWorld world;
  Client uploading = world.connect();
  world.ask(uploading, post(1000, "x"));
  Client idle = world.connect();
  CHECK(world.ask(idle, get("/v1/trust")).starts_with("HTTP/1.1 200 "));
  world.pass(limits::kBodyMax);
  uploading.receive();
  CHECK_FALSE(uploading.ended());
  world.pass(std::chrono::seconds{1});
  uploading.receive();
  CHECK(uploading.ended());
  world.pass(limits::kIdleMax - limits::kBodyMax - std::chrono::seconds{1});
  idle.receive();
  CHECK_FALSE(idle.ended());
  world.pass(std::chrono::seconds{1});
  idle.receive();
  CHECK(idle.ended());
}

TEST_CASE("an answer that nobody reads is given up after kAnswerMax") {
  WebWorld world;
  for (int i = 0; i < 40; ++i) world.append(200'000);
  Client stuck = world.connect();
  stuck.send(get("/v1/alerts?after=0"));
  world.pump();
  world.pass(limits::kAnswerMax + std::chrono::seconds{1});
  const std::string part = stuck.receive();
  CHECK(stuck.ended());
  CHECK(part.size() < limits::kListBytes);
}

TEST_CASE("requests sent at once are answered in order on one connection") {
  WebWorld world;
  Client client = world.connect();
  std::string all;
  for (int i = 0; i < 500; ++i) all += get(i % 2 == 0 ? "/livez" : "/v1/nothing");
  client.send(all);
  world.pump();
  const std::string answers = client.receive();
  std::size_t at = 0;
  for (int i = 0; i < 500; ++i) {
    at = answers.find(i % 2 == 0 ? "HTTP/1.1 200 " : "HTTP/1.1 404 ", at);
    REQUIRE(at != std::string::npos);
    ++at;
  }
  CHECK_FALSE(client.ended());
}

TEST_CASE("a listing has kListDefault lines and at most kListMax when asked") {
  WebWorld world;
  for (std::size_t i = 0; i < limits::kListMax + 5; ++i) world.append();
  Client client = world.connect();
  const auto lines = [&](std::string_view target) {
    const std::string answer = world.ask(client, get(target));
    CHECK(answer.starts_with("HTTP/1.1 200 "));
    return static_cast<std::size_t>(std::count(answer.begin(), answer.end(), '\n')) -
           static_cast<std::size_t>(std::count(answer.begin(), answer.end(), '\r'));
  };
  CHECK(lines("/v1/alerts") == limits::kListDefault);
  CHECK(lines("/v1/alerts?limit=" + std::to_string(limits::kListMax)) == limits::kListMax);
  const std::string more = "/v1/alerts?limit=" + std::to_string(limits::kListMax + 1);
  CHECK(holds(world.ask(client, get(more)), "\"bad_query\""));
}

TEST_CASE("a listing ends at kListBytes or kListScanned and says where to go on") {
  WebWorld world;
  Client client = world.connect();
  SUBCASE("kListBytes") {
    for (int i = 0; i < 60; ++i) world.append(200'000);
    client.send(get("/v1/alerts?limit=1000"));
    std::string answer;
    for (int i = 0; i < 2000; ++i) {
      world.pump();
      answer += client.receive();
    }
    CHECK(answer.size() > limits::kListBytes);
    CHECK(answer.size() < limits::kListBytes + 300'000);
    CHECK(holds(answer, "\r\nTocsin-Position: " + world.log->epoch() + ":"));
    CHECK_FALSE(holds(answer, world.log->epoch() + ":60\r\n"));
  }
  SUBCASE("kListScanned") {
    for (std::size_t i = 0; i < limits::kListScanned + 1; ++i) {
      world.append(1, engine::cap::Status::test);
    }
    const std::string answer = world.ask(client, get("/v1/alerts"));
    CHECK(holds(answer, "\r\nContent-Length: 0\r\n"));
    CHECK(holds(answer, world.log->epoch() + ":" + std::to_string(limits::kListScanned) + "\r\n"));
  }
}
