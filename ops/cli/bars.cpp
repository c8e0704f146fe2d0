#include "ops/cli/bars.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace {

std::string bar(std::uint64_t part, std::uint64_t whole, std::size_t columns) {
  static constexpr std::string_view kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  if (whole == 0) return std::string(columns, ' ');
  const std::uint64_t eighths = std::min(part, whole) * columns * 8 / whole;
  std::string text;
  for (std::uint64_t i = 0; i < eighths / 8; ++i) text += "█";
  text += kEighths[eighths % 8];
  const std::size_t used = static_cast<std::size_t>(eighths / 8) + (eighths % 8 == 0 ? 0 : 1);
  return text + std::string(columns - used, ' ');
}

std::string row(std::string_view name, std::uint64_t part, std::uint64_t whole, std::string more,
                std::size_t columns) {
  // A narrow window has room for the numbers only; they say more than the bar.
  const std::size_t room = columns < 72 ? 0 : std::min<std::size_t>(columns - 60, 20);
  // A long name is cut: the counts beside it have to stay readable.
  const std::string drawn = room == 0 ? std::string() : bar(part, whole, room) + "  ";
  return fmt::format("  {:<14.14} {:>6} of {:>6}  {}{}\n", name, part, whole, drawn, more);
}

std::uint64_t acknowledged_of(const Reach& reach) {
  return reach.organisations.acknowledged + reach.anonymous.acknowledged;
}

std::string_view name_of(const Channel& channel) {
  return channel.name == "sms" ? std::string_view("SMS") : std::string_view(channel.name);
}

std::string channel_text(const Channel& channel) {
  return fmt::format("{} waiting, {} failed", channel.waiting(), channel.not_delivered());
}

/// The whole stands first, in front of what became of them. Who waits is being tried, or was sent
/// something that nobody has reported on.
std::string sums_row(std::string_view name, const Sums& sums, std::size_t columns) {
  return row(visible(name), sums.reached, sums.matched,
             fmt::format("{} waiting, {} failed", sums.trying, sums.failed), columns);
}

}  // namespace

bool reached(const Goal& goal, const Reach& reach) {
  const bool open =
      reach.concerned && (reach.concerned->sums.trying > 0 || !reach.concerned->planned);
  return reach.organisations.connected >= goal.organisations &&
         reach.anonymous.connected >= goal.anonymous && !open &&
         (!goal.acknowledged || acknowledged_of(reach) >= *goal.acknowledged);
}

bool reached_but_for_mails(const Goal& goal, const Reach& reach) {
  std::uint64_t owed = 0, mails = 0, others = 0;
  for (const Channel& channel : reach.channels) {
    owed += channel.owed;
    (channel.name == "email" ? mails : others) += channel.sent;
  }
  if (!reach.concerned || owed > 0 || others > 0 || mails < reach.concerned->sums.trying) {
    return false;
  }
  Reach settled = reach;
  settled.concerned->sums.trying = 0;
  return reached(goal, settled);
}

std::string bars_text(const Goal& goal, const Reach& reach, std::size_t columns) {
  const auto streams = [&](std::string_view name, const Counts& counts, std::uint64_t wanted) {
    const std::uint64_t whole = std::max(wanted, counts.connected);
    return row(name, counts.connected, whole,
               whole > counts.connected ? fmt::format("{} waiting", whole - counts.connected) : "",
               columns);
  };
  std::string text = streams("organisations", reach.organisations, goal.organisations) +
                     streams("anonymous", reach.anonymous, goal.anonymous);
  for (const auto& channel : reach.channels) {
    text += row(visible(name_of(channel)), channel.delivered, channel.whole(),
                channel_text(channel), columns);
  }
  text += fmt::format("  {:<14} {:>6} organisations, {} anonymous\n", "displayed",
                      reach.organisations.displayed, reach.anonymous.displayed);
  text += fmt::format("  {:<14} {:>6} organisations, {} anonymous{}\n", "acknowledged",
                      reach.organisations.acknowledged, reach.anonymous.acknowledged,
                      goal.acknowledged ? fmt::format(" ({} wanted)", *goal.acknowledged) : "");
  if (!reach.concerned) return text;
  const Sums& sums = reach.concerned->sums;
  text += sums_row("all reached", sums, columns);
  if (sums.not_contactable > 0) {
    text += fmt::format("  {:<14} {:>6} have nobody who may be told\n", "", sums.not_contactable);
  }
  if (!reach.concerned->planned) text += fmt::format("  {:<14}        more are looked for\n", "");
  return text;
}

std::string reach_line(const Goal& goal, const Reach& reach) {
  std::string text = fmt::format(
      "delivered {} of {} organisations, {} of {} anonymous", reach.organisations.connected,
      std::max(goal.organisations, reach.organisations.connected), reach.anonymous.connected,
      std::max(goal.anonymous, reach.anonymous.connected));
  for (const auto& channel : reach.channels) {
    text += fmt::format("; {} {} delivered, {}", visible(name_of(channel)), channel.delivered,
                        channel_text(channel));
  }
  text += fmt::format("; acknowledged {} organisations, {} anonymous",
                      reach.organisations.acknowledged, reach.anonymous.acknowledged);
  if (!reach.concerned) return text;
  const Sums& sums = reach.concerned->sums;
  return text + fmt::format("; reached {} of {}: {} waiting, {} failed, {} not contactable",
                            sums.reached, sums.matched, sums.trying, sums.failed,
                            sums.not_contactable);
}

std::string groups_text(const Reach& reach, std::size_t columns) {
  if (!reach.concerned) return "  Nobody who is not connected is told of this alert.\n";
  const auto part = [&](std::string_view title, const std::vector<Group>& groups,
                        const Sums& others) {
    std::string text = fmt::format("  {}\n", title);
    for (const Group& group : groups) text += sums_row(group.name, group.sums, columns);
    if (others.matched > 0) text += sums_row("others", others, columns);
    return text;
  };
  return part("reached by area", reach.concerned->areas, reach.concerned->other_areas) +
         part("reached by sector", reach.concerned->sectors, reach.concerned->other_sectors);
}

}  // namespace ops::cli
