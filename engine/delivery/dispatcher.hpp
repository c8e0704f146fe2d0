#pragma once
// Between the queue and the channels: who is handed over next, and what came of it. Part of a turn;
// on the courier's thread.
#include <variant>

#include "engine/delivery/cases.hpp"
#include "engine/delivery/stories.hpp"

namespace engine::delivery {

/// What was heard since the last turn.
struct Answered {  // an attempt has ended
  DeliveryId id{};
  Attempted attempted;
};
struct NotMade {  // the channel had no room after all
  DeliveryId id{};
};
struct ReportedId {
  DeliveryId id{};
  Report report;
  Kept kept;
};
struct ReportedName {
  std::string gateway;
  std::vector<std::string> names;
  Report report;
  Kept kept;
};
struct Acknowledged {
  Sequence sequence = Sequence::none;
  std::string organisation;
};
struct Replied {  // somebody has written back
  Way way = Way::sms;
  std::string from, text;
  Kept kept;
};
using Heard = std::variant<Answered, NotMade, ReportedId, ReportedName, Acknowledged, Replied>;
/// Who waits to hear whether it is kept; null where nobody does.
Kept kept_of(const Heard& heard);

/// An attempt that is marked.
struct Taken {
  Attempt attempt;
  std::string organisation;
  std::optional<AddressMark> mark;
};

class Dispatcher {
 public:
  Dispatcher(Desk& desk, Stories& stories) : desk_(desk), cases_(desk), stories_(stories) {}

  /// Marks those that stand first, as many as there is room for, and makes their attempts. They are
  /// handed over once the mark is on the disk.
  std::vector<Taken> take(Way way, std::size_t room);
  void hear(const Heard& heard);
  /// It is time to try that delivery again.
  void retry(const DeliveryId& id, Time due);
  /// What was under way when the engine stopped is uncertain, and stands in the queue again.
  void recover();

 private:
  void hear_one(const Answered& heard);
  void hear_one(const NotMade& heard);
  void hear_one(const ReportedId& heard);
  void hear_one(const ReportedName& heard);
  void hear_one(const Acknowledged& heard);
  void hear_one(const Replied&) {}  // replies.hpp reads it
  void report(const DeliveryId& id, std::optional<std::uint8_t> part, const Report& report);
  std::optional<Attempt> attempt_of(const DeliveryId& id, const DeliveryRow& row);
  void put_off(const DeliveryId& id, const DeliveryRow& row, const AlertRow& alert);
  void move(const DeliveryId& id, const DeliveryRow& before, DeliveryRow after);
  void give_up(const DeliveryId& id, const DeliveryRow& row, std::string_view why);
  void keep_mark(DeliveryRow& row, const std::optional<AddressMark>& mark);
  void keep_names(const DeliveryId& id, DeliveryRow& row, const Attempted& attempted);

  Desk& desk_;
  Cases cases_;
  Stories& stories_;
};

}  // namespace engine::delivery
