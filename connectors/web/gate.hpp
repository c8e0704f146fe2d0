#pragma once
// Who may come in, and how often: connections by address, the proxies in front, and work that was
// refused. One for all shards; any thread.
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "connectors/web/addresses.hpp"
#include "connectors/web/memory_share.hpp"

namespace connectors::web {

/// A place among those allowed; free again when this ends, on whatever thread that is.
class Place {
 public:
  Place() = default;
  /// `leave` runs when the place is given up.
  template <class F>
  requires std::invocable<F&>
  explicit Place(F leave) : leaving_(std::make_unique<Leaving<F>>(std::move(leave))) {}

 private:
  // A pointer: streams keep two of these, and mostly use one.
  struct AnyLeaving {
    virtual ~AnyLeaving() = default;
  };
  template <class F>
  struct Leaving final : AnyLeaving {
    explicit Leaving(F function) : leave(std::move(function)) {}
    ~Leaving() override { leave(); }
    F leave;
  };
  std::unique_ptr<AnyLeaving> leaving_;
};

struct GateOptions {
  std::size_t connections_max = 15'000;
  std::size_t connections_per_address_max = 20;
  Networks trusted_proxies;
};

class Gate {
 public:
  explicit Gate(const GateOptions& options);
  ~Gate();

  const Networks& trusted_proxies() const;

  /// A place for a connection, unless there is none left. Loopback and trusted proxies are not
  /// counted by address.
  std::optional<Place> enter(const Address& peer);
  /// The same at the operators' own door, which is never full of others.
  std::optional<Place> enter_admin();
  /// A place for a list on its way to this visitor; loopback itself is not counted.
  std::optional<Place> enter_list(const Visitor& visitor);
  /// A place for a stream of somebody behind a proxy.
  std::optional<Place> enter_behind(const Address& client);
  std::size_t connections() const;

  /// Memory of all connections together: what of bodies has arrived, and answers.
  const std::shared_ptr<MemoryPool>& bodies() const { return bodies_; }
  const std::shared_ptr<MemoryPool>& answers() const { return answers_; }
  /// More than half of the memory of answers is taken: who takes nothing of its own makes room.
  bool answers_are_short() const;

  /// Seconds until this visitor may have work done again; 0: now. What is admitted costs nothing,
  /// so nobody who sends good bulletins ever waits. Loopback itself is not counted. `second` is any
  /// clock that goes forward.
  std::uint64_t wait_s(const Visitor& visitor, std::uint64_t second);
  /// Work was done for this visitor, and in vain.
  void refused(const Visitor& visitor, std::uint64_t second);

 private:
  struct Books;
  std::shared_ptr<Books> books_;  // places may outlive the gate, and shares of memory too
  std::shared_ptr<MemoryPool> bodies_, answers_;
};

}  // namespace connectors::web
