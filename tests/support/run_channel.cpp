// A channel of the engine, told by lines of JSON what to do, so that servers nobody here wrote can
// be its other side:
//
//   {"email": {...}} or {"webhook": {...}}       which, and its options; first, once
//   {"send": {"delivery": "HEX", "address": "...", "secret"?, "headline"?, "octets"?}}
//   {"gateways": true}   {"stop": true}
//
// and says in lines of JSON how it went: {"done": "HEX", "fate", "dead", "uncertain", "why", ...},
// {"reported": "HEX", "kind", ...}, {"has_room": true}, {"gateways": [...]}, {"stopped": true}.
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/json.hpp>
#include <iostream>

#include "connectors/email/email_channel.hpp"
#include "connectors/webhook/webhook_channel.hpp"
#include "engine/trust/signature.hpp"
#include "tests/support/letter.hpp"

namespace {

namespace json = boost::json;
namespace asio = boost::asio;
using namespace engine;

void say(const json::object& line) { std::cout << json::serialize(line) << std::endl; }

std::string text_in(const json::object& object, std::string_view name,
                    std::string_view otherwise = {}) {
  const json::value* value = object.if_contains(name);
  return std::string(value == nullptr ? otherwise : std::string_view(value->as_string()));
}

void read_duration(const json::object& object, std::string_view name, Duration& into) {
  if (const json::value* value = object.if_contains(name)) {
    into = Duration{value->to_number<std::int64_t>()};
  }
}

connectors::email::Route route_in(const json::object& object) {
  using Tls = connectors::email::SmtpServer::Tls;
  connectors::email::Route route;
  route.name = text_in(object, "name", "main");
  route.url = text_in(object, "url");
  route.tls = text_in(object, "starttls") == "allowed" ? Tls::allowed : Tls::required;
  route.ca_file = text_in(object, "ca_file");
  route.user = text_in(object, "user");
  route.password_file = text_in(object, "password_file");
  if (const json::value* domains = object.if_contains("domains")) {
    for (const json::value& domain : domains->as_array()) {
      route.domains.emplace_back(domain.as_string());
    }
  }
  return route;
}

connectors::email::EmailOptions email_in(const json::object& object) {
  connectors::email::EmailOptions options;
  for (const json::value& route : object.at("routes").as_array()) {
    options.routes.push_back(route_in(route.as_object()));
  }
  options.from = "alerts@tocsin.example";
  options.from_name = "Tocsin";
  options.hello = "tocsin.example";
  if (const json::value* at_once = object.if_contains("at_once")) {
    options.at_once = at_once->to_number<std::size_t>();
  }
  if (const json::value* file = object.if_contains("dkim_file")) {
    options.signers.push_back({"s1", std::string(file->as_string())});
  }
  options.bounce_domain = text_in(object, "bounce_domain");
  options.bounce_key_file = text_in(object, "bounce_key_file");
  options.bounce_maildir = text_in(object, "bounce_maildir");
  options.links = text_in(object, "links");
  options.link_code = [](engine::LinkFor, const engine::DeliveryId& id) {
    return std::optional(engine::to_hex(engine::view(id)));
  };
  read_duration(object, "connect_ms", options.patience.connect);
  read_duration(object, "reply_ms", options.patience.reply);
  read_duration(object, "content_ms", options.patience.content);
  read_duration(object, "accepted_ms", options.patience.accepted);
  read_duration(object, "idle_ms", options.patience.idle);
  return options;
}

connectors::webhook::WebhookOptions webhook_in(const json::object& object) {
  connectors::webhook::WebhookOptions options;
  options.manner.ca_file = text_in(object, "ca_file");
  read_duration(object, "connect_ms", options.manner.connect);
  read_duration(object, "whole_ms", options.manner.whole);
  if (const json::value* at_once = object.if_contains("at_once")) {
    options.at_once = at_once->to_number<std::size_t>();
  }
  if (const json::value* allowed = object.if_contains("allow")) {
    for (const json::value& network : allowed->as_array()) {
      options.manner.guard.networks.push_back(
          connectors::webhook::Network::parse(network.as_string()).value());
    }
  }
  return options;
}

std::string_view word(Fate fate) {
  return fate == Fate::sent ? "sent" : fate == Fate::later ? "later" : "permanent";
}

class Runner final : public ChannelListener {
 public:
  explicit Runner(asio::io_context& io) : io_(io), input_(io, ::dup(0)) {}

  void read() {
    asio::async_read_until(input_, asio::dynamic_buffer(buffer_), '\n',
                           [this](boost::system::error_code error, std::size_t octets) {
                             if (error) return stop();
                             const std::string line = buffer_.substr(0, octets);
                             buffer_.erase(0, octets);
                             obey(json::parse(line).as_object());
                             read();
                           });
  }

