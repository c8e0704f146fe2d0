#include "bench/herd/herd.hpp"

#include <sys/resource.h>

#include <algorithm>

#include "bench/herd/clock.hpp"
#include "bench/herd/fault.hpp"
#include "bench/herd/processes.hpp"
#include "bench/herd/text.hpp"

namespace bench {

namespace {

constexpr std::uint64_t kSlowTurnNs = 50'000'000;
constexpr double kConnectsPerSecondMin = 500;  // a round is given up when it is slower than this

void raise_descriptors(std::size_t wanted) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = wanted;
  limit.rlim_max = std::max<rlim_t>(limit.rlim_max, wanted);
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) give_up("{} descriptors are not to be had", wanted);
}

}  // namespace

Herd::Herd(Options options)
    : options_(std::move(options)),
      ledger_(options_),
      crowd_(options_, poller_, ledger_),
      publishers_(options_, poller_, ledger_, options_.connections) {
  raise_descriptors(options_.connections + options_.publishers + 100);
}

std::string Herd::run() {
  const std::uint64_t resident = resident_bytes(options_.processes);
  const std::uint64_t kernel = kernel_bytes();
  json_.text("label", options_.label);
  json_.count("conns", options_.connections);
  json_.count("bytes", publishers_.body_bytes());
  connect_all("connect");
  turn_for(options_.settle_s);
  const auto per_connection = [&](std::uint64_t now, std::uint64_t then) {
    return (static_cast<double>(now) - static_cast<double>(then)) /
           static_cast<double>(options_.connections);
  };
  const std::uint64_t idle = resident_bytes(options_.processes);
  json_.count("rss_before", resident);
  json_.count("rss_idle", idle);
  json_.number("rss_per_conn", per_connection(idle, resident), 0);
  json_.number("kernel_per_pair", per_connection(kernel_bytes(), kernel), 0);
  if (publishers_.wanted()) {
    if (!publishers_.open()) give_up("nobody listens on port {}", options_.pub_port);
    turn_for(0.3);
  }
  for (const std::string& phase : options_.phases) play(phase);
  read_on();
  json_.count("rss_end", resident_bytes(options_.processes));
  json_.count("lost", crowd_.lost());
  report_closes();
  crowd_.close_all();
  return json_.finish();
}

void Herd::turn(int milliseconds) {
  if (publishers_.has_unsent()) {
    publishers_.send_unsent();
    milliseconds = std::min(milliseconds, 1);
  }
  if (crowd_.has_slow()) milliseconds = std::min(milliseconds, 20);
  if (options_.spin && in_phase_) milliseconds = 0;
  const std::uint64_t began = options_.spin ? own_cpu_ns() : 0;
  const bool some = poller_.wait(milliseconds, [this](std::uint64_t tag) {
    if (tag < options_.connections) {
      crowd_.take_event(tag);
    } else {
      publishers_.take_event(tag);
    }
  });
  if (options_.spin && !some) idle_ns_ += own_cpu_ns() - began;
  if (crowd_.has_slow() && now_ns() - slow_turn_ns_ >= kSlowTurnNs) {
    slow_turn_ns_ = now_ns();
    crowd_.read_slowly(slow_turn_ns_);
  }
}

void Herd::turn_for(double seconds) {
  turn_until(seconds, [] { return false; });
}

Herd::Before Herd::before() const { return {now_ns(), cpu_ns(options_.processes), own_cpu_ns()}; }

double Herd::cpu_since(const Before& start) const {
  return static_cast<double>(cpu_ns(options_.processes)) - static_cast<double>(start.server_cpu_ns);
}

void Herd::connect_all(const char* name) {
  const Before start = before();
  crowd_.begin_round();
  const double limit =
      options_.drain_s + static_cast<double>(options_.connections) / kConnectsPerSecondMin;
  turn_until(limit, [this] {
    crowd_.feed();
    return crowd_.settled();
  });
  const double seconds = seconds_between(start.at_ns, now_ns());
  const double cpu = cpu_since(start);
  const auto ready = static_cast<double>(crowd_.ready());
  json_.open(name);
  json_.count("ok", crowd_.ready());
  json_.number("seconds", seconds, 3);
  json_.number("per_s", ready / seconds, 0);
  json_.number("ready_p50_us", percentile(crowd_.ready_tenths(), 50), 0);
  json_.number("ready_p99_us", percentile(crowd_.ready_tenths(), 99), 0);
  json_.number("server_cpu_us_per_conn", cpu / 1e3 / std::max(1.0, ready), 1);
  json_.count("resumed", crowd_.resumed());
  json_.close();
}

void Herd::storm() {
  const bool resumes = !options_.resume.empty() || !options_.resume_query.empty();
  if (!resumes && ledger_.members(Pace::slow) + ledger_.members(Pace::stopped) > 0) {
    give_up("storm cuts off slow readers in the middle: say where they go on, with --resume-query");
  }
  crowd_.close_all();
  connect_all("storm");
}

void Herd::rest(double seconds) {
  const Before start = before();
  turn_for(seconds);
  json_.open("idle");
  json_.number("seconds", seconds, 1);
  json_.number("server_cpu_ms", cpu_since(start) / 1e6, 1);
  json_.close();
}

void Herd::begin_phase() {
  ledger_.begin_phase(now_ns());
  publishers_.begin_phase();
  idle_ns_ = 0;
  in_phase_ = true;
}

void Herd::publish_all(std::size_t total, std::size_t window) {
  for (std::size_t sent = 0; sent < total;) {
    if (publishers_.by_post() && publishers_.unanswered() >= window) {
      turn(5);
      continue;
    }
    publishers_.publish();
    ++sent;
    if (publishers_.has_unsent()) turn(0);
  }
}

