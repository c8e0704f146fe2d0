#include "ops/cli/progress.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <thread>

#include "ops/cli/engine_link.hpp"
#include "ops/cli/fetching.hpp"
#include "ops/cli/inputs.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace json = boost::json;
using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

// How long the alert may take to be seen by the second way before somebody has to be told.
constexpr auto kSeenMax = seconds{5};
constexpr auto kAskEvery = milliseconds{500};
constexpr milliseconds kAnswerMax = seconds{20};

std::string bar(std::uint64_t part, std::uint64_t whole, std::size_t columns) {
  static constexpr std::string_view kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  if (whole == 0) return std::string(columns, ' ');
  const std::uint64_t eighths = std::min(part, whole) * columns * 8 / whole;
  std::string text;
  for (std::uint64_t i = 0; i < eighths / 8; ++i) text += "█";
  text += kEighths[eighths % 8];
  const std::size_t used = static_cast<std::size_t>(eighths / 8) + (eighths % 8 == 0 ? 0 : 1);
  return text + std::string(columns - used, ' ');
}

std::string row(std::string_view name, std::uint64_t part, std::uint64_t whole, std::string more,
                std::size_t columns) {
  // A narrow window has room for the numbers only; they say more than the bar.
  const std::size_t room = columns < 72 ? 0 : std::min<std::size_t>(columns - 60, 20);
  // A long name is cut: the counts beside it have to stay readable.
  const std::string drawn = room == 0 ? std::string() : bar(part, whole, room) + "  ";
  return fmt::format("  {:<14.14} {:>6} of {:>6}  {}{}\n", name, part, whole, drawn, more);
}

std::uint64_t acknowledged_of(const Reach& reach) {
  return reach.organisations.acknowledged + reach.anonymous.acknowledged;
}

}  // namespace

bool reached(const Goal& goal, const Reach& reach) {
  const auto waiting = [](const Channel& channel) { return channel.waiting > 0; };
  return reach.organisations.connected >= goal.organisations &&
         reach.anonymous.connected >= goal.anonymous &&
         std::none_of(reach.channels.begin(), reach.channels.end(), waiting) &&
         (!goal.acknowledged || acknowledged_of(reach) >= *goal.acknowledged);
}

std::string bars_text(const Goal& goal, const Reach& reach, std::size_t columns) {
  const auto streams = [&](std::string_view name, const Counts& counts, std::uint64_t wanted) {
    const std::uint64_t whole = std::max(wanted, counts.connected);
    return row(name, counts.connected, whole,
               whole > counts.connected ? fmt::format("{} waiting", whole - counts.connected) : "",
               columns);
  };
  std::string text = streams("organisations", reach.organisations, goal.organisations) +
                     streams("anonymous", reach.anonymous, goal.anonymous);
  for (const auto& channel : reach.channels) {
    const std::uint64_t whole = channel.delivered + channel.waiting + channel.failed;
    text += row(visible(channel.name), channel.delivered, whole,
                fmt::format("{} waiting, {} failed", channel.waiting, channel.failed), columns);
  }
  text += fmt::format("  {:<14} {:>6} organisations, {} anonymous\n", "displayed",
                      reach.organisations.displayed, reach.anonymous.displayed);
  text += fmt::format("  {:<14} {:>6} organisations, {} anonymous{}\n", "acknowledged",
                      reach.organisations.acknowledged, reach.anonymous.acknowledged,
                      goal.acknowledged ? fmt::format(" ({} wanted)", *goal.acknowledged) : "");
  return text;
}

std::string reach_line(const Goal& goal, const Reach& reach) {
  std::string text = fmt::format(
      "delivered {} of {} organisations, {} of {} anonymous", reach.organisations.connected,
      std::max(goal.organisations, reach.organisations.connected), reach.anonymous.connected,
      std::max(goal.anonymous, reach.anonymous.connected));
  for (const auto& channel : reach.channels) {
    text += fmt::format("; {} {} delivered, {} waiting, {} failed", visible(channel.name),
                        channel.delivered, channel.waiting, channel.failed);
  }
  return text + fmt::format("; acknowledged {} organisations, {} anonymous",
                            reach.organisations.acknowledged, reach.anonymous.acknowledged);
}

