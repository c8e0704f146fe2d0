#include "engine/trust/signature.hpp"

#include <sodium.h>

namespace engine::trust {
namespace {

// libsodium counts its library versions apart: 10.3 is release 1.0.18, the first whose behaviour
// was measured against the vectors of tests/conformance.
constexpr int kLibraryMajor = 10;
constexpr int kLibraryMinor = 3;

/// RFC 8032 section 7.1, test 2: one octet, 0x72.
constexpr PublicKey kKnownKey = {0x3d, 0x40, 0x17, 0xc3, 0xe8, 0x43, 0x89, 0x5a, 0x92, 0xb7, 0x0a,
                                 0xa7, 0x4d, 0x1b, 0x7e, 0xbc, 0x9c, 0x98, 0x2c, 0xcf, 0x2e, 0xc4,
                                 0x96, 0x8c, 0xc0, 0xcd, 0x55, 0xf1, 0x2a, 0xf4, 0x66, 0x0c};
constexpr Signature kKnownSignature = {
    0x92, 0xa0, 0x09, 0xa9, 0xf0, 0xd4, 0xca, 0xb8, 0x72, 0x0e, 0x82, 0x0b, 0x5f, 0x64, 0x25, 0x40,
    0xa2, 0xb2, 0x7b, 0x54, 0x16, 0x50, 0x3f, 0x8f, 0xb3, 0x76, 0x22, 0x23, 0xeb, 0xdb, 0x69, 0xda,
    0x08, 0x5a, 0xc1, 0xe4, 0x3e, 0x15, 0x99, 0x6e, 0x45, 0x8f, 0x36, 0x13, 0xd0, 0xf1, 0x1d, 0x8c,
    0x38, 0x7b, 0x2e, 0xae, 0xb4, 0x30, 0x2a, 0xee, 0xb0, 0x0d, 0x29, 0x16, 0x12, 0xbb, 0x0c, 0x00};

/// The base point plus the point of order two: on the curve and canonical, yet outside the main
/// subgroup. Libraries with the fault of CVE-2025-69277 call it valid.
PublicKey mixed_order_point() {
  PublicKey point;
  point.fill(0x99);
  point.front() = 0x95;
  return point;
}

bool library_is_sound() {
  if (sodium_library_version_major() < kLibraryMajor) return false;
  if (sodium_library_version_major() == kLibraryMajor &&
      sodium_library_version_minor() < kLibraryMinor) {
    return false;
  }
  PublicKey identity{};  // of order one: signs everything
  identity.front() = 1;
  if (acceptable(identity) || acceptable(mixed_order_point()) || !acceptable(kKnownKey)) {
    return false;
  }
  Signature altered = kKnownSignature;
  altered.back() ^= 0x20;  // S beyond the group's order
  return verify(kKnownKey, "r", kKnownSignature) && !verify(kKnownKey, "r", altered) &&
         !verify(kKnownKey, "s", kKnownSignature);
}

const unsigned char* octets(BytesView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

bool start_crypto() { return sodium_init() >= 0 && library_is_sound(); }

Octets<32> key_id(const PublicKey& key) { return sha256(view(key)); }

bool acceptable(const PublicKey& key) {
  return crypto_core_ed25519_is_valid_point(key.data()) == 1;
}

bool verify(const PublicKey& key, BytesView message, const Signature& signature) {
  return crypto_sign_verify_detached(signature.data(), octets(message), message.size(),
                                     key.data()) == 0;
}

Bytes pre_authentication_encoding(std::string_view payload_type, BytesView payload) {
  Bytes bytes = "DSSEv1 ";
  bytes.reserve(payload_type.size() + payload.size() + 48);
  bytes += std::to_string(payload_type.size());
  bytes += ' ';
  bytes += payload_type;
  bytes += ' ';
  bytes += std::to_string(payload.size());
  bytes += ' ';
  bytes += payload;
  return bytes;
}

}  // namespace engine::trust
