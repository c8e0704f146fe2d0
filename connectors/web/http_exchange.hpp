#pragma once
// A socket that speaks HTTP/1.1: one request after another, each bounded before it is parsed,
// answered in order, until it ends or becomes a stream. Alerts that follow each other are worked on
// beside each other. Lives on its shard's thread; keeps itself
// alive by what it waits for.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/web/api.hpp"
#include "connectors/web/memory_share.hpp"
#include "connectors/web/out_queue.hpp"
#include "connectors/web/socket_lease.hpp"
#include "connectors/web/web_shard.hpp"

namespace connectors::web {

class HttpExchange final : public Timed, public std::enable_shared_from_this<HttpExchange> {
 public:
  HttpExchange(WebShard& shard, SocketLease lease);
  ~HttpExchange() override = default;
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;

  void start();
  void on_deadline() override;
  void on_drain() override;

 private:
  enum class State {
    idle,       // between requests
    head,       // one arrives
    body,       // its head was taken
    held,       // it is complete, and waits for the answers before it
    working,    // nothing is read until it is answered
    last,       // nor ever after: the connection ends with its answer
    lingering,  // that is out
    closed
  };

  /// A request that is not answered yet.
  struct Pending {
    Visitor visitor;
    bool brings_alert = false;
    bool without_body = false;
    bool last = false;  // the client said so
    std::optional<Response> response;
  };

  void wait_read();
  void on_readable();
  void on_half_closed();
  bool reads_on() const;
  bool is_arriving() const { return state_ == State::body || state_ == State::held; }
  std::string_view arrived() const { return std::string_view(in_).substr(taken_); }
  void proceed();
  bool begin_request();
  void say_continue();
  void handle();
  void upgrade();
  void watch_reach();
  void refuse(const engine::Refusal& refusal);
  void answer_at_once(Response response);
  void answer(const std::shared_ptr<Pending>& pending, Response response);
  void flush();
  void write(Pending& pending, std::vector<engine::Wire>& wires);
  void refuse_plain_http();
  void on_answered();
  void rest();
  void wait_write();
  void wait_for_reader();
  void linger();
  void expect(State state, std::chrono::seconds within);
  void expect_progress();
  void expect_again();
  bool may_wait_on() const;  // although its reader takes nothing at the moment
  bool admit();              // who asks, and whether it may
  bool brings_alert() const;
  bool has_room_for_body();  // each of the two refuses where there is none
  bool has_room_for_answer();
  std::size_t kept_of_answers() const;  // for others
  bool is_of_this_machine() const;
  Peer peer() const;
  void count_vain(const Pending& pending, const Response& response);
  bool take_place_behind_proxy();
  void finish();

  WebShard& shard_;
  SocketLease lease_;
  OutQueue out_;
  std::string in_;
  std::size_t taken_ = 0;  // octets of it that are done with
  Request request_;        // the one that arrives, or arrived last
  State state_ = State::idle;
  std::vector<std::shared_ptr<Pending>> line_;  // in the order of their requests
  bool reading_ = false;                        // waits for octets
  bool flushing_ = false;                       // flush() is on its way
  bool continue_owed_ = false;
  bool closing_ = false;                     // the last answer is on its way
  std::shared_ptr<const ReachWatch> watch_;  // behind the head that is on its way
  Visitor visitor_;
  MemoryShare body_memory_, answer_memory_;
  Place list_;                        // among those of this visitor, while one is on its way
  std::uint64_t answer_until_ = 0;    // the second of our shard when it has to be out
  std::uint64_t progress_until_ = 0;  // and when some more of it has to be
  std::size_t dropped_ = 0;           // octets that came after our last answer
};

}  // namespace connectors::web
