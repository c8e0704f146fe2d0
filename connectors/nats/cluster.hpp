#pragma once
// One of several machines that share a log. The order of their alerts is a JetStream stream that a
// majority of its servers keeps; each machine proposes what it was sent as the stream's next
// message, which is taken only where it has everything before it, and writes what others have
// proposed. The stream is an agreement, no store: it may forget, and is told again by the machines.
// An edge has no say: it reads what they have, and is asked for nothing.
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "connectors/nats/batch.hpp"
#include "connectors/nats/config.hpp"
#include "connectors/nats/link.hpp"
#include "connectors/nats/nodes.hpp"
#include "connectors/nats/sharing.hpp"
#include "engine/base/metrics.hpp"
#include "engine/log.hpp"

namespace connectors::nats {

/// What machines share beside the log. Each part verifies itself, whoever it comes from.
struct SharedTrust {
  std::function<engine::Bytes()> document;      // the trust document, as it was signed
  std::function<engine::Bytes()> revocations;   // one envelope a line
  std::function<bool(engine::BytesView)> take;  // false: it could not be kept, this time
};

class Cluster final : public engine::Order {
 public:
  /// The log is ordered by it from now on, and outlives it; so do the places.
  static engine::Result<std::unique_ptr<Cluster>> open(ClusterConfig config, std::string node,
                                                       engine::Log& log,
                                                       const engine::Places& places);
  ~Cluster() override;

  /// A log without a record has to know which log it is: waits until the others have said so.
  /// Before start().
  void join();
  /// How many streams it serves, for the others to know. Before start().
  void count_streams(std::function<std::size_t()> streams) { streams_ = std::move(streams); }
  /// Before start().
  void share(SharedTrust trust) { trust_ = std::move(trust); }
  /// What is kept beside the log is given to the other nodes, and theirs is taken. Before start();
  /// it outlives this. An edge has no part in it.
  void feed(engine::Feed& feed) { sharing_.add(feed); }
  void start();
  /// After the log has stopped.
  void stop();

  Said propose(engine::Sequence after, const engine::BulletinId& last,
               std::span<const engine::Agreed> records) override;
  std::string elsewhere() const override;
  bool current() const override;
  bool only_follows() const noexcept override { return config_.edge; }

  struct State {
    bool reached = false, current = false;
    std::string server;       // which of them is spoken to
    std::size_t kept_by = 0;  // so many of them keep the stream
    std::string why;          // why it has not the order
    Node self;
    std::vector<Nodes::Heard> nodes;  // the others that take alerts, and are not forgotten
    std::vector<Nodes::Heard> edges;  // and those that only send them out
  };
  State state() const;
  /// For /readyz.
  std::vector<std::string> warnings() const;

 private:
  using Clock = std::chrono::steady_clock;
  using LinkPtr = std::shared_ptr<Link>;

  Cluster(ClusterConfig config, std::string node, engine::Log& log, const engine::Places& places,
          std::optional<engine::trust::SharedKey> key);

  void run();
  engine::Result<void> talk();
  engine::Result<LinkPtr> connect(std::string& url);
  engine::Result<void> prepare(const LinkPtr& link, const std::string& server);
  engine::Result<void> follow(Link& link);
  engine::Result<void> look(Link& link, engine::Sequence& through_then);
  /// Finds where the stream and the log meet; true once they do.
  engine::Result<bool> meet(Link& link);
  struct Newest {
    Batch batch;
    bool none = false;  // the stream says nothing of any log
  };
  engine::Result<std::optional<Newest>> newest_of(Link& link, const Link::Ends& ends);
  engine::Result<bool> begin_order(Link& link, std::uint64_t last);
  engine::Result<bool> walk_back(Link& link, const Link::Ends& ends);
  engine::Result<bool> tell_again(Link& link, const Batch& newest, std::uint64_t last);
  engine::Result<bool> fetch_from(Link& link, const Node& node);
  engine::Result<engine::Bytes> ask_page(Link& link, const Node& node);
  engine::Result<bool> take_page(engine::BytesView bytes);
  engine::Result<bool> take_new(Link& link);
  engine::Result<engine::Adopted> adopt(std::vector<engine::Agreed> records);
  engine::Result<std::optional<engine::BulletinId>> id_at(engine::Sequence sequence);
  engine::Result<void> follows(engine::Sequence after, const engine::BulletinId& last);
  engine::Result<Batch> page_after(engine::Sequence after);
  void listen(Link& link, std::chrono::milliseconds patience);
  void wait_for_all(Link& link);
  void say_hello(Link& link);
  void hear(Node node, bool edge);
  void learn_trust(const LinkPtr& link);
  void ask_for_trust(Link& link, const Node& node);
  bool take_trust(Link& link, const Node& node);
  std::string trust_word() const;
  void read_feeds(const LinkPtr& link);
  std::optional<engine::Bytes> answer_to(engine::BytesView question);
  void meet_at(std::uint64_t number, engine::Sequence through);
  void part();
  void note_word();
  void serve(const LinkPtr& link);
  Node self() const;
  bool stopping() const;
  bool wait_for(Clock::duration time);
  void set_why(const std::string& why);

  const ClusterConfig config_;
  const std::string name_, id_;
  engine::Log& log_;
  const engine::Places& places_;
  std::function<std::size_t()> streams_ = [] { return 0; };
  std::optional<SharedTrust> trust_;
  Sharing sharing_;
  struct TrustAsked {
    std::string theirs, ours;  // the words of then
    Clock::time_point again;   // not before, unless one of them has changed
  };
  std::map<std::string, TrustAsked> trust_asked_;  // by node: of learn_trust() alone
  std::size_t next_url_;
  std::size_t kept_by_ = 0;
  bool asked_around_ = false;  // those who are there, over this link
  bool joining_ = false;       // the epoch is still to be learned

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  LinkPtr link_;  // while there is one
  std::string server_, why_ = "it has not been reached yet";
  bool met_ = false;  // the stream's message `number_` ends with the log's `through_`
  std::uint64_t number_ = 0;
  engine::Sequence through_ = engine::Sequence::none;
  Nodes nodes_, edges_;
  std::map<std::string, Node> trusting_;  // by name, those whose word is another than ours
  Clock::time_point said_{};              // when we last said something of us: of run() alone
  std::atomic<Clock::time_point> heard_{Clock::time_point{}};  // the stream's last word
  std::thread thread_;
};

}  // namespace connectors::nats
