#include "connectors/transfer/transfers.hpp"

#include <csignal>

#include "engine/base/ensure.hpp"

namespace connectors::transfer {

namespace {

/// Once in a process. OpenSSL below libcurl may write into a connection that the other side has
/// closed: that is an error and no signal.
CURLM* new_multi() {
  static const bool ready = [] {
    std::signal(SIGPIPE, SIG_IGN);
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  }();
  ENSURE(ready);
  CURLM* multi = curl_multi_init();
  ENSURE(multi != nullptr);
  return multi;
}

CURL* new_easy() {
  CURL* easy = curl_easy_init();
  ENSURE(easy != nullptr);
  return easy;
}

}  // namespace

Transfers::Transfers(boost::asio::io_context& io, long connections)
    : io_(io), multi_(new_multi()), timer_(io) {
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Transfers::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Transfers::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, connections);
}

Transfers::~Transfers() {
  alive_.reset();
  ENSURE(curl_multi_cleanup(multi_) == CURLM_OK);
}

int Transfers::on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) {
  auto& transfers = *static_cast<Transfers*>(self);
  if (what == CURL_POLL_REMOVE) {
    transfers.watches_.erase(socket);
    return 0;
  }
  auto& watch = transfers.watches_[socket];
  if (!watch) {
    watch = std::make_unique<Watch>(transfers.io_, socket, [&transfers, socket](auto ready) {
      transfers.act(socket, ready == Watch::Ready::to_read ? CURL_CSELECT_IN : CURL_CSELECT_OUT);
    });
  }
  watch->want((what & CURL_POLL_IN) != 0, (what & CURL_POLL_OUT) != 0);
  return 0;
}

int Transfers::on_timer(CURLM*, long milliseconds, void* self) {
  auto& transfers = *static_cast<Transfers*>(self);
  if (milliseconds < 0) {
    transfers.timer_.cancel();
    return 0;
  }
  transfers.timer_.expires_after(std::chrono::milliseconds{milliseconds});
  transfers.timer_.async_wait([&transfers, alive = std::weak_ptr(transfers.alive_)](auto error) {
    if (!error && !alive.expired()) transfers.act(CURL_SOCKET_TIMEOUT, 0);
  });
  return 0;
}

void Transfers::act(curl_socket_t socket, int what) {
  int running = 0;
  ENSURE(curl_multi_socket_action(multi_, socket, what, &running) == CURLM_OK);
  tell_finished();
}

void Transfers::tell_finished() {
  const std::weak_ptr alive(alive_);
  int left = 0;
  while (!alive.expired()) {
    const CURLMsg* message = curl_multi_info_read(multi_, &left);
    if (message == nullptr) return;
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    Transfer* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    transfer->finished(code);
  }
}

Transfer::Transfer(Transfers& transfers) : transfers_(transfers), easy_(new_easy()) {
  set(CURLOPT_PRIVATE, this);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PROXY, "");
  // Whoever gives a name up while it is looked up does not wait for the lookup: libcurl leaves it
  // to its thread, which ends when the C library's patience does.
  set(CURLOPT_QUICK_EXIT, 1L);
}

Transfer::~Transfer() {
  if (started_) curl_multi_remove_handle(transfers_.multi_, easy_);
  curl_easy_cleanup(easy_);
}

void Transfer::check(CURLcode code) { ENSURE(code == CURLE_OK); }

void Transfer::start(std::function<void(CURLcode)> done) {
  ENSURE(!started_);
  started_ = true;
  done_ = std::move(done);
  ENSURE(curl_multi_add_handle(transfers_.multi_, easy_) == CURLM_OK);
}

void Transfer::finished(CURLcode code) {
  const auto done = std::move(done_);
  done(code);
}

}  // namespace connectors::transfer
