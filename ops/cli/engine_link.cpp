#include "ops/cli/engine_link.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "engine/base/bytes.hpp"
#include "ops/cli/files.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace trust = engine::trust;
namespace json = boost::json;

namespace {

std::string text_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(json::string_view(name.data(), name.size()));
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// A command to type after that refusal; empty where its detail says all there is.
std::string next_after(std::string_view code, const Response& response) {
  if (code == "needs_approval") {
    return "another person signs it too: tocsin alert approve FILE.signed --key THEIR-KEYFILE";
  }
  if (code == "invalid_alert")
    return "tocsin alert check FILE names every rule before it is signed";
  if (code == "unknown_key" || code == "outside_authority") {
    return "tocsin trust show TRUST says who may speak about what";
  }
  if (code == "wrong_system" || code == "too_old" || code == "expired") {
    return "draft it again with tocsin alert draft --trust TRUST, and have it signed again";
  }
  if (code == "not_found") return "tocsin alert list shows what there is";
  if (!response.retry_after.empty()) {
    return fmt::format("try again in {} s; sending the same file twice is safe",
                       visible(response.retry_after));
  }
  return {};
}

}  // namespace

bool is_success(const Response& response) {
  return response.status == 200 || response.status == 201;
}

Trouble problem_of(Session& session, const Response& response) {
  if (response.status < 400) {
    return trouble(Exit::unreachable,
                   fmt::format("{} answered {}, which is no engine's answer",
                               visible(session.server), response.status),
                   "is this the engine's own address? Name it with --server or TOCSIN_SERVER");
  }
  const auto exit = Exit::refused;
  boost::system::error_code error;
  const json::value value = json::parse(response.body, error);
  const std::string plain = fmt::format("the engine answered {}", response.status);
  if (error || !value.is_object() || text_of(value.get_object(), "code").empty()) {
    return trouble(exit, plain, "is this address a Tocsin engine? See --server");
  }
  const auto& object = value.get_object();
  const std::string title = visible(text_of(object, "title"));
  const std::string code = text_of(object, "code");
  Terminal& terminal = *session.terminal;
  if (const auto* errors = object.if_contains("errors"); errors != nullptr && errors->is_array()) {
    for (const auto& fault : errors->get_array()) {
      if (!fault.is_object()) continue;
      const auto& named = fault.get_object();
      terminal.say(fmt::format("{} {} at {}: {}", terminal.say_ink(Ink::red, "error:"),
                               visible(text_of(named, "rule")), visible(text_of(named, "where")),
                               visible(text_of(named, "message"))));
    }
  }
  std::string what = fmt::format("refused ({}): {}", visible(code), title.empty() ? plain : title);
  const std::string detail = visible(text_of(object, "detail"));
  if (!detail.empty()) what += "\n  " + detail;
  if (const auto* could = object.if_contains("could"); could != nullptr && could->is_array()) {
    std::string names;
    for (const auto& name : could->get_array()) {
      if (!name.is_string()) continue;
      names += names.empty() ? "" : ", ";
      names += visible(std::string(name.get_string()));
    }
    if (!names.empty()) what += "\n  could sign: " + names;
  }
  return trouble(exit, std::move(what), next_after(code, response));
}

Trouble unreachable(const Session& session, const Unanswered& unanswered) {
  const std::string server = visible(session.server), why = visible(unanswered.why);
  if (unanswered.when == Unanswered::When::maybe_sent) {
    return trouble(Exit::unreachable, fmt::format("{} gave no whole answer: {}", server, why),
                   "try again; what arrived already is answered as it was, never taken twice");
  }
  if (unanswered.when == Unanswered::When::not_trusted) {
    return trouble(Exit::unreachable,
                   fmt::format("whoever answers at {} does not prove to be it: {}", server, why),
                   "--cacert FILE names the authority of an engine's certificate where this "
                   "machine does not know it");
  }
  return trouble(Exit::unreachable, fmt::format("no engine answers at {}: {}", server, why),
                 "is it running? Name another address with --server or TOCSIN_SERVER");
}

