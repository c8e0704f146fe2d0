// tocsin alert send: hands a signed alert to the engine, and says where it stands in the log.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <chrono>
#include <thread>

#include "engine/admission.hpp"
#include "engine/trust/envelope.hpp"
#include "engine/trust/strict_json.hpp"
#include "ops/cli/commands.hpp"
#include "ops/cli/engine_link.hpp"
#include "ops/cli/sending.hpp"
#include "ops/cli/signing.hpp"
#include "ops/cli/trust_file.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace trust = engine::trust;
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

/// Once more after a connection that broke: a repeat is answered as the first time.
Outcome<Response> post(Session& session, const std::string& body) {
  Request request;
  request.method = "POST";
  request.target = "/v1/alerts";
  request.content_type = "application/json";
  request.body = body;
  const auto url = parse_url(session.server);
  if (!url) return url.error();
  auto answered = exchange(*url, request);
  if (!answered && answered.error().when == Unanswered::When::maybe_sent) {
    session.terminal->say("The connection broke; sending it once more, which is safe.");
    std::this_thread::sleep_for(std::chrono::seconds{1});
    answered = exchange(*url, request);
  }
  if (!answered) return unreachable(session, answered.error());
  if (answered->status >= 400) return problem_of(session, *answered);
  return std::move(*answered);
}

}  // namespace

Outcome<Sent> send_envelope(Session& session, const engine::Envelope& envelope) {
  const auto response = post(session, trust::envelope_json(envelope));
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
  // Whoever answers with the hash of something else has not taken this alert.
  if (sent.id != engine::to_hex(engine::view(trust::sha256(envelope.payload)))) return unknown;
  return sent;
}

void show_sent(Session& session, const Sent& sent, Form form) {
  Terminal& terminal = *session.terminal;
  if (form == Form::json) {
    terminal.out(json::serialize(json::object{{"seq", sent.sequence},
                                              {"epoch", sent.epoch},
                                              {"id", sent.id},
                                              {"at", sent.at},
                                              {"repeat", sent.repeat}}));
    return;
  }
  terminal.out(fmt::format("seq  {}\nid   {}\nat   {}",
                           terminal.out_ink(Ink::bold, std::to_string(sent.sequence)),
                           visible(sent.id), visible(sent.at)));
  if (sent.repeat) terminal.say("It had been taken before; nothing went out twice.");
}

Outcome<Exit> alert_send(Session& session, const AlertSend& options) {
  const auto envelope = read_envelope(options.file);
  if (!envelope) return envelope.error();
  const auto document = given_trust(session);
  if (!document) return document.error();
  warn_beforehand(session, *envelope, document->get());
  const auto sent = send_envelope(session, *envelope);
  if (!sent) return sent.error();
  show_sent(session, *sent, options.form);
  session.terminal->say(
      fmt::format("Durable, and on its way. To stop it:\n"
                  "  tocsin alert cancel {} --reason TEXT --key KEYFILE",
                  sent->sequence));
  return Exit::done;
}

}  // namespace ops::cli
