#pragma once
// The outbox's memory: what is owed, what was done, and the sums of both. Everything that a turn
// changes is one write, sums included. On the courier's thread.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "engine/delivery/flights.hpp"
#include "engine/delivery/queue_front.hpp"
#include "engine/delivery/rows.hpp"

namespace engine::delivery {

class Book {
 public:
  explicit Book(Store& store);

  // --- what there is, with what this turn has changed of it; nothing where there is none. Where
  // something cannot be read, fault() says so and the turn must not be committed.

  std::optional<AlertRow> alert(Sequence sequence);
  std::optional<Sequence> sequence_of(const cap::Identity& identity);
  std::optional<CaseRow> one_case(Sequence sequence, std::string_view organisation);
  /// One whose first attempt has ended or is under way; nothing: there is no row of it.
  std::optional<DeliveryRow> delivery(const DeliveryId& id);
  /// Whichever a case tries.
  DeliveryRow delivery(const CaseKey& key, const AlertRow& alert, const CaseRow::Tried& tried);
  std::optional<NameRow> named(std::string_view gateway, std::string_view name);
  std::optional<Bytes> meta(BytesView key);
  /// An alert's sums by area and by sector, as committed and in this order.
  struct Group {
    GroupKey key;
    Standpoints counts{};
  };
  std::vector<Group> groups(Sequence sequence);

  /// In order, those that are committed, after `cursor` and, unless that is empty, as far as
  /// `through`.
  struct Case {
    std::string organisation;
    CaseRow row;
  };
  std::vector<Case> cases(Sequence sequence, std::string_view cursor, std::size_t most,
                          std::string_view through = {});
  /// Alerts after that one, as committed, at most so many.
  std::vector<Sequence> alerts_after(Sequence sequence, std::size_t most);
  std::optional<PlanningKey> first_to_plan(const std::set<Sequence>& but);
  /// Who stands first for that way of those who are not under way, as committed.
  std::vector<QueueFront::Place> first_in_queue(Way way, std::size_t most);
  /// Timers that have run out, those of the lowest level first.
  std::vector<Due> due(Time now, std::size_t most);
  /// When the next one runs out.
  std::optional<Time> next_due();
  /// All that is under way, as the table has it: read again, where it is not in memory any more.
  std::vector<FlightRow> read_under_way();
  std::optional<QueueRow> place(Way way, const OrderKey& order);
  /// Who was told something at that address, as committed: the newest alert first, at most so many.
  struct Told {
    ToldKey key;
    std::uint32_t contact = 0;
  };
  std::vector<Told> told(const AddressMark& mark, std::size_t most);
  /// Of meta, all that begin so: what stands behind it, and the value.
  std::vector<std::pair<Bytes, Bytes>> meta_beginning(BytesView prefix);

  // --- what this turn changes

  void put_meta(BytesView key, BytesView value);
  void erase_meta(BytesView key);
  /// A bulletin, and all of its rows but its counts, which are changed by what follows.
  void put_alert(Sequence sequence, AlertRow row);
  void put_identity(const Octets<32>& identity, Sequence sequence);
  void erase_alert(Sequence sequence);
  void plan(Sequence sequence, const AlertRow& row);
  void plan_no_more(Sequence sequence, const AlertRow& row);
  /// With where it stood before; nothing: it is new.
  void put_case(const CaseKey& key, std::optional<Standpoint> before, const CaseRow& row);
  void erase_case(Sequence sequence, std::string_view organisation);
  /// An organisation that no row is kept of: there is no way to reach it.
  void count_not_contactable(Sequence sequence, const Grouping& grouping);
  /// A new one, which stands in the queue and has no row yet.
  void owe(const DeliveryRow& row);
  void put_delivery(const DeliveryId& id, State before, const DeliveryRow& row);
  /// With its names and its place in the queue. The sums keep it.
  void erase_delivery(const DeliveryId& id, const DeliveryRow& row);
  /// One that has a row.
  void enqueue(const DeliveryRow& row);
  void leave_queue(Way way, const OrderKey& order);
  void leave_queue(const DeliveryRow& row) { leave_queue(row.way, row.order); }
  void add_due(const Due& due);
  void erase_due(const Due& due);
  /// A look at a case. While `walking`, those that come one after the other for the same time share
  /// a timer: whoever walks takes cases in their order.
  void add_look(std::uint8_t level, Time at, const CaseKey& key);
  void walking(bool walks);
  /// No timer names that organisation for that look any more.
  void erase_look(std::uint8_t level, Time at, const CaseKey& key);
  /// It keeps its place in the queue until its attempt has ended.
  void put_under_way(const DeliveryRow& row, const std::optional<AddressMark>& mark);
  void erase_under_way(const DeliveryId& id) { flights_.ended(id); }
  /// It was not handed over after all.
  void come_back(const DeliveryRow& row);
  void put_name(std::string_view gateway, std::string_view name, const NameRow& row);
  void erase_names(const DeliveryRow& row);
  /// The address of a delivery that has a mark was told of its alert.
  void put_told(const DeliveryRow& row);

  // --- all or nothing

  bool changed() const;
  const std::optional<std::string>& fault() const { return fault_; }
  Store::Commit commit();
  /// Forgets what this turn has changed: it was not written, or shall not be.
  void begin();
  /// Forgets what is in memory of what was written: the store was opened anew, and what was in
  /// doubt is decided.
  void begin_anew();

 private:
  std::optional<Bytes> read(Table table, BytesView key);
  template <class Row>
  std::optional<Row> read_row(Table table, BytesView key, std::optional<Row> (*row_of)(BytesView));
  void scan(Table table, BytesView from, BytesView until, const Store::Visit& visit);
  AlertRow* counted(Sequence sequence);
  void count(Sequence sequence, const Grouping& grouping, std::optional<Standpoint> before,
             Standpoint now);
  void put_queued(const DeliveryRow& row, bool has_row);
  void count(GroupKey key, std::optional<Standpoint> before, Standpoint now);
  void fail(std::string_view why);
  void keep(const std::map<Sequence, AlertRow>& rows);

  Store& store_;
  Store::Change change_;
  std::optional<std::string> fault_;
  std::map<Sequence, AlertRow> kept_;     // as committed
  std::map<Sequence, AlertRow> touched_;  // of this turn
  std::map<GroupKey, Standpoints> touched_groups_;
  std::unordered_set<Bytes> changed_cases_;  // of this turn
  Flights flights_;
  std::array<QueueFront, kWays> queue_;
  std::optional<Due> open_look_;  // of this walk, not noted yet
  bool walking_ = false;
  /// Where a table, or a part of it, begins that is taken from its front: nothing stands before
  /// `from`, so that nobody looks again at what was erased there.
  struct Front {
    Bytes from;
    std::optional<Bytes> added;  // the least that this turn has put there
    void add(const Bytes& key) { added = added ? std::min(*added, key) : key; }
    void written() {
      if (added) from = std::min(from, *added);
      added.reset();
    }
  };
  std::array<Front, kDueLevels> due_;
  Front planning_;
};

}  // namespace engine::delivery
