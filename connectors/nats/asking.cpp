#include "connectors/nats/asking.hpp"

#include "connectors/nats/limits.hpp"
#include "engine/base/trace.hpp"

namespace connectors::nats {

namespace {

engine::Refusal too_many() {
  engine::Refusal refusal;
  refusal.code = engine::Code::too_many;
  refusal.detail =
      "So many alerts came at once that this one was not looked at. Send it again in a second.";
  refusal.retry_after_s = 1;
  return refusal;
}

}  // namespace

Asking::Asking(engine::Engine& engine)
    : engine_(engine),
      elsewhere_(engine.metrics().counter(
          "tocsin_nats_requests_ignored_total",
          "Requests not looked at, since their answer was to go to no inbox")) {
  engine.metrics().gauge("tocsin_nats_requests_under_way",
                         "Requests by NATS that wait for their answer",
                         [count = under_way_] { return static_cast<double>(count->load()); });
}

void Asking::ask(Incoming incoming, Say say) {
  if (!incoming.reply.empty() && !incoming.reply.starts_with(limits::kReplyPrefix)) {
    elsewhere_.add();
    return engine::trace(engine::Level::notice, "nats_request_ignored",
                         {{"why", "its answer was to go to no inbox"}});
  }
  const auto answer = [say = std::move(say), subject = std::move(incoming.reply),
                       epoch = engine_.log().epoch()](const engine::AppendAnswer& said) {
    if (!subject.empty()) say(subject, reply_to(said, epoch));
  };
  if (*under_way_ >= limits::kRequestsUnderWay) {
    const engine::Refusal refusal = too_many();
    engine::count_refusal(engine_.metrics(), refusal);
    return answer(refusal);
  }
  ++*under_way_;
  engine_.ingest(incoming.body, [count = under_way_, answer](const engine::AppendAnswer& said) {
    --*count;
    answer(said);
  });
}

}  // namespace connectors::nats
