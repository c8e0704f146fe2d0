// Any centre: the first octet of each step says how much time passes, how many messages there are
// and how many of the octets behind it arrive. Whatever it says, no more than the window is
// unanswered and no more than the contract allows goes out; what is written is whole PDUs; and
// every message that was taken has become something, once, when the session is over.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <variant>
#include <vector>

#include "connectors/sms/smpp_dialogue.hpp"
#include "engine/base/ensure.hpp"

namespace {

using namespace connectors::sms;

constexpr std::size_t kWindow = 4;
constexpr std::size_t kRate = 20;

/// What became of each message: said for sure, or uncertain, or uncertain and then said.
struct Fate {
  int certain = 0;
  int uncertain = 0;
};

class Game {
 public:
  Game() : dialogue_(account(), now_) {}

  void play(std::string_view octets) {
    while (!octets.empty()) {
      const auto step = static_cast<std::uint8_t>(octets[0]);
      octets.remove_prefix(1);
      now_ += std::chrono::milliseconds((step & 7) * (step & 7) * 300);
      dialogue_.tick(now_);
      submit_some(step >> 3 & 3);
      const std::size_t arriving = std::min<std::size_t>((step >> 5) * 24, octets.size());
      dialogue_.read(octets.substr(0, arriving), now_);
      octets.remove_prefix(arriving);
      look();
    }
    dialogue_.end(now_);
    for (int i = 0; i < 8 && !dialogue_.ended(); ++i) {
      now_ = std::max(now_, dialogue_.due());
      dialogue_.tick(now_);
      look();
    }
    finish();
  }

 private:
  static SmppAccount account() {
    SmppAccount account;
    account.system_id = "a";
    account.source = {5, 0, "A"};
    account.window = kWindow;
    account.rate = kRate;
    return account;
  }

  void submit_some(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      Submission submission;
      submission.token = fates_.size();
      submission.to = "447700900123";
      submission.message = "a";
      const bool room = dialogue_.room(now_) > 0;
      const auto taken = dialogue_.submit(submission, now_);
      ENSURE(taken == (room ? SmppDialogue::Taken::yes : SmppDialogue::Taken::no_room));
      if (taken == SmppDialogue::Taken::yes) fates_[submission.token] = {};
    }
    const auto seconds = std::chrono::duration<double>(now_ - begin_).count();
    ENSURE(static_cast<double>(fates_.size()) <= 1 + kRate * seconds + 0.001);
    ENSURE(dialogue_.unanswered() <= kWindow);
  }

  void look() {
    std::vector<Pdu> written;
    ENSURE(!reader_.read(dialogue_.take_output(), written));
    for (const Pdu& pdu : written) ENSURE(!std::holds_alternative<MalformedPdu>(pdu.body));
    for (const SmppEvent& event : dialogue_.take_events()) {
      ENSURE(!over_);
      if (const auto* e = std::get_if<Sent>(&event)) ++fates_.at(e->token).certain;
      if (const auto* e = std::get_if<Refused>(&event)) ++fates_.at(e->token).certain;
      if (const auto* e = std::get_if<Deferred>(&event)) ++fates_.at(e->token).certain;
      if (const auto* e = std::get_if<Uncertain>(&event)) {
        ENSURE(fates_.at(e->token).certain == 0);
        ++fates_.at(e->token).uncertain;
      }
      over_ = std::holds_alternative<Ended>(event);
    }
  }

  void finish() {
    dialogue_.lost();
    look();
    ENSURE(over_ && dialogue_.unanswered() == 0);
    std::size_t uncertain = 0;
    for (const auto& [token, fate] : fates_) {
      ENSURE(fate.certain + fate.uncertain >= 1 && fate.certain <= 1 && fate.uncertain <= 1);
      uncertain += static_cast<std::size_t>(fate.uncertain);
    }
    ENSURE(uncertain == dialogue_.uncertain());
  }

  Instant begin_{std::chrono::hours(1)};
  Instant now_ = begin_;
  SmppDialogue dialogue_;
  PduReader reader_;
  std::map<std::uint64_t, Fate> fates_;
  bool over_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Game().play({reinterpret_cast<const char*>(data), size});
  return 0;
}