Outcome<Url> url_of(const Session& session) {
  auto url = parse_url(session.server);
  if (url) url->ca_file = session.ca_file;
  return url;
}

Outcome<std::string> reader_token(const Session& session) {
  if (session.token_file.empty()) return std::string();
  const auto url = url_of(session);
  if (!url) return url.error();
  if (!url->tls && !url->loopback()) {
    return trouble(Exit::usage, "a token would travel to another machine for everybody to read",
                   "reach the engine by https, or through a tunnel, for example ssh -L "
                   "8080:127.0.0.1:8080 HOST");
  }
  return read_token(session.token_file);
}

Outcome<Response> ask_any(Session& session, const Request& request) {
  const auto url = url_of(session);
  if (!url) return url.error();
  Request signed_in = request;
  if (request.method == "GET") {
    auto token = reader_token(session);
    if (!token) return token.error();
    signed_in.token = std::move(*token);
  }
  auto answered = exchange(*url, signed_in);
  if (!answered) return unreachable(session, answered.error());
  return std::move(*answered);
}

Outcome<Response> ask(Session& session, const Request& request) {
  auto response = ask_any(session, request);
  if (response && !is_success(*response)) return problem_of(session, *response);
  return response;
}

Outcome<trust::TrustPtr> trust_of_engine(Session& session, const trust::Pins& pins) {
  Request request;
  request.target = "/v1/trust";
  const auto response = ask(session, request);
  if (!response) return response.error();
  auto document = trust::read_trust(response->body, pins);
  if (!document) {
    return trouble(Exit::bad_signature,
                   "the engine's trust document does not hold: " + visible(document.error().what));
  }
  return *document;
}

void warn_of_expiry_there(Session& session) {
  if (!session.trust_file.empty()) return;
  if (const auto document = trust_of_engine(session, trust::Pins{})) {
    warn_of_expiry(session, **document);
  }
}

namespace {

/// Whether `given` follows what the engine has: then the engine is merely behind, though what it
/// has is signed by roots that are believed no more, and so proves nothing.
bool is_behind(Session& session, const trust::TrustDocument& given) {
  const auto theirs = trust_of_engine(session, trust::Pins{});
  return theirs && (*theirs)->version < given.version && (*theirs)->system == given.system &&
         read_trust_file(session.trust_file, trust::pins_of(**theirs)).has_value();
}

}  // namespace

Outcome<trust::TrustPtr> trust_held_to(Session& session, const trust::TrustDocument* given) {
  const auto roots = read_roots(session.roots);
  if (!roots) return roots.error();
  trust::Pins pins;
  pins.root_keys = *roots;
  pins.threshold = 0;  // as many as the document asks, but no more than are named
  if (given != nullptr) {
    pins = trust::pins_of(*given);
    pins.version = 0;  // an engine that has not heard of the newer one yet is told apart elsewhere
    pins.digest.reset();
  }
  auto document = trust_of_engine(session, pins);
  const bool refused = !document && document.error().exit == Exit::bad_signature;
  if (refused && given != nullptr && is_behind(session, *given)) {
    return trouble(Exit::bad_signature,
                   "the engine has not heard yet that its roots were replaced, so nothing it says "
                   "of its system can be believed",
                   "give it the document of --trust: POST it to /v1/trust, or put it in its "
                   "place and send SIGHUP");
  }
  if (!document || given == nullptr) return document;
  const trust::TrustDocument& theirs = **document;
  if (theirs.system != given->system || theirs.kind != given->kind) {
    return trouble(Exit::bad_signature,
                   fmt::format("the engine speaks for the {} system {}, and --trust is of the {} "
                               "system {}",
                               kind_word(theirs.kind), visible(theirs.system),
                               kind_word(given->kind), visible(given->system)),
                   "name the engine of that system with --server, or its document with --trust");
  }
  if (theirs.version == given->version && theirs.digest != given->digest) {
    return trouble(Exit::bad_signature,
                   fmt::format("the engine's trust document and --trust are both version {} and "
                               "say different things",
                               given->version),
                   "do not act on it, and tell whoever runs the engine");
  }
  return document;
}

