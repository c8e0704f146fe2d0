// tocsin monitor: is the line alive, asked from outside the engine. It holds a stream as a reader
// does, so what it says is what readers have; and it says it the way other people's watchers read.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <thread>

#include "ops/cli/commands.hpp"
#include "ops/cli/engine_link.hpp"
#include "ops/cli/following.hpp"
#include "ops/cli/inputs.hpp"
#include "ops/cli/trust_file.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace json = boost::json;
namespace trust = engine::trust;
using engine::Duration;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Steady = std::chrono::steady_clock;

namespace {

constexpr auto kLiveMax = seconds{10};
// A stream that is filtered hears of a head at the next beat, one every 15 s.
constexpr auto kLagMax = seconds{20};
constexpr int kForbidden = 403;

enum class Level { ok, warning, critical };

struct Finding {
  std::string name;
  Level level = Level::ok;
  std::string detail;
};

std::string_view word(Level level) {
  return level == Level::ok ? "OK" : level == Level::warning ? "WARNING" : "CRITICAL";
}

struct Round {
  std::vector<Finding> findings;
  bool reachable = true;
  trust::TrustPtr document;  // null where none holds
  std::optional<std::uint64_t> head;
  std::string epoch;

  Level level() const {
    Level worst = Level::ok;
    for (const auto& each : findings) worst = std::max(worst, each.level);
    return worst;
  }
};

std::uint64_t number(const json::object& object, const char* name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_int64() || value->get_int64() < 0) return 0;
  return static_cast<std::uint64_t>(value->get_int64());
}

std::string sentences(const json::object& object, const char* name) {
  std::vector<std::string> all;
  const auto* list = object.if_contains(name);
  if (list != nullptr && list->is_array()) {
    for (const auto& each : list->get_array()) {
      if (each.is_string()) all.push_back(visible(std::string(each.get_string())));
    }
  }
  return fmt::format("{}", fmt::join(all, "; "));
}

/// A stream held as a reader holds it: what it said, and when it was last heard.
class Ear {
 public:
  explicit Ear(Session& session) : session_(session) {}

  /// Listens that long, or until `enough` says so.
  template <class Enough>
  void listen(Duration time, Enough enough) {
    const auto until = Steady::now() + time;
    while (!enough(*this)) {
      const auto left = std::chrono::duration_cast<milliseconds>(until - Steady::now());
      if (left <= milliseconds::zero()) return;
      if (!stream_ && !open()) {
        std::this_thread::sleep_for(std::min(left, milliseconds{1000}));
        continue;
      }
      const Duration patience = kSilenceMax - silence();
      if (patience <= Duration::zero()) {
        beatless_ = true;
        beat_since_ = false;
        lose("no beat was heard for 40 s");
        continue;
      }
      const auto heard = stream_->hear(std::min<Duration>(left, patience));
      if (heard.what == Stream::Heard::What::end) {
        lose(heard.text.empty() ? "the connection ended" : heard.text);
      } else if (heard.what == Stream::Heard::What::message && !take(heard.text)) {
        missed_ = true;
        lose("a beat named an alert that had not come");
      }
    }
  }

  bool live() const { return following_.live(); }
  std::size_t beats() const { return beats_; }
  std::uint64_t head() const { return head_; }
  const std::string& epoch() const { return epoch_; }
  const std::string& system() const { return following_.system(); }
  const std::string& kind() const { return following_.kind(); }
  const std::string& why() const { return why_; }
  /// Since it was last forgotten: it is said once, and the stream taken up again there.
  bool missed() const { return missed_; }
  /// A connection was left for its silence, and one that was taken up again has shown nothing
  /// until a beat comes.
  bool beatless() const { return beatless_; }
  /// What is over and was said.
  void forget() {
    missed_ = false;
    if (beat_since_) beatless_ = false;
  }
  /// Since something was heard that shows it alive, or the stream opened.
  Duration silence() const {
    return heard_at_ ? std::chrono::duration_cast<Duration>(Steady::now() - *heard_at_)
                     : Duration::max();
  }

