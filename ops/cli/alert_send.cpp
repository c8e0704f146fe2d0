// tocsin alert send: hands a signed alert to the engine, and says where it stands in the log.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "engine/admission.hpp"
#include "engine/cap/judge.hpp"
#include "engine/trust/envelope.hpp"
#include "engine/trust/strict_json.hpp"
#include "ops/cli/commands.hpp"
#include "ops/cli/confirmation.hpp"
#include "ops/cli/engine_link.hpp"
#include "ops/cli/following.hpp"
#include "ops/cli/inputs.hpp"
#include "ops/cli/posting.hpp"
#include "ops/cli/progress.hpp"
#include "ops/cli/reach.hpp"
#include "ops/cli/sending.hpp"
#include "ops/cli/signing.hpp"
#include "ops/cli/trust_file.hpp"
#include "ops/cli/visible.hpp"
#include "ops/cli/words.hpp"

namespace ops::cli {

namespace trust = engine::trust;
namespace cap = engine::cap;
namespace json = boost::json;

namespace {

/// What the trust file would say. Only a warning: the engine may know a newer document, and an
/// overdue paper must not silence a warning.
void warn_beforehand(Session& session, const engine::Envelope& envelope,
                     const trust::TrustDocument* document) {
  if (document == nullptr) return;
  const auto verdict = engine::decide(trust::envelope_json(envelope), *document,
                                      engine::Places::builtin(), session.now());
  const auto* no = std::get_if<engine::Refused>(&verdict);
  if (no == nullptr) return;
  session.terminal->warn(fmt::format("by the trust document given it would be refused ({}): {}",
                                     engine::text(no->refusal.code), visible(no->refusal.detail)));
}

}  // namespace

Outcome<Sent> send_envelope(Session& session, const engine::Envelope& envelope) {
  const auto response = post_signed(session, "/v1/alerts", trust::envelope_json(envelope));
  if (!response) return response.error();
  const auto value = trust::parse_strict_json(response->body);
  const auto member = [&](const char* name) -> const json::value* {
    return value && value->is_object() ? value->get_object().if_contains(name) : nullptr;
  };
  const auto *seq = member("seq"), *epoch = member("epoch"), *id = member("id"), *at = member("at");
  const bool whole = seq != nullptr && seq->is_int64() && epoch != nullptr && epoch->is_string() &&
                     id != nullptr && id->is_string() && at != nullptr && at->is_string();
  const Trouble unknown = trouble(
      Exit::unreachable, "the answer is not an engine's: it is unknown whether the alert was taken",
      "check --server, then send it again; that is safe");
  if (!whole) return unknown;
  Sent sent;
  sent.sequence = static_cast<std::uint64_t>(seq->get_int64());
  sent.epoch = std::string(epoch->get_string());
  sent.id = std::string(id->get_string());
  sent.at = std::string(at->get_string());
  sent.repeat = response->status == 200;
  if (!is_epoch(sent.epoch)) return unknown;
  // Whoever answers with the hash of something else has not taken this alert.
  if (sent.id != engine::to_hex(engine::view(trust::sha256(envelope.payload)))) return unknown;
  return sent;
}

void show_sent(Session& session, const Sent& sent, Form form) {
  Terminal& terminal = *session.terminal;
  if (form == Form::json) {
    terminal.out(visible_json(json::serialize(json::object{{"seq", sent.sequence},
                                                           {"epoch", sent.epoch},
                                                           {"id", sent.id},
                                                           {"at", sent.at},
                                                           {"repeat", sent.repeat}})));
    return;
  }
  terminal.out(fmt::format("seq  {}\nid   {}\nat   {}",
                           terminal.out_ink(Ink::bold, std::to_string(sent.sequence)),
                           visible(sent.id), visible(sent.at)));
  if (sent.repeat) terminal.say("It had been taken before; nothing went out twice.");
}

namespace {

/// Of those who are not connected too: how many, and by which ways they could be told now.
std::string others_lines(const DryRun::Others& others) {
  const bool all = others.looked_at == others.matched;
  std::string text =
      fmt::format("{:<14} {} by place or name, connected or not{}\n", "concerned", others.matched,
                  all ? "" : fmt::format("; of {} of these:", others.looked_at));
  for (const auto& [channel, count] : others.channels) {
    text += fmt::format("  {:<12} {} could be told now\n", visible(channel), count);
  }
  text += fmt::format("  {:<12} {} when their hours begin\n", "later", others.later);
  return text + fmt::format("  {:<12} {} have no contact that may be told\n", "nobody",
                            others.not_contactable);
}

/// Whom it would reach by channel, what speaks against it, what is missing. The exit code is the
/// one that sending it now would have.
Outcome<Exit> dry_run(Session& session, const engine::Envelope& envelope, Form form) {
  const auto run = ask_dry_run(session, envelope);
  if (!run) return run.error();
  Terminal& terminal = *session.terminal;
  if (form == Form::json) {
    terminal.out(visible_json(run->body));
  } else {
    std::string text;
    for (const auto& each : run->reach) {
      text += fmt::format("{:<14} {}\n", visible(each.channel),
                          readers_text(each.organisations, each.anonymous));
    }
    if (run->others) text += others_lines(*run->others);
    terminal.out(text + "Nothing was sent.");
  }
  for (const auto& warning : run->warnings) terminal.warn(visible(warning));
  if (run->repeat) {
    terminal.say(fmt::format("It was sent already and is alert {}; nothing would go out twice.",
                             *run->repeat));
  }
  if (!run->missing) return Exit::done;
  std::string could;
  for (const auto& name : run->missing->could) {
    could += could.empty() ? "" : ", ";
    could += visible(name);
  }
  return trouble(
      Exit::refused,
      fmt::format("signed by {} of the {} holders it takes; could sign: {}", run->missing->have,
                  run->missing->need, could.empty() ? "nobody" : could),
      "another person signs it too: tocsin alert approve FILE.signed --key THEIR-KEYFILE");
}

/// Before something real goes out from a terminal, its place is typed; a drill asks nothing, and
/// looks different. Where nobody sits, --yes says that somebody decided.
Outcome<void> consent(Session& session, const cap::Alert& alert, const std::optional<DryRun>& run,
                      AlertSend::Consent consent) {
  const bool real = alert.status == cap::Status::actual && alert.msg_type != cap::MsgType::cancel;
  if (!real || consent == AlertSend::Consent::given) return {};
  say_words(session, alert);
  const auto streams = run ? run->streams() : DryRun::Streams{};
  session.terminal->say(session.terminal->say_ink(
      Ink::red, run ? fmt::format("This goes out to everybody in the area; connected now are {}.",
                                  readers_text(streams.organisations, streams.anonymous))
                    : "This goes out to everybody in the area; how many is not known."));
  if (run && run->others) session.terminal->say(others_text(*run->others) + ".");
  return place_named(session, alert,
                     {"send", "it was not sent", "a script says --yes; the area is \"{}\"", {}});
}

Outcome<Goal> goal_of(const AlertSend& options, const std::optional<DryRun>& run) {
  Goal goal;
  const auto streams = run ? run->streams() : DryRun::Streams{};
  goal.organisations = streams.organisations;
  goal.anonymous = streams.anonymous;
  goal.acknowledged = options.acknowledged;
  if (options.wait.empty()) return goal;
  const auto within = parse_duration(options.wait);
  if (!within) return trouble(Exit::usage, within.error().what);
  goal.within = *within;
  return goal;
}

/// The counts beforehand; an engine that cannot say them must not keep an alert from going out.
std::optional<DryRun> counts_before(Session& session, const engine::Envelope& envelope) {
  auto run = ask_dry_run(session, envelope);
  if (run) return std::move(*run);
  session.terminal->warn("whom it would reach is not known: " + run.error().what);
  return std::nullopt;
}

}  // namespace

Outcome<Exit> alert_send(Session& session, const AlertSend& options) {
  const auto envelope = read_envelope(options.file);
  if (!envelope) return envelope.error();
  const auto document = given_trust(session);
  if (!document) return document.error();
  say_where(session, document->get());
  if (options.act == AlertSend::Act::dry_run) return dry_run(session, *envelope, options.form);
  warn_beforehand(session, *envelope, document->get());
  const bool follows = !options.wait.empty() || options.after == AlertSend::After::watch;
  if (options.acknowledged && !follows) {
    return trouble(Exit::usage, "--acknowledged counts only while somebody waits",
                   "give --wait 30s with it");
  }
  const auto judgement = cap::judge(envelope->payload);
  const bool real = judgement.alert && judgement.alert->status == cap::Status::actual;
  std::optional<DryRun> run;
  const bool asks = real && options.consent == AlertSend::Consent::ask;
  if (follows || asks) run = counts_before(session, *envelope);
  if (judgement.alert) {
    if (auto yes = consent(session, *judgement.alert, run, options.consent); !yes) {
      return yes.error();
    }
  }
  std::optional<Lookout> lookout;
  if (follows) lookout.emplace(session, judgement.alert ? judgement.alert->sender : std::string());
  if (lookout && lookout->signed_in()) {
    // Our own stream counts as our organisation's, which may have had none before.
    if (auto again = ask_dry_run(session, *envelope)) run = *std::move(again);
  }
  const auto goal = goal_of(options, run);
  if (!goal) return goal.error();
  const auto sent = send_envelope(session, *envelope);
  if (!sent) return sent.error();
  show_sent(session, *sent, options.form);
  warn_of_expiry_there(session);
  session.terminal->say(sent->repeat
                            ? "Whether it is active still:\n  tocsin alert list --active"
                            : fmt::format("Durable, and on its way. To stop it:\n"
                                          "  tocsin alert cancel {} --reason TEXT --key KEYFILE",
                                          sent->sequence));
  if (!follows) return Exit::done;
  const std::string headline = judgement.alert ? headline_of(*judgement.alert) : std::string();
  return follow(session, {*sent, headline, options.after, options.form}, *goal, *lookout);
}

}  // namespace ops::cli
