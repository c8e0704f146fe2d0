// tocsin org: organisations and the secrets they sign in with.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "ops/admin/limits.hpp"
#include "ops/cli/files.hpp"
#include "ops/cli/folder_link.hpp"
#include "ops/cli/operator_commands.hpp"
#include "ops/cli/org_file.hpp"
#include "ops/cli/telling.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace json = boost::json;

namespace {

constexpr std::size_t kSecretBytesMax = 4096;

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

}  // namespace

Outcome<Exit> org_add(Session& session, const OrgAdd& options) {
  const auto link = link_to(session, options.data);
  if (!link) return link.error();
  json::array groups;
  for (const auto& group : options.groups) groups.emplace_back(group);
  const json::object organisation{{"organisation", options.key},
                                  {"name", options.name},
                                  {"groups", std::move(groups)},
                                  {"subscription", subscription_of(options.subscription)}};
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
  const auto listed = ask(**link, {{"do", "list"}}, [&](const json::object& organisation) {
    ++shown;
    if (options.form == Form::json) {
      return session.terminal->out(visible_json(json::serialize(organisation)));
    }
    tell(*session.terminal,
         fmt::format("{:<24} {}{}", text_of(organisation, "organisation"),
                     text_of(organisation, "name"),
                     organisation.at("groups").as_array().empty()
                         ? ""
                         : "  [" + words_of(organisation.at("groups"), " ") + "]"));
  });
  if (listed && shown == 0) session.terminal->say("There are no organisations.");
  return listed;
}

Outcome<Exit> org_show(Session& session, const OrgShow& options) {
  const auto link = link_to(session, options.data);
  if (!link) return link.error();
  return ask(
      **link, {{"do", "show"}, {"organisation", options.key}},
      [&](const json::object& organisation) {
        if (options.form == Form::json) {
          return session.terminal->out(visible_json(json::serialize(organisation)));
        }
        std::string text = fmt::format(
            "{:<13}{}\n{:<13}{}\n{:<13}{}\n{:<13}{}\n{:<13}{}\n", "organisation",
            text_of(organisation, "organisation"), "name", text_of(organisation, "name"), "groups",
            or_else(words_of(organisation.at("groups"), " "), "none"), "subscribes",
            or_else(words_of(organisation.at("subscription"), " "), "everything"), "since",
            text_of(organisation, "since"));
        text += fmt::format("{:<13}{}\n", "settled", json::serialize(organisation.at("settled")));
        for (const auto& entry : organisation.at("secrets").as_array()) {
          const json::object& secret = entry.as_object();
          text +=
              fmt::format("{:<13}{} {}, since {}\n", "secret", json::serialize(secret.at("number")),
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
  const auto erased = ask(**link, {{"do", "erase"}, {"organisation", options.key}});
  if (erased) session.terminal->say("Erased, with every secret of it.");
  return erased;
}

Outcome<Exit> org_import(Session& session, const OrgImport& options) {
  const auto text = read_file(options.file, limits::kImportBytes);
  if (!text) return text.error();
  auto file = read_org_csv(*text);
  if (!file) {
    return trouble(Exit::refused, file.error().what, "mend these lines; nothing was imported");
  }
  const auto link = link_to(session, options.data);
  if (!link) return link.error();
  const std::size_t organisations = file->organisations.size();
  const auto put = ask(**link, {{"do", "put"}, {"organisations", std::move(file->organisations)}});
  if (!put) {
    return trouble(Exit::refused, put.error().what, "mend the file; nothing was imported");
  }
  Terminal& terminal = *session.terminal;
  if (options.form == Form::json) {
    terminal.out(json::serialize(json::object{{"organisations", organisations},
                                              {"rows", file->rows},
                                              {"contacts_not_kept", file->contacts},
                                              {"traits_not_kept", file->traits}}));
  }
  terminal.say(fmt::format("Organisations: {}, from rows: {}.", organisations, file->rows));
  if (file->contacts > 0) {
    terminal.warn(
        fmt::format("{} rows name a telephone, an address or a webhook: this version "
                    "does not keep contacts, and they were left out",
                    file->contacts));
  }
  if (file->traits > 0) {
    terminal.warn(
        fmt::format("{} rows name a sector or a language: this version does not keep "
                    "them, and they were left out",
                    file->traits));
  }
  return Exit::done;
}

Outcome<Exit> org_export(Session& session, const OrgList& options) {
  const auto link = link_to(session, options.data);
  if (!link) return link.error();
  if (options.form == Form::text) {
    std::string header;
    for (const auto column : kOrgColumns)
      header += (header.empty() ? "" : ",") + std::string(column);
    session.terminal->out_bytes(header + "\n");
  }
  std::size_t left_out = 0;
  const auto row = [&](const json::object& organisation, std::string_view latitude,
                       std::string_view longitude, std::string_view ons) {
    session.terminal->out_bytes(fmt::format(
        "{},{},{},{},{},,,,,,{}\n", csv_field(organisation.at("organisation").as_string()),
        csv_field(organisation.at("name").as_string()), latitude, longitude, ons,
        csv_field(words_of(organisation.at("groups"), " "))));
  };
  const auto done = ask(**link, {{"do", "list"}}, [&](const json::object& organisation) {
    if (options.form == Form::json) {
      return session.terminal->out(visible_json(json::serialize(organisation)));
    }
    std::size_t rows = 0;
    for (const auto& entry : organisation.at("subscription").as_array()) {
      const std::string value(entry.as_array()[1].as_string());
      if (entry.as_array()[0].as_string() != "area") {
        ++left_out;
        continue;
      }
      const auto comma = value.find(',');
      ++rows;
      if (comma == std::string::npos) {
        row(organisation, "", "", value);
      } else {
        row(organisation, value.substr(0, comma), value.substr(comma + 1), "");
      }
    }
    if (rows == 0) row(organisation, "", "", "");
  });
  if (done && left_out > 0) {
    session.terminal->warn(fmt::format(
        "{} parts of subscriptions have no column in CSV and were left out; --json has them",
        left_out));
  }
  return done;
}

}  // namespace ops::cli
