#pragma once
// The contents of a trust document: JSON to TrustDocument, every rule of schemas/trust.md that
// needs no signature. Pure; any thread.
#include "engine/trust/trust_document.hpp"

namespace engine::trust {

/// `by_keyid`, `envelope` and `digest` stay empty.
Result<TrustDocument> read_payload(BytesView payload);

}  // namespace engine::trust
