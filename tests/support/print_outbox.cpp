// print_outbox FOLDER: what an outbox holds, for a test that compares it with what gateways saw.
// The engine that it belongs to must have ended. Lines of JSON, of each alert its sums and of each
// delivery how far it has come:
//
//   {"alert":1,"ended_by":0,"planned":true,"reached":0,"trying":10,"failed":0,"not_contactable":0}
//   {"seq":1,"organisation":"…","contact":1,"way":"sms","state":"sent","attempts":2,
//    "uncertain":true,"under_way":false}
#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cstdio>
#include <set>

#include "engine/delivery/rows.hpp"

namespace {

namespace json = boost::json;
using namespace engine;
using namespace engine::delivery;

void print(const json::object& line) { fmt::print("{}\n", json::serialize(line)); }

json::object object_of(Sequence sequence, const AlertRow& row) {
  const auto& counts = row.counts.organisations;
  return {{"alert", number(sequence)},
          {"ended_by", number(row.ended_by)},
          {"planned", row.phase == AlertRow::Phase::planned},
          {"reached", counts[static_cast<std::size_t>(Standpoint::reached)]},
          {"trying", counts[static_cast<std::size_t>(Standpoint::trying)]},
          {"failed", counts[static_cast<std::size_t>(Standpoint::failed)]},
          {"not_contactable", counts[static_cast<std::size_t>(Standpoint::not_contactable)]}};
}

json::object object_of(const DeliveryRow& row, bool under_way) {
  return {{"seq", number(row.sequence)},
          {"organisation", row.organisation},
          {"contact", row.contact},
          {"way", text(row.way)},
          {"state", text(row.standing.state)},
          {"attempts", row.standing.attempts},
          {"uncertain", row.standing.uncertain},
          {"under_way", under_way}};
}

/// Every row of a table, in the order of its keys; false with a sentence where that fails.
bool each(const Store& store, Table table, const Store::Visit& visit) {
  const auto last = store.last_key(table);
  if (!last) return fmt::print(stderr, "print_outbox: {}\n", last.error().what), false;
  if (!*last) return true;
  const auto read = store.scan(table, {}, **last + '\0', visit);
  if (!read) fmt::print(stderr, "print_outbox: {}\n", read.error().what);
  return static_cast<bool>(read);
}

int run(const char* folder) {
  StoreOptions options;
  options.tables = OutboxTable::kNames;
  options.directory = folder;
  const auto store = Store::open(options);
  if (!store) return fmt::print(stderr, "print_outbox: {}\n", store.error().what), 1;
  bool sound = true;
  std::set<DeliveryId> under_way;
  sound = each(**store, OutboxTable::under_way, [&](BytesView, BytesView value) {
    const auto flight = flight_rows(value);
    if (!flight) return sound = false;
    for (const FlightRow& one : *flight) under_way.insert(id_in(one.order));
    return true;
  });
  sound = sound && each(**store, OutboxTable::alerts, [&](BytesView key, BytesView value) {
            const auto sequence = sequence_in(key);
            const auto row = alert_row(value);
            if (!sequence || !row) return sound = false;
            return print(object_of(*sequence, *row)), true;
          });
  sound = sound && each(**store, OutboxTable::deliveries, [&](BytesView key, BytesView value) {
            const auto row = delivery_row(value);
            if (!row) return sound = false;
            return print(object_of(*row, under_way.contains(*exactly<16>(key)))), true;
          });
  // What was never tried stands in the queue alone.
  sound = sound && each(**store, OutboxTable::queue, [&](BytesView key, BytesView value) {
            const auto order = exactly<kOrderKeyBytes>(key.substr(1));
            const auto row = queue_row(value);
            if (!order || !row) return sound = false;
            if (row->has_row) return true;
            const DeliveryRow owed = owed_row(static_cast<Way>(key.front()), *order, *row);
            return print(object_of(owed, under_way.contains(id_in(*order)))), true;
          });
  return sound ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (count == 2) return run(arguments[1]);
  fmt::print(stderr, "usage: print_outbox FOLDER\n");
  return 2;
}
