// What the SMS channel alone takes: messages submitted through one bind, from an attempt at each to
// its answer, without what remembers them on the disk.
//
//   bench_sms --messages 200000 --window 100 [--port 2775] [--wide]
//
// Without a port it has a message centre of its own in another process. One line of JSON:
// {"messages":200000,"sent":200000,"window":100,"seconds":2.1,"per_second":95000,
//  "cpu_us_per_message":8.4}
#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "bench/sms/sink.hpp"
#include "connectors/sms/sms_channel.hpp"
#include "tests/support/sms_story.hpp"

namespace {

using namespace connectors::sms;
using Steady = std::chrono::steady_clock;

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// Hands over as many as there is room for, and counts what becomes of them.
class Courier final : public engine::ChannelListener {
 public:
  Courier(boost::asio::io_context& context, engine::Channel& channel, std::uint64_t messages,
          std::shared_ptr<const engine::Story> story)
      : context_(context), channel_(channel), messages_(messages), story_(std::move(story)) {}

  void has_room(engine::Way) override {
    if (begun_ == 0) {
      since_ = Steady::now();
      cpu_ = cpu_seconds();
    }
    send();
  }
  void reported(const engine::DeliveryId&, const engine::Report&, engine::Kept) override {}
  void reported(std::string_view, std::vector<std::string>, const engine::Report&,
                engine::Kept kept) override {
    if (kept) kept(true);
  }
  void answered(engine::Way, std::string_view, std::string_view, engine::Kept) override {}

  std::uint64_t sent = 0, others = 0;
  double seconds = 0, cpu = 0;

 private:
  void send() {
    for (std::size_t room = channel_.room(); room > 0 && begun_ < messages_; --room) {
      engine::Attempt attempt;
      const std::uint64_t number = begun_++;
      for (std::size_t i = 0; i < 8; ++i) {
        attempt.delivery[i] = static_cast<std::uint8_t>(number >> (8 * i));
      }
      attempt.address = fmt::format("+44770{:07}", number % 10'000'000);
      attempt.language = "en";
      attempt.story = story_;
      attempt.expires = clock_.now() + std::chrono::hours(2);
      channel_.attempt(std::move(attempt),
                       [this](engine::Attempted attempted) { count(attempted); });
    }
  }

  void count(const engine::Attempted& attempted) {
    ++(attempted.outcome.fate == engine::Fate::sent ? sent : others);
    if (sent + others < messages_) return;
    seconds = std::chrono::duration<double>(Steady::now() - since_).count();
    cpu = cpu_seconds() - cpu_;
    channel_.stop([this](bool) { context_.stop(); });
  }

  boost::asio::io_context& context_;
  engine::Channel& channel_;
  engine::SystemClock clock_;
  const std::uint64_t messages_;
  const std::shared_ptr<const engine::Story> story_;
  std::uint64_t begun_ = 0;
  Steady::time_point since_;
  double cpu_ = 0;
};

/// A sink in a process of its own, which ends with this one.
struct OwnSink {
  OwnSink() {
    int pipe_to_it[2];
    if (::pipe(pipe_to_it) != 0) std::exit(1);
    bench::SmscSink sink(0);
    port = sink.port();
    child = ::fork();
    if (child == 0) {
      ::close(pipe_to_it[1]);
      sink.serve_until(pipe_to_it[0]);
      std::_Exit(0);
    }
    ::close(pipe_to_it[0]);
    held = pipe_to_it[1];
  }
  ~OwnSink() {
    ::close(held);
    ::waitpid(child, nullptr, 0);
  }
  std::uint16_t port = 0;
  pid_t child = 0;
  int held = -1;
};

/// One part, or in UCS-2 the three that a text is shortened to.
std::string instruction_of(bool wide) {
  if (!wide) return "Move upstairs.";
  std::string text;
  for (int i = 0; i < 12; ++i) text += "Ewch i fyny: mae d\u0175r yn dod. ";
  return text;
}

}  // namespace

int main(int count, char** arguments) {
  std::uint64_t messages = 200'000;
  std::size_t window = 100;
  bool wide = false;
  std::uint16_t port = 0;
  CLI::App app{"bench_sms: the SMS channel alone"};
  app.add_option("--messages", messages, "How many")->capture_default_str();
  app.add_option("--window", window, "Submits without an answer")->capture_default_str();
  app.add_flag("--wide", wide, "Texts of three parts in UCS-2, instead of one");
  app.add_option("--port", port, "Of a centre at 127.0.0.1; none: one of its own");
  CLI11_PARSE(app, count, arguments);

  std::optional<OwnSink> own;
  if (port == 0) port = own.emplace().port;
  const auto password = std::filesystem::temp_directory_path() /
                        fmt::format("bench_sms.{}", static_cast<int>(::getpid()));
  std::ofstream(password) << "bench\n";
  std::filesystem::permissions(password, std::filesystem::perms::owner_read);

  GatewayConfig gateway;
  gateway.name = "bench";
  gateway.url = fmt::format("smpp://bench@127.0.0.1:{}", port);
  gateway.password_file = password;
  gateway.source = "TOCSIN";
  gateway.window = window;
  gateway.rate = 1'000'000;
  boost::asio::io_context context(1);
  const engine::SystemClock clock;
  engine::Metrics metrics;
  SmsChannel channel(context, clock, metrics, SmsConfig{{gateway}});
  const auto story = tests::an_sms_story(1, tests::an_sms_alert(instruction_of(wide)));
  Courier courier(context, channel, messages, story);
  channel.start(courier);
  context.run();
  std::filesystem::remove(password);
  const auto per_message = [messages](double value) {
    return value / static_cast<double>(messages);
  };
  fmt::print(
      "{{\"messages\":{},\"sent\":{},\"window\":{},\"seconds\":{:.3f},\"per_second\":{:.0f},"
      "\"cpu_us_per_message\":{:.2f}}}\n",
      messages, courier.sent, window, courier.seconds,
      static_cast<double>(messages) / courier.seconds, per_message(courier.cpu) * 1e6);
  return courier.sent == messages ? 0 : 1;
}
