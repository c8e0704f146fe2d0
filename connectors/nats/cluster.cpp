#include "connectors/nats/cluster.hpp"

#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <future>

#include "connectors/nats/limits.hpp"
#include "engine/base/octet_io.hpp"
#include "engine/base/trace.hpp"

namespace connectors::nats {

using engine::Adopted;
using engine::Agreed;
using engine::BulletinId;
using engine::Failure;
using engine::Level;
using engine::Result;
using engine::Sequence;
using engine::trace;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kMeetWait{20};  // of the log's writer, which adopts

std::string draw_id() {
  engine::Octets<8> drawn{};
  ENSURE(::getrandom(drawn.data(), drawn.size(), 0) == static_cast<ssize_t>(drawn.size()));
  return engine::to_hex(engine::view(drawn));
}

Failure another_log(const std::string& how) {
  return Failure{fmt::format(
      "this node's log is another one than its cluster's: {}. Keep its data folder, and start it "
      "with a new one; what only the old one has is to be sent again",
      how)};
}

}  // namespace

Result<std::unique_ptr<Cluster>> Cluster::open(ClusterConfig config, std::string node,
                                               engine::Log& log, const engine::Places& places) {
  for (const std::string& url : config.urls) {
    NatsConfig one = config.access;
    one.url = url;
    if (const auto checked = check(one); !checked) return checked.error();
  }
  std::optional<engine::trust::SharedKey> key;
  if (!config.shared_key_file.empty()) {
    if (config.edge) {
      return Failure{
          "an edge has no shared_key_file: it knows no organisations, and is to have no key to "
          "them"};
    }
    auto read = engine::trust::SharedKey::read(config.shared_key_file);
    if (!read) return Failure{"shared_key_file in [cluster]: ", read.error().what};
    key = *std::move(read);
  }
  auto cluster = std::unique_ptr<Cluster>(
      new Cluster(std::move(config), std::move(node), log, places, std::move(key)));
  log.order_by(*cluster);
  return cluster;
}

Cluster::Cluster(ClusterConfig config, std::string node, engine::Log& log,
                 const engine::Places& places, std::optional<engine::trust::SharedKey> key)
    : config_(std::move(config)),
      name_(std::move(node)),
      id_(draw_id()),
      log_(log),
      places_(places),
      sharing_(id_, std::move(key)),
      next_url_(std::hash<std::string>{}(id_) % config_.urls.size()) {}

Cluster::~Cluster() { stop(); }

// --- the connection

void Cluster::join() {
  if (log_.head() != Sequence::none) return;
  joining_ = true;
  auto pause = limits::kRetryFirst;
  for (;;) {
    const auto ended = talk();
    if (!joining_) return;
    trace(Level::warning, "cluster_not_joined",
          {{"why", ended ? "the others are not there yet" : ended.error().what}});
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, limits::kRetryMax);
  }
}

void Cluster::start() {
  thread_ = std::thread([this] { run(); });
}

void Cluster::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool Cluster::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

bool Cluster::wait_for(Clock::duration time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, time, [this] { return stopping_; });
}

void Cluster::run() {
  auto pause = limits::kRetryFirst;
  do {
    const auto begun = Clock::now();
    const auto ended = talk();
    if (ended || stopping()) return;
    trace(Level::error, "cluster_away", {{"why", ended.error().what}});
    set_why(ended.error().what);
    const bool held = Clock::now() - begun > limits::kRetryMax;
    pause = held ? limits::kRetryFirst : std::min(pause * 2, limits::kClusterRetryMax);
  } while (wait_for(pause));
}

void Cluster::set_why(const std::string& why) {
  const std::lock_guard lock(mutex_);
  why_ = why;
}

/// The next server that lets us in; each is tried once.
Result<Cluster::LinkPtr> Cluster::connect(std::string& url) {
  NatsConfig server = config_.access;
  std::string faults;
  for (std::size_t i = 0; i < config_.urls.size() && !stopping(); ++i) {
    server.url = config_.urls[next_url_++ % config_.urls.size()];
    auto opened = Link::open(server, fmt::format("tocsin {}", name_), [] {});
    if (opened) {
      url = server.url;
      return opened;
    }
    faults += fmt::format("{}{}: {}", faults.empty() ? "" : "; ", server.url, opened.error().what);
  }
  return Failure{faults};
}

