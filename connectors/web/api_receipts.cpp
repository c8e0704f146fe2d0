// POST /v1/receipts: what readers say who have no WebSocket to say it on.
#include <fmt/format.h>

#include <algorithm>

#include "connectors/web/answers.hpp"
#include "connectors/web/api.hpp"
#include "connectors/web/caller.hpp"
#include "connectors/web/client_message.hpp"
#include "engine/limits.hpp"

namespace connectors::web {

namespace limits = engine::limits;
using engine::Code;
using engine::Member;
using engine::Receipt;
using engine::Refusal;
using engine::Sequence;

namespace {

using Receipts = std::vector<Receipt>;

Receipt receipt_of(const ClientMessage& message, const Member& member) {
  Receipt receipt;
  receipt.sequence = message.sequence;
  receipt.state = message.state == ClientMessage::State::displayed ? Receipt::State::displayed
                                                                   : Receipt::State::acknowledged;
  receipt.answer = message.answer;
  receipt.organisation = member.organisation;
  return receipt;
}

/// One object a line; an empty last line is none.
std::variant<Receipts, Refusal> read_receipts(std::string_view body, const Member& member,
                                              Sequence head) {
  Receipts receipts;
  for (std::size_t line = 1; !body.empty(); ++line) {
    const auto end = std::min(body.find('\n'), body.size());
    const std::string_view text = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    if (line > limits::kReceiptsLines) {
      return refusal_of(Code::too_large,
                        fmt::format("At most {} receipts in one request.", limits::kReceiptsLines));
    }
    const auto message = parse_client_message(text, Sequence{UINT64_MAX});
    if (!message || message->kind != ClientMessage::Kind::receipt) {
      return refusal_of(Code::bad_query,
                        fmt::format("Line {} is not a receipt: {}. Nothing was taken.", line,
                                    message ? "type is not receipt" : message.error().what));
    }
    if (message->sequence > head || message->sequence == Sequence::none) {
      return refusal_of(Code::not_found, fmt::format("Line {}: there is no alert {}. Nothing was "
                                                     "taken.",
                                                     line, number(message->sequence)));
    }
    receipts.push_back(receipt_of(*message, member));
  }
  if (receipts.empty()) {
    return refusal_of(Code::bad_query, "Send receipts, one object a line.");
  }
  return receipts;
}

/// Looks up each alert that is spoken of, then takes all the receipts: all of them or none. Runs on
/// the log's reader thread, then on the receipts'.
class Taking : public std::enable_shared_from_this<Taking> {
 public:
  using Done = std::function<void(std::optional<Refusal>)>;
  Taking(engine::Engine& engine, Receipts receipts, Member member, Done done)
      : engine_(engine),
        receipts_(std::move(receipts)),
        member_(std::move(member)),
        done_(std::move(done)) {
    for (const Receipt& receipt : receipts_) sequences_.push_back(receipt.sequence);
    std::sort(sequences_.begin(), sequences_.end());
    sequences_.erase(std::unique(sequences_.begin(), sequences_.end()), sequences_.end());
  }

  void look_on() {
    if (looked_ == sequences_.size()) return take_all();
    engine_.log().find(sequences_[looked_++], [self = shared_from_this()](auto found) {
      if (!found) return self->done_(refusal_of(Code::log_unavailable, found.error().what));
      // Whether there is such an alert is nobody's business who may not read it.
      if (!*found || !engine::may_read((*found)->bulletin->outline, self->member_)) {
        return self->done_(
            refusal_of(Code::not_found, fmt::format("There is no alert {}. Nothing was taken.",
                                                    number(self->sequences_[self->looked_ - 1]))));
      }
      self->look_on();
    });
  }

 private:
  void take_all() {
    left_ = receipts_.size();
    for (Receipt& receipt : receipts_) {
      engine_.receipts().take(std::move(receipt), [self = shared_from_this()](auto taken) {
        if (!taken) self->failed_ = true;
        if (--self->left_ > 0) return;
        if (!self->failed_) return self->done_(std::nullopt);
        Refusal refusal = refusal_of(Code::log_unavailable,
                                     "The receipts could not all be kept; send them again later.");
        refusal.retry_after_s = 5;
        self->done_(std::move(refusal));
      });
    }
  }

  engine::Engine& engine_;
  Receipts receipts_;
  const Member member_;
  const Done done_;
  std::vector<Sequence> sequences_;  // each once
  std::size_t looked_ = 0;
  std::atomic<std::size_t> left_ = 0;
  std::atomic<bool> failed_ = false;
};

}  // namespace

void Api::post_receipts(const Asked& asked) const {
  if (const auto wrong = wrong_parameter(asked.request, {}, Filters::unknown)) {
    return asked.answer(refuse(Code::bad_query, *wrong));
  }
  if (asked.body.size() > limits::kReceiptsBytes) {
    return asked.answer(
        refuse(Code::too_large, fmt::format("The body has {} octets; at most {}.",
                                            asked.body.size(), limits::kReceiptsBytes)));
  }
  const auto member = caller(asked.request);
  if (const auto* refusal = std::get_if<Refusal>(&member)) return asked.answer(refuse(*refusal));
  if (const auto refusal = wrong_origin(asked.request)) return asked.answer(refuse(*refusal));
  const Member& who = std::get<Member>(member);
  auto read = read_receipts(asked.body, who, engine_.log().head());
  if (const auto* refusal = std::get_if<Refusal>(&read)) return asked.answer(refuse(*refusal));
  auto& receipts = std::get<Receipts>(read);
  if (!who.signed_in() && !asked.peer.loopback &&
      !receipts_.take(asked.peer.address, engine_.clock().now(), receipts.size())) {
    Refusal refusal = refusal_of(Code::too_many,
                                 "This address said more than anonymous readers may; sign in, or "
                                 "wait. Nothing was taken.");
    refusal.retry_after_s = receipts_.retry_after_s();
    return asked.answer(refuse(refusal));
  }
  std::make_shared<Taking>(engine_, std::move(receipts), who,
                           [this, answer = asked.answer](std::optional<Refusal> refusal) {
                             if (refusal) return answer(refuse(*refusal));
                             Response response = text_response(kJson, {}, kNoStore);
                             response.status = 204;
                             answer(std::move(response));
                           })
      ->look_on();
}

}  // namespace connectors::web
