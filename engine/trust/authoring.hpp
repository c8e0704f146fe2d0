#pragma once
// What a person at a terminal does with trust documents and envelopes: write a draft, read it back
// to change it, and put a signature on it. The engine needs none of this. Pure; any thread.
#include <string>
#include <string_view>

#include "engine/trust/key_file.hpp"
#include "engine/trust/trust_document.hpp"

namespace engine::trust {

/// The payload of a trust document, indented for reading, members in the order of schemas/trust.md.
/// One document, one text. What makes it a signed document (`envelope`, `digest`) is not in it.
std::string trust_payload_json(const TrustDocument& document);

/// Reads a payload and checks everything but signatures. `by_keyid` stays empty: a draft is for
/// changing, and whoever changes it moves its officers.
Result<TrustDocument> read_trust_payload(BytesView json);

/// The envelope with this key's signature added. `file_or_payload` is an envelope of that type, or
/// the bare payload, which is then wrapped as it stands. Refuses an envelope of another type, a key
/// that signed it already, an envelope that is full, and a trust document with faults.
Result<Bytes> add_signature(BytesView file_or_payload, std::string_view payload_type,
                            const SigningKey& key);

}  // namespace engine::trust
