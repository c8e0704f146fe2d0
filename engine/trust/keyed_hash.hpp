#pragma once
// What connectors need of libsodium to show that something came from here, or came back to here:
// HMAC-SHA256 (RFC 2104), and Ed25519 over octets that are no envelope. Any thread, once
// start_crypto() said yes.
#include "engine/base/bytes.hpp"
#include "engine/trust/signature.hpp"

namespace engine::trust {

Octets<32> hmac_sha256(BytesView key, BytesView message);

/// Whether both are the same octets, in a time that depends on their number alone.
bool same(BytesView one, BytesView other) noexcept;

/// Ed25519 (RFC 8032) over those octets and nothing around them, with the key of that seed. Never
/// with an officer's: those sign envelopes.
Signature sign_plainly(const Octets<32>& seed, BytesView message);

}  // namespace engine::trust
