#pragma once
// What a sender signed, and what we stand behind. Nothing here does I/O.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/base/time.hpp"
#include "engine/cap/outline.hpp"
#include "engine/position.hpp"

namespace engine {

using KeyId = Octets<32>;  // SHA-256 of the public key

struct SignatureBlock {
  KeyId keyid{};
  Octets<64> signature{};
  bool operator==(const SignatureBlock&) const = default;
};

/// A DSSE 1.0.2 envelope as it arrived. Untrusted: the signatures cover exactly these payload
/// bytes, and nobody parses them before they have been checked.
struct Envelope {
  std::string payload_type;
  Bytes payload;
  std::vector<SignatureBlock> signatures;
};

inline constexpr std::string_view kCapType = "application/cap+xml";

/// A bulletin that passed questions 1 to 12. Never changes again, so every thread may hold it.
struct Bulletin {
  BulletinId id{};
  Envelope envelope;
  cap::Outline outline;
};
using BulletinPtr = std::shared_ptr<const Bulletin>;

/// A bulletin in its place in the log. `bulletin->outline` is complete: with the reaches of the
/// alerts it names.
struct Record {
  Sequence sequence = Sequence::none;
  Time at;  // when it was admitted
  BulletinPtr bulletin;
};

}  // namespace engine
