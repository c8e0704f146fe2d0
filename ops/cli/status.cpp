// tocsin status: is the engine ready, where does its log stand, how old is its trust document?
#include <fmt/format.h>

#include <boost/json.hpp>
#include <filesystem>

#include "ops/cli/commands.hpp"
#include "ops/cli/engine_link.hpp"
#include "ops/cli/folder_link.hpp"
#include "ops/cli/inputs.hpp"
#include "ops/cli/operator_commands.hpp"
#include "ops/cli/trust_file.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace trust = engine::trust;
namespace json = boost::json;

namespace {

constexpr int kForbidden = 403;

std::string text_member(const json::object& object, const char* name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr) return "?";
  if (value->is_string()) return visible(std::string(value->get_string()));
  return visible(json::serialize(*value));
}

std::string rows_of(const json::object& object, const char* name, std::string_view label) {
  const auto* list = object.if_contains(name);
  if (list == nullptr || !list->is_array()) return {};
  std::string text;
  for (const auto& entry : list->get_array()) {
    if (!entry.is_string()) continue;
    text += fmt::format("{:<12}{}\n", label, visible(std::string(entry.get_string())));
  }
  return text;
}

std::string readiness_text(const Terminal& terminal, const json::object& object) {
  const auto* ready = object.if_contains("ready");
  const bool yes = ready != nullptr && ready->is_bool() && ready->get_bool();
  return fmt::format("{:<12}{}\n", "ready",
                     terminal.out_ink(yes ? Ink::green : Ink::red, yes ? "yes" : "NO")) +
         rows_of(object, "problems", "problem") + rows_of(object, "warnings", "warning") +
         fmt::format("{:<12}epoch {}, head {}\n{:<12}{}\n", "log", text_member(object, "epoch"),
                     text_member(object, "head"), "streams", text_member(object, "streams"));
}

std::string trust_text(const Terminal& terminal, const trust::TrustDocument& document,
                       engine::Time now) {
  const bool live = document.kind == trust::SystemKind::live;
  const auto left = document.expires - now;
  return fmt::format(
      "{:<12}{} ({})\n{:<12}version {}, expires {} ({})\n", "system", visible(document.system),
      terminal.out_ink(live ? Ink::red : Ink::green, live ? "LIVE" : "exercise"), "trust",
      document.version, engine::format_time(document.expires),
      left.count() > 0 ? "in " + duration_text(left)
                       : terminal.out_ink(Ink::red, "EXPIRED " + duration_text(-left) + " ago"));
}

/// The engine and the file in hand should agree; where they do not, somebody is behind.
void compare(Session& session, const trust::TrustDocument& theirs,
             const trust::TrustDocument* ours) {
  if (ours == nullptr || ours->version == theirs.version) return;
  session.terminal->warn(
      fmt::format("--trust is version {}, the engine's is {}", ours->version, theirs.version));
}

/// What is owed to those who are not connected, and each gateway on a line.
std::string outbox_text(const Terminal& terminal, const json::object& outbox) {
  std::string text = fmt::format("{:<12}{} under way, {} uncertain, looked at up to {}\n", "outbox",
                                 text_member(outbox, "under_way"), text_member(outbox, "uncertain"),
                                 text_member(outbox, "looked_at"));
  const auto* gateways = outbox.if_contains("gateways");
  if (gateways == nullptr || !gateways->is_array()) return text;
  for (const auto& entry : gateways->get_array()) {
    const json::object& gateway = entry.get_object();
    const bool up = gateway.at("up").as_bool();
    text +=
        fmt::format("{:<12}{} {}: {}\n", "gateway", text_member(gateway, "channel"),
                    text_member(gateway, "name"),
                    up ? terminal.out_ink(Ink::green, "up")
                       : terminal.out_ink(Ink::red, "DOWN") + ", " + text_member(gateway, "why"));
  }
  return text;
}

/// Nothing where the engine speaks to no NATS server.
std::string nats_text(const Terminal& terminal, const json::object& told) {
  const auto* member = told.if_contains("nats");
  if (member == nullptr || !member->is_object()) return {};
  const json::object& nats = member->get_object();
  const bool reached = nats.at("reached").as_bool();
  const std::string how =
      reached ? terminal.out_ink(Ink::green, "reached") +
                    (nats.at("stream").as_bool() ? ", with a stream" : ", without a stream")
              : terminal.out_ink(Ink::red, "AWAY") + ", " + text_member(nats, "why");
  return fmt::format("{:<12}{}; published up to {}\n", "nats", how, text_member(nats, "published"));
}

bool is_said(const json::object& node, const char* name) {
  const auto* member = node.if_contains(name);
  return member != nullptr && member->is_bool() && member->get_bool();
}

/// How it stands with one of them.
std::string node_standing(const Terminal& terminal, const json::object& node) {
  if (is_said(node, "gone")) {
    return terminal.out_ink(Ink::red, "GONE") + ", last heard " + text_member(node, "silent_s") +
           " s ago";
  }
  return is_said(node, "current") ? terminal.out_ink(Ink::green, "in order")
                                  : terminal.out_ink(Ink::red, "CUT OFF");
}

