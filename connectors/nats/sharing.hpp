#pragma once
// What machines of a cluster have beside the log, asked and answered page by page. Questions and
// answers are sealed with a key that the machines have and the servers between them have not, so
// that these can neither read what is shared nor put anything in; an answer opens for its question
// alone. Any thread.
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "connectors/nats/nodes.hpp"
#include "engine/feed.hpp"
#include "engine/sealing.hpp"

namespace connectors::nats {

/// Question:  "feed 1 ", the id of who asks (16), sealed: feed and cursor, as texts.
/// Answer:    one octet, "p" and sealed: cursor as a text, 1 where it is the end, the page;
///            or, unsealed, "k" without that key, "u" of a feed that is not known here, "f" where
///            there is none this time.
/// They are sealed with whose they are and, an answer, with its question.
class Sharing {
 public:
  /// `id`: who we are. Without a key nothing is asked, and everybody is told that there is none.
  Sharing(std::string id, std::optional<engine::trust::SharedKey> key);

  /// Before anything is asked; it outlives this.
  void add(engine::Feed& feed);

  static bool asks(engine::BytesView question);
  /// Nothing where it is no question.
  std::optional<engine::Bytes> answer_to(engine::BytesView question);

  using Ask = std::function<engine::Result<engine::Bytes>(engine::BytesView question)>;
  /// What that node has that we have not read of it yet, through `ask`; kFeedPages at most of each
  /// feed. True where there is more. By one thread.
  bool read(const Node& node, const Ask& ask);
  /// How far anybody else was read, and what was wrong with them. By the same thread.
  void forget_others(const std::vector<Node>& nodes);

  /// For /readyz.
  std::vector<std::string> warnings() const;

 private:
  struct Part {
    engine::Feed* feed = nullptr;
    std::mutex using_it;  // one call at a time
  };
  struct Page;
  engine::Result<Page> ask_page(const Node& node, engine::Feed& feed, const std::string& cursor,
                                const Ask& ask);
  /// True where there is more.
  engine::Result<bool> read_page(const Node& node, Part& part, const Ask& ask);
  void note(const Node& node, const std::string& why);

  const std::string id_;
  const std::optional<engine::trust::SharedKey> key_;
  std::map<std::string, Part, std::less<>> parts_;  // by the feed's name
  // By node's id and feed's name: how far it was read.
  std::map<std::pair<std::string, std::string>, std::string> cursors_;

  mutable std::mutex mutex_;
  struct Trouble {
    std::string name, why;
  };
  std::map<std::string, Trouble> troubles_;  // by node's id
};

}  // namespace connectors::nats
