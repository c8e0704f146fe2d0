#pragma once
// The highest trust document this data folder has seen, and the revocations beside it, kept
// durably: DIR/trust.json and DIR/revocations.jsonl, each replaced by rename after fsync. The
// version never goes back, and what was revoked stays so while its signer is believed. One thread
// at a time.
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "engine/trust/revocation.hpp"
#include "engine/trust/trust_document.hpp"

namespace engine::trust {

/// Why something was not taken: it does not count, or it could not be kept and may count yet.
struct NotTaken {
  enum class Why { refused, not_written, no_room } why = Why::refused;
  std::string what;
};
[[noreturn]] inline void throw_exception_from_error(const NotTaken& why,
                                                    const boost::source_location&) {
  throw std::runtime_error(why.what);
}
/// What is in force.
using Taken = boost::system::result<TrustPtr, NotTaken>;

class TrustStore {
 public:
  /// Reads what `directory` holds, if anything. `roots`: pinned by the operator (--root); empty
  /// pins those of the first document seen.
  static Result<TrustStore> open(const std::filesystem::path& directory, std::set<KeyId> roots);

  /// Takes a document of a higher version, durably; says why not otherwise. The payload in force is
  /// taken too, and what is kept stays as it came first, byte for byte.
  Taken take(BytesView file);

  /// Takes a revocation that counts under the document in force, durably. One that takes nothing
  /// more away (a repeat, a later `since`) is taken and not kept.
  Taken take_revocation(BytesView file);

  /// The one in force, with every revocation that counts among its `revoked`; null in a new folder.
  TrustPtr current() const { return current_; }

  /// All that are kept, the oldest first; those that do not count under the document in force among
  /// them.
  const std::vector<Revocation>& revocations() const { return revocations_; }
  /// How many of them do not count: the document in force no longer lists who signed them, nor the
  /// key as revoked.
  std::size_t lapsed() const;

 private:
  Result<void> read_revocations();
  /// Where a new one goes: those the document in force revokes itself make room.
  std::vector<Revocation> with_room() const;

  std::filesystem::path file_;
  std::filesystem::path revocations_file_;
  std::set<KeyId> roots_;
  TrustPtr document_;  // as it was signed
  TrustPtr current_;
  std::vector<Revocation> revocations_;
};

}  // namespace engine::trust
