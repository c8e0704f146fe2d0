#include "engine/delivery/rows.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace engine;
using namespace engine::delivery;
using namespace std::chrono_literals;

namespace {

const Time kNow = parse_time("2026-11-21T12:00:00Z").value();

AlertRow an_alert() {
  AlertRow row;
  row.bulletin.fill(7);
  row.identity.fill(8);
  row.msg_type = cap::MsgType::update;
  row.urgency = cap::Urgency::expected;
  row.severity = cap::Severity::minor;
  row.since = kNow;
  row.expires = kNow + 1h;
  row.title = "EXERCISE: a river";
  row.named = {Sequence{3}, Sequence{5}};
  row.ended_by = Sequence{9};
  row.phase = AlertRow::Phase::concerned;
  row.following = 2;
  row.cursor = "acme";
  row.counts.organisations = {1, 2, 3, 4};
  row.counts.deliveries[2][5] = 6;
  return row;
}

CaseRow a_case() {
  CaseRow row;
  row.kind = CaseRow::Kind::following;
  row.acknowledged = true;
  row.standpoint = Standpoint::failed;
  row.step = Step::nobody_left;
  row.metres = 1234;
  row.look_again = kNow;
  row.tried = {{7, Way::webhook, Reached::delivered, kNow, 5},
               {8, Way::sms, Reached::failed, kNow, 6}};
  row.grouping = {"E09000007", {"food", "retail"}};
  return row;
}

DeliveryRow a_delivery() {
  DeliveryRow row;
  row.sequence = Sequence{12};
  row.organisation = "acme";
  row.contact = 3;
  row.way = Way::email;
  row.order = key_of(order_of(cap::Urgency::future, cap::Severity::severe, 80, kNow, {9}));
  row.standing = {State::sent, 4, true, 2, 3, "busy", kNow, kNow + 1s};
  row.names = {{"main", "a1", 0}, {"main", "a2", 1}};
  return row;
}

/// Every beginning of it, and it with something behind, is none.
template <class Row>
void whole_or_nothing(const Row& row, std::optional<Row> (*read)(BytesView)) {
  const Bytes octets = to_octets(row);
  CHECK(read(octets) == row);
  for (std::size_t size = 0; size < octets.size(); ++size) {
    CHECK_FALSE(read(BytesView(octets).substr(0, size)).has_value());
  }
  CHECK_FALSE(read(octets + 'x').has_value());
}

}  // namespace

TEST_CASE("rows are read as they were written or not at all") {
  whole_or_nothing<AlertRow>(an_alert(), alert_row);
  whole_or_nothing<CaseRow>(a_case(), case_row);
  whole_or_nothing<Standpoints>({1, 2, 3, 4}, standpoints_row);
  whole_or_nothing<DeliveryRow>(a_delivery(), delivery_row);
  // The mark stands last, and earlier versions wrote none.
  DeliveryRow marked = a_delivery();
  marked.mark = AddressMark{1, 2, 3};
  CHECK(delivery_row(to_octets(marked)) == marked);
  CHECK_FALSE(delivery_row(to_octets(a_delivery()) + "short").has_value());
  CHECK_FALSE(delivery_row(to_octets(marked) + 'x').has_value());
  whole_or_nothing<QueueRow>({Sequence{12}, 3, true, "acme"}, queue_row);
  using Flight = std::vector<FlightRow>;
  const OrderKey order = a_delivery().order;
  whole_or_nothing<Flight>({{Way::email, order, {}}, {Way::sms, order, AddressMark{1}}},
                           flight_rows);
  const NameRow name{{1, 2, 3}, 4};
  CHECK(name_row(to_octets(name))->id == name.id);
  CHECK(name_row(to_octets(name))->part == 4);
  CHECK_FALSE(name_row("short").has_value());
}