std::string_view kind_word(trust::SystemKind kind) {
  return kind == trust::SystemKind::live ? "live" : "exercise";
}

namespace {

void apply(Trusted& trusted) {
  trusted.document = trust::with_revocations(trusted.before_revocations, trusted.revocations);
}

/// The document alone.
Outcome<Trusted> document_for_reading(Session& session) {
  auto given = given_trust(session);
  if (!given) return given.error();
  if (*given != nullptr) return Trusted{*given, Trusted::Source::file, *given, {}};
  const auto roots = read_roots(session.roots);
  if (!roots) return roots.error();
  trust::Pins pins;
  pins.root_keys = *roots;
  pins.threshold = 0;  // as many as the document asks, but no more than are named
  auto document = trust_of_engine(session, pins);
  if (!document) return document.error();
  warn_of_expiry(session, **document);
  // Signed by roots that were told by another way, it is as good as a file.
  if (!roots->empty()) return Trusted{*document, Trusted::Source::file, *document, {}};
  session.terminal->warn(
      "no --trust was given, so signatures are checked with the document this engine handed out: "
      "that is only as good as the engine.");
  return Trusted{*document, Trusted::Source::engine, *document, {}};
}

}  // namespace

Outcome<Trusted> trust_for_reading(Session& session) {
  auto trusted = document_for_reading(session);
  if (!trusted) return trusted;
  auto revocations = revocations_of_engine(session);
  if (!revocations) {
    if (revocations.error().exit == Exit::unreachable) return revocations.error();
    session.terminal->warn("the engine does not say which keys were revoked: " +
                           visible_lines(revocations.error().what));
    return trusted;
  }
  trusted->revocations = std::move(*revocations);
  apply(*trusted);
  return trusted;
}

void renew_trust(Session& session, Trusted& trusted) {
  const auto& known = *trusted.before_revocations;
  const trust::Pins pins = trust::pins_of(known);
  auto newer = session.trust_file.empty() ? trust_of_engine(session, pins)
                                          : read_trust_file(session.trust_file, pins);
  const bool follows = newer && (*newer)->system == known.system && (*newer)->kind == known.kind &&
                       (*newer)->version >= known.version;
  if (!follows && (newer || newer.error().exit != Exit::unreachable)) {
    session.terminal->warn(
        "the trust document there now does not follow the one known, which stays" +
        (newer ? std::string() : ": " + visible_lines(newer.error().what)));
  }
  if (follows) trusted.before_revocations = *newer;
  if (const auto told = revocations_of_engine(session)) {
    add_revocations(trusted.revocations, trust::revocation_lines(*told));
  }
  apply(trusted);
}

std::string query_of(const Filters& filters) {
  std::string query;
  const auto add = [&](std::string_view name, const std::vector<std::string>& values) {
    for (const auto& value : values) query += fmt::format("&{}={}", name, query_value(value));
  };
  add("area", filters.areas);
  add("category", filters.categories);
  add("severity", filters.severities);
  add("status", filters.statuses);
  add("sender", filters.senders);
  return query;
}

Outcome<std::string> alert_path(const std::string& name) {
  const bool digits = !name.empty() && name.size() <= 20 &&
                      name.find_first_not_of("0123456789") == std::string::npos;
  const auto octets = engine::from_hex(name);
  if (digits || (octets && octets->size() == 32)) return "/v1/alerts/" + name;
  return trouble(Exit::usage, fmt::format("'{}' names no alert", visible(name)),
                 "name it by its sequence, such as 12, or by its id of 64 hexadecimal digits");
}

}  // namespace ops::cli
