#pragma once
// Addresses that open in a browser what concerns one delivery, without signing in: one to answer an
// alert by, and one to be sent no more. Each holds a code that only this installation can make: the
// delivery's id, and a hash of it under the directory's key, of its own for each purpose. Whoever
// has the code may do that one thing for that one contact. Any thread, no I/O.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/delivery.hpp"
#include "engine/directory.hpp"

namespace engine {

enum class LinkFor : std::uint8_t { answering, leaving };

/// By what an address is known where it may not be kept: a hash under the directory's key. Nothing
/// where there is no key.
std::optional<Octets<16>> address_mark(const Directory& directory, Way way,
                                       std::string_view address);

/// 64 hexadecimal digits: 16 octets of id and 16 of hash.
inline constexpr std::size_t kLinkCodeBytes = 64;

class Links {
 public:
  explicit Links(const Directory& directory) : directory_(directory) {}

  /// Nothing where there is no key: then there are no contacts either.
  std::optional<std::string> code(LinkFor purpose, const DeliveryId& id) const;
  /// Nothing where it was not made here, or for another purpose.
  std::optional<DeliveryId> delivery(LinkFor purpose, std::string_view code) const;

 private:
  const Directory& directory_;
};

}  // namespace engine
