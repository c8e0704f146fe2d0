#include "connectors/web/ticket_keys.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "engine/limits.hpp"

namespace connectors::web {

namespace {

void wipe(TicketKeys::Key& key) { OPENSSL_cleanse(&key, sizeof key); }

bool fill(TicketKeys::Key& key) {
  return RAND_bytes(key.name.data(), static_cast<int>(key.name.size())) == 1 &&
         RAND_priv_bytes(key.cipher.data(), static_cast<int>(key.cipher.size())) == 1 &&
         RAND_priv_bytes(key.mac.data(), static_cast<int>(key.mac.size())) == 1;
}

}  // namespace

TicketKeys::~TicketKeys() {
  for (auto* dated : {&current_, &previous_}) {
    if (*dated) wipe((*dated)->key);
  }
}

void TicketKeys::turn(engine::Time now) {
  constexpr engine::Duration life = engine::limits::kTicketKeyLife;
  // Where the clock went back to before a key began, nobody knows how old it is.
  const auto over = [now](const Dated& dated, engine::Duration after) {
    return now < dated.since || now >= dated.since + after;
  };
  if (current_ && over(*current_, life)) {
    if (previous_) wipe(previous_->key);
    previous_ = current_;
    wipe(current_->key);
    current_.reset();
  }
  if (previous_ && over(*previous_, 2 * life)) {
    wipe(previous_->key);
    previous_.reset();
  }
}

std::optional<TicketKeys::Key> TicketKeys::sealing() {
  const std::lock_guard lock(mutex_);
  const auto now = clock_.now();
  turn(now);
  if (!current_) {
    Dated fresh{{}, now};
    const bool filled = fill(fresh.key);
    if (filled) current_ = fresh;
    wipe(fresh.key);
    if (!filled) return std::nullopt;
  }
  return current_->key;
}

std::optional<TicketKeys::Key> TicketKeys::opening(const engine::Octets<16>& name) {
  const std::lock_guard lock(mutex_);
  turn(clock_.now());
  for (const auto* dated : {&current_, &previous_}) {
    if (*dated && (*dated)->key.name == name) return (*dated)->key;
  }
  return std::nullopt;
}

}  // namespace connectors::web
