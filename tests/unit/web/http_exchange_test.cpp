#include "connectors/web/http_exchange.hpp"

#include <poll.h>
#include <sys/socket.h>

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

/// Until the socket takes not an octet more, and has not for a moment.
void fill(int socket) {
  const std::string filling(1000, '.');
  pollfd room{socket, POLLOUT, 0};
  do {
    while (::send(socket, filling.data(), filling.size(), MSG_DONTWAIT) > 0) {
    }
    while (::send(socket, filling.data(), 1, MSG_DONTWAIT) > 0) {
    }
  } while (::poll(&room, 1, 50) > 0);
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

TEST_CASE("bodies that arrived may have kBodiesBytes together and kBodiesKeptBytes are for us") {
  WebWorld world;
  auto& pool = *world.gate->bodies();
  const auto upload = [&](std::size_t octets) {
    const std::size_t before = pool.taken();
    std::string answer;
    {
      Client client = world.connect();
      answer = world.ask(client, post(limits::kBodyBytes, std::string(octets, 'x')));
    }
    while (pool.taken() != before) world.pump();  // until the engine noticed that it left
    return answer;
  };
  constexpr std::size_t kPart = 1000;
  REQUIRE(pool.take(limits::kBodiesBytes - limits::kBodiesKeptBytes - kPart));
  world.peer = boost::asio::ip::make_address("192.0.2.1");
  CHECK(upload(kPart).empty());
  const std::string answer = upload(kPart + 1);
  CHECK(answer.starts_with("HTTP/1.1 429 "));
  CHECK(holds(answer, "\r\nRetry-After: 1\r\n"));
  world.peer = boost::asio::ip::make_address("127.0.0.1");
  CHECK(upload(kPart + 1).empty());
  REQUIRE(pool.take(limits::kBodiesKeptBytes));
  CHECK(upload(kPart).empty());
  CHECK(upload(kPart + 1).starts_with("HTTP/1.1 429 "));
  pool.give(1);
  CHECK(upload(kPart + 1).empty());
}

TEST_CASE("what was announced and did not come holds nothing") {
  WebWorld world;
  Client uploading = world.connect();
  CHECK(world.ask(uploading, post(limits::kBodyBytes, "xyz")).empty());
  CHECK(world.gate->bodies()->taken() == 3);
  Client listing = world.connect();
  CHECK(world.ask(listing, get("/v1/alerts", "Content-Length: 1000\r\n")).empty());
  CHECK(world.gate->answers()->taken() == 0);
}

TEST_CASE("an address has kListsPerAddress lists on their way and gets them back") {
  WebWorld world;
  for (int i = 0; i < 10; ++i) world.append(200'000);
  world.peer = boost::asio::ip::make_address("192.0.2.1");
  std::vector<Client> stuck;
  for (std::size_t i = 0; i < limits::kListsPerAddress; ++i) {
    stuck.push_back(world.connect(4096));
    stuck.back().send(get("/v1/alerts"));
    world.pump();
    CHECK(stuck.back().receive(12) == "HTTP/1.1 200");
  }
  Client client = world.connect();
  CHECK(world.ask(client, get("/v1/alerts")).starts_with("HTTP/1.1 429 "));
  Client small = world.connect();
  CHECK(world.ask(small, get("/v1/trust")).starts_with("HTTP/1.1 200 "));
  stuck.clear();
  world.pump();
  Client later = world.connect();
  CHECK(world.ask(later, get("/v1/alerts?limit=1")).starts_with("HTTP/1.1 200 "));
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

TEST_CASE("100 Continue waits for its reader as an answer does") {
  WebWorld world;
  Client client = world.connect(4096);
  fill(world.accepted);
  client.send(
      "POST /v1/receipts HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
      "Content-Length: 2\r\n\r\n");
  client.wait();
  world.pump();
  SUBCASE("who reads hears it, and is answered") {
    world.pass(std::chrono::seconds{2});
    std::string said;
    for (int patience = 10; patience > 0 && said.find("100 Continue") == std::string::npos;
         --patience) {
      client.wait();
      said += client.receive();
      world.pump();
    }
    REQUIRE(said.find("100 Continue") != std::string::npos);
    CHECK(world.ask(client, "{}").starts_with("HTTP/1.1 400 "));
  }
  SUBCASE("who does not is given up after kAnswerMax") {
    world.pass(limits::kAnswerMax + std::chrono::seconds{2});
    world.pump();
    for (int patience = 10; patience > 0 && !client.ended(); --patience) {
      client.receive();
      client.wait();
    }
    CHECK(client.ended());
  }
}

TEST_CASE("an answer that nobody reads is given up after kAnswerMax") {
  WebWorld world;
  for (int i = 0; i < 40; ++i) world.append(200'000);
  Client stuck = world.connect(4096);
  stuck.send(get("/v1/alerts?after=0"));
  world.pump();
  world.pass(limits::kAnswerMax);
  CHECK(world.web->timed() == 1);  // still there
  world.pass(std::chrono::seconds{1});
  CHECK(world.web->timed() == 0);
  CHECK(stuck.receive().size() < limits::kListBytes);
}

TEST_CASE("an answer of which a little is taken now and then has kAnswerWholeMax") {
  WebWorld world;
  for (int i = 0; i < 40; ++i) world.append(200'000);
  constexpr std::size_t kLittle = 64UL << 10;
  constexpr std::chrono::seconds kBetween{10};
  Client slow = world.connect(4096);
  slow.send(get("/v1/alerts?after=0"));
  world.pump();
  for (auto passed = kBetween; passed <= limits::kAnswerWholeMax; passed += kBetween) {
    for (std::size_t had = 0; had < kLittle;) {
      had += slow.receive(kLittle - had).size();
      world.pump();
    }
    world.pass(kBetween);
  }
  CHECK(world.web->timed() == 1);
  world.pass(std::chrono::seconds{1});
  CHECK(world.web->timed() == 0);
}

TEST_CASE("answers being made or not read yet may have kAnswersBytes together") {
  WebWorld world;
  world.append(limits::kSmallAnswerBytes);
  world.append(limits::kSmallAnswerBytes + 1);
  auto& pool = *world.gate->answers();
  const auto ask = [&world](std::string_view target) {
    Client client = world.connect();
    return world.ask(client, get(target));
  };
  constexpr std::size_t kOne = limits::kListBytes + 2 * limits::kBodyBytes;
  REQUIRE(pool.take(limits::kAnswersBytes - limits::kAnswersKeptBytes - kOne));
  CHECK(ask("/v1/alerts").starts_with("HTTP/1.1 200 "));
  world.pump();
  REQUIRE(pool.take(1));
  const std::string answer = ask("/v1/alerts");
  CHECK(answer.starts_with("HTTP/1.1 429 "));
  CHECK(holds(answer, "\"too_many\""));
  CHECK(holds(answer, "\r\nRetry-After: 1\r\n"));
  CHECK(ask("/v1/alerts/2.xml").starts_with("HTTP/1.1 200 "));
  // A list of few is counted with less, and what is kept is for the operators.
  CHECK(ask("/v1/alerts?limit=9").starts_with("HTTP/1.1 429 "));
  CHECK(ask("/v1/alerts?limit=8").starts_with("HTTP/1.1 200 "));
  world.door = connectors::web::Door::admin;
  CHECK(ask("/v1/alerts").starts_with("HTTP/1.1 200 "));
  CHECK(ask("/v1/feed.atom").starts_with("HTTP/1.1 200 "));
  world.door = connectors::web::Door::front;
  REQUIRE(pool.take(kOne - 1));
  CHECK(ask("/v1/alerts/2.xml").starts_with("HTTP/1.1 429 "));
  CHECK(ask("/v1/alerts/1.xml").starts_with("HTTP/1.1 200 "));  // small, so it is not counted
  CHECK(ask("/v1/trust").starts_with("HTTP/1.1 200 "));         // the same for everybody
  world.door = connectors::web::Door::admin;
  CHECK(ask("/v1/alerts/2.xml").starts_with("HTTP/1.1 200 "));
  REQUIRE(pool.take(limits::kAnswersKeptBytes));
  CHECK(ask("/v1/alerts/2.xml").starts_with("HTTP/1.1 429 "));
  CHECK(pool.taken() == limits::kAnswersBytes);
}

TEST_CASE("who takes nothing of a list makes room after kAnswerShortMax while memory is short") {
  for (const bool scarce : {false, true}) {
    CAPTURE(scarce);
    WebWorld world;
    for (int i = 0; i < 10; ++i) world.append(200'000);
    Client slow = world.connect(4096);
    slow.send(get("/v1/alerts"));
    slow.wait();
    world.pump();
    auto& pool = *world.gate->answers();
    const std::size_t listed = pool.taken();
    REQUIRE(listed > 2'000'000);
    world.pass(limits::kAnswerShortMax);
    REQUIRE(pool.take(limits::kAnswersBytes / 2 - (scarce ? 0 : listed)));
    CHECK(world.web->timed() == 1);
    world.pass(limits::kAnswerShortMax);
    CHECK(world.web->timed() == (scarce ? 0 : 1));
    world.pass(limits::kAnswerMax - 2 * limits::kAnswerShortMax);
    CHECK(world.web->timed() == (scarce ? 0 : 1));
    world.pass(std::chrono::seconds{1});
    CHECK(world.web->timed() == 0);
  }
}

TEST_CASE("an answer that is not read yet is counted until it is") {
  WebWorld world;
  for (int i = 0; i < 10; ++i) world.append(200'000);
  Client slow = world.connect(4096);
  slow.send(get("/v1/alerts"));
  world.pump();
  CHECK(world.gate->answers()->taken() > 2'000'000);
  while (slow.receive().size() > 0 || world.gate->answers()->taken() > 0) world.pump();
  CHECK(world.gate->answers()->taken() == 0);
}

TEST_CASE("what others refuse of one's address does not keep alerts out") {
  WebWorld world;
  world.peer = boost::asio::ip::make_address("192.0.2.1");
  for (std::size_t i = 0; i < limits::kRefusedPerMinute + 1; ++i) {
    Client client = world.connect();
    const std::string receipt = R"({"type":"receipt","seq":1,"state":"displayed"})";
    const std::string answer =
        world.ask(client,
                  "POST /v1/receipts HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer wrong\r\n"
                  "Content-Type: application/json\r\nContent-Length: " +
                      std::to_string(receipt.size()) + "\r\n\r\n" + receipt);
    REQUIRE(answer.starts_with("HTTP/1.1 401 "));
  }
  Client client = world.connect();
  CHECK(world.ask(client, post(1, "x")).starts_with("HTTP/1.1 400 "));
}

TEST_CASE("documents that are refused again and again are not read any more for a while") {
  WebWorld world;
  world.peer = boost::asio::ip::make_address("192.0.2.1");
  const auto status = [&world] {
    Client client = world.connect();
    return world.ask(client, post(1, "x")).substr(9, 3);
  };
  for (std::size_t i = 0; i < limits::kRefusedPerMinute; ++i) REQUIRE(status() == "400");
  Client client = world.connect();
  const std::string answer = world.ask(client, post(1, "x"));
  CHECK(answer.starts_with("HTTP/1.1 429 "));
  CHECK(holds(answer, "\r\nRetry-After: 1\r\n"));
  Client reading = world.connect();
  CHECK(world.ask(reading, get("/v1/trust")).starts_with("HTTP/1.1 200 "));
  world.pass(std::chrono::seconds{1});
  CHECK(status() == "400");
  world.peer = boost::asio::ip::make_address("127.0.0.1");
  for (int i = 0; i < 3; ++i) CHECK(status() == "400");
}

TEST_CASE("behind a trusted proxy the client it names is who asks") {
  connectors::web::GateOptions options;
  options.connections_per_address_max = 2;
  options.trusted_proxies.add("127.0.0.1").value();
  WebWorld world(options);
  const auto ask = [&world](std::string_view target, std::string_view fields) {
    Client client = world.connect();
    return world.ask(client, get(target, fields));
  };
  CHECK(holds(ask("/v1/trust", ""), "\"bad_query\""));
  CHECK(ask("/v1/trust", "X-Forwarded-For: 192.0.2.1\r\n").starts_with("HTTP/1.1 200 "));
  for (const char* client : {"192.0.2.1", "127.0.0.1"}) {
    const std::string field = "X-Forwarded-For: " + std::string(client) + "\r\n";
    CHECK(holds(ask("/readyz", field), "\"forbidden\""));
  }
  const std::string events = "Accept: text/event-stream\r\nForwarded: for=192.0.2.1\r\n";
  std::vector<Client> streams;
  for (int i = 0; i < 2; ++i) {
    streams.push_back(world.connect());
    CHECK(world.ask(streams.back(), get("/v1/stream", events)).starts_with("HTTP/1.1 200 "));
  }
  CHECK(holds(ask("/v1/stream", events), "\"too_many\""));
  streams.clear();
  world.pump();
  CHECK(ask("/v1/stream", events).starts_with("HTTP/1.1 200 "));
}

TEST_CASE("who comes through a proxy on this machine has nothing of what is kept for it") {
  connectors::web::GateOptions options;
  options.trusted_proxies.add("127.0.0.1").value();
  WebWorld world(options);
  auto& pool = *world.gate->bodies();
  REQUIRE(pool.take(limits::kBodiesBytes - limits::kBodiesKeptBytes));
  Client client = world.connect();
  CHECK(world
            .ask(client,
                 "POST /v1/alerts HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 192.0.2.1\r\n"
                 "Content-Length: 2\r\n\r\nx")
            .starts_with("HTTP/1.1 429 "));
  pool.give(limits::kBodiesBytes - limits::kBodiesKeptBytes);
}

TEST_CASE("a forwarded request is not one of the machine itself") {
  WebWorld world;
  Client client = world.connect();
  CHECK(world.ask(client, get("/livez")).starts_with("HTTP/1.1 200 "));
  CHECK(holds(world.ask(client, get("/livez", "X-Forwarded-For: 127.0.0.1\r\n")), "\"forbidden\""));
}

TEST_CASE("when the engine stops those that wait are let go and streams hear it at once") {
  WebWorld world;
  Client idle = world.connect();
  world.ask(idle, get("/v1/trust"));
  Client half = world.connect();
  world.ask(half, "GET /v1/tr");
  Client posting = world.connect();
  world.ask(posting, post(1, ""));
  const std::string upgrade = "GET /v1/stream HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n";
  Client websocket = world.connect();
  world.ask(websocket, upgrade +
                           "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                           "Sec-WebSocket-Version: 13\r\n"
                           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  Client events = world.connect();
  world.ask(events, upgrade + "Accept: text/event-stream\r\n\r\n");
  world.web->drain();
  for (Client* client : {&idle, &half}) {
    world.ask(*client, "");
    CHECK(client->ended());
  }
  CHECK(holds(world.ask(posting, "x"), "\r\nConnection: close\r\n"));
  CHECK(posting.ended());
  const std::string answer = world.ask(websocket, "x");
  CHECK(answer.starts_with("HTTP/1.1 101 "));
  CHECK(holds(answer, "\x03\xe9reconnect_ms="));
  CHECK(holds(world.ask(events, "x"), "event: close\nretry: "));
  CHECK(events.ended());
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
    world.append();  // the feed is of the newest, however many there are
    const std::string newest = std::to_string(limits::kListScanned + 2);
    CHECK(holds(world.ask(client, get("/v1/feed.atom")), "\"/v1/alerts/" + newest + ".xml\""));
  }
}