Result<void> Cluster::talk() {
  std::string url;
  const auto opened = connect(url);
  if (!opened) return opened.error();
  const LinkPtr& link = *opened;
  if (auto ready = prepare(link, url); !ready) return ready;
  std::thread server_thread([this, link, serves = !joining_ && !config_.edge] {
    if (serves) serve(link);
  });
  std::thread trust_thread([this, link] {
    if (trust_) learn_trust(link);
  });
  std::thread feeds_thread([this, link, reads = !joining_ && !config_.edge] {
    if (reads) read_feeds(link);
  });
  auto ended = follow(*link);
  part();
  {
    const std::lock_guard lock(mutex_);
    link_ = nullptr;
    server_.clear();
  }
  link->close();
  changed_.notify_all();
  server_thread.join();
  trust_thread.join();
  feeds_thread.join();
  return ended;
}

Result<void> Cluster::prepare(const LinkPtr& link, const std::string& server) {
  const auto kept_by = config_.edge ? link->find_stream() : link->open_stream(config_.replicas);
  if (!kept_by) return kept_by.error();
  if (auto hearing = link->hear(kHearAll); !hearing) return hearing;
  if (!config_.edge) {
    if (auto asked = link->answer(ask_subject(id_)); !asked) return asked;
  }
  asked_around_ = false;
  const std::lock_guard lock(mutex_);
  link_ = link;
  server_ = server;
  kept_by_ = *kept_by;
  return {};
}

Result<void> Cluster::follow(Link& link) {
  auto looked = Clock::now();
  Sequence through_then{};
  for (;;) {
    if (stopping()) return {};
    if (link.over()) return Failure{"the connection ended"};
    bool met = false;
    {
      const std::lock_guard lock(mutex_);
      met = met_;
    }
    if (!met) {
      auto meeting = meet(link);
      if (!meeting) return meeting.error();
      if (joining_ && *meeting) {
        joining_ = false;
        return {};
      }
      listen(link, milliseconds{1});
      continue;
    }
    for (;;) {
      const auto more = take_new(link);
      if (!more) return more.error();
      if (!*more) break;
    }
    if (Clock::now() - looked > limits::kSayEvery) {
      looked = Clock::now();
      if (auto done = look(link, through_then); !done) return done;
    }
    listen(link, limits::kLookEvery);
  }
}

/// Whether they still meet: the stream may have forgotten or lost a message, or what it agreed to
/// did not get onto our disk.
Result<void> Cluster::look(Link& link, Sequence& through_then) {
  std::uint64_t number = 0;
  Sequence through{};
  {
    const std::lock_guard lock(mutex_);
    number = number_;
    through = through_;
  }
  const auto ends = link.ends();
  if (!ends) return ends.error();
  const bool forgotten = ends->last < number;
  const bool hole = ends->last > number && ends->first > number + 1;
  const bool stuck = through == through_then && log_.head() < through;
  if (forgotten || hole || stuck) part();
  through_then = through;
  return {};
}

// --- where the stream and the log meet

Result<bool> Cluster::meet(Link& link) {
  const auto ends = link.ends();
  if (!ends) return ends.error();
  note_word();
  const auto found = newest_of(link, *ends);
  if (!found) return found.error();
  if (!*found) return false;
  if ((*found)->none) return begin_order(link, ends->last);
  const Batch* newest = &(*found)->batch;
  if (newest->epoch != log_.epoch()) {
    if (!joining_) return another_log(fmt::format("its epoch is {}", newest->epoch));
    if (auto taken = log_.take_epoch(newest->epoch); !taken) return taken.error();
    return true;
  }
  if (!joining_ && !asked_around_) {
    wait_for_all(link);
    asked_around_ = true;
  }
  // First the head: a proposal that is still under way may move both.
  const Sequence head = log_.head();
  if (newest->through() > head) return walk_back(link, *ends);
  if (auto fits = follows(newest->through(), newest->newest()); !fits) return fits.error();
  const auto farthest = nodes_.farthest(log_.epoch(), Clock::now());
  if (farthest && farthest->head > head) return fetch_from(link, *farthest);
  if (newest->through() < head) return tell_again(link, *newest, ends->last);
  meet_at(ends->last, head);
  return true;
}

/// Nothing where its last message is not there yet, or no more.
Result<std::optional<Cluster::Newest>> Cluster::newest_of(Link& link, const Link::Ends& ends) {
  for (std::uint64_t i = ends.messages == 0 ? 0 : ends.last; i >= ends.first && i > 0; --i) {
    if (stopping() || link.over()) return std::optional<Newest>();
    if (Clock::now() - said_ >= limits::kSayEvery) say_hello(link);
    const auto bytes = link.message(i);
    if (!bytes) return bytes.error();
    if (!*bytes && i == ends.last) return std::optional<Newest>();
    if (!*bytes || is_void(**bytes)) continue;
    auto batch = decode_batch(**bytes, places_);
    if (!batch) return batch.error();
    return std::optional(Newest{*std::move(batch)});
  }
  return std::optional(Newest{{}, true});
}

