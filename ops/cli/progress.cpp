#include "ops/cli/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>

#include "ops/cli/engine_link.hpp"
#include "ops/cli/fetching.hpp"
#include "ops/cli/inputs.hpp"
#include "ops/cli/keypress.hpp"
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
// Where nothing but mails that were taken is open, and no count has changed for so long, nothing
// will by itself: half a minute to acknowledge, a minute to be delivered, then the next contact.
constexpr auto kQuietMax = seconds{95};

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
    const Keypress keys;
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
        const bool seen = seen_ != Seen::no && goal_.within;
        if (seen && reached(goal_, *reach)) return Exit::done;
        if (seen && quiet() && reached_but_for_mails(goal_, *reach)) return mails_taken(*reach);
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
    auto answer = ask_reach(session_, std::to_string(followed_.sent.sequence), timeout);
    if (answer) {
      why_not_.clear();
      return std::move(answer->reach);
    }
    if (why_not_ != answer.error().what) {
      why_not_ = answer.error().what;
      drawn_ = 0;
      terminal_.warn("the alert was taken; who has it is not known: " + why_not_);
      if (!answer.error().next.empty()) terminal_.say("  next: " + answer.error().next);
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

  bool quiet() const { return Steady::now() - changed_ >= kQuietMax; }

  void show(const Reach& reach, seconds passed) {
    const bool news = !last_ || !(*last_ == reach);
    if (news) changed_ = Steady::now();
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
             {"anonymous", counts(reach.anonymous)},
             {"channels", channels_json(reach)},
             {"concerned", concerned_json(reach)}});
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
    terminal_.say(
        fmt::format("Left; delivery goes on. To see how far it has come:\n"
                    "  tocsin alert reach {} --watch",
                    followed_.sent.sequence));
    return goal_.within ? Exit::partly : Exit::done;
  }

  Outcome<Exit> mails_taken(const Reach& reach) {
    terminal_.say(fmt::format(
        "Nobody is being tried any more. Mails for {} of {} were taken by their server, "
        "which need not say whether they arrived.",
        reach.concerned->sums.trying, reach.concerned->sums.matched));
    return Exit::done;
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
  Steady::time_point changed_ = Steady::now();
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