  void has_room(Way) override { say({{"has_room", true}}); }
  void reported(const DeliveryId& delivery, const Report& report, Kept kept) override {
    if (kept) kept(true);
    using Kind = Report::Kind;
    const char* kind = report.kind == Kind::delivered ? "delivered"
                       : report.kind == Kind::failed  ? "failed"
                                                      : "delayed";
    say({{"reported", to_hex(view(delivery))},
         {"kind", kind},
         {"dead", report.contact_dead},
         {"why", report.why}});
  }
  void reported(std::string_view, std::vector<std::string>, const Report&, Kept) override {}
  void answered(Way, std::string_view, std::string_view, Kept) override {}

 private:
  void obey(const json::object& line) {
    if (const json::value* email = line.if_contains("email")) {
      auto opened =
          connectors::email::open_email(io_, clock_, metrics_, email_in(email->as_object()));
      if (!opened) {
        say({{"failed", opened.error().what}});
        std::exit(3);
      }
      channel_ = std::move(*opened);
    } else if (const json::value* webhook = line.if_contains("webhook")) {
      channel_ = connectors::webhook::open_webhook(io_, clock_, webhook_in(webhook->as_object()));
    } else if (const json::value* send = line.if_contains("send")) {
      return attempt(send->as_object());
    } else if (line.contains("gateways")) {
      return gateways();
    } else if (line.contains("stop")) {
      return stop();
    }
    channel_->start(*this);
    say({{"ready", true}});
  }

  void attempt(const json::object& send) {
    if (channel_->room() == 0) return say({{"no_room", text_in(send, "delivery")}});
    tests::LetterWorld world;
    if (send.contains("headline")) world.info().headline = text_in(send, "headline");
    const auto octets = send.if_contains("octets");
    auto bulletin = std::make_shared<Bulletin>();
    bulletin->id = world.letter.id;
    bulletin->envelope.payload =
        octets == nullptr ? world.payload : std::string(octets->to_number<std::size_t>(), 'x');
    auto story = std::make_shared<Story>();
    story->bulletin = bulletin;
    story->sequence = Sequence{7};
    story->alert = world.alert;
    story->envelope = world.envelope;
    Attempt attempt;
    attempt.delivery = exactly<16>(from_hex(text_in(send, "delivery")).value()).value();
    attempt.address = text_in(send, "address");
    attempt.secret = text_in(send, "secret");
    attempt.language = "en";
    attempt.story = story;
    attempt.earlier = {{tests::delivery(7), "Before"}};
    attempt.expires = *parse_time("2026-07-04T23:30:00Z");
    const std::string id = text_in(send, "delivery");
    channel_->attempt(std::move(attempt), [id](Attempted attempted) { told(id, attempted); });
  }

  static void told(const std::string& id, const Attempted& attempted) {
    const Outcome& outcome = attempted.outcome;
    json::object line = {{"done", id},
                         {"fate", word(outcome.fate)},
                         {"dead", outcome.contact_dead},
                         {"uncertain", attempted.uncertain},
                         {"why", outcome.why},
                         {"gateway", attempted.gateway}};
    if (outcome.not_before) line["not_before_ms"] = outcome.not_before->count();
    if (attempted.put_off) line["put_off"] = true;
    if (attempted.said) {
      const bool displayed = attempted.said->state == Receipt::State::displayed;
      line["said"] = {{"state", displayed ? "displayed" : "acknowledged"},
                      {"answer", attempted.said->answer}};
    }
    say(line);
  }

  void gateways() {
    json::array list;
    for (const GatewayState& state : channel_->gateways()) {
      list.push_back({{"name", state.name},
                      {"up", state.up},
                      {"why", state.why},
                      {"under_way", state.under_way}});
    }
    say({{"gateways", std::move(list)}, {"room", channel_->room()}});
  }

  void stop() {
    if (stopping_) return;
    stopping_ = true;
    boost::system::error_code ignored;
    input_.close(ignored);
    if (!channel_) return;
    channel_->stop([this](bool) {
      say({{"stopped", true}});
      asio::post(io_, [this] { channel_.reset(); });
    });
  }

  asio::io_context& io_;
  SystemClock clock_;
  Metrics metrics_;
  std::unique_ptr<Channel> channel_;
  asio::posix::stream_descriptor input_;
  std::string buffer_;
  bool stopping_ = false;
};

}  // namespace

int main() {
  if (!trust::start_crypto()) return 2;
  asio::io_context io;
  Runner runner(io);
  runner.read();
  io.run();
}
