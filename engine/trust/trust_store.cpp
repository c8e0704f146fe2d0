#include "engine/trust/trust_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "engine/limits.hpp"
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

NotTaken refused(std::string what) { return {NotTaken::Why::refused, std::move(what)}; }

NotTaken not_kept(const NotWritten& why) {
  const bool no_room = why.error == ENOSPC || why.error == EDQUOT;
  return {no_room ? NotTaken::Why::no_room : NotTaken::Why::not_written, why.what};
}

/// Whose signatures made it count when it was taken.
std::set<KeyId> signers(const Revocation& revocation) {
  std::set<KeyId> keyids;
  for (const SignatureBlock& block : revocation.envelope.signatures) keyids.insert(block.keyid);
  return keyids;
}

/// Nothing more than one that is kept takes away: not earlier, and by nobody else. So one that two
/// keys signed takes one place, however its signatures are divided.
bool says_no_more(const Revocation& fresh, const Revocation& kept) {
  if (fresh.revoked.keyid != kept.revoked.keyid || kept.revoked.since > fresh.revoked.since) {
    return false;
  }
  const auto all = signers(kept);
  const auto some = signers(fresh);
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

}  // namespace

Result<TrustStore> TrustStore::open(const std::filesystem::path& directory, std::set<KeyId> roots) {
  TrustStore store;
  store.file_ = directory / "trust.json";
  store.revocations_file_ = directory / "revocations.jsonl";
  store.roots_ = std::move(roots);
  // Those first: they count again under the document that comes, should it be missing.
  const auto read = store.read_revocations();
  if (!read) return read.error();
  std::error_code error;
  const auto status = std::filesystem::symlink_status(store.file_, error);
  if (status.type() == std::filesystem::file_type::not_found) return store;

  const auto kept = read_file(store.file_, kTrustEnvelopeLimits.body_max);
  if (!kept) return kept.error();
  auto document = read_trust(kept->bytes, operator_pins(store.roots_));
  if (!document) {
    return Failure{fmt::format("{}: {}", store.file_.string(), document.error().what)};
  }
  store.document_ = *std::move(document);
  store.current_ = with_revocations(store.document_, store.revocations_);
  return store;
}

Result<void> TrustStore::read_revocations() {
  std::error_code error;
  const auto status = std::filesystem::symlink_status(revocations_file_, error);
  if (status.type() == std::filesystem::file_type::not_found) return {};
  const auto kept = read_file(revocations_file_,
                              limits::kRevocationsMax * (kRevocationEnvelopeLimits.body_max + 1));
  if (!kept) return kept.error();
  auto revocations = parse_revocation_lines(kept->bytes);
  // A key that was revoked is not to be believed again because a file was damaged.
  if (!revocations) {
    return Failure{
        fmt::format("{}: {} Restore the file from GET /v1/trust/revocations of another "
                    "node or from a copy.",
                    revocations_file_.string(), revocations.error().what)};
  }
  revocations_ = *std::move(revocations);
  return {};
}

Taken TrustStore::take(BytesView file) {
  auto document = read_trust(file, operator_pins(roots_));
  if (!document) return refused(document.error().what);
  if (document_ != nullptr) {
    const auto chained = read_trust(file, pins_of(*document_));
    if (!chained) return refused(chained.error().what);
    if ((*document)->system != document_->system || (*document)->kind != document_->kind) {
      return refused(
          fmt::format("The trust document is for another system than {}, which this data "
                      "folder belongs to; use another folder.",
                      document_->system));
    }
    // The same payload, whatever stands around it: anyone may take signatures away or add some, and
    // a reader who is behind needs those of earlier roots, which nobody here can check any more.
    if ((*document)->digest == document_->digest) return current_;
  }
  const auto written = replace_file(file_, (*document)->envelope, kMode);
  if (!written) return not_kept(written.error());
  document_ = *std::move(document);
  current_ = with_revocations(document_, revocations_);
  return current_;
}

Taken TrustStore::take_revocation(BytesView file) {
  if (document_ == nullptr) return refused("There is no trust document yet; give it first.");
  auto revocation = parse_revocation(file);
  if (!revocation) return refused(revocation.error().what);
  if (auto fault = fault_of(*revocation, *document_)) return refused(*std::move(fault));
  drop_strangers(*revocation, *document_);
  const auto known = [&](const Revocation& kept) { return says_no_more(*revocation, kept); };
  if (covered(*revocation, *document_) ||
      std::any_of(revocations_.begin(), revocations_.end(), known)) {
    return current_;
  }
  std::vector<Revocation> kept = with_room();
  std::erase_if(kept, [&](const Revocation& old) { return says_no_more(old, *revocation); });
  if (kept.size() >= limits::kRevocationsMax) {
    return refused(
        fmt::format("{} revocations are kept already; have the roots sign a new trust "
                    "document that lists the revoked keys, then send this again.",
                    kept.size()));
  }
  kept.push_back(*std::move(revocation));
  const auto written = replace_file(revocations_file_, revocation_lines(kept), kMode);
  if (!written) return not_kept(written.error());
  revocations_ = std::move(kept);
  current_ = with_revocations(document_, revocations_);
  return current_;
}

std::vector<Revocation> TrustStore::with_room() const {
  std::vector<Revocation> kept = revocations_;
  if (kept.size() < limits::kRevocationsMax) return kept;
  std::erase_if(kept, [&](const Revocation& old) { return covered(old, *document_); });
  return kept;
}

std::size_t TrustStore::lapsed() const {
  if (document_ == nullptr) return 0;
  return static_cast<std::size_t>(
      std::count_if(revocations_.begin(), revocations_.end(), [&](const Revocation& revocation) {
        return fault_of(revocation, *document_) && !covered(revocation, *document_);
      }));
}

}  // namespace engine::trust
