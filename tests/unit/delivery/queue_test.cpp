// Who leaves next and what is under way, as the courier keeps them in memory beside their tables.
#include <doctest/doctest.h>

#include <random>
#include <set>

#include "engine/delivery/flights.hpp"
#include "engine/delivery/limits.hpp"
#include "engine/delivery/queue_front.hpp"

using namespace engine;
using namespace engine::delivery;

namespace {

/// The one who is so many metres off.
OrderKey order_of_metres(std::uint32_t metres) {
  DeliveryId id{};
  for (std::size_t i = 0; i < 4; ++i) id[i] = static_cast<std::uint8_t>(metres >> 8 * i);
  return key_of(order_of(cap::Urgency::immediate, cap::Severity::minor, metres, {}, id));
}

/// The table, and the front of it, which hears of everything that is written there.
struct Queue {
  std::map<OrderKey, QueueRow> table;
  std::set<DeliveryId> under_way;
  QueueFront front;
  std::size_t read = 0;  // rows

  void put(std::uint32_t metres) {
    QueueRow row{Sequence{1}, metres, false, "org"};
    table.insert_or_assign(order_of_metres(metres), row);
    front.put(order_of_metres(metres), row);
  }
  void leave(std::uint32_t metres) {
    table.erase(order_of_metres(metres));
    front.take_away(order_of_metres(metres));
  }
  std::vector<std::uint32_t> first(std::size_t most) {
    const auto rows = [this](const OrderKey& from, const QueueFront::Visit& visit) {
      for (auto at = table.lower_bound(from); at != table.end(); ++at) {
        ++read;
        if (!visit(at->first, at->second)) return;
      }
    };
    std::vector<std::uint32_t> found;
    for (const auto& place :
         front.first(most, rows, [this](const DeliveryId& id) { return under_way.contains(id); })) {
      found.push_back(place.row.contact);
    }
    return found;
  }
};

FlightRow flight_of(std::uint32_t metres) { return {Way::sms, order_of_metres(metres), {}}; }

DeliveryRow row_of(std::uint32_t metres) {
  return owed_row(Way::sms, order_of_metres(metres), {Sequence{1}, metres, false, "org"});
}

std::size_t flying(const Bytes& row) { return flight_rows(row).value().size(); }

}  // namespace

TEST_CASE("kQueuePage of those who leave next are read at once, and each is read once") {
  Queue queue;
  for (std::uint32_t i = 0; i < 3 * limits::kQueuePage; ++i) queue.put(i);
  queue.front.begin_anew();
  CHECK(queue.first(2) == std::vector<std::uint32_t>{0, 1});
  CHECK(queue.read == limits::kQueuePage + 1);
  for (std::uint32_t i = 0; i < limits::kQueuePage; ++i) {
    CHECK(queue.first(1) == std::vector{i});
    queue.leave(i);
    queue.front.written();
  }
  CHECK(queue.read == limits::kQueuePage + 1);
  CHECK(queue.first(1) == std::vector<std::uint32_t>{limits::kQueuePage});
  CHECK(queue.read == 2 * (limits::kQueuePage + 1));
}

TEST_CASE("who comes later and is nearer leaves earlier, once that is written") {
  Queue queue;
  queue.put(5);
  CHECK(queue.first(9).empty() == false);  // read from the table
  queue.front.written();
  queue.put(3);
  CHECK(queue.first(9) == std::vector<std::uint32_t>{5});
  queue.front.written();
  CHECK(queue.first(9) == std::vector<std::uint32_t>{3, 5});
}

TEST_CASE("what a turn takes away is not taken again, and is there again where the turn failed") {
  Queue queue;
  queue.put(1);
  queue.put(2);
  queue.front.written();
  CHECK(queue.first(9).size() == 2);
  queue.front.take_away(order_of_metres(1));
  CHECK(queue.first(9) == std::vector<std::uint32_t>{2});
  queue.front.forget_turn();
  CHECK(queue.first(9) == std::vector<std::uint32_t>{1, 2});
}