 private:
  bool open() {
    const auto url = url_of(session_);
    const auto token = reader_token(session_);
    if (!url || !token) return false;
    const std::string after = following_.after();
    auto opened = Stream::open(
        *url, "/v1/stream" + (after.empty() ? after : "?after=" + query_value(after)), *token);
    if (opened && opened->stream) {
      stream_ = std::move(opened->stream);
      heard_at_ = Steady::now();
      return true;
    }
    why_ =
        opened ? fmt::format("the engine answered {}", opened->refusal.status) : opened.error().why;
    return false;
  }

  void lose(std::string why) {
    why_ = std::move(why);
    stream_.reset();
    following_.lost();
  }

  /// False when an alert never came.
  bool take(std::string_view message) {
    while (!message.empty()) {
      const auto end = message.find('\n');
      const std::string_view line = message.substr(0, end);
      message.remove_prefix(end == std::string_view::npos ? message.size() : end + 1);
      boost::system::error_code error;
      const json::value value = json::parse(json::string_view(line.data(), line.size()), error);
      if (error || !value.is_object()) continue;
      const auto& object = value.get_object();
      const bool missed = following_.take(object) == Following::Step::missed;
      if (following_.heard()) heard_at_ = Steady::now();
      const auto* type = object.if_contains("type");
      const std::string_view kind =
          type != nullptr && type->is_string() ? std::string_view(type->get_string()) : "";
      if (kind == "hello") {
        const auto* epoch = object.if_contains("epoch");
        epoch_ = epoch != nullptr && epoch->is_string() ? std::string(epoch->get_string()) : "";
        head_ = 0;
      }
      head_ = std::max({head_, number(object, "head"), number(object, "seq")});
      if (kind == "beat") {
        ++beats_;
        beat_since_ = true;
      }
      if (missed) return false;
    }
    return true;
  }

  Session& session_;
  std::unique_ptr<Stream> stream_;
  Following following_{""};
  std::optional<Steady::time_point> heard_at_;
  std::string epoch_, why_;
  std::uint64_t head_ = 0;
  std::size_t beats_ = 0;
  bool missed_ = false, beatless_ = false, beat_since_ = false;
};

void ask_ready(Session& session, Round& round) {
  Request request;
  request.target = "/readyz";
  const auto response = ask_any(session, request);
  if (!response) {
    round.reachable = false;
    round.findings.push_back({"ready", Level::critical, response.error().what});
    return;
  }
  boost::system::error_code error;
  const json::value value = json::parse(response->body, error);
  if (response->status == kForbidden) {
    round.findings.push_back(
        {"ready", Level::ok, "it answers; whether it is ready it says on its own machine only"});
    return;
  }
  if (error || !value.is_object() || !value.get_object().contains("ready")) {
    round.findings.push_back({"ready", Level::critical, "this is no Tocsin engine"});
    return;
  }
  const auto& object = value.get_object();
  round.head = number(object, "head");
  const auto* epoch = object.if_contains("epoch");
  if (epoch != nullptr && epoch->is_string()) round.epoch = epoch->get_string().c_str();
  const std::string problems = sentences(object, "problems");
  const std::string warnings = sentences(object, "warnings");
  if (response->status != 200) {
    round.findings.push_back({"ready", Level::critical, problems});
  } else {
    round.findings.push_back({"ready", warnings.empty() ? Level::ok : Level::warning,
                              warnings.empty() ? "ready" : warnings});
  }
}

/// That of --trust, with what the engine hands out held to it; null where none was given.
struct Documents {
  trust::TrustPtr given, theirs;
};
Outcome<Documents> documents_of(Session& session) {
  Documents documents;
  if (!session.trust_file.empty()) {
    const auto roots = read_roots(session.roots);
    if (!roots) return roots.error();
    auto given = read_trust_file(session.trust_file, *roots);
    if (!given) return given.error();
    documents.given = *given;
  }
  auto theirs = trust_held_to(session, documents.given.get());
  if (!theirs) return theirs.error();
  documents.theirs = *theirs;
  return documents;
}

