#pragma once
// A message centre on a socket of this machine that says what a test wants it to say, on the
// io_context of what it speaks with; and the world of a channel that speaks with some.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "connectors/sms/sms_channel.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/sms_story.hpp"
#include "tests/support/temp_dir.hpp"

namespace tests {

using namespace connectors::sms;
using boost::asio::ip::tcp;
using engine::Bytes;
using std::chrono::milliseconds;
using std::chrono::seconds;

class SocketCentre {
 public:
  /// One connection to it.
  class Session : public std::enable_shared_from_this<Session> {
   public:
    Session(tcp::socket socket, SocketCentre& centre)
        : socket_(std::move(socket)), centre_(centre) {}

    void say(const Pdu& pdu) { say_octets(write_pdu(pdu).value()); }
    void say_octets(const Bytes& octets) {
      boost::system::error_code ignored;  // what a test says fits any socket
      boost::asio::write(socket_, boost::asio::buffer(octets), ignored);
    }
    void cut() {
      boost::system::error_code ignored;
      socket_.close(ignored);
    }
    bool cut_by_peer = false;
    bool paused = false;  // reads no more

    void read() {
      socket_.async_read_some(
          boost::asio::buffer(heard_),
          [self = shared_from_this()](const boost::system::error_code& error, std::size_t size) {
            if (error) {
              self->cut_by_peer = error != boost::asio::error::operation_aborted;
              return;
            }
            std::vector<Pdu> pdus;
            if (self->reader_.read({self->heard_.data(), size}, pdus)) return;  // it is no SMPP
            for (const Pdu& pdu : pdus) self->centre_.hear(*self, pdu);
            if (self->socket_.is_open() && !self->paused) self->read();
          });
    }

   private:
    tcp::socket socket_;
    SocketCentre& centre_;
    PduReader reader_;
    std::array<char, 4096> heard_{};
  };

  SocketCentre(boost::asio::io_context& context, std::string its_name)
      : name(std::move(its_name)),
        acceptor_(context, {boost::asio::ip::make_address("127.0.0.1"), 0}) {
    accept();
  }
  ~SocketCentre() {
    for (const auto& session : sessions) session->cut();
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  /// Sockets accepted from here on hold little that was not read.
  void take_little() { acceptor_.set_option(tcp::socket::receive_buffer_size(4096)); }
  /// The newest connection.
  Session& session() { return *sessions.back(); }

  /// Answers a submit that was heard.
  void accept_submit(Session& session, const Pdu& pdu) {
    session.say({status::ok, pdu.sequence, SubmitSmResp{name + std::to_string(++ids)}});
  }
  void answer(std::size_t index, std::uint32_t status, Bytes id = {}) {
    session().say({status, submits.at(index).sequence, SubmitSmResp{std::move(id)}});
  }
  const SubmitSm& submit(std::size_t index) const {
    return std::get<SubmitSm>(submits.at(index).body);
  }

  std::string name;  // ids of its messages begin with it
  std::uint32_t bind_status = status::ok;
  std::function<void(Session&, const Pdu&)> on_submit;  // instead of accepting it
  std::vector<std::shared_ptr<Session>> sessions;
  std::vector<Pdu> submits;
  std::vector<BindTransceiver> binds;
  std::size_t unbinds = 0, deliveries_answered = 0, deliveries_refused = 0, enquiries = 0;
  bool answers_enquiries = true, answers_unbinds = true;
  int ids = 0;

 private:
  void accept() {
    acceptor_.async_accept([this](const boost::system::error_code& error, tcp::socket socket) {
      if (error) return;
      sessions.push_back(std::make_shared<Session>(std::move(socket), *this));
      sessions.back()->read();
      accept();
    });
  }
  void hear(Session& session, const Pdu& pdu) {
    if (const auto* bind = std::get_if<BindTransceiver>(&pdu.body)) {
      binds.push_back(*bind);
      session.say({bind_status, pdu.sequence, BindTransceiverResp{name, {}}});
    } else if (std::holds_alternative<SubmitSm>(pdu.body)) {
      submits.push_back(pdu);
      on_submit ? on_submit(session, pdu) : accept_submit(session, pdu);
    } else if (std::holds_alternative<EnquireLink>(pdu.body)) {
      ++enquiries;
      if (answers_enquiries) session.say({status::ok, pdu.sequence, EnquireLinkResp{}});
    } else if (std::holds_alternative<Unbind>(pdu.body)) {
      ++unbinds;
      if (answers_unbinds) session.say({status::ok, pdu.sequence, UnbindResp{}});
    } else if (std::holds_alternative<DeliverSmResp>(pdu.body)) {
      ++deliveries_answered;
      deliveries_refused += pdu.status == status::ok ? 0 : 1;
    }
  }

  tcp::acceptor acceptor_;
};

/// What a channel told.
struct Told : engine::ChannelListener {
  void has_room(engine::Way) override {
    ++rooms;
    if (on_room) on_room();
  }
  void reported(const engine::DeliveryId& delivery, const engine::Report& report,
                engine::Kept kept) override {
    lines.push_back("delivery " + std::to_string(delivery[0]) + said(report));
    reports.push_back(std::move(kept));
  }
  void reported(std::string_view gateway, std::vector<std::string> names,
                const engine::Report& report, engine::Kept kept) override {
    std::string line(gateway);
    for (const std::string& name : names) line += " " + name;
    lines.push_back(line + said(report));
    reports.push_back(std::move(kept));
    if (on_report) on_report();
  }
  void answered(engine::Way, std::string_view from, std::string_view text,
                engine::Kept kept) override {
    lines.push_back(std::string(from) + " says " + std::string(text));
    replies.push_back(std::move(kept));
    if (on_reply) on_reply();
  }
  static std::string said(const engine::Report& report) {
    constexpr const char* kKinds[] = {" delivered", " failed", " delayed"};
    return kKinds[static_cast<std::size_t>(report.kind)] + (": " + report.why);
  }

