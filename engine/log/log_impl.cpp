#include "engine/log/log_impl.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/trace.hpp"
#include "engine/log/meta_keys.hpp"
#include "engine/log/tables.hpp"

namespace engine {
namespace {

constexpr std::size_t kQuestionsWaitingMax = 65'536;  // of lookups, and of pages
constexpr std::size_t kQuestionsAtOnce = 64;
constexpr std::size_t kCommitBytesMax = 8UL
                                        << 20;  // of payloads: the next commit need not wait long
// What an alert that is named may add to the record that names it, so that a commit of many Cancels
// stays small too.
constexpr std::size_t kReferenceWeight = 16UL << 10;
constexpr std::size_t kExpiriesAtOnce = 1024;
constexpr Duration kIdle = std::chrono::seconds{10};  // then the active set is looked after
constexpr Duration kFull = std::chrono::seconds{1};   // then the disk is asked again
constexpr int kBusy_s = 1;
constexpr std::size_t kAdoptionsWaitingMax = 16;
constexpr std::size_t kAdoptionsBytesMax = 64UL << 20;
// What is proposed to an order at once: with its signatures it has to be one message there.
constexpr std::size_t kProposedMax = 64;
constexpr std::size_t kProposedBytesMax = 512UL << 10;
constexpr Duration kAgreeMax = std::chrono::seconds{2};  // then a sender hears that it is not known
constexpr Duration kOthersMax =
    std::chrono::milliseconds{5};  // for what others appended, before asking again
constexpr int kBroken_s = 30;

Refusal unavailable(std::string detail, int retry_after_s) {
  Refusal refusal;
  refusal.code = Code::log_unavailable;
  refusal.detail = std::move(detail);
  refusal.retry_after_s = retry_after_s;
  return refusal;
}

Refusal disk_refusal(Store::Commit outcome) {
  if (outcome == Store::Commit::busy) {
    return unavailable("The log's disk is too slow at the moment; send this again in a moment.",
                       kBusy_s);
  }
  Refusal refusal = unavailable(
      "The log could not be written and takes nothing until the engine is restarted. Tell the "
      "operator, and send this again then: whether it was kept is not known, and sending it twice "
      "does no harm.",
      kBroken_s);
  if (outcome == Store::Commit::no_space) {
    refusal.code = Code::log_full;
    refusal.detail =
        "The engine's disk is full. The operator must make room; the engine then takes bulletins "
        "again by itself. Send this again then: whether it was kept is not known, and sending it "
        "twice does no harm.";
  }
  return refusal;
}

BulletinId last_of(const std::vector<Decision>& decisions) {
  const auto last = std::find_if(decisions.rbegin(), decisions.rend(),
                                 [](const Decision& one) { return one.record.has_value(); });
  return last->record->bulletin->id;
}

std::size_t weight_of(const Candidate& candidate) {
  const Bulletin& bulletin = *candidate.bulletin;
  return bulletin.envelope.payload.size() + bulletin.outline.references.size() * kReferenceWeight;
}

}  // namespace

Log::Impl::Impl(const LogOptions& options, const Clock& clock, Parts parts)
    : options_(options),
      clock_(clock),
      folder_(std::move(parts.folder)),
      store_(std::move(parts.store)),
      epoch_(std::move(parts.state.epoch)),
      last_at_(parts.state.last_at),
      appends_(options.appends_waiting_max, options.bytes_waiting_max),
      adoptions_(kAdoptionsWaitingMax, kAdoptionsBytesMax),
      lookups_(kQuestionsWaitingMax, kQuestionsWaitingMax),
      pagings_(kQuestionsWaitingMax, kQuestionsWaitingMax),
      head_(number(parts.state.head)),
      intake_(*store_, active_, parts.state.head),
      last_id_(parts.state.last_id),
      reader_(*store_) {}

Log::Impl::~Impl() { stop(); }

Result<void> Log::Impl::load() {
  tend_room();
  const auto loaded = active_.load(*store_);
  if (!loaded) return loaded.error();
  // Nobody asks for what is active before all of it is there.
  if (active_.ahead_of(clock_.now())) tend_active();
  return {};
}

void Log::Impl::start() {
  if (options_.threads == LogOptions::Threads::none) return;
  writer_thread_ = std::thread([this] {
    Duration patience = this->patience();
    while (!appends_.finished() || !again_.empty()) {
      const bool worked = write_some(patience);
      if (!worked) tend_room();
      const bool caught_up = tend_active();
      patience = worked || caught_up ? this->patience() : Duration{0};
    }
    while (!adoptions_.finished()) adopt_some(Duration{0});
  });
  lookup_thread_ = std::thread([this] {
    while (!lookups_.finished()) look_up_some(kIdle);
  });
  reader_thread_ = std::thread([this] {
    while (!pagings_.finished()) read_some(kIdle);
  });
}

void Log::Impl::stop() {
  appends_.close();
  adoptions_.close();
  lookups_.close();
  pagings_.close();
  for (std::thread* thread : {&writer_thread_, &lookup_thread_, &reader_thread_}) {
    if (thread->joinable()) thread->join();
  }
  // Without threads of our own, what waits is done here.
  while (run()) {
  }
}

bool Log::Impl::run() {
  const bool wrote = write_some(Duration{0});
  if (wrote || active_.ahead_of(clock_.now())) tend_active();
  const bool looked_up = look_up_some(Duration{0});
  const bool read = read_some(Duration{0});
  return wrote || looked_up || read;
}

void Log::Impl::append(Candidate candidate, Done<AppendAnswer> done) {
  ENSURE(candidate.bulletin != nullptr);
  if (only_follows()) return done(refusal_of_follower());
  Append append{std::move(candidate), std::move(done),
                std::chrono::steady_clock::now() + kAgreeMax};
  under_way_.fetch_add(1, std::memory_order_relaxed);
  const Entry entry = appends_.enter(append, weight_of(append.candidate));
  if (entry == Entry::taken) return;
  under_way_.fetch_sub(1, std::memory_order_relaxed);
  switch (entry) {
    case Entry::taken:
      return;
    case Entry::full:
      return append.done(unavailable("The log is busy; send this again in a moment.", kBusy_s));
    case Entry::closed:
      return append.done(
          unavailable("The engine is stopping; send this again in a moment.", kBusy_s));
  }
}

Refusal Log::Impl::refusal_of_follower() const {
  const std::string elsewhere = order_->elsewhere();
  return unavailable("This node takes no alerts, it only sends them out. " +
                         (elsewhere.empty() ? "Send it to a node that takes alerts." : elsewhere),
                     kBusy_s);
}

void Log::Impl::follow(Follower& follower) {
  ENSURE(follower_ == nullptr);
  follower_ = &follower;
}

/// What others appended comes first: whatever is appended here goes behind it.
bool Log::Impl::write_some(Duration patience) {
  const bool adopted = adopt_some(again_.empty() ? Duration{0} : kOthersMax);
  if (!again_.empty()) {
    commit(std::exchange(again_, {}));
    return true;
  }
  const bool alone = order_ == nullptr;
  auto appends =
      appends_.take(alone ? options_.batch_max : kProposedMax,
                    alone ? kCommitBytesMax : kProposedBytesMax, adopted ? Duration{0} : patience);
  if (appends.empty()) return adopted;
  commit(std::move(appends));
  return true;
}

void Log::Impl::commit(std::vector<Append> appends) {
  if (order_ != nullptr) appends = in_time(std::move(appends));
  if (appends.empty()) return;
  if (full() || store_->state() != Store::State::open) tend_room();
  std::vector<Decision> decisions;
  decisions.reserve(appends.size());
  const Outcome outcome = decide_and_write(appends, decisions);
  if (outcome.done()) {
    head_.store(number(intake_.head()), std::memory_order_release);
    if (folder_) folder_->note_head(epoch_, intake_.head());
  } else {
    take_back();
    if (outcome.commit == Store::Commit::failed) fail("commit");
    note_room(store_->room());
  }
  // What failed beside it closes the log with the first answer that says so.
  if (writable() && store_->state() == Store::State::failed) fail("background work");
  if (outcome.said == Order::Said::behind) return again(std::move(appends));
  answer(appends, decisions, outcome);
  under_way_.fetch_sub(appends.size(), std::memory_order_relaxed);
  if (outcome.done()) publish(decisions);
}

Conditions Log::Impl::conditions() {
  Conditions conditions;
  conditions.now = clock_.now();
  conditions.at = std::max(conditions.now, last_at_);
  conditions.state = writable() ? store_->state() : Store::State::failed;
  conditions.room = store_->room();
  conditions.working_bytes = options_.working_bytes;
  note_room(conditions.room);
  return conditions;
}

Log::Impl::Outcome Log::Impl::decide_and_write(const std::vector<Append>& appends,
                                               std::vector<Decision>& decisions) {
  const Conditions conditions = this->conditions();
  intake_.begin(conditions);
  auto change = store_->change();
  for (const Append& append : appends) {
    decisions.push_back(intake_.decide(append.candidate, change));
  }
  Outcome outcome;
  if (change.empty() || conditions.state != Store::State::open) return outcome;
  const bool admitted = intake_.head() > head();
  if (admitted) {
    outcome.said = propose(decisions);
    if (outcome.said != Order::Said::agreed) return outcome;
    change.put(LogTable::meta, kHeadKey, sequence_key(intake_.head()));
  }
  outcome.commit =
      store_->commit(std::move(change), admitted ? Durability::synced : Durability::lazy);
  if (admitted && outcome.commit == Store::Commit::done) {
    last_at_ = conditions.at;
    last_id_ = last_of(decisions);
  }
  return outcome;
}

/// What a commit that was not done had decided does not count.
void Log::Impl::take_back() {
  intake_.take_back(head());
  const auto loaded = active_.load(*store_);
  if (!loaded) fail(loaded.error().what);
}

void Log::Impl::note_room(const Store::Room& room) {
  const bool no_room =
      room.free_bytes.has_value() && *room.free_bytes < options_.working_bytes + room.missing_bytes;
  const bool now_full = no_room || store_->state() == Store::State::no_space;
  if (full_.exchange(now_full, std::memory_order_acq_rel) == now_full) return;
  trace(now_full ? Level::error : Level::notice, now_full ? "log_full" : "log_has_room",
        {{"head", std::to_string(number(head()))}});
}

/// Looks after the disk while nothing is written, and where it is or was full.
void Log::Impl::tend_room() {
  if (!writable()) return;
  if (store_->state() == Store::State::failed) return fail("background work");
  if (store_->renew(options_.working_bytes)) {
    const auto settled = settle_doubts();
    if (!settled) fail(settled.error().what);
  } else if (store_->state() == Store::State::failed) {
    fail("opening the store anew");
  }
  note_room(store_->room());
}

/// The store was opened anew: the same questions as after a restart, and whatever was in doubt and
/// has its place now is told to those who follow.
Result<void> Log::Impl::settle_doubts() {
  auto state = open_state(*store_, folder_.get(), options_.directory);
  if (!state) return state.error();
  if (state->epoch != epoch_ || state->head < head()) {
    return damaged_log(options_.directory, "it lost records when it was opened anew");
  }
  const auto loaded = active_.load(*store_);
  if (!loaded) return loaded.error();
  const auto doubtful =
      reader_.page(head(), {.records = options_.batch_max, .bytes = SIZE_MAX}, state->head);
  if (!doubtful) return doubtful.error();
  last_at_ = state->last_at;
  last_id_ = state->last_id;
  intake_.take_back(state->head);
  head_.store(number(state->head), std::memory_order_release);
  if (folder_) folder_->note_head(epoch_, state->head);
  if (follower_ != nullptr && !doubtful->records.empty()) follower_->on_records(doubtful->records);
  return {};
}

Duration Log::Impl::patience() const { return full() ? kFull : kIdle; }

void Log::Impl::answer(std::vector<Append>& appends, std::vector<Decision>& decisions,
                       Outcome outcome) {
  for (std::size_t i = 0; i < appends.size(); ++i) {
    AppendAnswer& decided = decisions[i].answer;
    // Only what was in the log before is beyond doubt when the commit has failed.
    const auto* appended = std::get_if<Appended>(&decided);
    const bool stands = appended != nullptr && appended->sequence <= head();
    if (outcome.done() || stands) {
      appends[i].done(std::move(decided));
    } else {
      appends[i].done(refusal_of(outcome));
    }
  }
}

Refusal Log::Impl::refusal_of(Outcome outcome) const {
  if (outcome.said == Order::Said::agreed) return disk_refusal(outcome.commit);
  std::string detail =
      "This node cannot reach a majority of its cluster: whether the alert was kept is not known, "
      "and sending it twice does no harm. ";
  const std::string elsewhere = order_ != nullptr ? order_->elsewhere() : std::string();
  detail += elsewhere.empty() ? "Send it again in a moment, or to another node." : elsewhere;
  return unavailable(std::move(detail), kBusy_s);
}

void Log::Impl::publish(const std::vector<Decision>& decisions) {
  if (follower_ == nullptr) return;
  std::vector<Record> records;
  for (const Decision& decision : decisions) {
    if (decision.record) records.push_back(*decision.record);
  }
  if (!records.empty()) follower_->on_records(records);
}

/// True if the active set is up to the clock, or may be left behind it: readers ask for the time of
/// each alert anyway, and on a full disk the reserve is for Cancels. A clock that was set back
/// cannot wait: alerts that are active again would be missing.
bool Log::Impl::tend_active() {
  if (!writable() || store_->state() != Store::State::open) return true;
  if (full() && !active_.ahead_of(clock_.now())) return true;
  auto change = store_->change();
  const auto advanced = active_.advance(change, clock_.now(), kExpiriesAtOnce);
  if (!advanced) {
    trace(Level::error, "log_read_failed", {{"what", advanced.error().what}});
    return true;
  }
  if (change.empty()) return true;
  const auto outcome = store_->commit(std::move(change), Durability::lazy);
  if (outcome == Store::Commit::done) return *advanced;
  take_back();
  if (outcome == Store::Commit::failed) fail("expiry");
  return true;
}

void Log::Impl::fail(std::string_view what) {
  writable_.store(false, std::memory_order_release);
  trace(Level::error, "log_closed_for_writing",
        {{"while", std::string(what)}, {"head", std::to_string(number(head()))}});
}

namespace {

template <class Question>
void ask_in(WaitingLine<Question>& line, Question question) {
  const Entry entry = line.enter(question, 1);
  if (entry == Entry::taken) return;
  const Failure failure{entry == Entry::full ? "too many readers wait for the log"
                                             : "the log has stopped"};
  std::visit([&](auto& one) { one.done(failure); }, question);
}

}  // namespace

void Log::Impl::ask(Lookup lookup) { ask_in(lookups_, std::move(lookup)); }
void Log::Impl::ask(Paging paging) { ask_in(pagings_, std::move(paging)); }

bool Log::Impl::look_up_some(Duration patience) {
  auto lookups = lookups_.take(kQuestionsAtOnce, kQuestionsAtOnce, patience);
  for (Lookup& lookup : lookups) answer(std::move(lookup));
  return !lookups.empty();
}

bool Log::Impl::read_some(Duration patience) {
  auto pagings = pagings_.take(kQuestionsAtOnce, kQuestionsAtOnce, patience);
  for (Paging& paging : pagings) answer(std::move(paging));
  return !pagings.empty();
}

void Log::Impl::answer(Lookup lookup) {
  if (auto* by_id = std::get_if<FindId>(&lookup)) {
    by_id->done(reader_.find(by_id->id, head()));
  } else if (auto* by_sequence = std::get_if<FindSequence>(&lookup)) {
    by_sequence->done(reader_.find(by_sequence->sequence, head()));
  } else if (auto* foresee = std::get_if<Foresee>(&lookup)) {
    const auto unchanged = store_->unchanged();
    foresee->done(Precedents(unchanged, head()).foresee(foresee->bulletin));
  }
}

void Log::Impl::answer(Paging paging) {
  if (auto* page = std::get_if<ReadPage>(&paging)) {
    page->done(reader_.page(page->after, page->limit, head()));
  } else if (auto* active = std::get_if<ReadActive>(&paging)) {
    active->done(
        reader_.active_page(active->now, active->after, active->until, active->limit, head()));
  }
}

}  // namespace engine