Finding judge_trust(const Documents& documents, engine::Time now) {
  const trust::TrustDocument& theirs = *documents.theirs;
  const std::string sentence = expiry_sentence(theirs.expires, now);
  if (!sentence.empty()) {
    const bool soon = theirs.expires - now <= std::chrono::days{7};
    return {"trust", soon ? Level::critical : Level::warning, sentence};
  }
  if (documents.given && theirs.version < documents.given->version) {
    return {"trust", Level::warning,
            fmt::format("--trust is version {}, the engine's is {}", documents.given->version,
                        theirs.version)};
  }
  return {
      "trust", Level::ok,
      fmt::format("version {}, expires {}", theirs.version, engine::format_time(theirs.expires))};
}

/// The document that the engine goes by, held to what the watcher was given.
void ask_trust(Session& session, Round& round) {
  if (!round.reachable) return;
  const auto documents = documents_of(session);
  if (!documents) {
    round.findings.push_back({"trust", Level::critical, documents.error().what});
    return;
  }
  round.document = documents->theirs;
  round.findings.push_back(judge_trust(*documents, session.now()));
}

/// What the engine said of its log that the stream had not come to, and since when.
struct Lag {
  std::string epoch;
  std::uint64_t head = 0;
  std::optional<Steady::time_point> since;

  /// How long the stream has been behind what the engine said first.
  Duration measure(const Ear& ear, const Round& round) {
    const auto now = Steady::now();
    const auto behind = [&](const std::string& of, std::uint64_t to) {
      return ear.epoch() != of || ear.head() < to;
    };
    if (since && !behind(epoch, head)) since.reset();
    if (!since && behind(round.epoch, *round.head)) {
      since = now;
      epoch = round.epoch;
      head = *round.head;
    }
    return since ? std::chrono::duration_cast<Duration>(now - *since) : Duration{-1};
  }
};

/// What is wanted of the stream: a beat, and how far behind it may be.
struct Wanted {
  std::size_t beats = 0;
  Duration lag_max{0};
};

void judge_stream(const Ear& ear, const Wanted& wanted, Lag& lag, Round& round) {
  if (!round.reachable) return;
  const auto say = [&](Level level, std::string detail) {
    round.findings.push_back({"stream", level, std::move(detail)});
  };
  if (ear.missed()) return say(Level::critical, "a beat named an alert that never came");
  if (!ear.live()) {
    return say(Level::critical, ear.why().empty() ? "not live" : "not live: " + visible(ear.why()));
  }
  const auto* document = round.document.get();
  if (document != nullptr &&
      (ear.system() != document->system || ear.kind() != kind_word(document->kind))) {
    return say(Level::critical,
               fmt::format("the stream is of the {} system {}, and not of the {} system {}",
                           visible(ear.kind()), visible(ear.system()), kind_word(document->kind),
                           visible(document->system)));
  }
  if (ear.beatless() || ear.silence() >= kSilenceMax || ear.beats() < wanted.beats) {
    return say(Level::critical, "no beat of the stream was heard in time");
  }
  if (round.head && lag.measure(ear, round) >= wanted.lag_max) {
    return say(Level::critical,
               fmt::format("the stream stands at {} of log {}, the engine at {} of {}", ear.head(),
                           visible(ear.epoch()), *round.head, visible(round.epoch)));
  }
  say(Level::ok, fmt::format("live at {}", ear.head()));
}

void report_json(Session& session, const Round& round) {
  json::array findings;
  for (const auto& each : round.findings) {
    findings.push_back(
        json::object{{"check", each.name}, {"level", word(each.level)}, {"detail", each.detail}});
  }
  session.terminal->out(
      visible_json(json::serialize(json::object{{"at", engine::format_time(session.now())},
                                                {"level", word(round.level())},
                                                {"server", session.server},
                                                {"checks", std::move(findings)}})));
}