TEST_CASE("of what an address was told the newest alert stands first") {
  const ToldKey told{{7, 8}, Sequence{12}, "acme"};
  const auto read = told_in(told_key(told));
  REQUIRE(read.has_value());
  CHECK(read->mark == told.mark);
  CHECK(read->sequence == told.sequence);
  CHECK(read->organisation == told.organisation);
  CHECK(told_key({{7, 8}, Sequence{13}, "zoo"}) < told_key(told));
  CHECK(told_key(told) < told_key({{7, 8}, Sequence{12}, "zoo"}));
  CHECK_FALSE(told_in(told_key({{7, 8}, Sequence{12}, ""})).has_value());
  CHECK_FALSE(told_in("short").has_value());
}

TEST_CASE("a delivery has one name for ever and no other has it") {
  BulletinId one{};
  BulletinId other{};
  other[31] = 1;
  const DeliveryId id = delivery_id(one, "acme", 1);
  CHECK(id == delivery_id(one, "acme", 1));
  CHECK(to_hex(view(id)) == "44e90ba3deeb980fe73271d41f12132e");
  CHECK(id != delivery_id(other, "acme", 1));
  CHECK(id != delivery_id(one, "acme2", 1));
  CHECK(id != delivery_id(one, "acme", 2));
}

TEST_CASE("keys are read as they were written and sort as what they are") {
  CHECK(sequence_in(sequence_key(Sequence{77})) == Sequence{77});
  CHECK_FALSE(sequence_in("short").has_value());
  const auto key = case_in(case_key(Sequence{5}, "acme"));
  REQUIRE(key.has_value());
  CHECK(key->sequence == Sequence{5});
  CHECK(key->organisation == "acme");
  CHECK_FALSE(case_in(sequence_key(Sequence{5})).has_value());
  const Due due{2, kNow, DueKind::look, "what"};
  const auto read = due_in(due_key(due));
  REQUIRE(read.has_value());
  CHECK(read->level == 2);
  CHECK(read->at == kNow);
  CHECK(read->kind == DueKind::look);
  CHECK(read->what == "what");
  const auto walk = due_in(due_key({2, kNow, DueKind::walk, "first", "last"}));
  REQUIRE(walk.has_value());
  CHECK(walk->kind == DueKind::walk);
  CHECK(walk->what == "first");
  CHECK(walk->through == "last");
  CHECK_FALSE(due_in(due_key({2, kNow, DueKind::walk, ""}).substr(0, 12)).has_value());
  CHECK_FALSE(due_in(due_key({kDueLevels, kNow, DueKind::look, ""})).has_value());
  CHECK(due_key({0, kNow + 1h, DueKind::look, "z"}) < due_key({1, kNow, DueKind::retry, "a"}));
  CHECK(due_key({1, Time{-1ms}, DueKind::look, "z"}) < due_key({1, Time{}, DueKind::retry, ""}));
  CHECK(due_key({1, kNow, DueKind::look, "z"}) < due_key({1, kNow + 1ms, DueKind::retry, ""}));
}

TEST_CASE("what is planned first is the most urgent, then the most severe, then the oldest") {
  const auto planned = [](cap::Urgency urgency, cap::Severity severity, std::uint64_t sequence) {
    AlertRow row;
    row.urgency = urgency;
    row.severity = severity;
    return planning_key(row, Sequence{sequence});
  };
  const std::vector<Bytes> order = {
      planned(cap::Urgency::immediate, cap::Severity::extreme, 9),
      planned(cap::Urgency::immediate, cap::Severity::minor, 2),
      planned(cap::Urgency::immediate, cap::Severity::minor, 3),
      planned(cap::Urgency::expected, cap::Severity::extreme, 1),
  };
  CHECK(std::is_sorted(order.begin(), order.end()));
  CHECK(planning_in(order[1])->sequence == Sequence{2});
  CHECK_FALSE(planning_in("x").has_value());
}

TEST_CASE("an Extreme is due before the others and so is what is not known to be less") {
  CHECK(due_level(cap::Severity::extreme) == 0);
  CHECK(due_level(cap::Severity::unknown) == 0);
  CHECK(due_level(cap::Severity::minor) == 3);
}
