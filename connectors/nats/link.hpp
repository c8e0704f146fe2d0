#pragma once
// One connection of a cluster's machine to one of its NATS servers: the stream that gives the
// order, read and written by numbers, and what machines tell each other. No consumer of the
// server's is used: a message is asked for by its number, so that what the server forgets of us is
// nothing. Any thread; what waits for the server waits for as long as limits.hpp says.
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "connectors/nats/config.hpp"
#include "engine/base/bytes.hpp"

namespace connectors::nats {

inline constexpr const char* kOrderStream = "TOCSIN_ORDER";
inline constexpr const char* kOrderSubject = "tocsin.order";
// What machines say to all others. Edges have a subject of their own, so that a server can hold
// them to it.
inline constexpr const char* kHearAll = "tocsin.cluster.*";
inline constexpr const char* kNodeSubject = "tocsin.cluster.node";
inline constexpr const char* kEdgeSubject = "tocsin.cluster.edge";
inline constexpr const char* kNewSubject = "tocsin.cluster.new";  // the stream has more; whose: id
/// Where one of them is asked: pages of its log, whom it trusts.
inline std::string ask_subject(const std::string& id) { return "tocsin.cluster.pages." + id; }

class Link {
 public:
  static engine::Result<std::shared_ptr<Link>> open(const NatsConfig& config,
                                                    const std::string& name,
                                                    std::function<void()> ended);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  bool over() const;
  void close();

  /// Makes the stream where there is none; how many servers keep it is then for ever, and what is
  /// given back.
  engine::Result<std::size_t> open_stream(std::size_t replicas);
  /// The same of a stream that others have made.
  engine::Result<std::size_t> find_stream();
  /// The numbers of its first and last message; `last` stays where all of them are gone.
  struct Ends {
    std::uint64_t messages = 0, first = 0, last = 0;
  };
  engine::Result<Ends> ends();
  /// Nothing where there is no message of that number, or not yet.
  engine::Result<std::optional<engine::Bytes>> message(std::uint64_t number);

  enum class Kept { yes, behind, unknown };
  /// Yes: a majority of the servers has it, right behind `last`. Behind: something else is there.
  /// Waits for kAgreeMax.
  Kept keep(engine::BytesView body, std::uint64_t last);

  struct Heard {
    std::string subject, reply;
    engine::Bytes body;
  };
  /// From now on what is said on a subject waits here; the newest is dropped where much waits.
  engine::Result<void> hear(const std::string& subject);
  /// And what is asked of us, apart from it.
  engine::Result<void> answer(const std::string& subject);
  std::optional<Heard> next_heard(std::chrono::milliseconds patience);
  std::optional<Heard> next_asked(std::chrono::milliseconds patience);
  engine::Result<void> say(const std::string& subject, engine::BytesView body);
  engine::Result<engine::Bytes> ask(const std::string& subject, engine::BytesView body);

 private:
  struct Parts;
  explicit Link(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace connectors::nats
