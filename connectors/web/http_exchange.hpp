#pragma once
// A socket that speaks HTTP/1.1: one request after another, each bounded before it is parsed,
// answered in order, until it ends or becomes a stream. Lives on its shard's thread; keeps itself
// alive by what it waits for.
#include <memory>
#include <string>

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
  enum class State { idle, head, body, working, answering, lingering, closed };

  void wait_read();
  void on_readable();
  void proceed();        // with what is in `in_`
  bool begin_request();  // true once the head is complete and good
  void handle();
  void upgrade();
  void refuse(const engine::Refusal& refusal);
  void answer(Response response);
  void on_answered();
  void wait_write();
  void linger();
  void expect(State state, std::chrono::seconds within);
  void expect_progress();
  bool may_wait_on() const;  // although its reader takes nothing at the moment
  bool admit();              // who asks, and whether it may
  bool brings_alert() const;
  bool has_room_for_body();  // each of the two refuses where there is none
  bool has_room_for_answer();
  std::size_t kept_of_answers() const;  // for others
  bool is_of_this_machine() const;
  Peer peer() const;
  void count_vain(const Response& response);
  bool take_place_behind_proxy();
  void finish();

  WebShard& shard_;
  SocketLease lease_;
  OutQueue out_;
  std::string in_;
  Request request_;
  State state_ = State::idle;
  Visitor visitor_;
  MemoryShare body_memory_, answer_memory_;
  Place list_;                        // among those of this visitor, while one is on its way
  std::uint64_t answer_until_ = 0;    // the second of our shard when it has to be out
  std::uint64_t progress_until_ = 0;  // and when some more of it has to be
  std::size_t dropped_ = 0;           // octets that came after our last answer
  Response::Then then_ = Response::Then::keep;
};

}  // namespace connectors::web
