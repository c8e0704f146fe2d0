#include "engine/delivery/stories.hpp"

#include <algorithm>
#include <future>

#include "engine/cap/judge.hpp"
#include "engine/delivery/limits.hpp"
#include "engine/trust/envelope.hpp"

namespace engine::delivery {
namespace {

/// It was judged when it was admitted; where the rules are others now, what was stored of it is
/// what is known.
cap::Alert alert_of(const Bulletin& bulletin) {
  auto judgement = cap::judge(bulletin.envelope.payload);
  if (judgement.alert) return *std::move(judgement.alert);
  cap::Alert alert;
  const cap::Outline& outline = bulletin.outline;
  alert.sender = outline.identity.sender;
  alert.identifier = outline.identity.identifier;
  alert.sent = outline.identity.sent;
  alert.msg_type = outline.msg_type;
  alert.references = outline.references;
  if (outline.reaches.empty()) return alert;
  alert.status = outline.reaches.front().status;
  cap::Info& info = alert.infos.emplace_back();
  info.severity = outline.reaches.front().severity;
  info.expires = outline.expires;
  return alert;
}

}  // namespace

Stories::Stories(Log& log, std::function<std::string(std::string_view)> sender_name,
                 std::function<void()> run)
    : log_(log), sender_name_(std::move(sender_name)), run_(std::move(run)) {}

template <class Answer>
Answer Stories::wait_for(const std::function<void(Done<Answer>)>& ask) const {
  auto answered = std::make_shared<std::promise<Answer>>();
  auto answer = answered->get_future();
  ask([answered](Answer found) { answered->set_value(std::move(found)); });
  if (run_) run_();
  return answer.get();
}

Result<std::vector<Record>> Stories::after(Sequence sequence, std::size_t most) const {
  const auto page = wait_for<Result<Page>>(
      [&](auto done) { log_.read(sequence, {.records = most}, std::move(done)); });
  if (!page) return page.error();
  return page->records;
}

Result<bool> Stories::in_force(const Record& record, Time now) const {
  const Sequence before{number(record.sequence) - 1};
  const auto page = wait_for<Result<Page>>([&](auto done) {
    log_.read_active(now, before, record.sequence, {.records = 1}, std::move(done));
  });
  if (!page) return page.error();
  return !page->records.empty();
}

Result<Record> Stories::read(Sequence sequence) const {
  using Found = Result<std::optional<Record>>;
  const auto found = wait_for<Found>([&](auto done) { log_.find(sequence, std::move(done)); });
  if (!found) return found.error();
  if (!*found) return Failure{"the log does not have a bulletin that people are being told of"};
  return **found;
}

Stories::Kept* Stories::kept(Sequence sequence) {
  const auto at = std::find_if(kept_.begin(), kept_.end(),
                               [&](const Kept& one) { return one.record.sequence == sequence; });
  if (at == kept_.end()) return nullptr;
  kept_.splice(kept_.begin(), kept_, at);
  return &kept_.front();
}

Result<Record> Stories::record(Sequence sequence) {
  if (const Kept* one = kept(sequence)) return one->record;
  const auto found = read(sequence);
  if (!found) return found.error();
  remember(*found, {});
  return *found;
}

StoryPtr Stories::remember(const Record& record, const std::vector<Sequence>& named) {
  auto story = std::make_shared<Story>();
  story->bulletin = record.bulletin;
  story->sequence = record.sequence;
  story->alert = alert_of(*record.bulletin);
  story->envelope = trust::envelope_json(record.bulletin->envelope);
  story->sender_name = sender_name_ ? sender_name_(story->alert.sender) : story->alert.sender;
  if (record.bulletin->outline.msg_type == cap::MsgType::cancel && !named.empty()) {
    if (const auto ended = read(named.back())) {
      story->ended = std::make_shared<const cap::Alert>(alert_of(*ended->bulletin));
    }
  }
  kept_.remove_if([&](const Kept& one) { return one.record.sequence == record.sequence; });
  kept_.push_front({record, std::move(story), !named.empty()});
  if (kept_.size() > limits::kStoriesKept) kept_.pop_back();
  return kept_.front().story;
}

Result<StoryPtr> Stories::story(Sequence sequence, const std::vector<Sequence>& named) {
  const Kept* one = kept(sequence);
  if (one != nullptr && (one->whole || named.empty())) return one->story;
  const auto found = record(sequence);
  if (!found) return found.error();
  return remember(*found, named);
}

}  // namespace engine::delivery
