#include "connectors/webhook/webhook_channel.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <list>
#include <map>

#include "connectors/webhook/event.hpp"
#include "engine/base/ensure.hpp"

namespace connectors::webhook {

using engine::Attempt;
using engine::Attempted;
using engine::Done;
using engine::Failure;
using engine::Fate;
using engine::Result;

namespace {

/// One secret, or several behind each other while a receiver changes from one to the next.
Result<std::vector<Secret>> read_secrets(std::string_view text) {
  std::vector<Secret> secrets;
  while (true) {
    const std::size_t space = text.find(' ');
    const auto secret = Secret::read(text.substr(0, space));
    if (!secret) return secret.error();
    secrets.push_back(*secret);
    if (space == std::string_view::npos) return secrets;
    text.remove_prefix(space + 1);
    if (secrets.size() == kSecretsAtOnce) return Failure{"At most 4 secrets sign one request."};
  }
}

class WebhookChannel final : public engine::Channel {
 public:
  WebhookChannel(boost::asio::io_context& io, const engine::Clock& clock, WebhookOptions options)
      : io_(io),
        clock_(clock),
        options_(std::move(options)),
        transfers_(io, static_cast<long>(options_.at_once)),
        stop_timer_(io) {}

  engine::Way way() const noexcept override { return engine::Way::webhook; }
  void start(engine::ChannelListener& listener) override { listener_ = &listener; }
  std::size_t room() const override {
    return stopped_ ? 0 : limits::kRoom - std::min(limits::kRoom, held_);
  }
  void attempt(Attempt attempt, Done<Attempted> done) override;
  std::vector<engine::GatewayState> gateways() const override {
    return {{"webhook", true, "", held_}};
  }
  void stop(Done<bool> stopped) override;

 private:
  struct Job {
    Attempt attempt;
    Done<Attempted> done;
    Url url;
    std::vector<Secret> secrets;
  };
  using JobPtr = std::shared_ptr<Job>;
  /// What goes to one receiver, by host and port.
  struct Receiver {
    std::size_t under_way = 0;
    std::deque<JobPtr> waiting;
  };
  struct Running {
    JobPtr job;
    std::string receiver;
    std::unique_ptr<Request> request;
  };
  using RunningList = std::list<Running>;
  using Receivers = std::map<std::string, Receiver>;

  void begin(const std::string& name, JobPtr job);
  void ended(RunningList::iterator running, Attempted attempted);
  Receivers::iterator next_waiting();
  void serve_waiting();
  void finish(JobPtr job, Attempted attempted);
  void stop_on();

