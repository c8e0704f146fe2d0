// A connection of a trusted proxy, from its first octet to what its client may do.
#include "connectors/web/proxy_greeting.hpp"

#include <doctest/doctest.h>

#include "engine/base/trace.hpp"
#include "engine/limits.hpp"
#include "tests/support/proxy_header.hpp"
#include "tests/unit/web/web_world.hpp"

using namespace tests;
namespace limits = engine::limits;
using boost::asio::ip::make_address;

namespace {

struct ProxyWorld : WebWorld {
  static connectors::web::GateOptions behind(std::initializer_list<const char*> proxies) {
    connectors::web::GateOptions options;
    options.connections_per_address_max = 2;
    for (const char* proxy : proxies) options.trusted_proxies.add(proxy).value();
    return options;
  }

  explicit ProxyWorld(std::initializer_list<const char*> proxies = {"10.0.0.0/8"})
      : WebWorld(behind(proxies)) {
    greeted = true;
    peer = make_address("10.0.0.1");
    engine::set_trace_sink([this](std::string_view line) { traced.emplace_back(line); });
  }
  ProxyWorld(const ProxyWorld&) = delete;
  ProxyWorld& operator=(const ProxyWorld&) = delete;
  ~ProxyWorld() { engine::set_trace_sink({}); }

  std::string ask_once(const std::string& octets) {
    Client client = connect();
    return ask(client, octets);
  }
  bool refused(const char* why) const {
    const std::string series =
        "tocsin_proxy_headers_refused_total{why=\"" + std::string(why) + "\"} 1\n";
    return metrics.text().find(series) != std::string::npos;
  }

