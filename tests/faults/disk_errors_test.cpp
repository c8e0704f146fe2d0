// Every operation on the disk fails once, the first, the second and so on until whole stories run
// without meeting it. What the disk did not do is never taken for done, and a disk that was full is
// used again when it has room.
#include <cerrno>
#include <iostream>

#include "tests/faults/round.hpp"

using namespace tests;

namespace {

constexpr int kMet = 20;
constexpr int kNotMet = 21;
constexpr int kBulletins = 40;
constexpr std::uint64_t kNotMetInARow = 8;

std::string code_of(const AppendAnswer& answer) {
  const auto* refusal = std::get_if<Refusal>(&answer);
  return refusal == nullptr ? "taken" : std::string(engine::text(refusal->code));
}

/// Sends one. A log that is only busy, or its disk slow, as where much else runs on the machine, is
/// asked again: it took nothing, and says that a moment is enough.
AppendAnswer send_one(Round& round, MsgType type) {
  const std::uint32_t n = round.next(type);
  AppendAnswer answer = round.send(n);
  for (int again = 0; again < 100; ++again) {
    const auto* refusal = std::get_if<Refusal>(&answer);
    const bool busy = refusal != nullptr && refusal->code == engine::Code::log_unavailable &&
                      refusal->detail.find("in a moment") != std::string::npos;
    if (!busy) break;
    answer = round.send(n);
  }
  return answer;
}

/// Sends until one is refused for want of the disk; its answer, or "" if all were taken.
std::string send_until_refused(Round& round, int bulletins = kBulletins) {
  for (int i = 0; i < bulletins; ++i) {
    const auto answer = send_one(round, i % 8 == 7 ? MsgType::cancel : MsgType::alert);
    const std::string code = code_of(answer);
    if (code == "log_unavailable" || code == "log_full") return code;
    round.promised(code == "taken" || code == "already_cancelled", "refused with " + code);
  }
  return "";
}

/// A disk that failed closes the log until it is opened by another process, and readers go on.
void closed_for_good(Round& round) {
  round.promised(!round.log().writable(), "the log is open after a write that failed");
  round.check();
  round.disk().mend();
  for (const MsgType type : {MsgType::alert, MsgType::cancel}) {
    const auto answer = send_one(round, type);
    round.promised(code_of(answer) == "log_unavailable", "taken after a write that failed");
    const auto& refusal = std::get<Refusal>(answer);
    round.promised(refusal.detail.find("restarted") != std::string::npos, "no word of a restart");
    round.promised(refusal.retry_after_s > 0, "no word of when to come back");
  }
  round.check();
  round.lose_power();
}

/// A full disk refuses, is read on, and takes again when there is room, all in one process.
void full_for_a_while(Round& round) {
  round.promised(round.log().writable(), "the log is closed by a full disk");
  round.promised(round.log().full(), "the log does not say that its disk is full");
  round.check();
  round.promised(code_of(send_one(round, MsgType::alert)) == "log_full", "not full");
  const char* const epoch = round.log().epoch().data();
  round.disk().mend();
  const std::string again = code_of(send_one(round, MsgType::alert));
  round.promised(again == "taken", "with room again: " + again);
  round.promised(!round.log().full(), "the log says it is full and is not");
  const bool same = round.log().epoch().data() == epoch;
  round.promised(same, "the epoch was replaced while others may read it");
  round.promised(send_until_refused(round).empty(), "refused with room");
  round.check();
  round.lose_power();
}

void one_story(Round& round, DiskFault fault) {
  round.disk().fail(fault);
  const std::string why = round.try_open();
  if (!why.empty()) {
    round.promised(round.disk().mend(), "not opened on a sound disk: " + why);
    ::_exit(kMet);
  }
  const std::string refused = send_until_refused(round);
  const bool met = round.disk().met();
  if (refused.empty()) {
    round.disk().mend();
    round.check();
    ::_exit(met ? kMet : kNotMet);
  }
  round.promised(met, "refused with " + refused + " on a sound disk");
  const bool syncing = fault.op == DiskOp::sync || fault.op == DiskOp::sync_folder;
  const std::string expected = fault.error == ENOSPC && !syncing ? "log_full" : "log_unavailable";
  round.promised(refused == expected, "refused with " + refused + " and not " + expected);
  if (expected == "log_full") return full_for_a_while(round);
  closed_for_good(round);
}

/// The disk is full, has room, and is full again before the log has been opened anew.
void full_again(Round& round, DiskFault fault) {
  round.open();
  round.disk().fail({DiskOp::write, 1, ENOSPC, DiskFault::Lasts::until_mended});
  round.promised(send_until_refused(round) == "log_full", "not full");
  round.disk().mend();
  round.disk().fail(fault);
  const std::string refused = send_until_refused(round, 2);
  if (refused.empty()) {
    const bool met = round.disk().mend();
    round.check();
    ::_exit(met ? kMet : kNotMet);
  }
  round.promised(refused == "log_full", "refused with " + refused + " and not log_full");
  full_for_a_while(round);
}

/// After the story another process finds everything that was promised.
void reopened(Round& round) {
  round.open();
  round.check();
  round.send_again();
  round.promised(code_of(send_one(round, MsgType::alert)) == "taken", "not taken again");
  round.check();
}

/// A story with one fault in it and what another process finds after it.
using Story = void (*)(Round&, DiskFault);
int one_fault(Story story, const DiskFault& fault, const std::filesystem::path& folder,
              Witness& witness) {
  const int ended = run_apart([&] {
    Round round(folder, 7, fault.nth, witness);
    story(round, fault);
  });
  if (ended != kDarkness && ended != kMet && ended != kNotMet) return ended;
  Round round(folder, 7, fault.nth, witness);
  reopened(round);
  return ended == kNotMet ? kNotMet : kMet;
}

/// How many operations of that kind were made to fail: each there is in the story.
int fail_each(DiskOp op, int error, DiskFault::Lasts lasts, Story story = one_story) {
  int met = 0;
  std::uint64_t last_met = 0;
  std::string broken;
  run_trials<Witness>(
      "tocsin-errors", {},
      [&](std::uint64_t nth, const std::filesystem::path& folder, Witness& witness) {
        return one_fault(story, {op, nth, error, lasts}, folder, witness);
      },
      [&](std::uint64_t nth, int ended, const Witness& witness) {
        if (ended == kMet) {
          ++met;
          last_met = std::max(last_met, nth);
        }
        // No story is quite as long as another: tables are written out beside it.
        if (ended == kMet || ended == kNotMet) return nth < last_met + kNotMetInARow;
        if (!broken.empty()) return false;
        broken = "operation " + std::to_string(nth) + " ended with " + std::to_string(ended) +
                 ": " + witness.complaint.data();
        return false;
      });
  REQUIRE_MESSAGE(broken.empty(), broken);
  std::cout << name_of(op) << ": each of " << met << " failed with "
            << (error == ENOSPC ? "ENOSPC" : "EIO") << "\n";
  return met;
}

}  // namespace

