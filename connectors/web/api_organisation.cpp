// /v1/organisation: what an organisation is told of itself, and what it changes by itself. Each of
// these waits for the directory's disk, so the clerk does it.
#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "connectors/web/answers.hpp"
#include "connectors/web/api.hpp"
#include "connectors/web/caller.hpp"
#include "connectors/web/own_request.hpp"
#include "connectors/web/text.hpp"
#include "engine/base/ensure.hpp"
#include "engine/directory/directory_json.hpp"
#include "engine/directory/limits.hpp"
#include "engine/secrets.hpp"

namespace connectors::web {

namespace json = boost::json;
namespace limits = engine::limits;
using engine::Code;
using engine::CodeTried;
using engine::Failure;
using engine::Member;
using engine::Refusal;
using engine::Way;

namespace {

Response own_response(std::string told) {
  Response response = text_response(kJson, std::move(told), kNoStore);
  response.fields.emplace_back("Vary", kVaryCaller);
  return response;
}
Response own_response(const json::object& told) { return own_response(json::serialize(told)); }

/// What an organisation is told of itself.
std::string own_text(const engine::Organisation& organisation, const engine::Profile& profile) {
  json::object told = engine::organisation_json(organisation);
  told["profile"] = engine::profile_json(profile, engine::Contacts::its_own);
  return json::serialize(told);
}

/// Its entity tag: under the directory's key, since a hash of somebody's telephone could be
/// guessed from what a proxy writes down. Where nothing of anybody is in it there may be no such
/// key yet, and the tag is the same once there is one.
std::string own_tag(const engine::Directory& directory, std::string_view text,
                    const engine::Profile& profile) {
  if (profile == engine::Profile{}) return etag_of(text);
  const auto keyed = directory.keyed_hash("organisation's entity tag", text);
  ENSURE(keyed);  // a profile is kept under it too
  constexpr std::size_t kTagDigits = 32;
  return "\"" + engine::to_hex(engine::view(*keyed)).substr(0, kTagDigits) + "\"";
}

/// An address as a number in memory: the tables of rates hold nobody's.
std::string name_of(const OwnAddress& one) {
  std::string address = one.address;
  for (char& c : address) c = lower(c);
  return engine::to_hex(
      engine::view(engine::hash_of_secret(std::string(engine::text(one.way)) + " " + address)));
}

/// Whether the address is fit for a contact; the sentence holds no address.
engine::Result<void> check_address(const std::string& organisation, const OwnAddress& one) {
  engine::Registration alone;
  alone.organisation.key = organisation;
  alone.organisation.name = organisation;
  alone.profile.contacts.emplace_back().way = one.way;
  alone.profile.contacts.front().address = one.address;
  return engine::check(alone);
}

bool has_room_for(const engine::Profile& profile, const OwnAddress& one) {
  for (const auto& contact : profile.contacts) {
    if (contact.way == one.way && contact.address == one.address) return true;
  }
  return profile.contacts.size() < limits::kContacts;
}

}  // namespace

std::variant<Member, Refusal> Api::own_caller(const Asked& asked) const {
  if (const auto wrong = wrong_parameter(asked.request, {}, Filters::unknown)) {
    return refusal_of(Code::bad_query, *wrong);
  }
  auto found = caller(asked.request);
  if (std::holds_alternative<Refusal>(found)) return found;
  const Member& member = std::get<Member>(found);
  if (!member.signed_in()) {
    return refusal_of(Code::unauthenticated,
                      "This is about the organisation that asks: sign in first, with its token or "
                      "an invitation.");
  }
  if (asked.request.method != "GET" && asked.request.method != "HEAD") {
    if (auto refusal = wrong_origin(asked.request)) return *std::move(refusal);
  }
  if (!own_asked_.take(member.organisation, engine_.clock().now())) {
    Refusal refusal =
        refusal_of(Code::too_many, "Your organisation asks too much about itself; wait a little.");
    refusal.retry_after_s = own_asked_.retry_after_s();
    return refusal;
  }
  return found;
}

/// What was not done though nothing was wrong with what was said.
Response Api::own_unwritten(const Failure& failure) const {
  const auto& directory = engine_.directory();
  if (directory.writable() && (directory.full() || engine_.receipts().state().full)) {
    return refuse(Code::log_full, "There is no room on the disk, and nothing was changed.");
  }
  if (directory.writable() && directory.busy()) {
    return refuse(Code::log_unavailable,
                  "The disk is too slow at the moment, and nothing was changed. Try again.");
  }
  return refuse(Code::log_unavailable,
                "Nothing was changed; tell whoever runs this engine: " + failure.what + ".");
}

/// What the directory did not do: because of the disk, or of what was said.
Response Api::own_failure(const Failure& failure) const {
  const auto& directory = engine_.directory();
  if (!directory.writable() || directory.full() || directory.busy()) return own_unwritten(failure);
  return refuse(Code::bad_query, "Nothing was changed: " + failure.what + ".");
}

/// It may be gone though not all is that it said or was owed.
Response Api::not_erased(const std::string& organisation, const Failure& failure) const {
  if (engine_.directory().find(organisation)) return own_unwritten(failure);
  Response response = refuse(Code::log_unavailable,
                             "Your organisation is erased, but something that it said or was owed "
                             "may be left; tell whoever runs this engine.");
  take_cookies_away(response);
  return response;
}

Response Api::unreadable() const {
  return refuse(Code::log_unavailable,
                "What is kept of your organisation cannot be read; tell whoever runs this engine.");
}

Response Api::own_profile(const std::string& organisation, std::string_view if_none_match) const {
  const auto found = engine_.directory().find(organisation);
  if (!found) return refuse(Code::unauthenticated, "This organisation is not known any more.");
  auto profile = engine_.directory().profile(organisation);
  if (!profile) return unreadable();
  engine::Profile known = profile->value_or(engine::Profile{});
  std::string text = own_text(*found, known);
  const std::string tag = own_tag(engine_.directory(), text, known);
  engine::wipe(known);
  if (*profile) engine::wipe(**profile);
  Response response = own_response(std::move(text));
  honour_etag(if_none_match, tag, response);
  return response;
}

void Api::get_organisation(const Asked& asked) const {
  const auto member = own_caller(asked);
  if (const auto* refusal = std::get_if<Refusal>(&member)) return asked.answer(refuse(*refusal));
  auto work = [this, key = std::get<Member>(member).organisation, answer = asked.answer,
               if_none_match = asked.request.field("if-none-match")] {
    answer(own_profile(key, if_none_match));
  };
  hand_to_clerk(std::move(work), asked.answer);
}

void Api::put_organisation(const Asked& asked) const {
  const auto member = own_caller(asked);
  if (const auto* refusal = std::get_if<Refusal>(&member)) return asked.answer(refuse(*refusal));
  auto read = read_own_words(asked.request, asked.body);
  if (const auto* refusal = std::get_if<Refusal>(&read)) return asked.answer(refuse(*refusal));
  auto& own = std::get<engine::OwnWords>(read);
  if (own.subscription) {
    const auto filter =
        engine::Filter::parse(*own.subscription, engine_.default_status(), engine_.places());
    if (const auto* refusal = std::get_if<Refusal>(&filter)) {
      return asked.answer(refuse(*refusal));
    }
  }
  auto work = [this, key = std::get<Member>(member).organisation, own = std::move(own),
               if_match = asked.request.field("if-match"),
               answer = asked.answer]() mutable { put_own(key, std::move(own), if_match, answer); };
  hand_to_clerk(std::move(work), asked.answer);
}

/// Without If-Match the last one wins, as ever; with it, only over what its sender has seen.
void Api::put_own(const std::string& key, engine::OwnWords own, const std::string& if_match,
                  const Answer& answer) const {
  bool other = false;
  if (!if_match.empty()) {
    own.still = [this, &if_match, &other](const engine::Organisation& organisation,
                                          const engine::Profile& profile) {
      const std::string text = own_text(organisation, profile);
      other = !if_match_holds(if_match, own_tag(engine_.directory(), text, profile));
      return !other;
    };
  }
  const auto done = engine_.directory().put_own(key, std::move(own));
  if (done) return answer(own_profile(key));
  if (!other) return answer(own_failure(done.error()));
  answer(refuse(Code::precondition_failed,
                "Somebody changed it since you read it, and nothing was changed now. Ask for it "
                "again (GET), make your change in that, and send it with its ETag."));
}

void Api::delete_organisation(const Asked& asked) const {
  const auto member = own_caller(asked);
  if (const auto* refusal = std::get_if<Refusal>(&member)) return asked.answer(refuse(*refusal));
  const std::string key = std::get<Member>(member).organisation;
  if (const auto refusal = not_meant(asked.request, asked.body, key)) {
    return asked.answer(refuse(*refusal));
  }
  if (!own_.erase) {
    return asked.answer(refuse(Code::not_found,
                               "Nobody can be erased here; ask whoever runs "
                               "this engine."));
  }
  auto work = [this, key, answer = asked.answer] {
    const auto erased = own_.erase(key);
    if (!erased) return answer(not_erased(key, erased.error()));
    Response response =
        own_response({{"erased", key}, {"cleaned", *erased == engine::Erased::cleanly}});
    take_cookies_away(response);
    answer(std::move(response));
  };
  hand_to_clerk(std::move(work), asked.answer);
}

void Api::post_code(const Asked& asked) const {
  const auto member = own_caller(asked);
  if (const auto* refusal = std::get_if<Refusal>(&member)) return asked.answer(refuse(*refusal));
  auto read = read_own_address(asked.request, asked.body);
  if (const auto* refusal = std::get_if<Refusal>(&read)) return asked.answer(refuse(*refusal));
  const auto& to = std::get<OwnAddress>(read);
  if (!own_.sends_codes || !own_.sends_codes(to.way)) {
    return asked.answer(refuse(
        Code::not_found, fmt::format("This engine sends no codes by {}; ask whoever runs it to "
                                     "enter the contact.",
                                     engine::text(to.way))));
  }
  auto work = [this, key = std::get<Member>(member).organisation, to, answer = asked.answer] {
    send_code(key, to, answer);
  };
  hand_to_clerk(std::move(work), asked.answer);
}

Response Api::too_many_codes(std::string detail, engine::Duration wait) const {
  Refusal refusal = refusal_of(Code::too_many, std::move(detail));
  refusal.retry_after_s = static_cast<int>(std::chrono::ceil<std::chrono::seconds>(wait).count());
  return refuse(refusal);
}

/// The clerk does one after the other, so that nobody takes what another was just found to have.
void Api::send_code(const std::string& key, const OwnAddress& to, const Answer& answer) const {
  const auto now = engine_.clock().now();
  auto& directory = engine_.directory();
  if (auto fit = check_address(key, to); !fit) return answer(own_failure(fit.error()));
  auto profile = directory.profile(key);
  if (!profile) return answer(unreadable());
  engine::Profile known = profile->value_or(engine::Profile{});
  const bool room = has_room_for(known, to);
  engine::wipe(known);
  if (*profile) engine::wipe(**profile);
  if (!room) {
    return answer(refuse(Code::bad_query, fmt::format("There are {} contacts already; take one "
                                                      "away first.",
                                                      limits::kContacts)));
  }
  const std::string name = name_of(to);
  if (!codes_to_.has_room(name, now)) {
    return answer(too_many_codes("Too many codes were sent to this address. Wait for one of them.",
                                 limits::kCodeToOneEvery));
  }
  if (!codes_of_all_.has_room({}, now)) {
    return answer(too_many_codes("Too many codes are being sent; try again in a moment.",
                                 limits::kCodeOfAllEvery));
  }
  auto code = directory.draw_code(key, to.way, to.address);
  if (!code) return answer(own_unwritten(code.error()));
  if (!*code) {
    return answer(too_many_codes(
        fmt::format("Your organisation was sent {} codes within an hour.", limits::kCodesAnHour),
        limits::kCodesPause));
  }
  codes_to_.take(name, now);
  codes_of_all_.take({}, now);
  const auto expires = now + limits::kCodeLife;
  auto sent = [this, answer, expires](bool taken) {
    if (!taken) {
      return answer(too_many_codes("Too many codes are being sent; try again in a moment.",
                                   limits::kCodeOfAllEvery));
    }
    Response response = own_response({{"expires", engine::format_time(expires)}});
    response.status = 202;
    answer(std::move(response));
  };
  own_.send_code(to.way,
                 {to.address, known.language, **std::move(code), engine_.trust()->system, expires},
                 std::move(sent));
}

void Api::post_confirmation(const Asked& asked) const {
  const auto member = own_caller(asked);
  if (const auto* refusal = std::get_if<Refusal>(&member)) return asked.answer(refuse(*refusal));
  auto read = read_own_address(asked.request, asked.body, OwnCode::wanted);
  if (const auto* refusal = std::get_if<Refusal>(&read)) return asked.answer(refuse(*refusal));
  auto work = [this, key = std::get<Member>(member).organisation,
               typed = std::get<OwnAddress>(std::move(read)), answer = asked.answer] {
    const auto tried = engine_.directory().confirm(key, typed.way, typed.address, typed.code);
    if (!tried) return answer(own_failure(tried.error()));
    switch (*tried) {
      case CodeTried::right:
        return answer(own_profile(key));
      case CodeTried::wrong:
        return answer(refuse(
            Code::forbidden,
            fmt::format("This is not the code that was sent there last. After {} wrong ones it "
                        "does not count any more.",
                        limits::kCodeTries)));
      case CodeTried::over:
        return answer(refuse(Code::not_found,
                             "No code was sent there, or it is too old, was used, or was wrong too "
                             "often: ask for another."));
    }
  };
  hand_to_clerk(std::move(work), asked.answer);
}

}  // namespace connectors::web
