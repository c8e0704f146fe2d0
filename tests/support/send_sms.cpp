// send_sms CONFIG: the SMS channel as a program, so that a test can be the message centre. CONFIG
// is JSON:
//
//   {"gateways": [{"name": "a", "url": "smpp://…", "password_file": "…", "source": "TOCSIN", …}],
//    "times": {"silence": 1000, …}}                                  in milliseconds
//
// What it is told, a line of JSON each, and what it says:
//
//   {"attempt": 7, "to": "+447700900123", "text": "…", "language": "en"}
//                          {"attempted": 7, "fate": "sent", "uncertain": false, "names": [[…]], …}
//   {"state": true}        {"state": [{"name": "a", "up": true, "why": "", "under_way": 0}]}
//   {"stop": true}         {"stopped": true}, and it ends
//
// and, whenever it happens, {"room": 5}, {"report": "delivered", "gateway", "name", "delivery"},
// {"from": "+44…", "said": "1 SAFE"}. Attempts wait here, in their order, for room. What becomes of
// one that is for later is for the test to say.
#include <unistd.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/json.hpp>
#include <cstdio>
#include <deque>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "connectors/sms/sms_channel.hpp"
#include "tests/support/sms_story.hpp"

namespace {

namespace json = boost::json;
using namespace connectors::sms;

std::string text_in(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value == nullptr ? std::string() : std::string(value->as_string());
}

std::int64_t number_in(const json::object& object, std::string_view name, std::int64_t otherwise) {
  const auto* value = object.if_contains(name);
  return value == nullptr ? otherwise : value->to_number<std::int64_t>();
}

SmsConfig config_in(const json::object& asked) {
  SmsConfig config;
  for (const auto& entry : asked.at("gateways").as_array()) {
    const auto& object = entry.as_object();
    GatewayConfig gateway;
    gateway.name = text_in(object, "name");
    gateway.url = text_in(object, "url");
    gateway.password_file = text_in(object, "password_file");
    gateway.source = text_in(object, "source");
    gateway.ca_file = text_in(object, "ca_file");
    const auto size = [&object](std::string_view name, std::size_t otherwise) {
      return static_cast<std::size_t>(
          number_in(object, name, static_cast<std::int64_t>(otherwise)));
    };
    gateway.window = size("window", gateway.window);
    gateway.rate = size("rate", gateway.rate);
    gateway.weight = size("weight", gateway.weight);
    config.gateways.push_back(gateway);
  }
  return config;
}

Times times_in(const json::object& asked) {
  Times times;
  const auto* given = asked.if_contains("times");
  if (given == nullptr) return times;
  const auto set = [given](std::string_view name, Times::Span& span) {
    span = Times::Span{number_in(given->as_object(), name, span.count())};
  };
  set("answer", times.answer);
  set("silence", times.silence);
  set("enquiry", times.enquiry);
  set("back_off_first", times.back_off_first);
  set("back_off_max", times.back_off_max);
  set("connect", times.connect);
  set("reconnect_first", times.reconnect_first);
  set("reconnect_max", times.reconnect_max);
  set("stop", times.stop);
  return times;
}

void say(const json::object& line) { std::cout << json::serialize(line) << std::endl; }

class Sender final : engine::ChannelListener {
 public:
  Sender(boost::asio::io_context& context, const json::object& asked)
      : in_(context, ::dup(STDIN_FILENO)),
        channel_(context, clock_, metrics_, config_in(asked), times_in(asked)) {
    channel_.start(*this);
    read();
  }

 private:
  struct Waiting {
    std::int64_t number = 0;
    engine::Attempt attempt;
  };

  void has_room(engine::Way) override {
    say({{"room", channel_.room()}});
    send();
  }
  void reported(const engine::DeliveryId& delivery, const engine::Report& report,
                engine::Kept kept) override {
    if (kept) kept(true);
    say_report({{"delivery", number_of(delivery)}}, report);
  }
  void reported(std::string_view gateway, std::vector<std::string> names,
                const engine::Report& report, engine::Kept kept) override {
    if (kept) kept(true);
    say_report({{"gateway", gateway}, {"names", boost::json::value_from(names)}}, report);
  }
  void answered(engine::Way, std::string_view from, std::string_view text,
                engine::Kept kept) override {
    say({{"from", from}, {"said", text}});
    kept(true);
  }

