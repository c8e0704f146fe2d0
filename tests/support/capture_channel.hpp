#pragma once
// A channel that sends nothing: what it was handed is kept by a gateway of the test's, which
// outlives restarts, and is answered when the test says so.
#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/channel.hpp"

namespace tests {

/// One way's other side. What it has seen, it has seen, whatever becomes of the engine.
struct Gateway {
  explicit Gateway(engine::Way its_way) : way(its_way) {}

  engine::Way way;
  std::size_t room = 1000;  // how many unanswered attempts it takes
  std::vector<engine::Attempt> seen;
  std::vector<engine::CodeMessage> codes;
  std::deque<std::pair<std::size_t, engine::Done<engine::Attempted>>> open;  // by place in `seen`
  engine::ChannelListener* listener = nullptr;

  static engine::Attempted accepted(std::vector<engine::Attempted::Name> names = {},
                                    std::uint8_t parts = 1) {
    engine::Attempted attempted;
    attempted.outcome.fate = engine::Fate::sent;
    attempted.gateway = "main";
    attempted.names = std::move(names);
    attempted.parts = parts;
    return attempted;
  }
  static engine::Attempted refused(engine::Fate fate, std::string why, bool dead = false) {
    engine::Attempted attempted;
    attempted.outcome.fate = fate;
    attempted.outcome.why = std::move(why);
    attempted.outcome.contact_dead = dead;
    return attempted;
  }

  /// Answers the attempt that has waited longest.
  void answer(engine::Attempted attempted) {
    auto done = std::move(open.front().second);
    open.pop_front();
    done(std::move(attempted));
  }
  void answer_all(const engine::Attempted& attempted) {
    while (!open.empty()) answer(attempted);
  }
  void report(std::string_view name, engine::Report::Kind kind, std::string why = "",
              engine::Kept kept = nullptr) {
    listener->reported("main", {std::string(name)}, {kind, false, std::move(why)}, std::move(kept));
  }
  /// To whom, in the order in which they came.
  std::string addresses(std::size_t from = 0) const {
    std::string all;
    for (std::size_t i = from; i < seen.size(); ++i) all += (i > from ? " " : "") + seen[i].address;
    return all;
  }
};

class CaptureChannel final : public engine::Channel {
 public:
  explicit CaptureChannel(std::shared_ptr<Gateway> gateway) : gateway_(std::move(gateway)) {}
  ~CaptureChannel() override { hang_up(); }

  engine::Way way() const noexcept override { return gateway_->way; }
  void start(engine::ChannelListener& listener) override { gateway_->listener = &listener; }
  std::size_t room() const override {
    return gateway_->room - std::min(gateway_->room, gateway_->open.size());
  }
  void attempt(engine::Attempt attempt, engine::Done<engine::Attempted> done) override {
    gateway_->seen.push_back(std::move(attempt));
    gateway_->open.emplace_back(gateway_->seen.size() - 1, std::move(done));
  }
  bool sends_codes() const noexcept override { return gateway_->way != engine::Way::webhook; }
  void send_code(engine::CodeMessage message, engine::Done<engine::Attempted> done) override {
    gateway_->codes.push_back(std::move(message));
    done(Gateway::accepted());
  }
  std::vector<engine::GatewayState> gateways() const override {
    return {{"main", true, "", gateway_->open.size()}};
  }
  void stop(engine::Done<bool> stopped) override {
    hang_up();
    stopped(true);
  }

 private:
  /// Nobody will ever know what became of those that are open.
  void hang_up() {
    engine::Attempted unknown = Gateway::refused(engine::Fate::later, "The connection was lost.");
    unknown.uncertain = true;
    gateway_->answer_all(unknown);
  }

  const std::shared_ptr<Gateway> gateway_;
};

}  // namespace tests
