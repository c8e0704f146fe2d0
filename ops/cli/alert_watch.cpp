// tocsin alert watch: every alert as it comes, from a stream that is taken up again by itself.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <random>
#include <thread>

#include "engine/limits.hpp"
#include "engine/position.hpp"
#include "ops/cli/commands.hpp"
#include "ops/cli/following.hpp"
#include "ops/cli/inputs.hpp"
#include "ops/cli/reading.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace json = boost::json;

namespace {

// The engine sends a beat every kHeartbeat: so the trust document is asked for every five minutes.
constexpr int kRenewBeats = std::chrono::minutes{5} / engine::limits::kHeartbeat;

class Watch {
 public:
  Watch(Session& session, const AlertWatch& options, Trusted trusted, Url url)
      : session_(session),
        terminal_(*session.terminal),
        options_(options),
        trusted_(std::move(trusted)),
        url_(std::move(url)),
        following_(options.after),
        warned_(expiry()) {}

  /// Ends when the person ends it, or when coming back would be useless.
  Outcome<Exit> run() {
    int failures = 0;
    while (true) {
      auto end = once();
      if (!end) return end.error();
      if (terminal_.closed()) return exit_;
      if (end->was_live) failures = 0;
      const Comeback comeback = comeback_after(end->code, end->reason, failures++, chance());
      say_not_live(end->reason, comeback);
      if (!comeback.wait) {
        return trouble(Exit::refused,
                       "the engine closed the stream for good: " + visible(end->reason));
      }
      std::this_thread::sleep_for(*comeback.wait);
    }
  }

 private:
  struct End {
    int code = 0;
    std::string reason;
    bool was_live = false;
  };

  double chance() { return std::uniform_real_distribution<>(0, 1)(random_); }

  std::string target() const {
    std::string query = query_of(options_.filters);
    const std::string after = following_.after();
    if (!after.empty()) query += "&after=" + query_value(after);
    if (!query.empty()) query.front() = '?';
    return "/v1/stream" + query;
  }

  /// One connection, from its opening to its end.
  Outcome<End> once() {
    const auto token = reader_token(session_);
    if (!token) return token.error();
    auto opened = Stream::open(url_, target(), *token);
    if (!opened) {
      if (!connected_) return unreachable(session_, opened.error());
      return End{0, opened.error().why, false};
    }
    if (opened->stream == nullptr) {
      const Response& refusal = opened->refusal;
      const bool passing = refusal.status == 429 || refusal.status >= 500;
      if (!connected_ || !passing) return problem_of(session_, refusal);
      return End{refusal.status == 429 ? 4429 : 0,
                 fmt::format("the engine answered {}", refusal.status), false};
    }
    // What was revoked while nobody listened counts for what is told now.
    if (connected_) renew();
    connected_ = true;
    End end = listen(*opened->stream);
    end.was_live = following_.live();
    following_.lost();
    return end;
  }

  End listen(Stream& stream) {
    heard_at_ = Steady::now();
    while (!terminal_.closed()) {
      const auto silent = std::chrono::duration_cast<engine::Duration>(Steady::now() - heard_at_);
      if (silent >= kSilenceMax) return {0, "no beat was heard for 40 s", false};
      const auto heard = stream.hear(kSilenceMax - silent);
      if (heard.what == Stream::Heard::What::end) return {heard.close_code, heard.text, false};
      if (heard.what == Stream::Heard::What::silence) continue;
      if (!take_message(heard.text)) return {0, "an alert was missed", false};
      if (beats_ >= kRenewBeats) {
        const auto began = Steady::now();
        renew();
        heard_at_ += Steady::now() - began;  // meanwhile nobody listened
      }
    }
    return {};
  }

  engine::trust::Expiry expiry() const {
    return engine::trust::expiry_of(trusted_.document->expires, session_.now());
  }

  /// What is known of keys, once more. That the document runs out is said when it becomes so, and
  /// not every five minutes.
  void renew() {
    beats_ = 0;
    renew_trust(session_, trusted_);
    if (expiry() != warned_) warn_of_expiry(session_, *trusted_.document);
    warned_ = expiry();
  }

  /// False when something was missed and the stream has to be taken up again.
  bool take_message(std::string_view message) {
    while (!message.empty()) {
      const auto end = message.find('\n');
      const std::string_view line = message.substr(0, end);
      message.remove_prefix(end == std::string_view::npos ? message.size() : end + 1);
      if (!line.empty() && !take_line(line)) return false;
    }
    return true;
  }