/// Nobody has said anything yet, or all of it is gone: how far our log goes is its beginning.
Result<bool> Cluster::begin_order(Link& link, std::uint64_t last) {
  wait_for_all(link);
  if (config_.edge) return false;
  // An empty log begins nothing where there are others that are not.
  const auto there = nodes_.there(Clock::now());
  const bool others = std::any_of(there.begin(), there.end(),
                                  [](const Node& node) { return node.head > Sequence::none; });
  if (joining_ && others) return false;
  const Sequence head = log_.head();
  const auto farthest = nodes_.farthest(log_.epoch(), Clock::now());
  if (farthest && farthest->head > head) return fetch_from(link, *farthest);
  const auto id = id_at(head);
  if (!id) return id.error();
  const Batch beginning{log_.epoch(), head, id->value_or(BulletinId{}), {}};
  const auto kept = link.keep(encode_batch(beginning), last);
  if (kept != Link::Kept::yes) return false;
  trace(Level::notice, "cluster_begun", {{"epoch", log_.epoch()}});
  if (joining_) return true;
  meet_at(last + 1, head);
  return true;
}

/// Others were further: from which message on is it new here? Who is far behind has pages of others
/// first, since each message that is looked at comes whole.
Result<bool> Cluster::walk_back(Link& link, const Link::Ends& ends) {
  const Sequence head = log_.head();
  const auto ahead = nodes_.farthest(log_.epoch(), Clock::now());
  if (!joining_ && ahead && number(ahead->head) > number(head) + limits::kWalkBack) {
    if (const auto page = ask_page(link, *ahead)) return take_page(*page);
  }
  for (std::uint64_t i = ends.last; i >= std::max<std::uint64_t>(ends.first, 1); --i) {
    if (stopping() || link.over()) return false;
    if (Clock::now() - said_ >= limits::kSayEvery) say_hello(link);
    const auto bytes = link.message(i);
    if (!bytes) return bytes.error();
    if (!*bytes || is_void(**bytes)) continue;
    const auto batch = decode_batch_head(**bytes);
    if (!batch || batch->epoch != log_.epoch()) break;
    if (batch->after > head) continue;
    if (joining_) return true;
    if (number(batch->after) + batch->count <= number(head) && i < ends.last) break;  // a hole
    if (auto fits = follows(batch->after, batch->last); !fits) return fits.error();
    meet_at(i - 1, head);
    return true;
  }
  const auto farthest = nodes_.farthest(log_.epoch(), Clock::now());
  if (farthest && farthest->head > head) return fetch_from(link, *farthest);
  if (joining_) return true;
  listen(link, limits::kListenFirst);
  if (nodes_.farthest(log_.epoch(), Clock::now())) return false;
  return Failure{fmt::format(
      "what follows alert {} is in the stream no more, and no node that has it is there",
      number(head))};
}

/// The stream has lost what this log has: it is told again, by whoever has most.
Result<bool> Cluster::tell_again(Link& link, const Batch& newest, std::uint64_t last) {
  wait_for_all(link);
  const auto farthest = nodes_.farthest(log_.epoch(), Clock::now());
  if (farthest && farthest->head > log_.head()) return fetch_from(link, *farthest);
  if (config_.edge) return false;
  auto page = page_after(newest.through());
  if (!page) return page.error();
  trace(Level::warning, "cluster_told_again",
        {{"after", std::to_string(number(page->after))},
         {"through", std::to_string(number(page->through()))}});
  if (link.keep(encode_batch(*page), last) == Link::Kept::unknown) {
    return Failure{"the stream does not acknowledge"};
  }
  return false;
}

Result<bool> Cluster::fetch_from(Link& link, const Node& node) {
  const auto bytes = ask_page(link, node);
  if (!bytes) return bytes.error();
  return take_page(*bytes);
}

Result<engine::Bytes> Cluster::ask_page(Link& link, const Node& node) {
  engine::OctetWriter question;
  question.put_raw(log_.epoch());
  question.put(number(log_.head()));
  return link.ask(ask_subject(node.id), question.bytes());
}

Result<bool> Cluster::take_page(engine::BytesView bytes) {
  auto page = decode_batch(bytes, places_);
  if (!page) return page.error();
  if (auto fits = follows(page->after, page->last); !fits) return fits.error();
  auto adopted = adopt(std::move(page->records));
  if (!adopted) return adopted.error();
  if (adopted->outcome == Adopted::Outcome::differs) return another_log("an alert differs");
  return false;
}

