#pragma once
// A dialogue with a message centre that says what a test wants it to say, on the test's own time.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "connectors/sms/smpp_dialogue.hpp"

namespace tests {

using namespace connectors::sms;
using engine::Bytes;
using std::chrono::milliseconds;
using std::chrono::seconds;

inline SmppAccount an_account() {
  SmppAccount account;
  account.system_id = "tocsin";
  account.password = "secret";
  account.source = {5, 0, "TOCSIN"};
  account.addresses = "60006";
  account.rate = 5000;
  return account;
}

/// What happened, as one word and its values: "sent 1 a7".
inline std::string said(const SmppEvent& event) {
  struct Say {
    std::string operator()(const Bound& e) const { return "bound " + e.centre; }
    std::string operator()(const BindRefused& e) const {
      return "bind_refused " + std::string(status_name(e.status));
    }
    std::string operator()(const Sent& e) const {
      return "sent " + std::to_string(e.token) + " " + e.message_id;
    }
    std::string operator()(const Refused& e) const {
      return "refused " + std::to_string(e.token) + " " + std::string(status_name(e.status)) +
             (e.verdict == Verdict::recipient ? " recipient" : "");
    }
    std::string operator()(const Deferred& e) const {
      return "deferred " + std::to_string(e.token) + " " + std::string(status_name(e.status));
    }
    std::string operator()(const Uncertain& e) const {
      return "uncertain " + std::to_string(e.token);
    }
    std::string operator()(const HeardReceipt& e) const {
      return "receipt " + e.message_id + " " + std::string(text(e.state));
    }
    std::string operator()(const Reply& e) const {
      return "reply " + e.from + " " + e.to + " " + e.text.value_or("unreadable") +
             (e.part ? " part " + std::to_string(e.part->part) : "");
    }
    std::string operator()(const Ended& e) const { return "ended " + std::string(text(e.why)); }
  };
  return std::visit(Say{}, event);
}

using Lines = std::vector<std::string>;

class Centre {
 public:
  explicit Centre(SmppAccount account = an_account()) : dialogue(std::move(account), now) {
    hear();
  }

  /// Answers the bind, and forgets that it did.
  static Centre bound(SmppAccount account = an_account()) {
    Centre centre(std::move(account));
    REQUIRE(centre.heard.size() == 1);
    centre.say({status::ok, centre.heard[0].sequence, BindTransceiverResp{"centre", {}}});
    REQUIRE(centre.events() == Lines{"bound centre"});
    centre.heard.clear();
    return centre;
  }

  void say_octets(engine::BytesView octets) {
    dialogue.read(octets, now);
    hear();
  }
  void say(const Pdu& pdu) { say_octets(write_pdu(pdu).value()); }

  void pass(std::chrono::nanoseconds time) {
    now += std::chrono::duration_cast<Instant::duration>(time);
    dialogue.tick(now);
    hear();
  }

  SmppDialogue::Taken submit(std::uint64_t token) {
    Submission submission;
    submission.token = token;
    submission.to = "+447700900123";
    submission.message = "Flood";
    submission.validity = std::chrono::hours(2);
    const auto taken = dialogue.submit(submission, now);
    hear();
    return taken;
  }
  /// Submits as many as there is room for, with tokens from `token` on.
  std::size_t submit_all(std::uint64_t token = 1) {
    std::size_t count = 0;
    while (submit(token + count) == SmppDialogue::Taken::yes) ++count;
    return count;
  }

  /// Answers the submit that was heard as the `index`th since then.
  void answer(std::size_t index, Bytes id, std::uint32_t status = status::ok) {
    say({status, heard.at(index).sequence, SubmitSmResp{std::move(id)}});
  }

  void deliver(std::string_view text, std::uint8_t esm_class = 0, std::uint32_t sequence = 77) {
    DeliverSm message;
    message.esm_class = esm_class;
    message.source = {1, 1, "447700900123"};
    message.destination = {3, 0, "60006"};
    message.text = text;
    say({status::ok, sequence, message});
  }
  void deliver_receipt(const std::string& id, const std::string& state = "DELIVRD") {
    deliver("id:" + id + " stat:" + state + " err:000", 0x04);
  }

  Lines events() {
    Lines lines;
    for (const SmppEvent& event : dialogue.take_events()) lines.push_back(said(event));
    return lines;
  }

  void hear() {
    std::vector<Pdu> pdus;
    REQUIRE_FALSE(reader.read(dialogue.take_output(), pdus));
    heard.insert(heard.end(), pdus.begin(), pdus.end());
  }
  template <class Body>
  std::size_t heard_of() const {
    std::size_t count = 0;
    for (const Pdu& pdu : heard) count += std::holds_alternative<Body>(pdu.body) ? 1 : 0;
    return count;
  }

  Instant now{std::chrono::hours(1)};
  SmppDialogue dialogue;
  PduReader reader;
  std::vector<Pdu> heard;  // what the dialogue wrote
};

}  // namespace tests