TEST_CASE("the front of a queue is the front of its table, whatever comes and goes") {
  std::mt19937 random(7);
  Queue queue;
  std::map<DeliveryId, std::uint32_t> flying;
  const auto any = [&](std::uint32_t below) {
    return static_cast<std::uint32_t>(random() % below);
  };
  for (std::size_t turn = 0; turn < 400; ++turn) {
    // Crowds that come before all others make it forget those behind them.
    const std::uint32_t crowd = turn % 40 == 0 ? 2500 : any(80);
    for (std::uint32_t i = 0; i < crowd; ++i) {
      const std::uint32_t metres = 1'000'000 - static_cast<std::uint32_t>(turn) * 2000 + any(4000);
      if (!flying.contains(id_in(order_of_metres(metres)))) queue.put(metres);
    }
    for (auto at = flying.begin(); at != flying.end();) {
      if (any(2) == 0) {
        ++at;
        continue;
      }
      queue.leave(at->second);
      queue.under_way.erase(at->first);
      at = flying.erase(at);
    }
    queue.front.written();
    const std::size_t most = any(120);
    std::vector<std::uint32_t> wanted;
    for (const auto& [order, row] : queue.table) {
      if (wanted.size() == most) break;
      if (!queue.under_way.contains(id_in(order))) wanted.push_back(row.contact);
    }
    REQUIRE(queue.first(most) == wanted);
    for (const std::uint32_t metres : wanted) {
      const OrderKey order = order_of_metres(metres);
      queue.front.take_away(order);
      flying.emplace(id_in(order), metres);
      queue.under_way.insert(id_in(order));
    }
    queue.front.written();
    if (turn % 100 == 99) queue.front.begin_anew();
  }
}

TEST_CASE("kFlight attempts share a row, which goes with the last of them") {
  Flights flights;
  for (std::uint32_t i = 0; i <= limits::kFlight; ++i) flights.mark(flight_of(i), row_of(i));
  const auto rows = flights.rows();
  REQUIRE(rows.size() == 2);
  CHECK(flying(rows.at(0)) == limits::kFlight);
  CHECK(flying(rows.at(1)) == 1);
  CHECK_FALSE(flights.contains(id_in(order_of_metres(0))));
  flights.written();
  CHECK(flights.contains(id_in(order_of_metres(0))));
  CHECK(flights.rows().empty());
  flights.ended(id_in(order_of_metres(0)));
  flights.ended(id_in(order_of_metres(limits::kFlight)));
  const auto left = flights.rows();
  REQUIRE(left.size() == 2);
  CHECK(flying(left.at(0)) == limits::kFlight - 1);
  CHECK(left.at(1).empty());
  flights.written();
  CHECK_FALSE(flights.contains(id_in(order_of_metres(0))));
  flights.mark(flight_of(0), row_of(0));
  CHECK(flights.rows().begin()->first == 2);
}

TEST_CASE("a delivery that is under way is as the turns that were written have left it") {
  Flights flights;
  const DeliveryId id = id_in(order_of_metres(4));
  flights.changed(id, row_of(4));
  CHECK_FALSE(flights.find(id).has_value());
  flights.mark(flight_of(4), row_of(4));
  flights.written();
  DeliveryRow row = row_of(4);
  row.standing.attempts = 3;
  flights.changed(id, row);
  CHECK(flights.find(id)->row->standing.attempts == 3);
  flights.forget_turn();
  CHECK(flights.find(id)->row->standing.attempts == 0);
  flights.changed(id, std::nullopt);
  flights.written();
  REQUIRE(flights.find(id).has_value());
  CHECK(flights.find(id)->row == nullptr);
  Flights anew;
  anew.known(7, {{flight_of(4), std::nullopt}});
  CHECK(anew.contains(id));
  anew.ended(id);
  CHECK(anew.rows().at(7).empty());
}
