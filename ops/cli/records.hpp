#pragma once
// Bulletins as the engine hands them out: `alert` objects of the stream, one a line, or bare
// envelopes. Read strictly; nothing here is believed before it is verified.
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <vector>

#include "ops/cli/verification.hpp"

namespace ops::cli {

struct Bulletins {
  struct Item {
    engine::Envelope envelope;
    std::string id;                        // what stood beside it; empty for a bare envelope
    std::uint64_t sequence = 0;            // 0 for a bare envelope
    std::optional<engine::Time> admitted;  // "at"
  };
  std::vector<Item> items;
};

/// One JSON value, or one a line.
Outcome<Bulletins> read_bulletins(std::string_view text);

/// One of them.
Outcome<Bulletins::Item> read_bulletin(std::string_view text);

/// Verifies an alert object: its signatures, and that its id is the hash of what was signed.
Outcome<Verified> verify_item(const Bulletins::Item& item,
                              const engine::trust::TrustDocument& document);

/// Adds what a verified bulletin says: id, system, sender, identifier, sent, status, severity,
/// headline, signers, remarks.
void add_verified(boost::json::object& object, const Verified& verified);

}  // namespace ops::cli
