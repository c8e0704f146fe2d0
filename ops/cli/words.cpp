#include "ops/cli/words.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ops/cli/inputs.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace cap = engine::cap;

namespace {

constexpr std::string_view kSystemCode = "system:";

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

std::string row(std::string_view name, std::string_view text, std::size_t columns) {
  if (text.empty()) return {};
  std::string indent(13, ' ');
  const std::string body = wrapped(text, columns, indent);
  std::string out = fmt::format("{:<13}", name);
  out += std::string_view(body).substr(body.starts_with(indent) ? indent.size() : 0);
  return out;
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string area_text(const cap::Area& area) {
  std::vector<std::string> parts;
  if (!area.polygons.empty()) {
    std::size_t corners = 0;
    for (const auto& polygon : area.polygons) corners += polygon.size() - 1;
    parts.push_back(counted(area.polygons.size(), "polygon", "polygons") + " with " +
                    counted(corners, "corner", "corners"));
  }
  for (const auto& circle : area.circles) {
    parts.push_back(fmt::format("circle of {} km around {:.4f},{:.4f}", circle.radius_km,
                                circle.centre.latitude, circle.centre.longitude));
  }
  for (const auto& code : area.geocodes) {
    parts.push_back(fmt::format("{} {}", visible(code.name), visible(code.value)));
  }
  if (parts.empty()) parts.emplace_back("NO PLACE GIVEN");
  return fmt::format("{}: {}", visible(area.description), fmt::join(parts, ", "));
}

std::string info_words(const cap::Info& info, engine::Time now, std::size_t columns) {
  std::vector<std::string> categories;
  for (const auto category : info.categories) categories.emplace_back(cap::text(category));
  std::string text = "\n";
  text +=
      row(upper(cap::text(info.severity)),
          fmt::format("{} ({}), {}, {}; {}", visible(info.event), fmt::join(categories, ", "),
                      cap::text(info.urgency), cap::text(info.certainty), visible(info.language)),
          columns);
  text += row("headline", visible(info.headline), columns);
  text += row("description", visible_lines(info.description), columns);
  text += row("instruction", visible_lines(info.instruction), columns);
  for (const auto& area : info.areas) text += row("area", area_text(area), columns);
  if (info.onset) text += row("onset", engine::format_time(*info.onset), columns);
  if (info.expires) {
    const auto left = *info.expires - now;
    text += row(
        "expires",
        fmt::format("{} ({})", engine::format_time(*info.expires),
                    left.count() > 0 ? "in " + duration_text(left) : duration_text(-left) + " ago"),
        columns);
  }
  text += row("web", visible(info.web), columns);
  text += row("contact", visible(info.contact), columns);
  return text;
}

}  // namespace

std::string system_of(const cap::Alert& alert) {
  for (const auto& code : alert.codes) {
    if (code.starts_with(kSystemCode)) return code.substr(kSystemCode.size());
  }
  return {};
}

namespace {

/// Why a Cancel stops what it names.
const std::string& reason_of(const cap::Alert& cancel) {
  return cancel.note.empty() && !cancel.infos.empty() ? cancel.infos.front().description
                                                      : cancel.note;
}

/// The rows that every message has.
std::string first_rows(const cap::Alert& alert, std::string_view about, std::size_t columns) {
  std::string text;
  text += row("message", fmt::format("{}, {}", cap::text(alert.msg_type), cap::text(alert.scope)),
              columns);
  text += row("identifier", visible(alert.identifier), columns);
  text += row("sender", visible(alert.sender), columns);
  text += row("sent", engine::format_time(alert.sent), columns);
  for (const auto& named : alert.references) {
    text += row(about,
                fmt::format("{}, sent {} by {}", visible(named.identifier),
                            engine::format_time(named.sent), visible(named.sender)),
                columns);
  }
  return text;
}

}  // namespace

std::string headline_of(const cap::Alert& alert) {
  if (alert.msg_type == cap::MsgType::cancel) return visible(reason_of(alert));
  for (const auto& info : alert.infos) {
    if (!info.headline.empty()) return visible(info.headline);
  }
  for (const auto& info : alert.infos) {
    if (!info.event.empty()) return visible(info.event);
  }
  return visible(alert.note);
}

std::vector<std::string> area_names(const cap::Alert& alert) {
  std::vector<std::string> names;
  for (const auto& info : alert.infos) {
    for (const auto& area : info.areas) {
      if (std::find(names.begin(), names.end(), area.description) == names.end()) {
        names.push_back(area.description);
      }
    }
  }
  return names;
}

std::string status_word(cap::Status status) { return upper(cap::text(status)); }

Ink status_ink(cap::Status status) { return status == cap::Status::actual ? Ink::red : Ink::green; }

std::string full_words(const cap::Alert& alert, engine::Time now, std::size_t columns) {
  std::string text = first_rows(alert, "about", columns);
  text += row("restriction", visible(alert.restriction), columns);
  text += row("addresses", visible(alert.addresses), columns);
  text += row("note", visible_lines(alert.note), columns);
  for (const auto& info : alert.infos) text += info_words(info, now, columns);
  return text;
}

std::string cancel_words(const cap::Alert& alert, std::size_t columns) {
  return first_rows(alert, "cancels", columns) +
         row("reason", visible_lines(reason_of(alert)), columns);
}

void say_words(Session& session, const cap::Alert& alert) {
  Terminal& terminal = *session.terminal;
  const std::size_t columns = terminal.columns();
  const std::string system = system_of(alert);
  const std::string meaning = alert.status == cap::Status::actual     ? "THIS IS NOT A DRILL"
                              : alert.status == cap::Status::exercise ? "this is a drill"
                                                                      : "nothing has happened";
  const std::string rule(columns, alert.status == cap::Status::actual ? '!' : '-');
  terminal.say(
      terminal.say_ink(status_ink(alert.status),
                       fmt::format("{}\n{} on system {}: {}", rule, status_word(alert.status),
                                   system.empty() ? "(none named)" : visible(system), meaning)));
  terminal.say(full_words(alert, session.now(), columns));
  terminal.say(terminal.say_ink(status_ink(alert.status), rule));
}

void say_faults(Session& session, std::string_view word, const std::vector<cap::Fault>& faults) {
  Terminal& terminal = *session.terminal;
  const Ink ink = word == "error" ? Ink::red : Ink::yellow;
  for (const auto& fault : faults) {
    terminal.say(fmt::format("{} {} at {}: {}", terminal.say_ink(ink, fmt::format("{}:", word)),
                             visible(fault.rule), visible(fault.where), visible(fault.message)));
  }
}

}  // namespace ops::cli
