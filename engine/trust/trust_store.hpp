#pragma once
// The highest trust document this data folder has seen, kept durably: DIR/trust.json, replaced by
// rename after fsync. Its version never goes back.
#include <filesystem>
#include <set>

#include "engine/trust/trust_document.hpp"

namespace engine::trust {

class TrustStore {
 public:
  /// Reads what `directory` holds, if anything. `roots`: pinned by the operator (--root); empty
  /// pins those of the first document seen.
  static Result<TrustStore> open(const std::filesystem::path& directory, std::set<KeyId> roots);

  /// Takes a document of a higher version (or the very same one), durably; says why not otherwise.
  Result<TrustPtr> take(BytesView file);

  /// The one in force; null in a new folder.
  TrustPtr current() const { return current_; }

 private:
  std::filesystem::path file_;
  std::set<KeyId> roots_;
  TrustPtr current_;
};

}  // namespace engine::trust
