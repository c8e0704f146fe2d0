// One alert: the object, its signed bytes, and its rendition.
#include <fmt/format.h>

#include <array>

#include "connectors/web/answers.hpp"
#include "connectors/web/api.hpp"
#include "engine/cap/rendition.hpp"

namespace connectors::web {

using engine::Code;
using engine::Member;
using engine::Record;
using engine::Refusal;
using engine::Sequence;

namespace {

// Signed XML opened in a browser runs nothing and reaches nothing.
constexpr std::string_view kSandbox = "default-src 'none'; sandbox";

enum class Form { object, xml, rendition };
constexpr std::string_view kRendition = "application/vnd.tocsin.cap+json";
constexpr std::array<std::string_view, 3> kForms = {kJson, engine::kCapType, kRendition};

/// What was asked for: a suffix decides before Accept does, and is taken off the name.
struct Wanted {
  Form form;
  std::string_view type;
};
Wanted wanted(std::string_view& name, const Request& request) {
  if (name.ends_with(".xml")) {
    name.remove_suffix(4);
    return {Form::xml, engine::kCapType};
  }
  if (name.ends_with(".json")) {
    name.remove_suffix(5);
    return {Form::rendition, kJson};
  }
  const std::size_t chosen = preferred(request, kForms);
  return {static_cast<Form>(chosen), kForms[chosen]};
}

engine::Result<std::string> rendition_json(const Record& record) {
  const auto alert = engine::cap::rendition(record.bulletin->envelope.payload);
  if (!alert) return alert.error();
  return fmt::format(
      R"({{"notice":"For reading only: this rendition is not signed. The signed document is )"
      R"(/v1/alerts/{0}.xml","seq":{0},"at":"{1}","id":"{2}","alert":{3}}})",
      number(record.sequence), engine::format_time(record.at),
      engine::to_hex(engine::view(record.bulletin->id)), *alert);
}

/// What was admitted never changes, so its id tags it; each form has a tag of its own.
std::string etag_of(const Record& record, Form form) {
  const std::string id = engine::to_hex(engine::view(record.bulletin->id));
  switch (form) {
    case Form::xml:
      return fmt::format("\"{}\"", id);
    case Form::object:
      return fmt::format("\"{}.object\"", id);
    case Form::rendition:
      break;
  }
  return fmt::format("W/\"{}.rendition\"", id);  // another version may write it otherwise
}

}  // namespace

void Api::find_alert(std::string_view name, const Member& member,
                     std::function<void(Found)> done) const {
  auto judge = [member, done](engine::Result<std::optional<Record>> found) {
    if (!found) return done(refusal_of(Code::log_unavailable, found.error().what));
    if (!*found || !(*found)->bulletin->outline.shown()) {
      return done(refusal_of(Code::not_found, "There is no such alert."));
    }
    if (engine::may_read((*found)->bulletin->outline, member)) return done(std::move(**found));
    done(member.signed_in()
             ? refusal_of(Code::forbidden, "This alert is not for your organisation.")
             : refusal_of(Code::unauthenticated,
                          "This alert is for signed-in organisations. Send Authorization: Bearer "
                          "and your token, or sign in on the page."));
  };
  if (const auto sequence = whole_number(name)) {
    return engine_.log().find(Sequence{*sequence}, std::move(judge));
  }
  const auto octets = engine::from_hex(name);
  const auto id = octets ? engine::exactly<32>(*octets) : std::nullopt;
  if (!id) return done(refusal_of(Code::not_found, "Name an alert by its sequence or its id."));
  engine_.log().find(*id, std::move(judge));
}

void Api::get_alert(const Asked& asked) const {
  std::string_view name = asked.name;
  const Wanted want = wanted(name, asked.request);
  const auto member = caller(asked.request);
  if (const auto* refusal = std::get_if<Refusal>(&member)) return asked.answer(refuse(*refusal));
  auto show = [this, want, request = asked.request, answer = asked.answer](Found found) {
    if (const auto* refusal = std::get_if<Refusal>(&found)) return answer(refuse(*refusal));
    const auto& record = std::get<Record>(found);
    const bool open = engine::may_read(record.bulletin->outline, {});
    Response response =
        text_response(want.type, {}, open ? kNoCache : std::string_view("private, no-cache"));
    response.fields.emplace_back("Vary", fmt::format("Accept, {}", kVaryCaller));
    if (want.form == Form::xml) {
      response.body = record.bulletin->envelope.payload;
      response.fields.emplace_back("Content-Security-Policy", kSandbox);
    } else if (want.form == Form::object) {
      response.body = engine::alert_json(record);
    } else {
      auto rendition = rendition_json(record);
      if (!rendition) return answer(refuse(Code::not_found, rendition.error().what));
      response.body = std::move(*rendition);
    }
    honour_etag(request, etag_of(record, want.form), response);
    answer(std::move(response));
  };
  find_alert(name, std::get<Member>(member), std::move(show));
}

}  // namespace connectors::web
