#include "engine/dry_run.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace engine {

namespace json = boost::json;

namespace {

json::value concerned_json(const std::optional<Forecast>& concerned) {
  if (!concerned) return nullptr;
  json::object channels;
  for (std::size_t way = 0; way < kWays; ++way) {
    channels[text(static_cast<Way>(way))] = concerned->by_way[way];
  }
  return {{"matched", concerned->matched},
          {"looked_at", concerned->looked_at},
          {"channels", std::move(channels)},
          {"later", concerned->later},
          {"not_contactable", concerned->not_contactable}};
}

}  // namespace

std::string dry_run_json(const DryRun& dry_run, const Epoch& epoch) {
  json::object answer;
  answer["id"] = to_hex(view(dry_run.id));
  answer["reach"] = {
      {"stream", {{"organisations", dry_run.organisations}, {"anonymous", dry_run.anonymous}}}};
  answer["concerned"] = concerned_json(dry_run.concerned);
  json::value& missing = answer["missing"];
  if (dry_run.missing) {
    json::array could(dry_run.missing->could.begin(), dry_run.missing->could.end());
    missing = {{"have", dry_run.missing->have},
               {"need", dry_run.missing->need},
               {"could", std::move(could)}};
  }
  json::array warnings;
  for (const cap::Fault& fault : dry_run.warnings) {
    warnings.push_back({{"rule", fault.rule}, {"where", fault.where}, {"message", fault.message}});
  }
  answer["warnings"] = std::move(warnings);
  json::value& repeat = answer["repeat"];
  if (dry_run.repeat) {
    repeat = {{"seq", number(dry_run.repeat->sequence)},
              {"epoch", epoch},
              {"at", format_time(dry_run.repeat->at)}};
  }
  return json::serialize(answer);
}

}  // namespace engine