Result<bool> Cluster::take_new(Link& link) {
  std::uint64_t number = 0;
  Sequence here{};
  {
    const std::lock_guard lock(mutex_);
    if (!met_) return false;
    number = number_ + 1;
    here = through_;
  }
  const auto bytes = link.message(number);
  if (!bytes) return bytes.error();
  note_word();
  if (!*bytes) return false;
  if (is_void(**bytes)) {
    trace(Level::error, "cluster_message_passed_over", {{"number", std::to_string(number)}});
    meet_at(number, here);
    return true;
  }
  auto batch = decode_batch(**bytes, places_);
  if (!batch) return batch.error();
  if (batch->epoch != log_.epoch()) {
    return another_log(fmt::format("its epoch is {}", batch->epoch));
  }
  if (batch->after <= log_.head()) {
    if (auto fits = follows(batch->after, batch->last); !fits) return fits.error();
  }
  const Sequence through = batch->through();
  auto adopted = adopt(std::move(batch->records));
  if (!adopted) return adopted.error();
  switch (adopted->outcome) {
    case Adopted::Outcome::taken:
      meet_at(number, through);
      return true;
    case Adopted::Outcome::gap:
      part();
      return false;
    case Adopted::Outcome::differs:
      return another_log(fmt::format("alert {} differs", engine::number(through)));
    case Adopted::Outcome::unavailable:
      break;
  }
  return Failure{"this node's disk takes nothing, or is too slow"};
}

void Cluster::meet_at(std::uint64_t number, Sequence through) {
  {
    const std::lock_guard lock(mutex_);
    if (met_ && number_ >= number) return;
    // Somebody may have put an old message there again.
    through_ = met_ ? std::max(through_, through) : through;
    met_ = true;
    number_ = number;
    why_.clear();
  }
  changed_.notify_all();
}

void Cluster::part() {
  const std::lock_guard lock(mutex_);
  met_ = false;
}

// --- the log

Result<Adopted> Cluster::adopt(std::vector<Agreed> records) {
  std::promise<Adopted> promise;
  log_.adopt(std::move(records), [&promise](Adopted adopted) { promise.set_value(adopted); });
  return promise.get_future().get();
}

Result<std::optional<BulletinId>> Cluster::id_at(Sequence sequence) {
  if (sequence == Sequence::none) return std::optional(BulletinId{});
  std::promise<Result<std::optional<engine::Record>>> promise;
  log_.find(sequence, [&promise](auto found) { promise.set_value(std::move(found)); });
  const auto found = promise.get_future().get();
  if (!found) return found.error();
  if (!*found) return std::optional<BulletinId>();
  return std::optional((*found)->bulletin->id);
}

/// Whether the record at `after` is the one that others have there.
Result<void> Cluster::follows(Sequence after, const BulletinId& last) {
  const auto here = id_at(after);
  if (!here) return here.error();
  if (*here != last) return another_log(fmt::format("alert {} differs", number(after)));
  return {};
}

Result<Batch> Cluster::page_after(Sequence after) {
  const auto last = id_at(after);
  if (!last) return last.error();
  if (!*last) return Failure{fmt::format("there is no alert {}", number(after))};
  std::promise<Result<engine::Page>> promise;
  log_.read(after, {limits::kBatchRecords, limits::kBatchBytes},
            [&promise](auto page) { promise.set_value(std::move(page)); });
  auto page = promise.get_future().get();
  if (!page) return page.error();
  Batch batch{log_.epoch(), after, **last, {}};
  for (engine::Record& record : page->records) batch.records.push_back({std::move(record), true});
  return batch;
}

// --- upstream, on the log's writer thread

engine::Order::Said Cluster::propose(Sequence after, const BulletinId& last,
                                     std::span<const Agreed> records) {
  LinkPtr link;
  std::uint64_t number = 0;
  {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kMeetWait, [this] { return met_ || stopping_; });
    if (!met_ || link_ == nullptr || through_ != after) return Said::behind;
    link = link_;
    number = number_;
  }
  const Batch batch{log_.epoch(), after, last, {records.begin(), records.end()}};
  switch (link->keep(encode_batch(batch), number)) {
    case Link::Kept::unknown:
      return Said::unavailable;
    case Link::Kept::behind:
      return Said::behind;
    case Link::Kept::yes:
      break;
  }
  note_word();
  {
    const std::lock_guard lock(mutex_);
    if (met_ && number_ == number) {
      number_ = number + 1;
      through_ = batch.through();
    }
  }
  (void)link->say(kNewSubject, id_);  // they look by themselves too
  return Said::agreed;
}

}  // namespace connectors::nats
