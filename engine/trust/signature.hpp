#pragma once
// Ed25519 (RFC 8032) through libsodium, strictly: canonical encodings, no small order. And SHA-256.
#include "engine/base/bytes.hpp"

namespace engine::trust {

using PublicKey = Octets<32>;
using Signature = Octets<64>;

/// Starts libsodium, refusing a version with known faults. Call once, first, in every program.
[[nodiscard]] bool start_crypto();

Octets<32> sha256(BytesView bytes);

/// The key id of DSSE envelopes here: SHA-256 of the 32 bytes.
Octets<32> key_id(const PublicKey& key);

/// A point on the curve, canonically encoded, in the main subgroup and not of small order.
bool acceptable(const PublicKey& key);

bool verify(const PublicKey& key, BytesView message, const Signature& signature);

/// DSSE's pre-authentication encoding: "DSSEv1 " len(type) " " type " " len(payload) " " payload.
Bytes pre_authentication_encoding(std::string_view payload_type, BytesView payload);

}  // namespace engine::trust
