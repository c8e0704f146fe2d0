#pragma once
// A channel whose gateway takes everything at once: for what the courier does by itself, and for
// how fast it is. On the courier's thread; the counts are read by any.
#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <memory>
#include <string>

#include "engine/channel.hpp"

namespace tests {

class AcceptingChannel final : public engine::Channel {
 public:
  struct Counts {
    std::atomic<std::uint64_t> attempts{0}, answered{0};
    std::atomic<std::size_t> window{0};  // so many may be open at once
  };

  AcceptingChannel(boost::asio::io_context& io, std::shared_ptr<Counts> counts)
      : io_(io), counts_(std::move(counts)) {}

  engine::Way way() const noexcept override { return engine::Way::sms; }
  void start(engine::ChannelListener&) override {}
  std::size_t room() const override {
    return counts_->window - std::min<std::size_t>(counts_->window, open_);
  }
  void attempt(engine::Attempt, engine::Done<engine::Attempted> done) override {
    ++open_;
    const std::uint64_t number = ++counts_->attempts;
    auto shared = std::make_shared<engine::Done<engine::Attempted>>(std::move(done));
    boost::asio::post(io_, [this, shared, number] {
      --open_;
      engine::Attempted accepted;
      accepted.outcome.fate = engine::Fate::sent;
      accepted.gateway = "main";
      accepted.names = {{std::to_string(number), 0}};
      (*shared)(std::move(accepted));
      counts_->answered.fetch_add(1);
      counts_->answered.notify_all();
      finish();
    });
  }
  std::vector<engine::GatewayState> gateways() const override {
    return {{"main", true, "", open_}};
  }
  void stop(engine::Done<bool> stopped) override {
    stopped_ = std::make_unique<engine::Done<bool>>(std::move(stopped));
    finish();
  }

 private:
  void finish() {
    if (open_ > 0 || !stopped_) return;
    (*stopped_)(true);
    stopped_.reset();
  }

  boost::asio::io_context& io_;
  const std::shared_ptr<Counts> counts_;
  std::size_t open_ = 0;
  std::unique_ptr<engine::Done<bool>> stopped_;
};

}  // namespace tests
