// What the machines of a cluster tell and ask each other: where they are, pages of their logs, whom
// they trust.
#include <fmt/format.h>

#include <algorithm>

#include "connectors/nats/cluster.hpp"
#include "connectors/nats/limits.hpp"
#include "engine/base/octet_io.hpp"
#include "engine/base/trace.hpp"
#include "engine/trust/signature.hpp"

namespace connectors::nats {

using engine::Bytes;
using engine::BytesView;
using engine::Level;
using engine::Sequence;
using engine::trace;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kServeWait{500};
constexpr std::size_t kTrustWord = 16;  // hexadecimal digits
constexpr std::string_view kAskTrust = "trust", kAskRevocations = "revocations";

}  // namespace

void Cluster::listen(Link& link, milliseconds patience) {
  const auto until = Clock::now() + patience;
  do {
    if (Clock::now() - said_ >= limits::kSayEvery) say_hello(link);
    const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
    const auto heard =
        link.next_heard(std::clamp(left, milliseconds{1}, milliseconds{limits::kSayEvery}));
    if (!heard) continue;
    if (heard->subject == kNewSubject && heard->body != id_) return;
    if (heard->subject != kNodeSubject && heard->subject != kEdgeSubject) continue;
    auto node = read_node(heard->body);
    if (node && node->id != id_) hear(*std::move(node), heard->subject == kEdgeSubject);
  } while (Clock::now() < until && !link.over() && !stopping());
}

/// One of them may have what nobody else has: each that is not forgotten has to have said where it
/// is since now.
void Cluster::wait_for_all(Link& link) {
  const auto begun = Clock::now();
  const auto until = begun + limits::kWaitForAll;
  const auto wanted = begun + limits::kListenFirst;
  while (Clock::now() < until && !link.over() && !stopping()) {
    listen(link, milliseconds{100});
    if (Clock::now() >= wanted && nodes_.all_since(begun)) return;
  }
}

void Cluster::say_hello(Link& link) {
  said_ = Clock::now();
  (void)link.say(config_.edge ? kEdgeSubject : kNodeSubject, node_json(self()));
}

Node Cluster::self() const {
  return {id_, name_, log_.epoch(), log_.head(), current(), streams_(), trust_word()};
}

/// What an edge says changes nothing of nodes: its key is in more hands.
void Cluster::hear(Node node, bool edge) {
  const bool another = trust_ && !edge && !node.trust.empty() && node.trust != trust_word();
  const std::lock_guard lock(mutex_);
  if (another && (trusting_.size() < limits::kNodesMax || trusting_.contains(node.name))) {
    trusting_.insert_or_assign(node.name, node);
    changed_.notify_all();
  }
  (edge ? edges_ : nodes_).hear(std::move(node), Clock::now());
}

// --- trust documents and revocations

/// Who says the same word trusts alike. Two that trust alike may say different ones, as what they
/// have came to them in another order.
std::string Cluster::trust_word() const {
  if (!trust_) return {};
  const auto id = engine::trust::sha256(trust_->document() + trust_->revocations());
  return engine::to_hex(engine::view(id)).substr(0, kTrustWord);
}

/// On a thread of its own: an answer may be long in coming, and what is taken is synced.
void Cluster::learn_trust(const LinkPtr& link) {
  while (!link->over() && !stopping()) {
    std::map<std::string, Node> others;
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, kServeWait, [&] { return stopping_ || !trusting_.empty(); });
      others = std::exchange(trusting_, {});
    }
    for (const auto& [name, node] : others) {
      if (!link->over() && !stopping()) ask_for_trust(*link, node);
    }
  }
}

/// Once for each word of theirs and ours: what they have and does not count here is not asked for
/// again, until something is new at one of us.
void Cluster::ask_for_trust(Link& link, const Node& node) {
  const std::string ours = trust_word();
  if (node.trust == ours) return;
  if (trust_asked_.size() >= limits::kNodesMax) trust_asked_.clear();
  TrustAsked& asked = trust_asked_[node.name];
  const auto now = Clock::now();
  if (asked.theirs == node.trust && asked.ours == ours && now < asked.again) return;
  asked = {node.trust, ours, now + limits::kTrustAgain};
  if (take_trust(link, node)) asked.again = Clock::time_point::max();
}