namespace {

/// Keys one at a time while it lives: q, Ctrl-C and Ctrl-D mean leaving. Elsewhere than on a
/// terminal it only waits.
class Keys {
 public:
  Keys() : on_terminal_(::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1) {
    if (!on_terminal_ || ::tcgetattr(STDIN_FILENO, &before_) != 0) {
      on_terminal_ = false;
      return;
    }
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  }
  ~Keys() {
    if (on_terminal_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  }
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;

  bool on_terminal() const { return on_terminal_; }

  /// Waits that long; true when the person leaves.
  bool leaves_within(milliseconds time) const {
    if (!on_terminal_) {
      std::this_thread::sleep_for(time);
      return false;
    }
    pollfd waiting{STDIN_FILENO, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(time.count())) <= 0) return false;
    char key = 0;
    constexpr char kCtrlC = 3, kCtrlD = 4;
    return ::read(STDIN_FILENO, &key, 1) != 1 || key == 'q' || key == kCtrlC || key == kCtrlD;
  }

 private:
  bool on_terminal_;
  termios before_{};
};

class Follower {
 public:
  Follower(Session& session, const Followed& followed, const Goal& goal, Lookout& lookout)
      : session_(session),
        terminal_(*session.terminal),
        followed_(followed),
        goal_(goal),
        lookout_(lookout) {}

  Outcome<Exit> run() {
    const auto began = Steady::now();
    const Keys keys;
    redraws_ = keys.on_terminal() && terminal_.redraws();
    bool complained = false;
    while (true) {
      const auto passed = Steady::now() - began;
      auto reach = counts(began);
      if (seen_ == Seen::no) look();
      if (seen_ == Seen::no && !complained && passed > kSeenMax) {
        complained = complain();
      }
      if (reach) {
        // Our own stream is none of the readers who were meant; of an organisation it is one of
        // those who were there when they were counted.
        auto& anonymous = reach->anonymous.connected;
        if (seen_ == Seen::on_stream && !lookout_.signed_in() && anonymous > 0) --anonymous;
        show(*reach, std::chrono::duration_cast<seconds>(passed));
        const bool there = seen_ != Seen::no && reached(goal_, *reach);
        if (there && goal_.within) return Exit::done;
      }
      if (goal_.within && passed >= *goal_.within) return late(reach);
      if (keys.leaves_within(kAskEvery)) return leave();
    }
  }

 private:
  enum class Seen { no, hidden, on_stream, in_list };

  /// The counts, where the engine says them now. Where it does not, the alert was taken all the
  /// same: why not is said once, and they are asked for again.
  std::optional<Reach> counts(Steady::time_point began) {
    auto timeout = kAnswerMax;
    if (goal_.within) {
      const auto left = began + *goal_.within - Steady::now();
      timeout = std::clamp(std::chrono::duration_cast<milliseconds>(left), kAskEvery, kAnswerMax);
    }
    auto reach = ask_reach(session_, followed_.sent.sequence, timeout);
    if (reach) {
      why_not_.clear();
      return *std::move(reach);
    }
    if (why_not_ != reach.error().what) {
      why_not_ = reach.error().what;
      drawn_ = 0;
      terminal_.warn("the alert was taken; who has it is not known: " + why_not_);
      if (!reach.error().next.empty()) terminal_.say("  next: " + reach.error().next);
    }
    return std::nullopt;
  }

  /// Where it can be seen but in the answer to POST: on a stream that was open before, or, where
  /// there is none or it had gone out already, by its id and in the list that a reader who catches
  /// up is given.
  void look() {
    lookout_.hear();
    if (lookout_.saw(followed_.sent.id)) return note(Seen::on_stream);
    if (is_hidden()) return note(Seen::hidden);
    const bool could_not_see = lookout_.blind() || followed_.sent.repeat;
    if (could_not_see && look_by_id() && look_in_list()) note(Seen::in_list);
  }

  void note(Seen seen) {
    seen_ = seen;
    if (followed_.form != Form::json) return;
    event({{"event", "seen"},
           {"seq", followed_.sent.sequence},
           {"on", seen == Seen::on_stream ? "stream"
                  : seen == Seen::in_list ? "list"
                                          : "nothing"}});
  }

  bool look_in_list() {
    Request request;
    request.accept = "application/x-ndjson";
    request.target =
        fmt::format("/v1/alerts?after={}:{}&limit=1&status=Actual&status=Exercise&status=Test",
                    query_value(followed_.sent.epoch), followed_.sent.sequence - 1);
    const auto response = ask_any(session_, request);
    return response && response->status == 200 && is_it(response->body);
  }

  bool is_it(std::string_view line) const {
    const auto item = read_bulletin(line.substr(0, line.find('\n')));
    return item && item->sequence == followed_.sent.sequence && item->id == followed_.sent.id;
  }