  bool take_line(std::string_view line) {
    boost::system::error_code error;
    const json::value value = json::parse(json::string_view(line.data(), line.size()), error);
    if (error || !value.is_object()) {
      terminal_.warn("the engine sent what is no object of the stream; it was skipped");
      return true;
    }
    const auto step = following_.take(value.get_object());
    const bool catches_up = !following_.live() || step == Following::Step::went_live;
    if (!catches_up && following_.heard()) ++beats_;
    if (following_.heard()) {
      heard_at_ = Steady::now();
      heard_wall_ = session_.now();
    }
    switch (step) {
      case Following::Step::show:
        show(line);
        break;
      case Following::Step::went_live:
        say_live();
        break;
      case Following::Step::gap:
        say_gap(value.get_object());
        break;
      case Following::Step::missed:
        return false;
      case Following::Step::nothing:
        break;
    }
    return true;
  }

  void show(std::string_view line) {
    // A key unknown to an older trust document may be in the one of today.
    if (const auto item = read_bulletin(line); item && !verify_item(*item, *trusted_.document)) {
      renew();
    }
    const Exit exit = show_item(session_, line, trusted_, options_.form);
    if (exit != Exit::done) exit_ = exit;
  }

  void tell_json(const json::object& object) {
    terminal_.out(visible_json(json::serialize(object)));
  }

  void say_live() {
    if (following_.system() != trusted_.document->system) {
      terminal_.warn(fmt::format("the engine speaks for system {}, the trust document for {}",
                                 visible(following_.system()), visible(trusted_.document->system)));
    }
    const std::string position = following_.after();
    if (options_.form == Form::json) {
      tell_json({{"type", "live"}, {"position", position}});
    }
    terminal_.say(fmt::format("{} on system {}, at {}.",
                              terminal_.say_ink(Ink::green, was_not_live_ ? "Live again" : "Live"),
                              visible(following_.system()), visible(position)));
    was_not_live_ = false;
  }

  void say_gap(const json::object& hello) {
    const auto* gap = hello.if_contains("gap");
    const std::string text = gap == nullptr ? "?" : json::serialize(*gap);
    if (options_.form == Form::json) {
      tell_json({{"type", "gap"}, {"gap", gap ? *gap : nullptr}});
    }
    terminal_.say(terminal_.say_ink(
        Ink::red, fmt::format("GAP: this is not the log you were reading; alerts {} may be new to "
                              "you.\n  next: tocsin alert list --active",
                              visible(text))));
  }

  void say_not_live(const std::string& reason, const Comeback& comeback) {
    const std::string since = engine::format_time(heard_wall_.value_or(session_.now()));
    if (options_.form == Form::json && !was_not_live_) {
      tell_json({{"type", "not_live"}, {"since", since}});
    }
    was_not_live_ = true;
    const std::string again = comeback.wait
                                  ? fmt::format("; trying again in {:.1f} s",
                                                static_cast<double>(comeback.wait->count()) / 1000)
                                  : "";
    const std::string why = reason.empty()                        ? "the connection ended"
                            : reason.starts_with("reconnect_ms=") ? "the engine is stopping"
                                                                  : visible(reason);
    terminal_.say(fmt::format("{} since {}: {}{}", terminal_.say_ink(Ink::red, "NOT LIVE"), since,
                              why, again));
  }

  using Steady = std::chrono::steady_clock;

  Session& session_;
  Terminal& terminal_;
  const AlertWatch& options_;
  Trusted trusted_;
  const Url url_;
  Following following_;
  engine::trust::Expiry warned_;  // what was said of it last
  int beats_ = 0;                 // since the trust document was asked for
  std::mt19937 random_{std::random_device{}()};
  Steady::time_point heard_at_;
  std::optional<engine::Time> heard_wall_;
  bool connected_ = false;
  bool was_not_live_ = false;
  Exit exit_ = Exit::done;
};

}  // namespace

Outcome<Exit> alert_watch(Session& session, const AlertWatch& options) {
  if (!options.after.empty() && options.after != "0" && options.after != "active" &&
      !engine::Position::parse(options.after)) {
    return trouble(Exit::usage, fmt::format("'{}' is no position", visible(options.after)),
                   "--after 0, --after active, or EPOCH:SEQ as watch and the stream print it");
  }
  const auto url = url_of(session);
  if (!url) return url.error();
  auto trusted = trust_for_reading(session);
  if (!trusted) return trusted.error();
  return Watch(session, options, std::move(*trusted), *url).run();
}

}  // namespace ops::cli
