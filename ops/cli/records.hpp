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

/// Verifies what an engine says it took: its signatures, that by them it may have, and that the id
/// beside it is the hash of what was signed.
Outcome<Verified> verify_item(const Bulletins::Item& item,
                              const engine::trust::TrustDocument& document);

/// Whether it is the alert that was asked for, where that was by its id: an engine may answer with
/// another, as true as it is.
Outcome<void> is_asked_for(const Verified& verified, std::string_view name);

/// Adds what a verified bulletin says: id, system, sender, identifier, sent, status, severity,
/// headline, signers, remarks.
void add_verified(boost::json::object& object, const Verified& verified);

}  // namespace ops::cli
