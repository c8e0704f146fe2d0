#include "connectors/web/event_stream.hpp"

#include <doctest/doctest.h>

#include "engine/limits.hpp"
#include "tests/unit/web/web_world.hpp"

using namespace tests;
namespace limits = engine::limits;

namespace {

const std::string kEvents = "Accept: text/event-stream\r\n";

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string id(const WebWorld& world, int sequence) {
  return "\nid: " + world.log->epoch() + ":" + std::to_string(sequence) + "\n";
}

}  // namespace

TEST_CASE("a stream of events begins with when to come back and hello and has no length") {
  WebWorld world;
  Client client = world.connect();
  const std::string answer = world.ask(client, get("/v1/stream", kEvents));
  CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(holds(answer, "\r\nContent-Type: text/event-stream\r\n"));
  CHECK(holds(answer, "\r\nConnection: close\r\n"));
  CHECK_FALSE(holds(answer, "Content-Length"));
  CHECK_FALSE(holds(answer, "chunked"));
  CHECK(holds(answer, "\r\n\r\nretry: "));
  CHECK(holds(answer, "\ndata: {\"type\":\"hello\","));
  CHECK(holds(answer, id(world, 0) + "data: {\"type\":\"live\",\"seq\":0}\n\n"));
  CHECK_FALSE(client.ended());
  world.append();
  const std::string alert = world.ask(client, "");
  CHECK(alert.starts_with(id(world, 1).substr(1) + "data: {\"type\":\"alert\",\"seq\":1,"));
  CHECK(alert.ends_with("\n\n"));
}

TEST_CASE("Last-Event-ID is where a stream of events goes on whatever its address says") {
  WebWorld world;
  for (int i = 0; i < 5; ++i) world.append();
  const auto heard = [&](const std::string& target, const std::string& fields) {
    Client client = world.connect();
    return world.ask(client, get(target, kEvents + fields));
  };
  const std::string last = "Last-Event-ID: " + world.log->epoch() + ":3\r\n";
  for (const char* target : {"/v1/stream", "/v1/stream?after=0", "/v1/stream?after=active"}) {
    const std::string answer = heard(target, last);
    CHECK_FALSE(holds(answer, "\"seq\":3,"));
    CHECK(holds(answer, "\"seq\":4,"));
    CHECK(holds(answer, "\"seq\":5,"));
  }
  CHECK(holds(heard("/v1/stream?after=0", "Last-Event-ID: \r\n"), "\"seq\":1,"));
  CHECK(holds(heard("/v1/stream", "Last-Event-ID: 0123456789abcdef:3\r\n"),
              "\"recovered\":false,\"gap\":{\"from\":1,\"to\":5}"));
  CHECK(heard("/v1/stream", "Last-Event-ID: 3\r\n").starts_with("HTTP/1.1 400 "));
  CHECK(heard("/v1/stream", last + last).starts_with("HTTP/1.1 400 "));
}

TEST_CASE("who accepts events and asks for a WebSocket gets one") {
  WebWorld world;
  Client client = world.connect();
  const std::string answer = world.ask(
      client, get("/v1/stream", kEvents + "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                                          "Sec-WebSocket-Version: 13\r\n"
                                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
  CHECK(answer.starts_with("HTTP/1.1 101 "));
}

TEST_CASE("HEAD says what a stream of events begins with and ends") {
  WebWorld world;
  Client client = world.connect();
  const std::string answer =
      world.ask(client, "HEAD /v1/stream HTTP/1.1\r\nHost: localhost\r\n" + kEvents + "\r\n");
  CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(answer.ends_with("\r\n\r\n"));
  CHECK(holds(answer, "text/event-stream"));
  CHECK(client.ended());
  CHECK(world.engine->shards().front()->subscribers() == 0);
}

TEST_CASE("a client of HTTP 1.0 reads a stream of events too") {
  WebWorld world;
  Client client = world.connect();
  const std::string answer = world.ask(client, "GET /v1/stream HTTP/1.0\r\n" + kEvents + "\r\n");
  CHECK(holds(answer, "{\"type\":\"hello\","));
  CHECK_FALSE(client.ended());
}

TEST_CASE("what a reader of events still sends is dropped and too much of it ends the stream") {
  WebWorld world;
  Client client = world.connect();
  world.ask(client, get("/v1/stream", kEvents) + std::string(limits::kHeaderBytes, 'x'));
  CHECK_FALSE(client.ended());
  CHECK(world.engine->shards().front()->subscribers() == 1);
  world.ask(client, "x");
  CHECK(client.ended());
  CHECK(world.engine->shards().front()->subscribers() == 0);
}

TEST_CASE("a stream of events ends with an event that says when to come back") {
  WebWorld world;
  Client client = world.connect();
  world.ask(client, get("/v1/stream", kEvents));
  world.engine->shards().front()->close_all();
  const std::string last = world.ask(client, "");
  CHECK(last.starts_with("event: close\nretry: "));
  CHECK(holds(last, "data: {\"type\":\"close\",\"code\":1001,\"reconnect_ms\":"));
  CHECK(client.ended());
}
