// tocsin org import and export: many organisations at once, as files.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "engine/directory/directory_json.hpp"
#include "engine/secrets.hpp"
#include "ops/admin/limits.hpp"
#include "ops/admin/registration_json.hpp"
#include "ops/cli/files.hpp"
#include "ops/cli/folder_link.hpp"
#include "ops/cli/operator_commands.hpp"
#include "ops/cli/org_file.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace json = boost::json;

namespace {

/// How far an import is, drawn over and over where a person sees it, and nowhere else.
class Bar {
 public:
  Bar(Terminal& terminal, std::size_t whole) : terminal_(terminal), whole_(whole) {}

  void show(std::size_t done) {
    if (!terminal_.redraws() || whole_ == 0) return;
    const std::size_t room = std::min<std::size_t>(terminal_.columns() - 36, 40);
    const std::size_t filled = std::min(done, whole_) * room / whole_;
    std::string bar;
    for (std::size_t i = 0; i < room; ++i) bar += i < filled ? "█" : "░";
    drawn_ = terminal_.redraw(fmt::format("  {} {:>7} of {:>7}\n", bar, done, whole_), drawn_);
  }

 private:
  Terminal& terminal_;
  const std::size_t whole_;
  std::size_t drawn_ = 0;
};

/// What a list says of one: nothing of its subscription, and contacts without numbers.
json::object said_json(const engine::Registration& one) {
  json::object organisation = engine::organisation_json(one.organisation);
  organisation.erase("subscription");
  organisation["profile"] = engine::profile_json(one.profile, engine::Contacts::shown);
  for (auto& contact : organisation["profile"].at("contacts").as_array()) {
    contact.as_object().erase("number");
  }
  return organisation;
}

/// Sends it in pieces, which the engine takes all together when the last one is there.
Outcome<Exit> send(Session& session, const Link& link, const OrgFile& file) {
  const std::string name = engine::draw_secret();
  Bar bar(*session.terminal, file.organisations());
  std::size_t sent = 0;
  Outcome<Exit> outcome = Exit::done;
  file.each_piece([&](const std::vector<engine::Registration>& piece) {
    json::array organisations;
    for (const auto& one : piece) organisations.push_back(said_json(one));
    outcome =
        ask(link, {{"do", "stage"}, {"import", name}, {"organisations", std::move(organisations)}});
    sent += piece.size();
    if (outcome) bar.show(sent);
    return outcome.has_value();
  });
  if (!outcome || file.organisations() == 0) return outcome;
  return ask(link, {{"do", "import"}, {"import", name}});
}

}  // namespace

Outcome<Exit> org_import(Session& session, const OrgImport& options) {
  const auto text = read_file(options.file, limits::kImportBytes);
  if (!text) return text.error();
  const auto file = read_org_csv(*text);
  if (!file) {
    return trouble(Exit::refused, file.error().what, "mend these lines; nothing was imported");
  }
  const auto link = link_to(session, options.data);
  if (!link) return link.error();
  const auto sent = send(session, **link, *file);
  if (!sent) {
    return trouble(Exit::refused, sent.error().what, "mend the file; nothing was imported");
  }
  Terminal& terminal = *session.terminal;
  if (options.form == Form::json) {
    terminal.out(json::serialize(json::object{{"organisations", file->organisations()},
                                              {"rows", file->rows()},
                                              {"contacts", file->contacts()}}));
  }
  terminal.say(fmt::format("Organisations: {}, from rows: {}, of them with a contact: {}.",
                           file->organisations(), file->rows(), file->contacts()));
  return Exit::done;
}

namespace {

/// All pages of what is kept of one organisation elsewhere, each entry as a member of a list.
Outcome<Exit> export_list(Session& session, const Link& link, const char* what,
                          const std::string& key) {
  Terminal& terminal = *session.terminal;
  terminal.out_bytes(fmt::format(",\"{}\":[", what));
  bool first = true;
  std::uint64_t after = 0;
  for (bool end = false; !end;) {
    end = true;
    const json::object request{{"do", what}, {"organisation", key}, {"after", after}};
    const auto asked = ask(link, request, [&](const json::object& told) {
      if (told.contains("seq")) {
        terminal.out_bytes((first ? "\n" : ",\n") + visible_json(json::serialize(told)));
        first = false;
        return;
      }
      const auto *cursor = told.if_contains("after"), *over = told.if_contains("end");
      boost::system::error_code error;
      const auto read = cursor != nullptr ? cursor->to_number<std::uint64_t>(error) : 0;
      end = error || read <= after || over == nullptr || !over->is_bool() || over->get_bool();
      after = read;
    });
    if (!asked) return asked.error();
  }
  terminal.out_bytes("]");
  return Exit::done;
}

/// All that is kept of one organisation, for whoever asks what that is: one JSON object, of which
/// no more than a page is in memory. Where it ends early that is no JSON, and an error says so.
Outcome<Exit> export_one(Session& session, const Link& link, const std::string& key) {
  json::object organisation;
  const auto shown = ask(link, {{"do", "show"}, {"organisation", key}, {"contacts", true}},
                         [&](const json::object& told) { organisation = told; });
  if (!shown) return shown;
  std::string text = visible_json(json::serialize(organisation));
  text.pop_back();
  session.terminal->out_bytes(text);
  for (const char* what : {"said", "sent"}) {
    const auto listed = export_list(session, link, what, key);
    if (!listed) return listed;
  }
  session.terminal->out_bytes("}\n");
  return Exit::done;
}

}  // namespace

Outcome<Exit> org_export(Session& session, const OrgExport& options) {
  const auto link = link_to(session, options.data);
  if (!link) return link.error();
  if (!options.key.empty()) return export_one(session, **link, options.key);
  Terminal& terminal = *session.terminal;
  if (options.form == Form::text) {
    std::string header;
    for (const auto column : kOrgColumns) {
      header += (header.empty() ? "" : ",") + std::string(column);
    }
    terminal.out_bytes(header + "\n");
  }
  std::size_t left_out = 0;
  const json::object request{{"do", "list"}, {"contacts", true}};
  const auto done = ask(**link, request, [&](const json::object& organisation) {
    if (options.form == Form::json) {
      return terminal.out(visible_json(json::serialize(organisation)));
    }
    const auto said = read_said(organisation, engine::Time{});
    if (!said) return;
    left_out += said->organisation.subscription.size();
    terminal.out_bytes(
        csv_rows({said->organisation, said->profile ? *said->profile : engine::Profile{}}));
  });
  if (done && left_out > 0) {
    terminal.warn(fmt::format(
        "{} parts of subscriptions have no column in CSV and were left out; --json has them",
        left_out));
  }
  return done;
}

}  // namespace ops::cli