/// The machines that share the log, each on a line; nothing where there is one alone.
std::string cluster_text(const Terminal& terminal, const json::object& told) {
  const auto* member = told.if_contains("cluster");
  if (member == nullptr || !member->is_object()) return {};
  const json::object& cluster = member->get_object();
  const bool current = cluster.at("current").as_bool();
  std::string text = fmt::format(
      "{:<12}{}\n", "cluster",
      current ? terminal.out_ink(Ink::green, "in order") + ", by " + text_member(cluster, "server")
              : terminal.out_ink(Ink::red, "CUT OFF") + (cluster.if_contains("why") != nullptr
                                                             ? ", " + text_member(cluster, "why")
                                                             : std::string()));
  const std::uint64_t head = told.at("head").to_number<std::uint64_t>();
  for (const auto& entry : cluster.at("nodes").as_array()) {
    const json::object& node = entry.get_object();
    const auto theirs = node.at("head").to_number<std::uint64_t>();
    const std::string lag = theirs < head   ? fmt::format(", {} behind this one", head - theirs)
                            : theirs > head ? fmt::format(", {} ahead of this one", theirs - head)
                                            : std::string();
    text += fmt::format("{:<12}{}: {}; head {}{}; {} streams\n",
                        is_said(node, "edge") ? "edge" : "node", text_member(node, "node"),
                        node_standing(terminal, node), theirs, lag, text_member(node, "streams"));
  }
  return text;
}

json::object trust_json(const trust::TrustDocument& document, engine::Time now) {
  return {{"system", document.system},
          {"kind", kind_word(document.kind)},
          {"version", document.version},
          {"expires", engine::format_time(document.expires)},
          {"expired", trust::expired(document, now)}};
}

}  // namespace

Outcome<Exit> status_of(Session& session, const StatusOf& options) {
  if (options.data.empty()) return status(session, {options.form});
  const auto link = link_to(session, options.data);
  if (!link) return link.error();
  json::object told;
  const auto asked =
      ask(**link, {{"do", "status"}}, [&](const json::object& object) { told = object; });
  if (!asked) return asked;
  const auto document =
      read_trust_file((std::filesystem::path(options.data) / "trust.json").string());
  Terminal& terminal = *session.terminal;
  if (document) warn_of_expiry(session, **document);
  if (options.form == Form::json) {
    told["data"] = options.data;
    told["running"] = (*link)->running();
    if (document) told["trust"] = trust_json(**document, session.now());
    terminal.out(visible_json(json::serialize(told)));
  } else {
    std::string text = fmt::format("{:<12}{}{}\n", "folder", visible(options.data),
                                   (*link)->running() ? "" : " (no engine runs on it)");
    if (document) text += trust_text(terminal, **document, session.now());
    text += readiness_text(terminal, told);
    text +=
        fmt::format("{:<12}{} organisations\n", "registered", text_member(told, "organisations"));
    if (const auto* receipts = told.if_contains("receipts")) {
      const json::object& counts = receipts->get_object();
      text += fmt::format("{:<12}{} waiting, {} dropped\n", "receipts",
                          text_member(counts, "waiting"), text_member(counts, "dropped"));
    }
    if (const auto* outbox = told.if_contains("outbox")) {
      text += outbox_text(terminal, outbox->get_object());
    }
    text += nats_text(terminal, told);
    text += cluster_text(terminal, told);
    terminal.out(text);
  }
  const auto* ready = told.if_contains("ready");
  const bool yes = ready != nullptr && ready->is_bool() && ready->get_bool();
  if (yes) return Exit::done;
  return (*link)->running() ? Exit::refused : Exit::unreachable;
}

Outcome<Exit> status(Session& session, const Status& options) {
  const auto ours = given_trust(session);
  if (!ours) return ours.error();
  Request request;
  request.target = "/readyz";
  const auto response = ask_any(session, request);
  if (!response) return response.error();
  boost::system::error_code error;
  const json::value value = json::parse(response->body, error);
  const bool told = !error && value.is_object() && response->status != kForbidden &&
                    value.get_object().contains("ready");
  if (!told && response->status != kForbidden) return problem_of(session, *response);
  const auto document = trust_held_to(session, ours->get());
  if (!document) return document.error();
  if (*ours == nullptr) warn_of_expiry(session, **document);
  compare(session, **document, ours->get());

  Terminal& terminal = *session.terminal;
  if (options.form == Form::json) {
    json::object out = told ? value.get_object() : json::object{{"ready", nullptr}};
    out["server"] = session.server;
    out["trust"] = trust_json(**document, session.now());
    terminal.out(visible_json(json::serialize(out)));
  } else {
    std::string text = fmt::format("{:<12}{}\n", "engine", visible(session.server));
    text += trust_text(terminal, **document, session.now());
    if (told) text += readiness_text(terminal, value.get_object());
    terminal.out(text);
  }
  if (!told) {
    terminal.warn("it answers; whether it is ready it says only on the machine it runs on");
    return Exit::done;
  }
  return response->status == 200 ? Exit::done : Exit::refused;
}

}  // namespace ops::cli
