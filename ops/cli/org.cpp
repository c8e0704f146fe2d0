// tocsin org: organisations and the secrets they sign in with.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>
#include <optional>

#include "engine/cap/text.hpp"
#include "ops/cli/files.hpp"
#include "ops/cli/folder_link.hpp"
#include "ops/cli/operator_commands.hpp"
#include "ops/cli/telling.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace json = boost::json;

namespace {

constexpr std::size_t kSecretBytesMax = 4096;
constexpr std::size_t kContactsBytesMax = 256UL << 10;

json::array subscription_of(const Filters& filters) {
  json::array subscription;
  const auto add = [&](const char* name, const std::vector<std::string>& values) {
    for (const auto& value : values) subscription.push_back(json::array{name, value});
  };
  add("area", filters.areas);
  add("category", filters.categories);
  add("severity", filters.severities);
  add("status", filters.statuses);
  add("sender", filters.senders);
  return subscription;
}

/// Issues a secret and prints it: the only time that anybody sees it.
Outcome<Exit> give(Session& session, const Link& link, const std::string& key, OrgAdd::Gives gives,
                   Form form) {
  const bool token = gives == OrgAdd::Gives::token;
  json::object secret;
  const auto asked =
      ask(link, {{"do", "issue"}, {"organisation", key}, {"kind", token ? "token" : "invitation"}},
          [&](const json::object& told) { secret = told; });
  if (!asked) return asked;
  Terminal& terminal = *session.terminal;
  if (form == Form::json) {
    secret["organisation"] = key;
    secret["kind"] = token ? "token" : "invitation";
    terminal.out(json::serialize(secret));
  } else {
    terminal.out(std::string(secret["secret"].as_string()));
  }
  terminal.say(token ? "This token is shown once and kept nowhere. Hand it over where nobody else "
                       "can read it."
                     : "This invitation is shown once, works once, and for 24 hours.");
  return Exit::done;
}

std::string words_of(const json::value& list, const char* between) {
  std::string words;
  for (const auto& entry : list.as_array()) {
    if (!words.empty()) words += between;
    if (const auto* pair = entry.if_array()) {
      words +=
          visible(std::string((*pair)[0].as_string()) + "=" + std::string((*pair)[1].as_string()));
    } else {
      words += visible(std::string(entry.as_string()));
    }
  }
  return words;
}

std::string or_else(std::string words, const char* nothing) {
  return words.empty() ? nothing : std::move(words);
}

std::string text_of(const json::object& object, const char* name) {
  return visible(std::string(object.at(name).as_string()));
}

constexpr std::string_view kContactIndent = "    ";

/// One line a contact, where they were asked for.
std::string contact_lines(const json::object& organisation, std::string_view before) {
  const json::value* profile = organisation.if_contains("profile");
  if (profile == nullptr || !profile->at("contacts").is_array()) return "";
  std::string lines;
  for (const auto& entry : profile->at("contacts").as_array()) {
    const json::object& contact = entry.as_object();
    lines += fmt::format("\n{}{} {} {}{}{}", before, json::serialize(contact.at("number")),
                         text_of(contact, "way"), text_of(contact, "address"),
                         contact.at("consents").as_bool() ? "" : ", does not consent",
                         contact.at("dead").as_bool() ? ", dead" : "");
  }
  return lines;
}

/// A point as --place takes it, its code, or both.
std::string place_text(const json::object& place) {
  const json::value* latitude = place.if_contains("latitude");
  const std::string code = place.contains("ons") ? text_of(place, "ons") : "";
  if (latitude == nullptr || !latitude->is_number()) return code;
  const std::string point = fmt::format("{},{}", latitude->to_number<double>(),
                                        place.at("longitude").to_number<double>());
  return code.empty() ? point : fmt::format("{} ({})", point, code);
}

/// Where it is and whom to reach; how many of them, where no more was asked for.
std::string profile_text(const json::object& organisation) {
  const json::value* found = organisation.if_contains("profile");
  if (found == nullptr) return "";
  const json::object& profile = found->as_object();
  std::string text;
  const auto line = [&](const char* name, const std::string& value) {
    text += fmt::format("{:<13}{}\n", name, value);
  };
  if (const auto* places = profile.at("premises").if_array()) {
    for (const auto& place : *places) line("place", place_text(place.as_object()));
  } else {
    line("places", json::serialize(profile.at("premises")));
  }
  line("sectors", or_else(words_of(profile.at("sectors"), ", "), "none"));
  line("language", text_of(profile, "language"));
  if (const auto* counts = profile.at("contacts").if_object()) {
    line("contacts",
         fmt::format("{} by sms, {} by email, {} by webhook", json::serialize(counts->at("sms")),
                     json::serialize(counts->at("email")), json::serialize(counts->at("webhook"))));
  } else {
    const std::string lines = contact_lines(organisation, "contact      ");
    if (!lines.empty()) text += lines.substr(1) + "\n";
  }
  return text;
}

}  // namespace

