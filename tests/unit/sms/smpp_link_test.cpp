#include "connectors/sms/smpp_link.hpp"

#include <dlfcn.h>
#include <doctest/doctest.h>
#include <netdb.h>
#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstring>
#include <list>

#include "tests/unit/sms/socket_centre.hpp"

using namespace tests;

// "two.example" has two addresses of this machine, in this order. Others the C library looks up.
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints,
                           addrinfo** found) {
  using LookUp = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto usual = reinterpret_cast<LookUp>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  if (name == nullptr || std::strcmp(name, "two.example") != 0) {
    return usual(name, service, hints, found);
  }
  if (const int fault = usual("127.0.0.2", service, hints, found); fault != 0) return fault;
  addrinfo* last = *found;
  while (last->ai_next != nullptr) last = last->ai_next;
  return usual("127.0.0.1", service, hints, &last->ai_next);
}

namespace {

/// Listens, and lets nobody in: its queue is full, so what asks to be connected hears nothing.
class SilentAddress {
 public:
  SilentAddress(boost::asio::io_context& context, std::uint16_t port) : acceptor_(context) {
    const tcp::endpoint address(boost::asio::ip::make_address("127.0.0.2"), port);
    acceptor_.open(address.protocol());
    acceptor_.bind(address);
    acceptor_.listen(0);
    for (int i = 0; i < 4; ++i) {
      waiting_.emplace_back(context);
      waiting_.back().async_connect(address, [](const boost::system::error_code&) {});
    }
  }

 private:
  tcp::acceptor acceptor_;
  std::list<tcp::socket> waiting_;
};

}  // namespace

TEST_CASE("of a gateway's addresses one that is silent does not keep us from the next") {
  SmsWorld world;
  const SilentAddress silent(world.context, world.centre().port());
  world.times.connect = milliseconds(400);
  world.config.gateways[0].url =
      "smpp://tocsin@two.example:" + std::to_string(world.centre().port());
  world.start_bound();
  world.attempt(1);
  world.until_answered(1);
  CHECK(world.answers.at(1).outcome.fate == engine::Fate::sent);
}

TEST_CASE("a gateway none of whose addresses answers is given up in time and tried again") {
  SmsWorld world;
  std::optional<SilentAddress> silent(std::in_place, world.context, world.centre().port());
  world.times.connect = milliseconds(100);
  const std::string port = std::to_string(world.centre().port());
  world.centres.clear();
  world.config.gateways[0].url = "smpp://tocsin@two.example:" + port;
  world.start();
  const std::string first = world.channel->gateways()[0].why;
  world.until([&] { return world.channel->gateways()[0].why != first; });
  CHECK(world.channel->gateways()[0].why.starts_with("It could not be connected"));
}

namespace {

/// Asks for octets again and again, and notes what it is told.
class Listener final : public connectors::sms::LinkListener {
 public:
  void opened() override { open = true; }
  void heard(engine::BytesView octets) override {
    said += octets;
    link->read();
  }
  void written() override { said += "[written]"; }
  void broken(std::string) override { said += "[broken]"; }

  std::shared_ptr<connectors::sms::SmppLink> link;
  bool open = false;
  std::string said;
};

}  // namespace

TEST_CASE("what a centre said before it hung up is heard, though we were writing") {
  boost::asio::io_context context;
  tcp::acceptor acceptor(context, {boost::asio::ip::address_v4::loopback(), 0});
  Listener listener;
  connectors::sms::SmppUrl url;
  url.host = "127.0.0.1";
  url.port = acceptor.local_endpoint().port();
  listener.link = connectors::sms::SmppLink::open(context, url, {}, seconds(5), listener);
  const auto until = [&](const auto& condition) {
    context.restart();
    while (!condition() && context.run_one_for(seconds(5)) > 0) {
    }
    REQUIRE(condition());
  };
  until([&] { return listener.open; });
  tcp::socket centre = acceptor.accept();
  listener.link->read();
  // What it leaves unread makes its end a reset, and what is written after that an error.
  listener.link->write("a message");
  until([&] { return listener.said == "[written]"; });
  boost::asio::write(centre, boost::asio::buffer(std::string("an answer")));
  centre.close();
  listener.link->write("another");
  until([&] { return listener.said.ends_with("[broken]"); });
  CHECK(listener.said == "[written]an answer[broken]");
}
