#pragma once
// Key files as commands name them: read for their public half, or unlocked to sign.
#include <optional>
#include <string>

#include "engine/trust/key_file.hpp"
#include "engine/trust/trust_document.hpp"
#include "ops/cli/outcome.hpp"
#include "ops/cli/session.hpp"

namespace ops::cli {

/// The public half of a key file, or of what `tocsin key show --json` printed of one.
Outcome<engine::trust::Key> read_public_key(const std::string& file);

/// Asks for the passphrase (or reads it from `descriptor`) and opens the key.
Outcome<engine::trust::SigningKey> unlock(const std::string& file, std::optional<int> descriptor);

/// {"keyid","public","holder"} on one line.
std::string public_key_json(const engine::trust::Key& key);

/// A key id read from text: 64 lower-case hexadecimal digits.
Outcome<engine::KeyId> parse_key_id(std::string_view text);

/// The first 16 digits: enough to tell keys apart in a list, too few to trust by.
std::string short_id(const engine::KeyId& keyid);

}  // namespace ops::cli
