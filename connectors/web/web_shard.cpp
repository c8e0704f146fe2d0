#include "connectors/web/web_shard.hpp"

#include <boost/asio/post.hpp>

#include "connectors/web/stream_connection.hpp"
#include "engine/limits.hpp"

namespace connectors::web {

WebShard::WebShard(engine::Engine& the_engine, engine::Shard& the_shard, const Api& the_api,
                   Gate& the_gate, std::shared_ptr<Tls> tls)
    : engine(the_engine),
      shard(the_shard),
      api(the_api),
      gate(the_gate),
      events(the_engine.log().epoch()),
      sockets(the_shard.io()),
      tls_(tls ? std::make_unique<TlsThread>(std::move(tls)) : nullptr),
      timer_(the_shard.io()),
      random_(std::random_device{}()) {}

WebShard::~WebShard() = default;

std::chrono::milliseconds WebShard::spread() {
  return std::chrono::milliseconds{std::uniform_int_distribution<std::int64_t>(
      0, engine::limits::kReconnectSpread.count())(random_)};
}

std::unique_ptr<TlsSession> WebShard::new_tls() {
  return tls_ ? std::make_unique<TlsSession>(*tls_) : nullptr;
}

void WebShard::deliver() {
  if (tls_) tls_->deliver();
}

void WebShard::deliver_soon() {
  if (!tls_ || delivers_soon_ || !tls_->waiting()) return;
  delivers_soon_ = true;
  boost::asio::post(shard.io(), [this] {
    delivers_soon_ = false;
    tls_->deliver();
  });
}

StreamConnection& WebShard::keep(std::unique_ptr<StreamConnection> stream) {
  stream->place_in_shard = streams_.size();
  return *streams_.emplace_back(std::move(stream));
}

void WebShard::let_go(StreamConnection& stream) {
  const std::size_t place = stream.place_in_shard;
  // Not from here: it may be one of its own calls that ends it.
  if (finished_.empty()) boost::asio::post(shard.io(), [this] { finished_.clear(); });
  finished_.push_back(std::move(streams_[place]));
  if (place + 1 < streams_.size()) {
    streams_[place] = std::move(streams_.back());
    streams_[place]->place_in_shard = place;
  }
  streams_.pop_back();
}

void WebShard::watch(Timed& timed, std::chrono::seconds from_now) {
  timed.deadline = second_ + static_cast<std::uint64_t>(from_now.count()) + 1;
  timed_.insert(&timed);
}

void WebShard::forget(Timed& timed) { timed_.erase(&timed); }

void WebShard::drain() {
  draining_ = true;
  const std::vector<Timed*> all(timed_.begin(), timed_.end());
  for (Timed* timed : all) {
    if (timed_.count(timed) > 0) timed->on_drain();
  }
}

void WebShard::start() {
  timer_.expires_after(std::chrono::seconds{1});
  timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    tick();
    start();
  });
}

void WebShard::tick() {
  ++second_;
  std::vector<Timed*> due;
  for (Timed* timed : timed_) {
    if (second_ >= timed->deadline) due.push_back(timed);
  }
  for (Timed* timed : due) {
    if (timed_.erase(timed) > 0) timed->on_deadline();
  }
}

}  // namespace connectors::web
