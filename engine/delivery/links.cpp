#include "engine/links.hpp"

#include "engine/trust/keyed_hash.hpp"

namespace engine {
namespace {

constexpr std::size_t kHalf = 16;

std::string_view purpose_of(LinkFor purpose) {
  return purpose == LinkFor::answering ? "link to answer" : "link to leave";
}

}  // namespace

std::optional<Octets<16>> address_mark(const Directory& directory, Way way,
                                       std::string_view address) {
  const auto hash = directory.keyed_hash("address by " + std::string(text(way)), address);
  if (!hash) return std::nullopt;
  return exactly<kHalf>(view(*hash).substr(0, kHalf));
}

std::optional<std::string> Links::code(LinkFor purpose, const DeliveryId& id) const {
  const auto hash = directory_.keyed_hash(purpose_of(purpose), view(id));
  if (!hash) return std::nullopt;
  return to_hex(view(id)) + to_hex(view(*hash).substr(0, kHalf));
}

std::optional<DeliveryId> Links::delivery(LinkFor purpose, std::string_view text) const {
  if (text.size() != kLinkCodeBytes) return std::nullopt;
  const auto octets = from_hex(text);
  if (!octets) return std::nullopt;
  const auto id = exactly<kHalf>(BytesView(*octets).substr(0, kHalf));
  const auto right = id ? code(purpose, *id) : std::nullopt;
  if (!right || !trust::same(*right, text)) return std::nullopt;
  return id;
}

}  // namespace engine
