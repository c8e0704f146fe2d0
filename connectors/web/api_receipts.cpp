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

/// One object a line; an empty last line is none.
std::variant<Receipts, Refusal> read_receipts(std::string_view body, Sequence head) {
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
    receipts.push_back(receipt_of(*message));
  }
  if (receipts.empty()) {
    return refusal_of(Code::bad_query, "Send receipts, one object a line.");
  }
  return receipts;
}

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
  auto read = read_receipts(asked.body, engine_.log().head());
  if (const auto* refusal = std::get_if<Refusal>(&read)) return asked.answer(refuse(*refusal));
  auto& receipts = std::get<Receipts>(read);
  if (!may_report(who, asked.peer, receipts.size())) {
    Refusal refusal = refusal_of(Code::too_many,
                                 "This address said more than anonymous readers may; sign in, or "
                                 "wait. Nothing was taken.");
    refusal.retry_after_s = receipts_.retry_after_s();
    return asked.answer(refuse(refusal));
  }
  engine_.reporting().report(std::move(receipts), who,
                             [this, answer = asked.answer](engine::ReportAnswer refusal) {
                               if (refusal) return answer(refuse(*refusal));
                               Response response = text_response(kJson, {}, kNoStore);
                               response.status = 204;
                               answer(std::move(response));
                             });
}

bool Api::may_report(const Member& member, const Peer& peer, std::size_t receipts) const {
  return member.signed_in() || peer.loopback ||
         receipts_.take(peer.address, engine_.clock().now(), receipts);
}

}  // namespace connectors::web
