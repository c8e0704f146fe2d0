#pragma once
// The keys of the tickets with which TLS clients come back without a whole handshake. They are in
// memory alone and last as long as the process: a new certificate changes nothing of them, and a
// restart, after which everybody shakes hands in full once, leaves none on any disk. One seals
// tickets for limits::kTicketKeyLife and opens them for as long again, so that whoever steals
// the memory learns nothing older; where the clock goes back to before it began, it ends. Any
// thread.
#include <mutex>
#include <optional>

#include "engine/base/bytes.hpp"
#include "engine/base/time.hpp"

namespace connectors::web {

class TicketKeys {
 public:
  struct Key {
    engine::Octets<16> name{};
    engine::Octets<32> cipher{};
    engine::Octets<32> mac{};
  };

  explicit TicketKeys(const engine::Clock& clock) : clock_(clock) {}
  ~TicketKeys();
  TicketKeys(const TicketKeys&) = delete;
  TicketKeys& operator=(const TicketKeys&) = delete;

  /// What seals now; nothing where there is no randomness to be had.
  std::optional<Key> sealing();
  /// The key of that name, as long as it opens.
  std::optional<Key> opening(const engine::Octets<16>& name);

 private:
  struct Dated {
    Key key;
    engine::Time since{};
  };
  void turn(engine::Time now);  // drops what is too old

  const engine::Clock& clock_;
  std::mutex mutex_;
  std::optional<Dated> current_, previous_;
};

}  // namespace connectors::web
