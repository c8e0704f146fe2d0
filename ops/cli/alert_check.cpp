// tocsin alert check: is this CAP? The XML, the schema and the rules, nothing else.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "engine/admission.hpp"
#include "engine/cap/judge.hpp"
#include "ops/cli/commands.hpp"
#include "ops/cli/files.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace cap = engine::cap;
namespace json = boost::json;

namespace {

json::array faults_json(const std::vector<cap::Fault>& faults) {
  json::array array;
  for (const auto& fault : faults) {
    array.push_back(
        json::object{{"rule", fault.rule}, {"where", fault.where}, {"message", fault.message}});
  }
  return array;
}

std::string fault_text(std::string_view file, std::string_view word, const cap::Fault& fault) {
  return fmt::format("{}: {}: {} at {}: {}\n", visible(file), word, visible(fault.rule),
                     visible(fault.where), visible(fault.message));
}

/// What the engine would say of its times at that moment. Never an error: the document is as good
/// as it was, and only asked about because --at was given.
void add_timely_warnings(cap::Judgement& judgement, engine::Time at) {
  if (!judgement.alert) return;
  const cap::Alert& alert = *judgement.alert;
  const engine::AdmissionLimits limits;
  const auto warn = [&](const char* rule, std::string message, const char* where = "alert/sent") {
    judgement.warnings.push_back({rule, where, std::move(message), 0});
  };
  const std::string sent = engine::format_time(alert.sent);
  if (alert.sent > at + limits.sent_ahead_max) {
    warn("sent_in_future", fmt::format("It is sent on {}, which is still to come.", sent));
  }
  if (alert.msg_type == cap::MsgType::cancel) return;
  if (alert.sent < at - limits.sent_age_max) {
    warn("too_old", fmt::format("It was sent on {}, more than a day before: draft it anew.", sent));
  }
  if (cap::expires_of(alert) <= at) {
    warn("expired",
         fmt::format("It ended on {}: give it a later expires.",
                     engine::format_time(cap::expires_of(alert))),
         "alert/info/expires");
  }
}

void show_text(Session& session, const std::string& file, const cap::Judgement& judgement) {
  Terminal& terminal = *session.terminal;
  const bool valid = judgement.errors.empty();
  std::string text =
      fmt::format("{}: {}\n", visible(file),
                  terminal.out_ink(valid ? Ink::green : Ink::red, valid ? "valid" : "invalid"));
  for (const auto& fault : judgement.errors) text += fault_text(file, "error", fault);
  for (const auto& fault : judgement.warnings) text += fault_text(file, "warning", fault);
  terminal.out(text);
}

void show_json(Session& session, const std::string& file, const cap::Judgement& judgement) {
  session.terminal->out(visible_json(json::serialize(json::object{
      {"file", file},
      {"valid", judgement.errors.empty()},
      {"errors", faults_json(judgement.errors)},
      {"warnings", faults_json(judgement.warnings)},
  })));
}

}  // namespace

Outcome<Exit> alert_check(Session& session, const AlertCheck& options) {
  Exit exit = Exit::done;
  cap::Profile profile;
  profile.encoding = cap::Encoding::any;
  for (const auto& file : options.files) {
    const auto bytes = read_file(file, kAlertBytesMax);
    cap::Judgement judgement;
    if (bytes) {
      judgement = cap::judge(*bytes, profile);
      if (session.at) add_timely_warnings(judgement, *session.at);
    } else if (bytes.error().exit == Exit::refused) {
      judgement.errors.push_back({"too_large", "the file",
                                  "It is larger than 4 MiB; simplify its polygons or leave out "
                                  "embedded resources.",
                                  0});
    } else {
      session.terminal->say(bytes.error().what);
      exit = Exit::usage;
      continue;
    }
    if (options.form == Form::json) {
      show_json(session, file, judgement);
    } else {
      show_text(session, file, judgement);
    }
    if (!judgement.errors.empty() && exit == Exit::done) exit = Exit::refused;
  }
  return exit;
}

}  // namespace ops::cli
