#include "ops/cli/standing.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/cap/judge.hpp"
#include "ops/cli/engine_link.hpp"
#include "ops/cli/records.hpp"

namespace ops::cli {

namespace cap = engine::cap;

namespace {

/// More is not looked at: a command must end, whatever answers it.
constexpr int kPagesMax = 20;

std::optional<Listed> read_listed(std::string_view line) {
  const auto item = read_bulletin(line);
  if (!item) return std::nullopt;
  auto judgement = cap::judge(item->envelope.payload);
  if (!judgement.alert) return std::nullopt;
  cap::Alert& alert = *judgement.alert;
  return Listed{item->sequence, item->id, alert.msg_type, alert.identity(),
                std::move(alert.references)};
}

/// Adds what stands in one page; whether all of it could be read.
bool add_page(std::string_view page, std::vector<Listed>& listed) {
  while (!page.empty()) {
    const auto end = page.find('\n');
    auto one = read_listed(page.substr(0, end));
    page.remove_prefix(end == std::string_view::npos ? page.size() : end + 1);
    if (!one) return false;
    listed.push_back(std::move(*one));
  }
  return true;
}

bool holds(const std::vector<cap::Identity>& list, const cap::Identity& wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

/// Whether it replaces one of these.
bool replaces(const Listed& one, const std::vector<cap::Identity>& those) {
  if (one.msg_type != cap::MsgType::update) return false;
  return std::any_of(one.references.begin(), one.references.end(),
                     [&](const cap::Identity& named) { return holds(those, named); });
}

/// These, and what replaced them, in whatever steps.
std::vector<cap::Identity> line_of(const std::vector<cap::Identity>& named,
                                   const std::vector<Listed>& all) {
  std::vector<cap::Identity> line = named;
  for (bool grown = true; grown;) {
    grown = false;
    for (const auto& one : all) {
      if (holds(line, one.identity) || !replaces(one, line)) continue;
      line.push_back(one.identity);
      grown = true;
    }
  }
  return line;
}

}  // namespace

std::optional<std::vector<Listed>> listed_of(Session& session, const std::string& sender,
                                             AlertList::Which which) {
  Filters filters;
  filters.statuses = {"Actual", "Exercise", "Test"};
  filters.senders = {sender};
  std::vector<Listed> listed;
  std::string after = "0";
  for (int page = 0; page < kPagesMax; ++page) {
    Request request;
    request.accept = "application/x-ndjson";
    request.target = fmt::format("/v1/alerts?limit=1000{}&after={}{}",
                                 which == AlertList::Which::active ? "&active=1" : "",
                                 query_value(after), query_of(filters));
    const auto response = ask_any(session, request);
    if (!response || response->status != 200 || response->position.empty()) return std::nullopt;
    if (!add_page(response->body, listed)) return std::nullopt;
    if (response->position == after) return listed;
    after = response->position;
  }
  return std::nullopt;
}

Aftermath aftermath_of(const std::vector<cap::Identity>& named, const std::vector<Listed>& all,
                       const std::vector<Listed>& active) {
  Aftermath aftermath;
  const std::vector<cap::Identity> line = line_of(named, all);
  aftermath.any_listed = std::any_of(all.begin(), all.end(), [&](const Listed& one) {
    return holds(named, one.identity) && one.msg_type != cap::MsgType::cancel;
  });
  for (const auto& one : active) {
    if (holds(line, one.identity) || replaces(one, line)) {
      aftermath.still_active.push_back(one.sequence);
    }
  }
  return aftermath;
}

std::optional<Listed> cancelled_before(const std::vector<cap::Identity>& named,
                                       const std::vector<Listed>& all,
                                       const std::vector<Listed>& active) {
  if (!aftermath_of(named, all, active).still_active.empty()) return std::nullopt;
  const std::vector<cap::Identity> line = line_of(named, all);
  const auto cancel = std::find_if(all.begin(), all.end(), [&](const Listed& one) {
    if (one.msg_type != cap::MsgType::cancel) return false;
    return std::any_of(one.references.begin(), one.references.end(),
                       [&](const cap::Identity& ended) { return holds(line, ended); });
  });
  return cancel == all.end() ? std::nullopt : std::optional(*cancel);
}

}  // namespace ops::cli
