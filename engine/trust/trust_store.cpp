#include "engine/trust/trust_store.hpp"

#include <fmt/format.h>

#include "engine/trust/envelope.hpp"
#include "engine/trust/files.hpp"

namespace engine::trust {
namespace {

constexpr mode_t kMode = 0644;  // everyone may read whom we trust

/// What the operator pinned, version and chain apart. Asked at every taking as well as at opening,
/// so that nothing is taken now that a restart would refuse.
Pins operator_pins(const std::set<KeyId>& roots) {
  Pins pins;
  pins.root_keys = roots;
  pins.threshold = 0;
  return pins;
}

}  // namespace

Result<TrustStore> TrustStore::open(const std::filesystem::path& directory, std::set<KeyId> roots) {
  TrustStore store;
  store.file_ = directory / "trust.json";
  store.roots_ = std::move(roots);
  std::error_code error;
  const auto status = std::filesystem::symlink_status(store.file_, error);
  if (status.type() == std::filesystem::file_type::not_found) return store;

  const auto kept = read_file(store.file_, kTrustEnvelopeLimits.body_max);
  if (!kept) return kept.error();
  auto document = read_trust(kept->bytes, operator_pins(store.roots_));
  if (!document) {
    return Failure{fmt::format("{}: {}", store.file_.string(), document.error().what)};
  }
  store.current_ = *std::move(document);
  return store;
}

Result<TrustPtr> TrustStore::take(BytesView file) {
  auto document = read_trust(file, operator_pins(roots_));
  if (!document) return document;
  if (current_ != nullptr) {
    const auto chained = read_trust(file, pins_of(*current_));
    if (!chained) return chained;
    if ((*document)->system != current_->system || (*document)->kind != current_->kind) {
      return Failure{
          fmt::format("The trust document is for another system than {}, which this data "
                      "folder belongs to; use another folder.",
                      current_->system)};
    }
    if ((*document)->envelope == current_->envelope) return current_;
  }
  const auto written = replace_file(file_, (*document)->envelope, kMode);
  if (!written) return written.error();
  current_ = *std::move(document);
  return current_;
}

}  // namespace engine::trust