/// False where it did not answer, or something of it could not be kept this time.
bool Cluster::take_trust(Link& link, const Node& node) {
  const auto document = link.ask(ask_subject(node.id), kAskTrust);
  if (!document) return false;
  const auto revocations = link.ask(ask_subject(node.id), kAskRevocations);
  if (!revocations) return false;
  bool kept = trust_->take(*document);
  for (std::size_t begin = 0; begin < revocations->size();) {
    const std::size_t end = std::min(revocations->find('\n', begin), revocations->size());
    kept = trust_->take(BytesView(*revocations).substr(begin, end - begin)) && kept;
    begin = end + 1;
  }
  return kept;
}

// --- what is kept beside the log

/// On a thread of its own, as whom they trust is learned.
void Cluster::read_feeds(const LinkPtr& link) {
  bool more = false;
  while (!link->over() && !stopping()) {
    std::vector<Node> there;
    {
      std::unique_lock lock(mutex_);
      const auto ended = [&] { return stopping_ || link->over(); };
      if (!more && changed_.wait_for(lock, limits::kSayEvery, ended)) return;
      there = nodes_.there(Clock::now());
    }
    more = false;
    for (const Node& node : there) {
      if (link->over() || stopping()) return;
      const auto ask = [&](BytesView question) {
        return link->ask(ask_subject(node.id), question);
      };
      more = sharing_.read(node, ask) || more;
    }
    sharing_.forget_others(there);
  }
}

// --- what others ask of us

void Cluster::serve(const LinkPtr& link) {
  while (!link->over() && !stopping()) {
    const auto asked = link->next_asked(kServeWait);
    if (!asked || !asked->reply.starts_with(limits::kReplyPrefix)) continue;
    const auto answer = answer_to(asked->body);
    if (!answer) continue;
    if (const auto said = link->say(asked->reply, *answer); !said) {
      trace(Level::error, "node_not_answered",
            {{"why", said.error().what}, {"octets", std::to_string(answer->size())}});
    }
  }
}

/// A page of our log for who lacks it, or of what is kept beside it, or what we trust; nothing
/// where it asks for none of them.
std::optional<Bytes> Cluster::answer_to(BytesView question) {
  if (question == kAskTrust) return trust_ ? std::optional(trust_->document()) : std::nullopt;
  if (question == kAskRevocations) {
    return trust_ ? std::optional(trust_->revocations()) : std::nullopt;
  }
  if (Sharing::asks(question)) return sharing_.answer_to(question);
  engine::OctetReader in(question);
  const engine::Epoch epoch(in.raw(log_.epoch().size()));
  const Sequence after{in.number<std::uint64_t>()};
  if (!in.finished() || epoch != log_.epoch()) return std::nullopt;
  const auto page = page_after(after);
  return page ? std::optional(encode_batch(*page)) : std::nullopt;
}

void Cluster::note_word() { heard_.store(Clock::now(), std::memory_order_relaxed); }

bool Cluster::current() const {
  const std::lock_guard lock(mutex_);
  return met_ && log_.writable() &&
         Clock::now() - heard_.load(std::memory_order_relaxed) < limits::kCurrentFor;
}

std::string Cluster::elsewhere() const {
  std::string names;
  {
    const std::lock_guard lock(mutex_);
    for (const Node& node : nodes_.last_there()) {
      if (node.current) names += (names.empty() ? "" : ", ") + node.name;
    }
  }
  if (names.empty()) return {};
  return fmt::format("Send it to another node: these took alerts when they were last heard: {}.",
                     names);
}

Cluster::State Cluster::state() const {
  State state;
  state.self = self();
  state.current = state.self.current;
  const std::lock_guard lock(mutex_);
  state.reached = link_ != nullptr;
  state.server = server_;
  state.kept_by = kept_by_;
  state.why = why_;
  state.nodes = nodes_.known(Clock::now());
  state.edges = edges_.known(Clock::now());
  return state;
}

std::vector<std::string> Cluster::warnings() const {
  const State now = state();
  auto warnings = config_.edge ? std::vector<std::string>{} : sharing_.warnings();
  if (!now.current) {
    warnings.push_back(fmt::format("This node does not have the order of its cluster: {}.",
                                   now.why.empty() ? "its servers do not answer" : now.why));
  } else if (now.kept_by < 3) {
    warnings.push_back(fmt::format(
        "The order of this node's cluster is kept by {} of its servers, and by a majority of three "
        "it would outlive one of them: replicas in [cluster], before the stream is made.",
        now.kept_by));
  }
  return warnings;
}

}  // namespace connectors::nats
