#pragma once
// What the log holds already about a bulletin that asks for a place: the bulletin itself, another
// one under its name, and the alerts it names. Belongs to the thread whose Change it reads through:
// the writer's, before it appends, or the reader's, for a dry run.
#include <optional>
#include <vector>

#include "engine/log.hpp"
#include "engine/log/tables.hpp"
#include "engine/store/store.hpp"

namespace engine {

bool is_alert_or_update(cap::MsgType type);

/// An alert that a bulletin names, without what it reaches, which may be as much as fits an
/// outline.
struct Named {
  Sequence sequence = Sequence::none;
  cap::MsgType msg_type = cap::MsgType::alert;
  Time expires;
  std::optional<Ending> ending;                       // what had ended it before
  enum class Then { ends, stays } then = Then::ends;  // what becomes of it
};

/// An alert that a bulletin ends, in the log or not.
struct Ends {
  cap::Identity identity;
  std::vector<Sequence>
      before;  // the Updates that named it before and wait for it as this one does
};

/// What a bulletin would do to those it names.
struct Effects {
  std::vector<Named> named;            // those it refers to that are in the log
  std::vector<cap::Reach> reaches;     // those of the Alerts and Updates among them
  std::vector<cap::Reach> of_cancels;  // and of the Cancels, up to kReachesOfCancelsBytes
  std::size_t of_cancels_bytes = 0;
  std::vector<Ends> ended;   // those it ends, in the log or not; without the cancelled
  bool ended_early = false;  // it was itself ended before it came

  void add(const Named& one, cap::Outline outline);
  bool cancels_something() const;
  /// When the last of the alerts named would have expired.
  std::optional<Time> latest_expiry() const;
};

/// The bulletin with what those it names reached added to what it reaches itself.
BulletinPtr completed(const BulletinPtr& bulletin, const Effects& effects);

class Precedents {
 public:
  /// `head` is the newest record that counts; `change` must outlive this.
  Precedents(const Store::Change& change, Sequence head) : change_(change), head_(head) {}

  Result<std::optional<Appended>> repeat_of(const Bulletin& bulletin) const;
  /// How a bulletin was ended before it came, which the next two want to know.
  Result<std::optional<Ended>> ended_before(const cap::Outline& outline) const;
  /// Question 13.
  Result<std::optional<Refusal>> conflict_of(const Bulletin& bulletin,
                                             const std::optional<Ended>& before) const;
  Result<Effects> effects_of(const cap::Outline& outline, const std::optional<Ended>& before) const;
  /// All of these at once, for one that is not appended.
  Result<Foresight> foresee(const BulletinPtr& bulletin) const;

 private:
  struct Found {
    Sequence sequence = Sequence::none;
    cap::Outline outline;  // complete
  };
  Result<std::optional<Found>> look_up(const cap::Identity& identity) const;
  Result<cap::Outline> outline_at(Sequence sequence) const;
  Result<bool> ended_early(const cap::Outline& outline, const std::optional<Ended>& before) const;

  const Store::Change& change_;
  const Sequence head_;
};

}  // namespace engine