TEST_CASE("After a write that the disk did not do the log takes nothing until it is restarted") {
  for (const DiskOp op : {DiskOp::write, DiskOp::open, DiskOp::rename}) {
    CAPTURE(std::string(name_of(op)));
    CHECK(fail_each(op, EIO, DiskFault::Lasts::once) > 0);
  }
}

TEST_CASE("After a sync that failed the log takes nothing until it is restarted") {
  for (const DiskOp op : {DiskOp::sync, DiskOp::sync_folder}) {
    for (const int error : {EIO, ENOSPC}) {
      CAPTURE(std::string(name_of(op)));
      CHECK(fail_each(op, error, DiskFault::Lasts::once) > 0);
    }
  }
}

TEST_CASE("A disk that is full in the middle of anything is used again when there is room") {
  for (const DiskOp op : {DiskOp::write, DiskOp::open, DiskOp::rename}) {
    CAPTURE(std::string(name_of(op)));
    CHECK(fail_each(op, ENOSPC, DiskFault::Lasts::until_mended) > 0);
  }
}

TEST_CASE(
    "A disk that is full again before the log is open anew is used again when there is room") {
  for (const DiskOp op : {DiskOp::write, DiskOp::open, DiskOp::rename}) {
    CAPTURE(std::string(name_of(op)));
    CHECK(fail_each(op, ENOSPC, DiskFault::Lasts::until_mended, full_again) > 0);
  }
}
