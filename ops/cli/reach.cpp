#include "ops/cli/reach.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "engine/trust/envelope.hpp"
#include "engine/trust/strict_json.hpp"
#include "ops/cli/engine_link.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

using engine::Failure;
using engine::Result;
namespace trust = engine::trust;
namespace json = boost::json;

namespace {

constexpr std::size_t kWarningsMax = 100;
constexpr std::size_t kGroupsMax = 100;

const json::object* object_in(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(json::string_view(name.data(), name.size()));
  return value != nullptr && value->is_object() ? &value->get_object() : nullptr;
}

std::uint64_t count_in(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(json::string_view(name.data(), name.size()));
  if (value == nullptr || !value->is_int64() || value->get_int64() < 0) return 0;
  return static_cast<std::uint64_t>(value->get_int64());
}

std::string text_in(const json::object& object, const char* name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

Counts counts_of(const json::object& object) {
  return {count_in(object, "connected"), count_in(object, "displayed"),
          count_in(object, "acknowledged"), count_in(object, "answered")};
}

Sums sums_of(const json::object& object) {
  return {count_in(object, "matched"), count_in(object, "reached"), count_in(object, "trying"),
          count_in(object, "failed"), count_in(object, "not_contactable")};
}

json::object sums_json(const Sums& sums) {
  return {{"matched", sums.matched},
          {"reached", sums.reached},
          {"trying", sums.trying},
          {"failed", sums.failed},
          {"not_contactable", sums.not_contactable}};
}

std::vector<Group> groups_of(const json::object& object, const char* list, const char* name) {
  std::vector<Group> groups;
  const auto* all = object.if_contains(list);
  if (all == nullptr || !all->is_array()) return groups;
  for (const auto& each : all->get_array()) {
    if (!each.is_object() || groups.size() >= kGroupsMax) continue;
    groups.push_back({text_in(each.get_object(), name), sums_of(each.get_object())});
  }
  return groups;
}

Concerned concerned_of(const json::object& object) {
  Concerned concerned;
  concerned.sums = sums_of(object);
  const auto* planned = object.if_contains("planned");
  concerned.planned = planned != nullptr && planned->is_bool() && planned->get_bool();
  concerned.areas = groups_of(object, "areas", "name");
  concerned.sectors = groups_of(object, "sectors", "sector");
  if (const auto* others = object_in(object, "other_areas")) {
    concerned.other_areas = sums_of(*others);
  }
  if (const auto* others = object_in(object, "other_sectors")) {
    concerned.other_sectors = sums_of(*others);
  }
  return concerned;
}

DryRun::Others others_of(const json::object& object) {
  DryRun::Others others;
  others.matched = count_in(object, "matched");
  others.looked_at = count_in(object, "looked_at");
  others.later = count_in(object, "later");
  others.not_contactable = count_in(object, "not_contactable");
  const auto* channels = object_in(object, "channels");
  if (channels == nullptr) return others;
  for (const auto& [name, count] : *channels) {
    others.channels.emplace_back(std::string(name), count_in(*channels, name));
  }
  return others;
}

/// Streams are told as organisations and anonymous readers; other ways stand beside them by name.
bool is_streams(std::string_view name) { return name == "stream" || name == "streams"; }

}  // namespace

Result<Reach> parse_reach(std::string_view body) {
  const auto value = trust::parse_strict_json(body);
  if (!value || !value->is_object()) return Failure{"the engine's counts are no JSON object"};
  const auto& object = value->get_object();
  const auto* organisations = object_in(object, "organisations");
  const auto* anonymous = object_in(object, "anonymous");
  if (organisations == nullptr || anonymous == nullptr) {
    return Failure{"the engine's counts lack organisations or anonymous"};
  }
  Reach reach{counts_of(*organisations), counts_of(*anonymous)};
  if (const auto* concerned = object_in(object, "concerned")) {
    reach.concerned = concerned_of(*concerned);
  }
  const auto* channels = object_in(object, "channels");
  if (channels == nullptr) return reach;
  for (const auto& [name, counts] : *channels) {
    if (!counts.is_object() || is_streams(name)) continue;
    const auto& each = counts.get_object();
    Channel channel{std::string(name),        count_in(each, "owed"),
                    count_in(each, "sent"),   count_in(each, "delivered"),
                    count_in(each, "failed"), count_in(each, "replaced"),
                    count_in(each, "expired")};
    if (channel.whole() > 0) reach.channels.push_back(std::move(channel));
  }
  return reach;
}

json::object channels_json(const Reach& reach) {
  json::object all;
  for (const Channel& channel : reach.channels) {
    all[channel.name] = {{"owed", channel.owed},           {"sent", channel.sent},
                         {"delivered", channel.delivered}, {"failed", channel.failed},
                         {"replaced", channel.replaced},   {"expired", channel.expired}};
  }
  return all;
}

json::value concerned_json(const Reach& reach) {
  if (!reach.concerned) return nullptr;
  json::object told = sums_json(reach.concerned->sums);
  told["planned"] = reach.concerned->planned;
  return told;
}

Outcome<ReachAnswer> ask_reach(Session& session, const std::string& alert,
                               engine::Duration timeout) {
  const auto path = alert_path(alert);
  if (!path) return path.error();
  Request request;
  request.timeout = timeout;
  request.target = *path + "/reach";
  const auto response = ask_any(session, request);
  if (!response) return response.error();
  if (response->status == 401 || response->status == 403) {
    return trouble(Exit::refused, "its counts are for those alone who may read it",
                   "sign in as one of them: --token-file FILE, or a context that has one");
  }
  if (!is_success(*response)) return problem_of(session, *response);
  auto reach = parse_reach(response->body);
  if (!reach) return trouble(Exit::unreachable, reach.error().what);
  return ReachAnswer{std::move(*reach), response->body};
}

DryRun::Streams DryRun::streams() const {
  for (const auto& each : reach) {
    if (is_streams(each.channel)) return each;
  }
  return {};
}

Result<DryRun> parse_dry_run(std::string_view body) {
  const auto value = trust::parse_strict_json(body);
  if (!value || !value->is_object()) return Failure{"the engine's answer is no JSON object"};
  const auto& object = value->get_object();
  const auto* reach = object_in(object, "reach");
  if (reach == nullptr) return Failure{"the engine's answer does not say whom it would reach"};
  DryRun run;
  run.body = body;
  for (const auto& [name, counts] : *reach) {
    if (!counts.is_object()) continue;
    run.reach.push_back({std::string(name), count_in(counts.get_object(), "organisations"),
                         count_in(counts.get_object(), "anonymous")});
  }
  if (const auto* others = object_in(object, "concerned")) run.others = others_of(*others);
  if (const auto* missing = object_in(object, "missing")) {
    DryRun::Missing said;
    said.have = count_in(*missing, "have");
    said.need = count_in(*missing, "need");
    const auto* could = missing->if_contains("could");
    if (could != nullptr && could->is_array()) {
      for (const auto& name : could->get_array()) {
        if (name.is_string()) said.could.emplace_back(name.get_string());
      }
    }
    run.missing = std::move(said);
  }
  const auto* warnings = object.if_contains("warnings");
  if (warnings != nullptr && warnings->is_array()) {
    for (const auto& each : warnings->get_array()) {
      if (!each.is_object() || run.warnings.size() >= kWarningsMax) continue;
      const auto& fault = each.get_object();
      run.warnings.push_back(fmt::format("{} at {}: {}", text_in(fault, "rule"),
                                         text_in(fault, "where"), text_in(fault, "message")));
    }
  }
  if (const auto* repeat = object_in(object, "repeat")) run.repeat = count_in(*repeat, "seq");
  return run;
}

Outcome<DryRun> ask_dry_run(Session& session, const engine::Envelope& envelope) {
  Request request;
  request.method = "POST";
  request.target = "/v1/alerts?dry_run=1";
  request.content_type = "application/json";
  request.body = trust::envelope_json(envelope);
  const auto response = ask(session, request);
  if (!response) return response.error();
  auto run = parse_dry_run(response->body);
  if (!run) {
    return trouble(Exit::unreachable, run.error().what, "is this address a Tocsin engine?");
  }
  return std::move(*run);
}

std::string others_text(const DryRun::Others& others) {
  const std::string who = others.looked_at == others.matched
                              ? "of these"
                              : fmt::format("of {} of them that were looked at", others.looked_at);
  return fmt::format(
      "{} {} concerned, connected or not; {} {} could be told now by SMS, e-mail or "
      "webhook",
      others.matched, others.matched == 1 ? "organisation is" : "organisations are", who,
      others.contactable());
}

std::string readers_text(std::uint64_t organisations, std::uint64_t anonymous) {
  return fmt::format("{} {} and {} {}", organisations,
                     organisations == 1 ? "organisation" : "organisations", anonymous,
                     anonymous == 1 ? "anonymous reader" : "anonymous readers");
}

}  // namespace ops::cli
