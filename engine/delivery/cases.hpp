#pragma once
// An organisation and an alert: whom of it to tell next, and whether it has been reached. Part of a
// turn; on the courier's thread.
#include <string>
#include <string_view>
#include <vector>

#include "engine/delivery/desk.hpp"

namespace engine::delivery {

class Cases {
 public:
  explicit Cases(Desk& desk) : desk_(desk) {}

  /// A new one, which waits for somebody to acknowledge. Those who were told of what this alert
  /// replaces have one already, which goes by the rules from now on.
  void open(Sequence sequence, const AlertRow& alert, const Addressees::Concerned& who);
  /// A timer has run out. How many cases it has looked at, `most` and one at most; for others that
  /// the timer is for there is another.
  std::size_t look(const Due& due, std::size_t most);
  void acknowledge(const CaseKey& key);
  /// One of its deliveries has come to an end, or a report has changed it.
  void delivery_changed(const DeliveryRow& row);

  /// What a contact may have been told of among what an alert names, oldest first. Where something
  /// of that did not arrive, what it was to replace stands still, and counts in its place.
  struct ToldOf {
    Sequence sequence = Sequence::none;
    bool under_way = false;  // it is not known yet
    Told told;
  };
  std::vector<ToldOf> told_before(const AlertRow& alert, std::string_view organisation,
                                  std::uint32_t contact);

  /// Takes back what is still owed of an alert that `by` replaces or cancels, and follows what may
  /// have arrived: the same contacts, by the same ways, at once.
  void follow(const CaseKey& ended, CaseRow row, const AlertRow& ended_alert, Sequence by,
              const AlertRow& by_alert);

 private:
  void look_at(const CaseKey& key, const AlertRow& alert, CaseRow row, Time due);
  void examine(const CaseKey& key, const AlertRow& alert, std::optional<Standpoint> before,
               CaseRow row);
  void escalate(const CaseKey& key, const AlertRow& alert, CaseRow& row);
  void owe(const CaseKey& key, const AlertRow& alert, CaseRow& row, std::uint32_t contact, Way way);
  void expire(const CaseKey& key, const AlertRow& alert, CaseRow& row);
  bool take_back(const CaseKey& key, const AlertRow& alert, CaseRow::Tried& tried);
  void end_delivery(const DeliveryId& id, const DeliveryRow& row, const Standing& ended);
  void put(const CaseKey& key, const AlertRow& alert, std::optional<Standpoint> before,
           const CaseRow& row, std::optional<Time> looked_before);

  Desk& desk_;
};

}  // namespace engine::delivery
