// tocsin replay: the log from its folder, in order, each record checked.
#include <fmt/format.h>
#include <unistd.h>

#include <boost/json.hpp>

#include "engine/position.hpp"
#include "ops/cli/folder_link.hpp"
#include "ops/cli/operator_commands.hpp"
#include "ops/cli/records.hpp"
#include "ops/cli/revocations.hpp"
#include "ops/cli/trust_file.hpp"
#include "ops/cli/visible.hpp"
#include "ops/cli/words.hpp"

namespace ops::cli {

namespace json = boost::json;

namespace {

/// Where the play stands, and what it found.
struct Play {
  Session& session;
  const Replay& options;
  const engine::trust::TrustDocument& document;
  std::uint64_t place = 0;  // of the last record
  std::uint64_t played = 0, bad = 0;
  bool end = false;
  std::string epoch{};
};

void fault(Play& play, std::uint64_t place, std::string_view what) {
  ++play.bad;
  play.session.terminal->say(fmt::format("{} record {}: {}",
                                         play.session.terminal->say_ink(Ink::red, "NOT VERIFIED"),
                                         place, visible(what)));
}

void show(Play& play, const json::object& told) {
  const auto place = told.at("place").to_number<std::uint64_t>();
  if (play.end) return;
  if (place != play.place + 1) fault(play, place, "it does not follow the record before it");
  play.place = place;
  ++play.played;
  const std::string line(told.at("alert").as_string());
  const auto item = read_bulletin(line);
  const auto verified = item ? verify_item(*item, play.document) : Outcome<Verified>{item.error()};
  if (item && item->sequence != place) fault(play, place, "it says that it is another");
  if (!verified) {
    fault(play, place, verified.error().what);
  } else if (play.options.form == Form::json) {
    play.session.terminal->out(visible_json(line));
  } else {
    const auto& alert = verified->alert;
    play.session.terminal->out(fmt::format(
        "{:>6}  {}  {} {}  {}  signed by {}", place,
        item->admitted ? engine::format_time(*item->admitted) : "?", status_word(alert.status),
        engine::cap::text(alert.msg_type), headline_of(alert), names_text(verified->signers)));
  }
  if (play.options.to && place >= *play.options.to) play.end = true;
}

void progress(const Play& play, std::uint64_t head) {
  if (::isatty(STDERR_FILENO) == 0 || ::isatty(STDOUT_FILENO) != 0 || head == 0) return;
  play.session.terminal->say(fmt::format("{} of {}", play.place, head));
}

/// Whether the position asked for is one of this log.
Outcome<void> check_position(const Play& play, std::uint64_t head) {
  const auto position = engine::Position::parse(play.options.after);
  if (position && !position->epoch.empty() && position->epoch != play.epoch) {
    return trouble(Exit::refused,
                   "this log is " + visible(play.epoch) + ", and the position is of another",
                   "play from the beginning: leave --after out");
  }
  if (play.place <= head) return {};
  return trouble(Exit::refused,
                 fmt::format("this log ends at {}, before the position {}", head, play.place),
                 "has it lost records? Play from the beginning: leave --after out");
}

/// The document of --trust, else the folder's own; either way without the keys that the folder's
/// engine believes no more.
Outcome<engine::trust::TrustPtr> trust_of_replay(Session& session, const Replay& options) {
  auto document = given_trust(session);
  if (!document) return document;
  if (*document == nullptr) {
    document = read_trust_file((std::filesystem::path(options.data) / "trust.json").string());
    if (!document) return document;
    warn_of_expiry(session, **document);
  }
  const auto revoked = revocations_of_folder(options.data);
  if (!revoked) return revoked.error();
  return engine::trust::with_revocations(*document, *revoked);
}

}  // namespace

Outcome<Exit> replay(Session& session, const Replay& options) {
  std::uint64_t after = 0;
  if (!options.after.empty() && options.after != "0") {
    const auto position = engine::Position::parse(options.after);
    if (!position) return trouble(Exit::usage, "--after is EPOCH:SEQ or 0");
    after = number(position->sequence);
  }
  if (options.to && *options.to <= after) {
    return trouble(Exit::usage, fmt::format("--to {} is not behind {}", *options.to, after),
                   "--to names the last record that is played");
  }
  const auto link = link_to(session, options.data);
  if (!link) return link.error();
  const auto document = trust_of_replay(session, options);
  if (!document) return document.error();

  Play play{session, options, **document, after};
  while (!play.end && !session.terminal->closed()) {
    bool last = true;
    std::uint64_t head = 0;
    const std::uint64_t before = play.place;
    // A page is at most 64 records: none is shown before it is known to be of the log asked for.
    std::vector<json::object> records;
    const auto read =
        ask(**link, {{"do", "read"}, {"after", play.place}}, [&](const json::object& told) {
          if (told.contains("place")) return records.push_back(told);
          last = told.at("end").as_bool();
          head = told.at("head").to_number<std::uint64_t>();
          play.epoch = std::string(told.at("epoch").as_string());
        });
    if (!read) return read.error();
    if (auto checked = check_position(play, head); !checked) return checked.error();
    for (const auto& record : records) show(play, record);
    progress(play, head);
    if (last || play.place == before) break;
  }
  session.terminal->say(fmt::format("{} records of log {} up to {}{}.", play.played,
                                    visible(play.epoch), play.place,
                                    play.bad > 0      ? fmt::format(", {} faults", play.bad)
                                    : play.played > 0 ? ", each of them verified"
                                                      : ""));
  return play.bad == 0 ? Exit::done : Exit::bad_signature;
}

}  // namespace ops::cli
