#include "ops/admin/perform_reach.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <future>
#include <optional>

#include "engine/answer.hpp"
#include "engine/outbox.hpp"
#include "ops/admin/limits.hpp"

namespace ops {

namespace json = boost::json;
using engine::Failure;
using engine::Outbox;
using engine::OutboxReach;
using engine::OutboxSums;
using engine::Result;
using engine::Sequence;
using engine::Unreached;

namespace {

json::object sums_json(const OutboxSums& sums) {
  return {{"matched", sums.matched},
          {"reached", sums.reached},
          {"trying", sums.trying},
          {"failed", sums.failed},
          {"not_contactable", sums.not_contactable}};
}

json::array groups_json(const std::vector<OutboxReach::Group>& groups, std::string_view what,
                        const engine::Places& places) {
  json::array all;
  for (const auto& [name, sums] : groups) {
    json::object one{{what, name}};
    const engine::Place* place = what == "area" ? places.find(name) : nullptr;
    if (place != nullptr) one["name"] = place->name;
    for (const auto& [key, value] : sums_json(sums)) one[key] = value;
    all.push_back(std::move(one));
  }
  return all;
}

json::object channels_json(const OutboxReach& reach) {
  json::object channels;
  for (std::size_t way = 0; way < engine::kWays; ++way) {
    json::object states;
    for (std::size_t state = 0; state < engine::delivery::kStates; ++state) {
      states[engine::delivery::text(static_cast<engine::delivery::State>(state))] =
          reach.messages[way][state];
    }
    channels[engine::text(static_cast<engine::Way>(way))] = std::move(states);
  }
  return channels;
}

/// Of an engine that runs: what is owed is the courier's, and nobody else opens it.
Result<Outbox*> outbox_of(const Machine& machine) {
  if (machine.outbox != nullptr) return machine.outbox;
  return Failure{"who was reached is asked of a running engine; start it on this folder"};
}

Result<Sequence> sequence_of(const json::object& request, const Machine& machine) {
  const json::value* value = request.if_contains("sequence");
  boost::system::error_code error;
  const auto number = value != nullptr ? value->to_number<std::uint64_t>(error) : 0;
  if (error || number == 0) return Failure{"name an alert by its sequence"};
  if (Sequence{number} > machine.log.head()) {
    return Failure{"there is no alert ", std::to_string(number)};
  }
  return Sequence{number};
}

/// Where a page begins.
std::string cursor_of(const json::object& request) {
  const json::value* after = request.if_contains("after");
  return after != nullptr && after->is_string() ? std::string(after->get_string()) : std::string();
}

/// As schemas/answers.md names them.
std::string_view means(engine::Answer::Kind kind) {
  using Kind = engine::Answer::Kind;
  return kind == Kind::safe          ? "safe"
         : kind == Kind::need_help   ? "need help"
         : kind == Kind::can_shelter ? "can shelter"
                                     : "words";
}

template <class Answer>
Answer wait_for(const std::function<void(engine::Done<Answer>)>& ask) {
  std::promise<Answer> promise;
  ask([&promise](Answer answer) { promise.set_value(std::move(answer)); });
  return promise.get_future().get();
}

/// Of one to whom something may have come, by what is known of the messages.
std::string_view perhaps(const std::vector<Unreached::Tried>& all) {
  const bool sent = std::any_of(all.begin(), all.end(), [](const auto& tried) {
    return tried.state == engine::delivery::State::sent;
  });
  return sent ? "A message was sent, and nobody has reported whether it arrived."
              : "A message may have arrived: an attempt to send it was never answered.";
}

/// Of one who was not reached. What was waited for still when the alert ended is over.
std::string_view why(const Unreached& one) {
  using engine::delivery::Step;
  if (one.sent) return perhaps(one.tried);
  const Step step = one.step;
  const bool ended =
      step == Step::expired || step == Step::nobody_left || step == Step::nobody_contactable;
  return ended ? engine::delivery::sentence(step)
               : "The alert was replaced, cancelled or over before anybody was reached.";
}

json::object tried_json(const Unreached::Tried& tried) {
  return {{"contact", tried.contact},
          {"channel", engine::text(tried.way)},
          {"state", engine::delivery::text(tried.state)},
          {"attempts", tried.attempts},
          {"uncertain", tried.uncertain},
          {"words", tried.words},
          {"changed", engine::format_time(tried.changed)}};
}

}  // namespace

Result<void> tell_reach(const json::object& request, const Machine& machine, const Say& say) {
  const auto outbox = outbox_of(machine);
  if (!outbox) return outbox.error();
  const auto sequence = sequence_of(request, machine);
  if (!sequence) return sequence.error();
  using Answer = Result<std::optional<OutboxReach>>;
  const auto found =
      wait_for<Answer>([&](auto done) { (*outbox)->reach(*sequence, std::move(done)); });
  if (!found) return found.error();
  json::object told{
      {"seq", number(*sequence)}, {"channels", json::object{}}, {"concerned", nullptr}};
  if (*found) {
    const OutboxReach& reach = **found;
    told["channels"] = channels_json(reach);
    json::object concerned = sums_json(reach);
    concerned["planned"] = reach.planned;
    concerned["areas"] = groups_json(reach.areas, "area", machine.places);
    concerned["sectors"] = groups_json(reach.sectors, "sector", machine.places);
    told["concerned"] = std::move(concerned);
  }
  say(told);
  return {};
}

Result<void> tell_answers(const json::object& request, const Machine& machine, const Say& say) {
  const auto sequence = sequence_of(request, machine);
  if (!sequence) return sequence.error();
  using Page = Result<engine::GivenAnswers>;
  const auto page = wait_for<Page>([&](auto done) {
    machine.receipts.answers(*sequence, cursor_of(request), limits::kAnswersLooked,
                             std::move(done));
  });
  if (!page) return page.error();
  for (const auto& [key, text] : page->given) {
    const auto organisation = machine.directory.find(key);
    const engine::Answer answer = engine::read_answer(text);
    say({{"organisation", key},
         {"name", organisation ? organisation->name : std::string()},
         {"means", means(answer.kind)},
         {"places", answer.places},
         {"answer", text}});
  }
  say({{"after", page->cursor}, {"end", page->end}});
  return {};
}

Result<void> tell_unreached(const json::object& request, const Machine& machine, const Say& say) {
  const auto outbox = outbox_of(machine);
  if (!outbox) return outbox.error();
  const auto sequence = sequence_of(request, machine);
  if (!sequence) return sequence.error();
  using Answer = Result<engine::UnreachedPage>;
  const auto page = wait_for<Answer>(
      [&](auto done) { (*outbox)->unreached(*sequence, cursor_of(request), std::move(done)); });
  if (!page) return page.error();
  for (const Unreached& one : page->organisations) {
    const auto organisation = machine.directory.find(one.organisation);
    json::array tried;
    for (const auto& each : one.tried) tried.push_back(tried_json(each));
    say({{"organisation", one.organisation},
         {"name", organisation ? organisation->name : std::string()},
         {"why", why(one)},
         {"tried", std::move(tried)}});
  }
  say({{"after", page->cursor}, {"end", page->end}});
  return {};
}

namespace {

/// Of one alert that an organisation was sent. "Everybody was tried" is no word for somebody whose
/// message may have arrived.
std::string_view why(const engine::SentAlert& one) {
  using engine::delivery::State;
  using engine::delivery::Step;
  const bool perhaps_arrived =
      std::any_of(one.tried.begin(), one.tried.end(),
                  [](const auto& tried) { return tried.state == State::sent || tried.uncertain; });
  if (one.step == Step::nobody_left && perhaps_arrived) return perhaps(one.tried);
  return engine::delivery::sentence(one.step);
}

std::string organisation_in(const json::object& request) {
  const json::value* key = request.if_contains("organisation");
  return key != nullptr && key->is_string() ? std::string(key->get_string()) : std::string();
}

/// 0, which is before all, where none is said.
Sequence after_in(const json::object& request) {
  const json::value* value = request.if_contains("after");
  boost::system::error_code error;
  const auto number = value != nullptr ? value->to_number<std::uint64_t>(error) : 0;
  return error ? Sequence::none : Sequence{number};
}

}  // namespace

Result<void> tell_said(const json::object& request, const Machine& machine, const Say& say) {
  using Page = Result<engine::OrganisationSaid>;
  const auto page = wait_for<Page>([&](auto done) {
    machine.receipts.said_by(organisation_in(request), after_in(request), limits::kAnswersLooked,
                             std::move(done));
  });
  if (!page) return page.error();
  for (const auto& one : page->said) {
    say({{"seq", number(one.sequence)},
         {"connected", one.connected},
         {"displayed", one.displayed},
         {"acknowledged", one.acknowledged},
         {"answer", one.answer}});
  }
  say({{"after", number(page->cursor)}, {"end", page->end}});
  return {};
}

Result<void> tell_sent(const json::object& request, const Machine& machine, const Say& say) {
  engine::SentPage page;
  page.end = true;
  if (machine.sent_to) {
    auto found = machine.sent_to(organisation_in(request), after_in(request));
    if (!found) return found.error();
    page = *std::move(found);
  }
  for (const engine::SentAlert& one : page.alerts) {
    json::array tried;
    for (const auto& each : one.tried) tried.push_back(tried_json(each));
    json::array sectors(one.grouping.sectors.begin(), one.grouping.sectors.end());
    say({{"seq", number(one.sequence)},
         {"headline", one.title},
         {"at", engine::format_time(one.since)},
         {"area", one.grouping.area},
         {"sectors", std::move(sectors)},
         {"acknowledged", one.acknowledged},
         {"why", why(one)},
         {"tried", std::move(tried)}});
  }
  say({{"after", number(page.cursor)}, {"end", page.end}});
  return {};
}

}  // namespace ops
