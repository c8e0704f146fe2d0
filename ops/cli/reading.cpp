#include "ops/cli/reading.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "ops/cli/telling.hpp"
#include "ops/cli/visible.hpp"
#include "ops/cli/words.hpp"

namespace ops::cli {

namespace trust = engine::trust;
namespace cap = engine::cap;
namespace json = boost::json;

std::string_view verified_word(Trusted::Source source) {
  return source == Trusted::Source::file ? "verified"
                                         : "verified by the engine's own document only";
}

namespace {

std::string about(const cap::Alert& alert) {
  std::string text = headline_of(alert);
  if (alert.msg_type == cap::MsgType::cancel) {
    const std::string named =
        alert.references.empty() ? "?" : visible(alert.references.front().identifier);
    return fmt::format("CANCELS {}: {}", named, text);
  }
  const auto names = area_names(alert);
  if (!names.empty()) {
    text += fmt::format(" ({}{})", visible(names.front()),
                        names.size() > 1 ? fmt::format(" and {} more", names.size() - 1) : "");
  }
  return (alert.msg_type == cap::MsgType::update ? "UPDATE " : "") + text;
}

}  // namespace

std::string line_of(const Session& session, const Bulletins::Item& item,
                    const Outcome<Verified>& verified, Trusted::Source source) {
  const Terminal& terminal = *session.terminal;
  const std::string number = fmt::format("#{}", item.sequence);
  const std::string when = item.admitted ? engine::format_time(*item.admitted) : "";
  if (!verified) {
    return fmt::format("{}  {}  {}: {}", number, when,
                       terminal.out_ink(Ink::red, "NOT VERIFIED, not shown"),
                       verified.error().what);
  }
  const cap::Alert& alert = verified->alert;
  const bool over =
      alert.msg_type != cap::MsgType::cancel && cap::expires_of(alert) <= session.now();
  std::string line = fmt::format(
      "{}  {}  {}  {}  {}  [{}, {}{}]", terminal.out_ink(Ink::bold, number), when,
      terminal.out_ink(status_ink(alert.status), status_word(alert.status)),
      alert.msg_type == cap::MsgType::cancel ? "Cancel" : cap::text(cap::severity_of(alert)),
      about(alert), visible(alert.sender), verified_word(source), over ? ", expired" : "");
  for (const auto& remark : verified->remarks) line += "\n    remark: " + remark;
  return line;
}

std::string json_of(const json::object& object, const Outcome<Verified>& verified,
                    Trusted::Source source) {
  json::object out = object;
  out["verified"] = verified.has_value();
  out["trust"] = source == Trusted::Source::file ? "file" : "engine";
  if (verified) {
    add_verified(out, *verified);
    if (source == Trusted::Source::engine) {
      out["remarks"].as_array().emplace_back(
          "verified with the trust document the engine handed out: only as good as the engine");
    }
  } else {
    out["why"] = verified.error().what;
  }
  return visible_json(json::serialize(out));
}

Exit show_item(Session& session, std::string_view line, const Trusted& trusted, Form form) {
  const auto item = read_bulletin(line);
  if (!item) {
    session.terminal->warn("the engine sent what is no alert: " + item.error().what);
    return Exit::bad_signature;
  }
  const auto verified = verify_item(*item, *trusted.document);
  if (form == Form::json) {
    boost::system::error_code error;
    const json::value value = json::parse(json::string_view(line.data(), line.size()), error);
    if (!error) session.terminal->out(json_of(value.get_object(), verified, trusted.source));
  } else {
    tell(*session.terminal, line_of(session, *item, verified, trusted.source));
  }
  return verified ? Exit::done : Exit::bad_signature;
}

}  // namespace ops::cli
