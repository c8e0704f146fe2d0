#pragma once
// What others than trust/ need of libsodium: secrets drawn, and what is kept of them. Any thread,
// once trust::start_crypto() said yes.
#include "engine/base/bytes.hpp"

namespace engine {

/// 256 random bits in base64url (RFC 4648 section 5) without padding: 43 characters.
std::string draw_secret();

/// What is kept of a secret, and what it is found by: its SHA-256. A secret of 256 random bits
/// needs no slow hash and no salt, and comparing hashes tells nobody anything about the secret.
Octets<32> hash_of_secret(std::string_view secret);

}  // namespace engine