  int rooms = 0;
  std::function<void()> on_room, on_report, on_reply;
  std::vector<std::string> lines;
  std::vector<engine::Kept> replies, reports;
};

/// A channel over some centres, with times that a test can wait for.
class SmsWorld {
 public:
  explicit SmsWorld(std::size_t gateways = 1) {
    std::ofstream(folder.path() / "password") << "secret\n";
    ::chmod((folder.path() / "password").c_str(), 0600);
    for (std::size_t i = 0; i < gateways; ++i) {
      centres.push_back(
          std::make_unique<SocketCentre>(context, std::string(1, static_cast<char>('a' + i))));
      GatewayConfig gateway;
      gateway.name = centres.back()->name;
      gateway.url = "smpp://tocsin@127.0.0.1:" + std::to_string(centres.back()->port());
      gateway.password_file = folder.path() / "password";
      gateway.source = "TOCSIN";
      gateway.rate = 100'000;
      config.gateways.push_back(gateway);
    }
    times.reconnect_first = milliseconds(20);
    times.reconnect_max = milliseconds(40);
    times.stop = milliseconds(100);
  }
  /// Stops it, so that every attempt is answered.
  ~SmsWorld() {
    if (!channel || stopped) return;
    told.on_room = nullptr;
    stop();
    until([this] { return stopped.has_value(); });
  }

  void start() {
    channel = std::make_unique<SmsChannel>(context, clock, metrics, config, times);
    channel->start(told);
  }
  /// Starts it, and waits until every gateway is up.
  void start_bound() {
    start();
    until([this] {
      for (const auto& gateway : channel->gateways()) {
        if (!gateway.up) return false;
      }
      return true;
    });
  }
  void stop() {
    channel->stop([this](bool in_time) { stopped = in_time; });
  }

  /// One attempt; its answer comes to `answers` under that number.
  void attempt(int number, std::shared_ptr<const engine::Story> story = an_sms_story(),
               std::string address = "+447700900123") {
    engine::Attempt attempt;
    attempt.delivery[0] = static_cast<std::uint8_t>(number);
    attempt.address = std::move(address);
    attempt.language = "en";
    attempt.story = std::move(story);
    attempt.expires = clock.now() + std::chrono::hours(2);
    channel->attempt(std::move(attempt), [this, number](engine::Attempted attempted) {
      REQUIRE_FALSE(answers.contains(number));
      answers.emplace(number, std::move(attempted));
    });
  }

  /// Runs until that holds, and no longer than a test should take.
  template <class Predicate>
  void until(Predicate holds) {
    const auto end = std::chrono::steady_clock::now() + seconds(20);
    while (!holds()) {
      REQUIRE(std::chrono::steady_clock::now() < end);
      context.restart();
      context.run_one_for(milliseconds(100));
    }
  }
  void until_answered(std::size_t count) {
    until([this, count] { return answers.size() >= count; });
  }
  /// Everything that can happen without anybody saying more has happened.
  void settle() {
    context.restart();
    while (context.run_one_for(milliseconds(20)) > 0) {
    }
  }

  SocketCentre& centre(std::size_t index = 0) { return *centres.at(index); }
  std::string metric(const std::string& name) const {
    const std::string text = "\n" + metrics.text();
    const auto at = text.find("\n" + name + " ");
    if (at == std::string::npos) return "none";
    const auto from = at + name.size() + 2;
    return text.substr(from, text.find('\n', from) - from);
  }

  boost::asio::io_context context;
  ManualClock clock;
  engine::Metrics metrics;
  TempDir folder;
  Told told;
  SmsConfig config;
  Times times;
  std::vector<std::unique_ptr<SocketCentre>> centres;
  std::map<int, engine::Attempted> answers;
  std::optional<bool> stopped;
  std::unique_ptr<SmsChannel> channel;
};

/// An alert whose text takes several parts, since it has letters that are in UCS-2 alone.
inline engine::cap::Alert a_long_alert() {
  std::string text;
  for (int i = 0; i < 8; ++i) text += "Ewch i fyny: mae dŵr yn dod. ";
  return an_sms_alert(text);
}

inline void leave_unanswered(SocketCentre& centre) {
  centre.on_submit = [](SocketCentre::Session&, const Pdu&) {};
}

/// A telephone or the centre says that.
inline void deliver(SocketCentre& centre, const Bytes& text, std::uint8_t esm_class = 0) {
  DeliverSm message;
  message.esm_class = esm_class;
  message.source = {1, 1, "447700900123"};
  message.destination = {3, 0, "60006"};
  message.text = text;
  centre.session().say({status::ok, 900, message});
}

}  // namespace tests