  boost::asio::io_context& io_;
  const engine::Clock& clock_;
  const WebhookOptions options_;
  transfer::Transfers transfers_;
  engine::ChannelListener* listener_ = nullptr;
  std::size_t held_ = 0;
  Receivers receivers_;
  std::string served_;  // whose turn it was last
  RunningList running_;
  std::optional<Done<bool>> stopped_;
  boost::asio::steady_timer stop_timer_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

/// An attempt that cannot be made: somebody has to mend what was entered, or what this engine may
/// ask. The receiver is not gone for that; one that says so is (outcome_of).
Attempted impossible(const std::string& why) {
  Attempted attempted;
  attempted.outcome.fate = Fate::permanent;
  attempted.outcome.why = why;
  return attempted;
}

void WebhookChannel::attempt(Attempt attempt, Done<Attempted> done) {
  ENSURE(room() > 0);
  ++held_;
  const auto url = read_url(attempt.address, options_.manner.guard);
  const auto secrets = read_secrets(attempt.secret);
  const auto job = std::make_shared<Job>(Job{std::move(attempt), std::move(done), {}, {}});
  if (!url || !secrets) {
    finish(job, impossible(url ? secrets.error().what : url.error().what));
    return;
  }
  job->url = *url;
  job->secrets = *secrets;
  const std::string name = url->host + ":" + std::to_string(url->port);
  Receiver& receiver = receivers_[name];
  const bool free = receiver.under_way < limits::kAtOnceOfOne && running_.size() < options_.at_once;
  if (free && receiver.waiting.empty()) {
    begin(name, job);
  } else if (receiver.waiting.size() < limits::kWaitingOfOne) {
    receiver.waiting.push_back(job);
  } else {
    Attempted busy;
    busy.put_off = true;
    busy.outcome.not_before = limits::kBusyWait;
    busy.outcome.why = "Others are under way to this receiver, which is slow.";
    finish(job, std::move(busy));
  }
}

void WebhookChannel::begin(const std::string& name, JobPtr job) {
  ++receivers_[name].under_way;
  std::string body = event_of(job->attempt);
  const Headers headers = sign(job->secrets, job->attempt.delivery, clock_.now(), body);
  running_.push_back({job, name, nullptr});
  const auto running = std::prev(running_.end());
  running->request = std::make_unique<Request>(
      transfers_, options_.manner, job->url, headers, std::move(body),
      [this, running](Attempted attempted) { ended(running, std::move(attempted)); });
}

void WebhookChannel::ended(RunningList::iterator running, Attempted attempted) {
  const auto receiver = receivers_.find(running->receiver);
  --receiver->second.under_way;
  const JobPtr job = running->job;
  running_.erase(running);
  finish(job, std::move(attempted));
  if (!stopped_) serve_waiting();
  std::erase_if(receivers_, [](const auto& entry) {
    return entry.second.under_way == 0 && entry.second.waiting.empty();
  });
}

/// The next one behind whom it was last that has something to be sent and may be asked; the end
/// where there is none.
WebhookChannel::Receivers::iterator WebhookChannel::next_waiting() {
  const auto waits = [](const Receivers::value_type& entry) {
    return !entry.second.waiting.empty() && entry.second.under_way < limits::kAtOnceOfOne;
  };
  const auto behind = receivers_.upper_bound(served_);
  const auto found = std::find_if(behind, receivers_.end(), waits);
  if (found != receivers_.end()) return found;
  const auto before = std::find_if(receivers_.begin(), behind, waits);
  return before != behind ? before : receivers_.end();
}

/// Each receiver in turn, as long as there are places.
void WebhookChannel::serve_waiting() {
  while (running_.size() < options_.at_once) {
    const auto next = next_waiting();
    if (next == receivers_.end()) return;
    served_ = next->first;
    const JobPtr job = next->second.waiting.front();
    next->second.waiting.pop_front();
    begin(served_, job);
  }
}

void WebhookChannel::finish(JobPtr job, Attempted attempted) {
  attempted.gateway = "webhook";
  boost::asio::post(
      io_, [this, alive = std::weak_ptr(alive_), job, attempted = std::move(attempted)]() mutable {
        const bool was_full = room() == 0;
        --held_;
        job->done(std::move(attempted));
        if (alive.expired()) return;
        if (was_full && room() > 0) listener_->has_room(engine::Way::webhook);
        if (stopped_) stop_on();
      });
}

void WebhookChannel::stop(Done<bool> stopped) {
  stopped_ = std::move(stopped);
  for (auto& [name, receiver] : receivers_) {
    for (const JobPtr& job : std::exchange(receiver.waiting, {})) {
      Attempted later;
      later.outcome.why = "The engine is stopping.";
      finish(job, std::move(later));
    }
  }
  stop_timer_.expires_after(limits::kStopMax);
  stop_timer_.async_wait([this, alive = std::weak_ptr(alive_)](auto error) {
    if (error || alive.expired()) return;
    while (!running_.empty()) {
      Attempted cut;
      cut.outcome.why = "The engine is stopping.";
      cut.uncertain = true;
      ended(running_.begin(), std::move(cut));
    }
  });
  boost::asio::post(io_, [this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) stop_on();
  });
}

void WebhookChannel::stop_on() {
  if (!stopped_ || held_ > 0) return;
  stop_timer_.cancel();
  auto stopped = std::move(*stopped_);
  stopped_.reset();
  stopped(true);
}

}  // namespace

std::unique_ptr<engine::Channel> open_webhook(boost::asio::io_context& io,
                                              const engine::Clock& clock, WebhookOptions options) {
  return std::make_unique<WebhookChannel>(io, clock, std::move(options));
}

}  // namespace connectors::webhook
