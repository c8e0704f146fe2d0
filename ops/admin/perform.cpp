#include "ops/admin/perform.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <future>

#include "engine/directory/directory_json.hpp"
#include "engine/frame.hpp"
#include "ops/admin/perform_reach.hpp"
#include "ops/admin/registration_json.hpp"

namespace ops {

namespace json = boost::json;
using engine::Failure;
using engine::Organisation;
using engine::Registration;
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

/// What streams would refuse is not stored.
Result<void> check_subscription(const Organisation& organisation, const engine::Places& places) {
  const auto filter =
      engine::Filter::parse(organisation.subscription, engine::cap::Status::actual, places);
  if (const auto* refusal = std::get_if<engine::Refusal>(&filter)) {
    return Failure{organisation.key, ": ", refusal->detail};
  }
  return {};
}

/// What a request says of organisations, checked as far as one by one they can be.
Result<std::vector<Said>> said_of(const json::object& request, const Machine& machine) {
  const auto* list = array_of(request, "organisations");
  if (list == nullptr) return Failure{"organisations is a list"};
  std::vector<Said> all;
  for (const auto& value : *list) {
    auto said = read_said(value, engine::SystemClock{}.now());
    if (!said) return said.error();
    Organisation& organisation = said->organisation;
    if (!said->names_subscription) {
      // Where it is comes with its profile, and what it wants to hear of stays.
      const auto known = machine.directory.find(organisation.key);
      if (known) organisation.subscription = known->subscription;
      if (said->profile) {
        std::erase_if(organisation.subscription,
                      [](const auto& parameter) { return parameter.first == "area"; });
      }
    }
    if (auto checked = check_subscription(organisation, machine.places); !checked) {
      return checked.error();
    }
    all.push_back(*std::move(said));
  }
  return all;
}

std::vector<Registration> registrations_of(std::vector<Said> all) {
  std::vector<Registration> registrations;
  for (Said& said : all) {
    registrations.push_back({std::move(said.organisation),
                             said.profile ? *std::move(said.profile) : engine::Profile{}});
  }
  return registrations;
}

Result<void> put(const json::object& request, const Machine& machine) {
  auto all = said_of(request, machine);
  if (!all) return all.error();
  std::size_t profiles = 0;
  for (const Said& said : *all) {
    profiles += said.profile ? 1 : 0;
    if (text_of(request, "only") == "new" && machine.directory.find(said.organisation.key)) {
      return Failure{"there is an organisation ", said.organisation.key,
                     " already; erase it first, or import a list to change it"};
    }
  }
  if (profiles == 0) {
    std::vector<Organisation> organisations;
    for (Said& said : *all) organisations.push_back(std::move(said.organisation));
    return machine.directory.put(organisations);
  }
  if (profiles < all->size()) return Failure{"a profile is said of all of them or of none"};
  const auto registrations = registrations_of(*std::move(all));
  return machine.directory.put(registrations);
}

/// A piece of an import; it counts when the import is whole.
Result<void> stage(const json::object& request, const Machine& machine) {
  auto all = said_of(request, machine);
  if (!all) return all.error();
  return machine.staging->add(text_of(request, "import"), registrations_of(*std::move(all)));
}

Result<void> take_import(const json::object& request, const Machine& machine) {
  auto all = machine.staging->take(text_of(request, "import"));
  if (!all) return all.error();
  auto done = machine.directory.put(*all);
  for (Registration& one : *all) engine::wipe(one.profile);
  return done;
}

/// Adds what is known of where it is and whom to reach, as far as that was asked for.
Result<void> add_profile(json::object& told, const json::object& request, const Machine& machine) {
  auto profile = machine.directory.profile(std::string(told["organisation"].as_string()));
  if (!profile) return profile.error();
  if (!*profile) return {};
  const json::value* asked = request.if_contains("contacts");
  const bool shown = asked != nullptr && asked->is_bool() && asked->get_bool();
  told["profile"] =
      engine::profile_json(**profile, shown ? engine::Contacts::shown : engine::Contacts::counted);
  engine::wipe(**profile);
  return {};
}

Result<void> list(const json::object& request, const Machine& machine, const Say& say) {
  const bool profiles = request.contains("contacts");
  for (const auto& organisation : machine.directory.all()) {
    json::object told = engine::organisation_json(organisation);
    if (profiles) {
      if (auto added = add_profile(told, request, machine); !added) return added;
    }
    say(told);
  }
  return {};
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
  json::object told = engine::organisation_json(*organisation);
  if (auto added = add_profile(told, request, machine); !added) return added;
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

/// What it said and what it was owed.
Result<void> forget_all(const std::string& key, const Machine& machine) {
  if (machine.erase_owed) {
    if (auto done = machine.erase_owed(key); !done) return done;
  }
  return forget(key, machine);
}

Result<void> erase(const std::string& key, const Machine& machine, const Say& say) {
  const auto erased = erase_organisation(key, machine);
  if (!erased) return erased.error();
  if (*erased == engine::Erased::until_restart) say({{"cleaned", false}});
  return {};
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
  if (what == "stage") return stage(request, machine);
  if (what == "import") return take_import(request, machine);
  if (what == "issue") return issue(request, machine, say);
  if (what == "show") return show(request, machine, say);
  if (what == "read") return read(request, machine, say);
  if (what == "reach") return tell_reach(request, machine, say);
  if (what == "unreached") return tell_unreached(request, machine, say);
  if (what == "said") return tell_said(request, machine, say);
  if (what == "sent") return tell_sent(request, machine, say);
  if (what == "answers") return tell_answers(request, machine, say);
  if (what == "erase") return erase(key, machine, say);
  if (what == "revoke" && !key.empty()) {
    return machine.directory.revoke(key, number_of(request, "number"));
  }
  if (what == "revoke") return machine.directory.revoke(text_of(request, "secret"));
  if (what == "list") return list(request, machine, say);
  return Failure{"this engine does not know what is asked; are both programs of one version?"};
}

}  // namespace

Result<engine::Erased> erase_organisation(const std::string& key, const Machine& machine) {
  if (auto done = forget_all(key, machine); !done) return done.error();
  const auto erased = machine.directory.erase(key);
  if (!erased) return erased;
  machine.end_streams();
  if (auto done = forget_all(key, machine); !done) {
    return Failure{key, " is erased, but something that it said or was owed may be left. ",
                   done.error().what, ". Then erase it again, until it is not known any more"};
  }
  return erased;
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