  Outcome<Response> ask_by_id() {
    Request request;
    request.target = "/v1/alerts/" + followed_.sent.id;
    return ask_any(session_, request);
  }

  bool look_by_id() {
    const auto response = ask_by_id();
    return response && response->status == 200 && is_it(response->body);
  }

  /// Restricted and Private ones are not for everybody; that the engine says so is enough.
  bool is_hidden() {
    const auto response = ask_by_id();
    return response && (response->status == 401 || response->status == 403);
  }

  /// False where nobody answers: that is said already, and says nothing of the alert.
  bool complain() {
    if (!ask_by_id()) return false;
    const std::string_view how =
        look_by_id() && look_in_list()
            ? "has it in its log, and sent it to no stream that was open: treat it as not received"
            : "does not show it: treat it as not sent";
    const std::string text =
        fmt::format("{} s ago the engine took alert {}, and {}, and tell whoever runs the engine",
                    kSeenMax.count(), followed_.sent.sequence, how);
    if (followed_.form == Form::json) event({{"event", "missing"}, {"detail", text}});
    terminal_.say(terminal_.say_ink(Ink::red, text));
    drawn_ = 0;
    return true;
  }

  void show(const Reach& reach, seconds passed) {
    const bool news = !last_ || !(*last_ == reach);
    if (followed_.form == Form::json && news) {
      const auto counts = [](const Counts& each) {
        return json::object{{"connected", each.connected},
                            {"displayed", each.displayed},
                            {"acknowledged", each.acknowledged},
                            {"answered", each.answered}};
      };
      event({{"event", "reach"},
             {"seq", followed_.sent.sequence},
             {"organisations", counts(reach.organisations)},
             {"anonymous", counts(reach.anonymous)}});
    }
    if (redraws_) {
      draw(reach, passed);
    } else if (news && followed_.form == Form::text) {
      terminal_.say(reach_line(goal_, reach));
    }
    last_ = reach;
  }

  void draw(const Reach& reach, seconds passed) {
    const std::string ago = fmt::format("  {} ago", duration_text(passed));
    std::string text = title(terminal_.columns() - ago.size()) + ago + "\n";
    text += "  delivered to\n";
    text += bars_text(goal_, reach, terminal_.columns());
    text += fmt::format("  {}; q leaves, delivery goes on\n", seen_text());
    drawn_ = terminal_.redraw(text, drawn_);
  }

  /// The headline, cut where it leaves no room: what follows it has to stay in sight.
  std::string title(std::size_t columns) const {
    std::string text = fmt::format("#{}  {}", followed_.sent.sequence, followed_.headline);
    if (width(text) <= columns) return text;
    while (width(text) > columns - 1) text.pop_back();
    // Not half a letter of several octets.
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80)
      text.pop_back();
    if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xc0) text.pop_back();
    return text + "…";
  }

  std::string_view seen_text() const {
    switch (seen_) {
      case Seen::no:
        return "not seen on our own stream yet";
      case Seen::hidden:
        return "not for everybody, so our own stream is not sent it";
      case Seen::on_stream:
        return "seen on our own stream";
      case Seen::in_list:
        return "seen in the log's list";
    }
    return {};
  }

  void event(json::object object) { terminal_.out(visible_json(json::serialize(object))); }

  Outcome<Exit> leave() {
    terminal_.say(fmt::format("Left; delivery goes on. tocsin alert show {} shows the alert.",
                              followed_.sent.sequence));
    return goal_.within ? Exit::partly : Exit::done;
  }

  Outcome<Exit> late(const std::optional<Reach>& reach) {
    return trouble(Exit::partly,
                   reach
                       ? fmt::format("not everybody by the deadline: {}", reach_line(goal_, *reach))
                       : "by the deadline it is not known who has it: " + why_not_,
                   "delivery goes on; who is not connected gets it when they come back");
  }

  Session& session_;
  Terminal& terminal_;
  const Followed& followed_;
  const Goal& goal_;
  Lookout& lookout_;
  std::optional<Reach> last_;
  std::size_t drawn_ = 0;  // lines on the terminal that the next picture replaces
  bool redraws_ = false;
  std::string why_not_;  // the counts are not known
  Seen seen_ = Seen::no;
};

}  // namespace

Outcome<Exit> follow(Session& session, const Followed& followed, const Goal& goal,
                     Lookout& lookout) {
  return Follower(session, followed, goal, lookout).run();
}

}  // namespace ops::cli
