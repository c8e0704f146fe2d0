// tocsin alert reach: whom an alert has reached so far, once or for as long as somebody watches.
#include <chrono>

#include "ops/cli/bars.hpp"
#include "ops/cli/commands.hpp"
#include "ops/cli/keypress.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace {

constexpr auto kAskEvery = std::chrono::milliseconds{500};
constexpr engine::Duration kAnswerMax = std::chrono::seconds{20};

class Watching {
 public:
  Watching(Session& session, const AlertReach& options)
      : terminal_(*session.terminal),
        session_(session),
        options_(options),
        redraws_(keys_.on_terminal() && terminal_.redraws()) {}

  Outcome<Exit> run() {
    std::string before, trouble_before;
    while (!terminal_.closed()) {
      const auto answer = ask_reach(session_, options_.alert, kAnswerMax);
      // What is wrong with the question stays wrong.
      if (!answer && (before.empty() || answer.error().exit != Exit::unreachable)) {
        return answer.error();
      }
      if (!answer && answer.error().what != trouble_before) {
        trouble_before = answer.error().what;
        drawn_ = 0;
        terminal_.warn("not live: " + trouble_before);
      }
      if (answer && answer->body != before) {
        before = answer->body;
        trouble_before.clear();
        show(*answer);
      }
      if (keys_.leaves_within(kAskEvery)) break;
    }
    return Exit::done;
  }

 private:
  void show(const ReachAnswer& answer) {
    if (options_.form == Form::json) return terminal_.out(visible_json(answer.body));
    if (!redraws_) return terminal_.out(reach_line({}, answer.reach));
    drawn_ = terminal_.redraw(
        bars_text({}, answer.reach, terminal_.columns()) + "  q leaves, delivery goes on\n",
        drawn_);
  }

  Terminal& terminal_;
  Session& session_;
  const AlertReach& options_;
  const Keypress keys_;
  const bool redraws_;
  std::size_t drawn_ = 0;
};

}  // namespace

Outcome<Exit> alert_reach(Session& session, const AlertReach& options) {
  if (options.until == AlertReach::Until::left) return Watching(session, options).run();
  const auto answer = ask_reach(session, options.alert, kAnswerMax);
  if (!answer) return answer.error();
  Terminal& terminal = *session.terminal;
  if (options.form == Form::json) {
    terminal.out(visible_json(answer->body));
  } else {
    const std::size_t columns = terminal.columns();
    terminal.out(bars_text({}, answer->reach, columns) + groups_text(answer->reach, columns));
  }
  return Exit::done;
}

}  // namespace ops::cli