  static void say_report(json::object line, const engine::Report& report) {
    constexpr const char* kKinds[] = {"delivered", "failed", "delayed"};
    line["report"] = kKinds[static_cast<std::size_t>(report.kind)];
    line["why"] = report.why;
    say(line);
  }

  static engine::DeliveryId delivery_of(std::int64_t number) {
    engine::DeliveryId id{};
    for (std::size_t i = 0; i < 8; ++i) id[i] = static_cast<std::uint8_t>(number >> (8 * i));
    return id;
  }
  static std::int64_t number_of(const engine::DeliveryId& id) {
    std::int64_t number = 0;
    for (std::size_t i = 8; i-- > 0;) number = number << 8 | id[i];
    return number;
  }

  void read() {
    boost::asio::async_read_until(in_, heard_, '\n',
                                  [this](const boost::system::error_code& error, std::size_t) {
                                    if (error) return stop();
                                    std::istream lines(&heard_);
                                    std::string line;
                                    std::getline(lines, line);
                                    hear(json::parse(line).as_object());
                                    read();
                                  });
  }

  void hear(const json::object& told) {
    if (told.contains("stop")) return stop();
    if (told.contains("state")) return say_state();
    Waiting waiting;
    waiting.number = told.at("attempt").to_number<std::int64_t>();
    waiting.attempt.delivery = delivery_of(waiting.number);
    waiting.attempt.address = text_in(told, "to");
    waiting.attempt.language = text_in(told, "language");
    const std::string text = text_in(told, "text");
    waiting.attempt.story = story_of(text);
    waiting.attempt.expires = clock_.now() + std::chrono::hours(2);
    waiting_.push_back(std::move(waiting));
    send();
  }

  /// The same text is the same story.
  std::shared_ptr<const engine::Story> story_of(const std::string& text) {
    auto& story = stories_[text];
    if (!story) {
      story = tests::an_sms_story(stories_.size(),
                                  text.empty() ? tests::an_sms_alert() : tests::an_sms_alert(text));
    }
    return story;
  }

  void send() {
    while (!waiting_.empty() && channel_.room() > 0) {
      Waiting next = std::move(waiting_.front());
      waiting_.pop_front();
      channel_.attempt(std::move(next.attempt),
                       [number = next.number](engine::Attempted attempted) {
                         say_attempted(number, attempted);
                       });
    }
  }

  static void say_attempted(std::int64_t number, const engine::Attempted& attempted) {
    constexpr const char* kFates[] = {"sent", "later", "permanent"};
    json::array names;
    for (const auto& [name, part] : attempted.names) names.push_back(json::array{name, part});
    say({{"attempted", number},
         {"fate", kFates[static_cast<std::size_t>(attempted.outcome.fate)]},
         {"contact_dead", attempted.outcome.contact_dead},
         {"why", attempted.outcome.why},
         {"uncertain", attempted.uncertain},
         {"gateway", attempted.gateway},
         {"parts", attempted.parts},
         {"names", std::move(names)}});
  }

  void say_state() {
    json::array all;
    for (const auto& gateway : channel_.gateways()) {
      all.push_back({{"name", gateway.name},
                     {"up", gateway.up},
                     {"why", gateway.why},
                     {"under_way", gateway.under_way}});
    }
    say({{"state", std::move(all)}});
  }

  void stop() {
    if (std::exchange(stopping_, true)) return;
    channel_.stop([this](bool in_time) {
      say({{"stopped", in_time}});
      in_.close();
    });
  }

  engine::SystemClock clock_;
  engine::Metrics metrics_;
  boost::asio::posix::stream_descriptor in_;
  boost::asio::streambuf heard_;
  std::deque<Waiting> waiting_;
  std::map<std::string, std::shared_ptr<const engine::Story>> stories_;
  bool stopping_ = false;
  SmsChannel channel_;
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  const auto asked = json::parse(arguments[1]).as_object();
  if (const auto judged = judge(config_in(asked)); !judged) {
    std::cerr << judged.error().what << '\n';
    return 2;
  }
  boost::asio::io_context context;
  const Sender sender(context, asked);
  context.run();
  return 0;
}