void Herd::publish_paced(std::size_t total, double rate) {
  const std::uint64_t start = now_ns();
  for (std::size_t sent = 0; sent < total; ++sent) {
    const std::uint64_t due =
        start + static_cast<std::uint64_t>(static_cast<double>(sent) * 1e9 / rate);
    for (std::uint64_t now = now_ns(); now < due; now = now_ns()) {
      turn(static_cast<int>((due - now) / 1'000'000));
    }
    publishers_.publish();
    turn(0);
  }
}

void Herd::publish_in(const std::string& name, std::size_t total, double rate, std::size_t window) {
  if (!publishers_.wanted()) give_up("{} needs --pub-url or --pub-raw", name);
  const Before start = before();
  begin_phase();
  if (rate > 0) {
    publish_paced(total, rate);
  } else {
    publish_all(total, window);
  }
  const std::uint64_t due = ledger_.due(Pace::prompt);
  turn_until(options_.drain_s, [&] {
    return ledger_.tally(Pace::prompt).deliveries >= due && publishers_.unanswered() == 0;
  });
  in_phase_ = false;
  json_.open(name);
  report_deliveries(total, start, now_ns());
  json_.close();
}

void Herd::report_deliveries(std::size_t total, const Before& start, std::uint64_t end_ns) {
  std::uint64_t busy = own_cpu_ns() - start.own_cpu_ns;
  busy -= std::min(busy, idle_ns_);
  turn_for(0.05);  // the server finishes its own bookkeeping
  const Tally& tally = ledger_.tally(Pace::prompt);
  const auto deliveries = static_cast<double>(std::max<std::uint64_t>(1, tally.deliveries));
  const double cpu = cpu_since(start);
  const double seconds = seconds_between(start.at_ns, end_ns);
  const double span = seconds_between(ledger_.phase_first_sent_ns(), ledger_.last_arrival_ns());
  json_.count("sent", total);
  json_.count("deliveries", tally.deliveries);
  json_.count("missed", ledger_.due(Pace::prompt) - tally.deliveries);
  json_.count("duplicates", tally.duplicates);
  json_.count("out_of_order", tally.out_of_order);
  json_.count("unasked", tally.unasked);
  json_.count("strays", tally.strays);
  json_.number("seconds", seconds, 3);
  json_.number("per_s", static_cast<double>(tally.deliveries) / std::max(span, 1e-9), 0);
  report_times();
  json_.number("server_cpu_us", cpu / 1e3 / deliveries, 3);
  json_.number("server_cpu_ms", cpu / 1e6, 2);
  json_.number("herd_cpu_us", static_cast<double>(busy) / 1e3 / deliveries, 3);
  json_.number("herd_busy", static_cast<double>(busy) / 1e9 / std::max(seconds, 1e-9), 2);
}

void Herd::report_times() {
  Times times = ledger_.times();
  json_.open("lat_us");
  json_.number("p50", percentile(times.all, 50), 1);
  json_.number("p90", percentile(times.all, 90), 1);
  json_.number("p99", percentile(times.all, 99), 1);
  json_.number("p99.9", percentile(times.all, 99.9), 1);
  json_.number("max", percentile(times.all, 100), 1);
  json_.close();
  json_.number("first_us", percentile(times.firsts, 50), 1);
  json_.number("half_us", percentile(times.halves, 50), 1);
  json_.open("last_us");
  json_.number("median", percentile(times.lasts, 50), 1);
  json_.number("max", percentile(times.lasts, 100), 1);
  json_.close();
  auto& answers = publishers_.answer_tenths();
  json_.open("answer_us");
  json_.number("p50", percentile(answers, 50), 1);
  json_.number("p99", percentile(answers, 99), 1);
  json_.number("max", percentile(answers, 100), 1);
  json_.close();
}

void Herd::read_on() {
  if (ledger_.members(Pace::slow) + ledger_.members(Pace::stopped) == 0) return;
  const std::uint64_t slow = ledger_.tally(Pace::slow).deliveries;
  const std::uint64_t stopped = ledger_.tally(Pace::stopped).deliveries;
  const std::uint64_t start = now_ns();
  crowd_.come_back(true);
  crowd_.begin_round();
  crowd_.read_on();
  const std::uint64_t slow_due = ledger_.due(Pace::slow);
  const std::uint64_t stopped_due = ledger_.due(Pace::stopped);
  turn_until(options_.drain_s, [&] {
    crowd_.feed();
    return ledger_.tally(Pace::slow).deliveries >= slow_due &&
           ledger_.tally(Pace::stopped).deliveries >= stopped_due;
  });
  const double seconds = seconds_between(start, now_ns());
  crowd_.come_back(false);
  report_pace("slow", Pace::slow, slow, seconds);
  report_pace("stopped", Pace::stopped, stopped, seconds);
}

void Herd::report_pace(const char* name, Pace pace, std::uint64_t in_time, double seconds) {
  if (ledger_.members(pace) == 0) return;
  const Tally& tally = ledger_.tally(pace);
  json_.open(name);
  json_.count("conns", ledger_.members(pace));
  json_.count("complete", ledger_.complete(pace));
  json_.count("came_back", crowd_.came_back(pace));
  json_.count("before", in_time);
  json_.count("deliveries", tally.deliveries);
  json_.count("missed", ledger_.due(pace) - tally.deliveries);
  json_.count("duplicates", tally.duplicates);
  json_.count("out_of_order", tally.out_of_order);
  json_.count("unasked", tally.unasked);
  json_.number("seconds", seconds, 3);
  json_.close();
}

void Herd::report_closes() {
  json_.open("closes");
  for (const auto& [code, count] : crowd_.closes()) json_.count(fmt::format("{}", code), count);
  json_.close();
}

}  // namespace bench