namespace {

/// LAT,LON or a code; nothing where it is neither.
std::optional<json::object> place_of(const std::string& text) {
  const auto comma = text.find(',');
  if (comma == std::string::npos) return json::object{{"ons", text}};
  const auto degrees = [&](const char* from, const char* until) -> std::optional<double> {
    double value = 0;
    const auto [end, error] = std::from_chars(from, until, value);
    if (error != std::errc{} || end != until) return std::nullopt;
    return value;
  };
  const char* const begin = text.data();
  const auto latitude = degrees(begin, begin + comma);
  const auto longitude = degrees(begin + comma + 1, begin + text.size());
  if (!latitude || !longitude) return std::nullopt;
  return json::object{{"latitude", *latitude}, {"longitude", *longitude}};
}

json::object contact_of(std::string_view address) {
  const auto way = address.find("://") != std::string_view::npos ? engine::Way::webhook
                   : address.find('@') != std::string_view::npos ? engine::Way::email
                                                                 : engine::Way::sms;
  return {{"way", std::string(engine::text(way))},
          {"address", std::string(address)},
          {"consents", true}};
}

/// What is said of where it is and whom to reach; nothing where nothing is.
Outcome<std::optional<json::object>> profile_of(const OrgAdd& options) {
  json::array premises, sectors, contacts;
  for (const auto& text : options.places) {
    auto place = place_of(text);
    if (!place) {
      return trouble(Exit::usage, visible(text) + " is no place",
                     "give an ONS code such as E09000033, or latitude,longitude");
    }
    premises.push_back(*std::move(place));
  }
  for (const auto& sector : options.sectors) sectors.emplace_back(sector);
  if (options.contacts == OrgAdd::Contacts::read) {
    const auto read = read_file("-", kContactsBytesMax);
    if (!read) return read.error();
    for (const auto address : engine::cap::split(*read)) contacts.push_back(contact_of(address));
  }
  if (premises.empty() && sectors.empty() && contacts.empty() && options.language.empty()) {
    return std::optional<json::object>{};
  }
  json::object profile{{"premises", std::move(premises)},
                       {"sectors", std::move(sectors)},
                       {"contacts", std::move(contacts)}};
  if (!options.language.empty()) profile["language"] = options.language;
  return std::optional<json::object>{std::move(profile)};
}

}  // namespace

Outcome<Exit> org_add(Session& session, const OrgAdd& options) {
  auto profile = profile_of(options);
  if (!profile) return profile.error();
  const auto link = link_to(session, options.data);
  if (!link) return link.error();
  json::array groups;
  for (const auto& group : options.groups) groups.emplace_back(group);
  json::object organisation{{"organisation", options.key},
                            {"name", options.name},
                            {"groups", std::move(groups)},
                            {"subscription", subscription_of(options.subscription)}};
  if (*profile) organisation["profile"] = std::move(**profile);
  const auto added =
      ask(**link, {{"do", "put"}, {"only", "new"}, {"organisations", json::array{organisation}}});
  if (!added) return added;
  return give(session, **link, options.key, options.gives, options.form);
}

Outcome<Exit> org_token(Session& session, const OrgToken& options) {
  const auto link = link_to(session, options.data);
  if (!link) return link.error();
  return give(session, **link, options.key, options.gives, options.form);
}