std::string label(std::string_view text) {
  std::string out;
  for (const char c : visible(text)) {
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

std::string prometheus(const Session& session, const Round& round) {
  std::string text =
      "# HELP tocsin_monitor_level What a check found: 0 well, 1 warning, 2 critical.\n"
      "# TYPE tocsin_monitor_level gauge\n";
  for (const auto& each : round.findings) {
    text += fmt::format("tocsin_monitor_level{{server=\"{}\",check=\"{}\"}} {}\n",
                        label(session.server), each.name, static_cast<int>(each.level));
  }
  return text;
}

std::string in_words(const Terminal& terminal, const Round& round) {
  std::string text;
  for (const auto& each : round.findings) {
    const Ink ink = each.level == Level::ok        ? Ink::green
                    : each.level == Level::warning ? Ink::yellow
                                                   : Ink::red;
    text += fmt::format("{:<8} {} {}\n", each.name,
                        terminal.out_ink(ink, fmt::format("{:<9}", word(each.level))), each.detail);
  }
  return text;
}

void report(Session& session, const Round& round, Report form) {
  Terminal& terminal = *session.terminal;
  switch (form) {
    case Report::json:
      return report_json(session, round);
    case Report::prometheus:
      return terminal.out(prometheus(session, round));
    case Report::nagios: {
      std::vector<std::string> said;
      for (const auto& each : round.findings) {
        if (each.level == round.level()) said.push_back(each.name + ": " + each.detail);
      }
      // A bar would begin performance data.
      std::string line = fmt::format("TOCSIN {} - {}", word(round.level()), fmt::join(said, "; "));
      std::replace(line.begin(), line.end(), '|', '/');
      return terminal.out(line);
    }
    case Report::text:
      return terminal.out(in_words(terminal, round));
  }
}

Exit exit_of(const Round& round, Report form) {
  if (form == Report::nagios) return static_cast<Exit>(static_cast<int>(round.level()));
  if (!round.reachable) return Exit::unreachable;
  return round.level() == Level::critical ? Exit::refused : Exit::done;
}

bool same(const Round& one, const Round& other) {
  return std::equal(one.findings.begin(), one.findings.end(), other.findings.begin(),
                    other.findings.end(), [](const Finding& a, const Finding& b) {
                      return a.name == b.name && a.level == b.level &&
                             (a.level == Level::ok || a.detail == b.detail);
                    });
}

}  // namespace

Outcome<Exit> monitor(Session& session, const Monitor& options) {
  const auto every = parse_duration(options.every);
  if (!every) return trouble(Exit::usage, every.error().what);
  const auto patience = parse_duration(options.patience);
  if (!patience) return trouble(Exit::usage, patience.error().what);
  Ear ear(session);
  const bool once = options.times == Monitor::Times::once;
  // Once: the stream was opened after the engine said its head, and hears of it at its beginning.
  const Wanted wanted{once && *patience > Duration::zero() ? 1U : 0U,
                      once ? Duration::zero() : Duration{kLagMax}};
  Lag lag;
  std::optional<Round> last;
  for (bool first = true; !session.terminal->closed(); first = false) {
    Round round;
    ask_ready(session, round);
    ask_trust(session, round);
    if (round.reachable && first) {
      ear.listen(kLiveMax, [](const Ear& heard) { return heard.live(); });
    }
    if (round.reachable && once && ear.live()) {
      ear.listen(*patience, [](const Ear& heard) { return heard.beats() > 0; });
    }
    judge_stream(ear, wanted, lag, round);
    ear.forget();
    // In words only what changed; the other forms are for machines that want every round.
    if (options.report != Report::text || !last || !same(*last, round)) {
      if (options.report == Report::text && !once) {
        session.terminal->out(engine::format_time(session.now()));
      }
      report(session, round, options.report);
    }
    if (once) return exit_of(round, options.report);
    last = std::move(round);
    ear.listen(*every, [](const Ear&) { return false; });
  }
  return Exit::done;
}

}  // namespace ops::cli
