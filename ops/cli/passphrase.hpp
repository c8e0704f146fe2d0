#pragma once
// Passphrases, from the terminal without echo or from a file descriptor; never from an argument or
// the environment, where others can read them. They live in locked memory from the first octet.
#include <optional>
#include <string_view>

#include "engine/trust/key_file.hpp"
#include "ops/cli/outcome.hpp"

namespace ops::cli {

/// One line from `descriptor`, without its end. Octets after the line are left unread, so that
/// several commands may share one descriptor.
Outcome<engine::trust::SecretBytes> read_passphrase(int descriptor);

/// Asks at the controlling terminal. Echo is back when this returns, and when a signal ends or
/// stops the program meanwhile.
Outcome<engine::trust::SecretBytes> ask_passphrase(std::string_view prompt);

/// From `descriptor` if there is one, from the terminal otherwise.
Outcome<engine::trust::SecretBytes> passphrase(std::optional<int> descriptor,
                                               std::string_view prompt);

/// The same for a new key: on a terminal it is asked twice. An empty one is refused.
Outcome<engine::trust::SecretBytes> new_passphrase(std::optional<int> descriptor);

}  // namespace ops::cli
