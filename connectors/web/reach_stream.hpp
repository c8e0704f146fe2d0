#pragma once
// GET /v1/alerts/<seq>/reach as server-sent events: the counts, and again whenever they are others,
// looked at once a second. Who takes nothing is told less often, and holds nobody's memory. Lives
// on its shard's thread; keeps itself alive by what it waits for.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "connectors/web/gate.hpp"
#include "connectors/web/out_queue.hpp"
#include "connectors/web/socket_lease.hpp"
#include "connectors/web/web_shard.hpp"
#include "engine/close_reason.hpp"
#include "engine/member.hpp"
#include "engine/position.hpp"

namespace connectors::web {

/// Who watches which alert, and its place among those who do.
struct ReachWatch {
  engine::Sequence sequence = engine::Sequence::none;
  engine::Member member;
  Place place;
};

class ReachStream final : public Timed, public std::enable_shared_from_this<ReachStream> {
 public:
  ReachStream(WebShard& shard, SocketLease lease, std::shared_ptr<const ReachWatch> watch);

  /// The head of the answer is out.
  void start();
  void on_deadline() override;  // once a second
  void on_drain() override;

 private:
  enum class State : std::uint8_t { open, said_goodbye, finished };

  void look();
  void heard(const engine::Result<std::string>& counts);
  void push(std::string event);
  void wait_read();
  void on_readable();
  void wait_write();
  void end(engine::CloseReason reason, std::string_view text);
  void hang_up();
  void finish();

  WebShard& shard_;
  SocketLease lease_;
  const std::shared_ptr<const ReachWatch> watch_;
  OutQueue out_;
  State state_ = State::open;
  bool looking_ = false;
  std::string said_;            // what the reader was told last
  std::int64_t quiet_s_ = 0;    // since anything was said
  std::int64_t stalled_s_ = 0;  // since the reader took anything
  std::size_t dropped_ = 0;     // octets that came behind the request
};

}  // namespace connectors::web