  std::vector<std::string> traced;
};

const std::string kTrust = get("/v1/trust");

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("behind the header stands a request like any other and the next one needs none") {
  ProxyWorld world;
  Client client = world.connect();
  CHECK(world.ask(client, proxy_header_for("192.0.2.1") + kTrust).starts_with("HTTP/1.1 200 "));
  CHECK(world.ask(client, kTrust).starts_with("HTTP/1.1 200 "));
  CHECK(world.traced.empty());
}

TEST_CASE("a header that comes octet by octet is read and not one more is taken") {
  ProxyWorld world;
  Client client = world.connect();
  const std::string all = proxy_header_for("2001:db8::1", proxy_extra(4, "padding")) + kTrust;
  for (const char octet : all.substr(0, all.size() - 1)) {
    CHECK(world.ask(client, {&octet, 1}).empty());
  }
  CHECK(world.ask(client, all.substr(all.size() - 1)).starts_with("HTTP/1.1 200 "));
}

TEST_CASE("what a proxy begins without the header is closed unanswered counted and traced once") {
  ProxyWorld world;
  Client plain = world.connect();
  CHECK(world.ask(plain, kTrust).empty());
  CHECK(plain.ended());
  CHECK(world.refused("signature"));
  CHECK(world.traced.size() == 1);
  CHECK(holds(world.traced.front(), "proxy_header_refused proxy=10.0.0.1 why=signature"));

  Client of_text = world.connect();
  CHECK(world.ask(of_text, "PROXY TCP4 192.0.2.1 10.0.0.1 4242 443\r\n" + kTrust).empty());
  CHECK(of_text.ended());
  CHECK(world.refused("text_header"));
  Client of_unix = world.connect();
  CHECK(world.ask(of_unix, proxy_header(kProxyForwards, 0x31, std::string(216, 'x'))).empty());
  CHECK(of_unix.ended());
  CHECK(world.refused("family"));
  CHECK(world.traced.size() == 1);
}

TEST_CASE("a refused header is traced again after kProxyTraceEvery and not a second sooner") {
  ProxyWorld world;
  world.ask_once("x");
  world.pass(limits::kProxyTraceEvery - std::chrono::seconds{1});
  world.ask_once("x");
  CHECK(world.traced.size() == 1);
  world.pass(std::chrono::seconds{1});
  world.ask_once("x");
  CHECK(world.traced.size() == 2);
}

TEST_CASE("the header has kHeaderMax to arrive however slowly it comes") {
  ProxyWorld world;
  Client client = world.connect();
  CHECK(world.ask(client, proxy_header_for("192.0.2.1").substr(0, 16)).empty());
  world.pass(limits::kHeaderMax);
  client.receive();
  CHECK_FALSE(client.ended());
  world.pass(std::chrono::seconds{1});
  client.receive();
  CHECK(client.ended());
  CHECK(world.refused("silence"));
}

TEST_CASE("who only looks whether somebody is there is no fault and half a header is one") {
  ProxyWorld world;
  { const Client client = world.connect(); }
  for (int moments = 0; world.web->timed() > 0 && moments < 1000; ++moments) world.pump();
  CHECK(world.web->timed() == 0);
  CHECK_FALSE(holds(world.metrics.text(), "tocsin_proxy_headers_refused_total"));
  {
    Client client = world.connect();
    world.ask(client, "\r\n\r\n");
  }
  for (int moments = 0; world.web->timed() > 0 && moments < 1000; ++moments) world.pump();
  CHECK(world.refused("silence"));
}

TEST_CASE("a proxy that speaks for itself may ask what one may that names nobody") {
  ProxyWorld world;
  const std::string header = proxy_header(kProxyLocal, kProxyUnspecified, "");
  CHECK(holds(world.ask_once(header + kTrust), "\"bad_query\""));
  CHECK(holds(world.ask_once(header + get("/livez")), "\"bad_query\""));
  CHECK(world.ask_once(header + get("/v1/trust", "X-Forwarded-For: 192.0.2.1\r\n"))
            .starts_with("HTTP/1.1 200 "));
}

TEST_CASE("a client whose proxy does not say who it is cannot say so itself") {
  ProxyWorld world;
  Client client = world.connect();
  CHECK(world
            .ask(client, proxy_header(kProxyForwards, kProxyUnspecified, "") +
                             get("/v1/trust", "X-Forwarded-For: 192.0.2.1\r\n"))
            .empty());
  CHECK(client.ended());
  CHECK(world.refused("family"));
}

TEST_CASE("a client that is named as of this machine has nothing of what this machine may") {
  for (const char* client : {"127.0.0.1", "::1", "::ffff:127.0.0.1"}) {
    ProxyWorld world;
    const std::string header = proxy_header_for(client);
    CHECK(holds(world.ask_once(header + get("/livez")), "\"forbidden\""));
    auto& pool = *world.gate->bodies();
    REQUIRE(pool.take(limits::kBodiesBytes - limits::kBodiesKeptBytes));
    CHECK(world
              .ask_once(header +
                        "POST /v1/alerts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nx")
              .starts_with("HTTP/1.1 429 "));
    pool.give(limits::kBodiesBytes - limits::kBodiesKeptBytes);
    Client one = world.connect(), two = world.connect();
    world.ask(one, header);
    world.ask(two, header);
    CHECK(world.ask_once(header + kTrust).starts_with("HTTP/1.1 429 "));
  }
}

TEST_CASE("a client has its connections and its streams are among them") {
  ProxyWorld world;
  const std::string header = proxy_header_for("192.0.2.1");
  {
    Client one = world.connect(), two = world.connect();
    const std::string events = get("/v1/stream", "Accept: text/event-stream\r\n");
    CHECK(world.ask(one, header + events).starts_with("HTTP/1.1 200 "));
    CHECK(world.ask(two, header + events).starts_with("HTTP/1.1 200 "));
    Client third = world.connect();
    const std::string answer = world.ask(third, header + kTrust);
    CHECK(answer.starts_with("HTTP/1.1 429 "));
    CHECK(holds(answer, "\r\nRetry-After: 10\r\n"));
    CHECK(third.ended());
    CHECK(world.ask_once(proxy_header_for("192.0.2.2") + kTrust).starts_with("HTTP/1.1 200 "));
  }
  world.pump();
  CHECK(world.ask_once(header + kTrust).starts_with("HTTP/1.1 200 "));
}

TEST_CASE("refused documents are those of the client and not of the proxy") {
  ProxyWorld world;
  const auto status = [&world](const char* client) {
    return world
        .ask_once(proxy_header_for(client) +
                  "POST /v1/alerts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx")
        .substr(9, 3);
  };
  for (std::size_t i = 0; i < limits::kRefusedPerMinute; ++i) REQUIRE(status("192.0.2.1") == "400");
  CHECK(status("192.0.2.1") == "429");
  CHECK(status("192.0.2.2") == "400");
}

TEST_CASE("Forwarded counts behind the header where the header names a trusted proxy itself") {
  ProxyWorld world({"10.0.0.0/8"});
  const std::string forwarded = get("/livez", "Forwarded: for=198.51.100.1\r\n");
  // A client invents what it likes and is still who the proxy says it is.
  const std::string of_client = proxy_header_for("192.0.2.1");
  Client one = world.connect(), two = world.connect();
  CHECK(holds(world.ask(one, of_client + forwarded), "\"forbidden\""));
  world.ask(two, of_client);
  CHECK(world.ask_once(of_client + forwarded).starts_with("HTTP/1.1 429 "));
  // A proxy behind the proxy has to name somebody, whose streams are counted.
  const std::string of_proxy = proxy_header_for("10.0.0.2");
  CHECK(holds(world.ask_once(of_proxy + kTrust), "\"bad_query\""));
  const std::string events =
      get("/v1/stream", "Accept: text/event-stream\r\nForwarded: for=198.51.100.1\r\n");
  std::vector<Client> streams;
  for (int i = 0; i < 2; ++i) {
    streams.push_back(world.connect());
    CHECK(world.ask(streams.back(), of_proxy + events).starts_with("HTTP/1.1 200 "));
  }
  CHECK(holds(world.ask_once(of_proxy + events), "\"too_many\""));
}

TEST_CASE("when the engine stops a connection that has not said for whom it is is let go") {
  ProxyWorld world;
  Client client = world.connect();
  world.ask(client, "\r\n");
  world.web->drain();
  world.pump();
  client.receive();
  CHECK(client.ended());
  CHECK(world.traced.empty());
}