Outcome<Exit> org_revoke(Session& session, const OrgRevoke& options) {
  const auto link = link_to(session, options.data);
  if (!link) return link.error();
  json::object request{{"do", "revoke"}};
  if (options.number) {
    if (options.key.empty()) {
      return trouble(Exit::usage, "a number is a secret of one organisation",
                     "tocsin org revoke KEY --number N; tocsin org show KEY lists them");
    }
    request["organisation"] = options.key;
    request["number"] = *options.number;
  } else if (!options.key.empty()) {
    return trouble(Exit::usage, "which secret of " + visible(options.key) + " is not said",
                   "add --number N, as tocsin org show lists them; or leave KEY out and give the "
                   "secret itself on standard input");
  } else {
    const auto read = read_file("-", kSecretBytesMax);
    if (!read) return read.error();
    const auto end = read->find_first_of("\r\n");
    request["secret"] = read->substr(0, end);
  }
  const auto revoked = ask(**link, request);
  if (revoked) session.terminal->say("Revoked. Its streams end within a second or so.");
  return revoked;
}

Outcome<Exit> org_list(Session& session, const OrgList& options) {
  const auto link = link_to(session, options.data);
  if (!link) return link.error();
  std::size_t shown = 0;
  json::object request{{"do", "list"}};
  if (options.contacts == ShowContacts::yes) request["contacts"] = true;
  const auto listed = ask(**link, request, [&](const json::object& organisation) {
    ++shown;
    if (options.form == Form::json) {
      return session.terminal->out(visible_json(json::serialize(organisation)));
    }
    tell(*session.terminal,
         fmt::format("{:<24} {}{}", text_of(organisation, "organisation"),
                     text_of(organisation, "name"),
                     organisation.at("groups").as_array().empty()
                         ? ""
                         : "  [" + words_of(organisation.at("groups"), " ") + "]") +
             contact_lines(organisation, kContactIndent));
  });
  if (listed && shown == 0) session.terminal->say("There are no organisations.");
  return listed;
}

Outcome<Exit> org_show(Session& session, const OrgShow& options) {
  const auto link = link_to(session, options.data);
  if (!link) return link.error();
  json::object request{{"do", "show"}, {"organisation", options.key}};
  if (options.contacts == ShowContacts::yes) request["contacts"] = true;
  return ask(**link, request, [&](const json::object& organisation) {
    if (options.form == Form::json) {
      return session.terminal->out(visible_json(json::serialize(organisation)));
    }
    std::string text = fmt::format(
        "{:<13}{}\n{:<13}{}\n{:<13}{}\n{:<13}{}\n{:<13}{}\n", "organisation",
        text_of(organisation, "organisation"), "name", text_of(organisation, "name"), "groups",
        or_else(words_of(organisation.at("groups"), " "), "none"), "subscribes",
        or_else(words_of(organisation.at("subscription"), " "), "everything"), "since",
        text_of(organisation, "since"));
    text += profile_text(organisation);
    text += fmt::format("{:<13}{}\n", "settled", json::serialize(organisation.at("settled")));
    for (const auto& entry : organisation.at("secrets").as_array()) {
      const json::object& secret = entry.as_object();
      text += fmt::format("{:<13}{} {}, since {}\n", "secret", json::serialize(secret.at("number")),
                          text_of(secret, "kind"), text_of(secret, "since"));
    }
    tell(*session.terminal, text);
  });
}

Outcome<Exit> org_erase(Session& session, const OrgErase& options) {
  const auto link = link_to(session, options.data);
  if (!link) return link.error();
  if (options.asks == OrgErase::Asks::first) {
    const auto typed = session.terminal->ask(
        fmt::format("Erasing {} ends its streams and cannot be undone. Type its key: ",
                    visible(options.key)),
        "--yes");
    if (!typed) return typed.error();
    if (*typed != options.key) return trouble(Exit::usage, "that is not its key; nothing was done");
  }
  bool cleaned = true;
  const auto erased = ask(**link, {{"do", "erase"}, {"organisation", options.key}},
                          [&](const json::object& told) { cleaned = !told.contains("cleaned"); });
  if (!erased) return erased;
  session.terminal->say("Erased, with every secret of it.");
  if (!cleaned) {
    session.terminal->warn(
        "the disk could not be cleaned of what lay there, sealed under a key that is gone from the "
        "directory: see that there is room on it, and restart the engine, which cleans it then");
  }
  return erased;
}

}  // namespace ops::cli
