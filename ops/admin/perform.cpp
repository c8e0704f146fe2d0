#include "ops/admin/perform.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <future>

#include "engine/frame.hpp"

namespace ops {

namespace json = boost::json;
using engine::Failure;
using engine::Organisation;
using engine::Result;
using engine::Secret;
using engine::Sequence;

namespace {

constexpr engine::PageLimit kPage{64, 1 << 20};

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// 0 where there is none. A parser makes small numbers signed; a request that was never text may
/// hold them as the caller had them.
std::uint64_t number_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr) return 0;
  boost::system::error_code error;
  const auto number = value->to_number<std::uint64_t>(error);
  return error ? 0 : number;
}

const json::array* array_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr ? value->if_array() : nullptr;
}

Result<Organisation> read_organisation(const json::value& value, engine::Time now) {
  const json::object* object = value.if_object();
  if (object == nullptr) return Failure{"an organisation is an object"};
  Organisation organisation;
  organisation.key = text_of(*object, "organisation");
  organisation.name = text_of(*object, "name");
  organisation.since = now;
  if (const auto* groups = array_of(*object, "groups")) {
    for (const auto& group : *groups) {
      if (!group.is_string()) return Failure{"a group is a text"};
      organisation.groups.emplace_back(group.get_string());
    }
  }
  if (const auto* subscription = array_of(*object, "subscription")) {
    for (const auto& entry : *subscription) {
      const json::array* pair = entry.if_array();
      if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_string() ||
          !(*pair)[1].is_string()) {
        return Failure{"a subscription is a list of pairs: name and value"};
      }
      organisation.subscription.emplace_back((*pair)[0].get_string(), (*pair)[1].get_string());
    }
  }
  return organisation;
}

/// What streams would refuse is not stored.
Result<void> check_subscription(const Organisation& organisation, const engine::Places& places) {
  const auto filter =
      engine::Filter::parse(organisation.subscription, engine::cap::Status::actual, places);
  if (const auto* refusal = std::get_if<engine::Refusal>(&filter)) {
    return Failure{organisation.key, ": ", refusal->detail};
  }
  return {};
}

Result<void> put(const json::object& request, const Machine& machine) {
  const auto* list = array_of(request, "organisations");
  if (list == nullptr) return Failure{"organisations is a list"};
  const bool only_new = text_of(request, "only") == "new";
  std::vector<Organisation> organisations;
  for (const auto& value : *list) {
    auto organisation = read_organisation(value, engine::SystemClock{}.now());
    if (!organisation) return organisation.error();
    if (auto checked = check_subscription(*organisation, machine.places); !checked) return checked;
    if (only_new && machine.directory.find(organisation->key)) {
      return Failure{"there is an organisation ", organisation->key,
                     " already; erase it first, or import a list to change it"};
    }
    organisations.push_back(std::move(*organisation));
  }
  return machine.directory.put(organisations);
}

Result<void> issue(const json::object& request, const Machine& machine, const Say& say) {
  const std::string asked = text_of(request, "kind");
  if (asked != "token" && asked != "invitation") {
    return Failure{"a secret's kind is token or invitation"};
  }
  const auto kind = asked == "token" ? Secret::Kind::token : Secret::Kind::invitation;
  const auto secret = machine.directory.issue(text_of(request, "organisation"), kind);
  if (!secret) return secret.error();
  json::object told{{"secret", secret->text}, {"number", secret->number}};
  if (secret->expires) told["expires"] = engine::format_time(*secret->expires);
  say(told);
  return {};
}

Result<void> show(const json::object& request, const Machine& machine, const Say& say) {
  const std::string key = text_of(request, "organisation");
  const auto organisation = machine.directory.find(key);
  if (!organisation) return Failure{"there is no organisation ", key.substr(0, 80)};
  json::object told = organisation_json(*organisation);
  json::array secrets;
  for (const auto& credential : machine.directory.credentials_of(key)) {
    const bool token = credential.kind == Secret::Kind::token;
    json::object one{{"number", credential.number},
                     {"kind", token ? "token" : "invitation"},
                     {"since", engine::format_time(credential.since)}};
    if (credential.expires) one["expires"] = engine::format_time(*credential.expires);
    secrets.push_back(std::move(one));
  }
  told["secrets"] = std::move(secrets);
  std::promise<Result<engine::Sequence>> promise;
  machine.receipts.position(
      key, [&promise](Result<engine::Sequence> settled) { promise.set_value(std::move(settled)); });
  const auto settled = promise.get_future().get();
  if (!settled) return settled.error();
  told["settled"] = number(*settled);
  say(told);
  return {};
}

Result<void> forget(const std::string& key, const Machine& machine) {
  std::promise<Result<void>> promise;
  machine.receipts.forget(key, [&promise](Result<void> done) { promise.set_value(done); });
  return promise.get_future().get();
}

/// What it said goes first, so that nothing is left of it where that fails; and once more when its
/// streams have ended, since they went on until it was erased itself. What it says behind that the
/// receipts do not keep.
Result<void> erase(const std::string& key, const Machine& machine) {
  if (!machine.directory.find(key)) return machine.directory.erase(key);  // says so
  if (auto done = forget(key, machine); !done) return done;
  if (auto done = machine.directory.erase(key); !done) return done;
  machine.end_streams();
  return forget(key, machine);
}

/// A page of records, each as the stream's `alert` object with the number of its place.
Result<void> read(const json::object& request, const Machine& machine, const Say& say) {
  std::promise<Result<engine::Page>> promise;
  machine.log.read(Sequence{number_of(request, "after")}, kPage,
                   [&promise](Result<engine::Page> page) { promise.set_value(std::move(page)); });
  const Result<engine::Page> page = promise.get_future().get();
  if (!page) return page.error();
  for (const auto& record : page->records) {
    say({{"place", number(record.sequence)}, {"alert", engine::alert_json(record)}});
  }
  say({{"through", number(page->through)},
       {"head", number(machine.log.head())},
       {"epoch", machine.log.epoch()},
       {"end", page->end}});
  return {};
}

Result<void> perform_one(const json::object& request, const Machine& machine, const Say& say) {
  const std::string what = text_of(request, "do");
  const std::string key = text_of(request, "organisation");
  if (what == "status") {
    say(machine.status());
    return {};
  }
  if (what == "put") return put(request, machine);
  if (what == "issue") return issue(request, machine, say);
  if (what == "show") return show(request, machine, say);
  if (what == "read") return read(request, machine, say);
  if (what == "erase") return erase(key, machine);
  if (what == "revoke" && !key.empty()) {
    return machine.directory.revoke(key, number_of(request, "number"));
  }
  if (what == "revoke") return machine.directory.revoke(text_of(request, "secret"));
  if (what == "list") {
    for (const auto& organisation : machine.directory.all()) say(organisation_json(organisation));
    return {};
  }
  return Failure{"this engine does not know what is asked; are both programs of one version?"};
}

}  // namespace

json::object organisation_json(const Organisation& organisation) {
  json::array groups, subscription;
  for (const auto& group : organisation.groups) groups.emplace_back(group);
  for (const auto& [name, value] : organisation.subscription) {
    subscription.push_back(json::array{name, value});
  }
  return {{"organisation", organisation.key},
          {"name", organisation.name},
          {"groups", std::move(groups)},
          {"subscription", std::move(subscription)},
          {"since", engine::format_time(organisation.since)}};
}

void perform(const json::object& request, const Machine& machine, const Say& say) {
  const auto done = perform_one(request, machine, say);
  if (done) {
    say({{"done", true}});
  } else {
    say({{"error", done.error().what}});
  }
}

}  // namespace ops
