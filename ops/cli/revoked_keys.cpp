#include "ops/cli/revoked_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "ops/cli/inputs.hpp"
#include "ops/cli/keys.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace trust = engine::trust;
namespace json = boost::json;

namespace {

std::string whose(const trust::TrustDocument& document, const engine::KeyId& keyid) {
  const auto found = document.find(keyid);
  if (!found) return {};
  return fmt::format("{}, {}", found->officer->key.holder, found->sender->sender);
}

/// Who of those that may has signed it.
std::string revoker(const trust::TrustDocument& document, const trust::Revocation& revocation) {
  std::string names;
  for (const auto& block : revocation.envelope.signatures) {
    const auto found =
        std::find_if(document.revocation_keys.begin(), document.revocation_keys.end(),
                     [&](const trust::Key& key) { return key.keyid == block.keyid; });
    if (found == document.revocation_keys.end()) continue;
    names += names.empty() ? "" : ", ";
    names += found->holder;
  }
  return names.empty() ? "nobody of this document" : names;
}

}  // namespace

std::vector<RevokedKey> revoked_keys(const trust::TrustDocument& document,
                                     const Revocations& revocations) {
  std::vector<RevokedKey> keys;
  for (const auto& revoked : document.revoked) {
    keys.push_back({revoked, whose(document, revoked.keyid), {}, {}});
  }
  for (const auto& revocation : revocations) {
    const auto& revoked = revocation.revoked;
    keys.push_back({revoked, whose(document, revoked.keyid), revoker(document, revocation),
                    trust::fault_of(revocation, document).value_or("")});
  }
  return keys;
}

std::string revoked_text(const std::vector<RevokedKey>& keys) {
  if (keys.empty()) return {};
  std::string text = "\nRevoked keys\n";
  for (const auto& key : keys) {
    text +=
        fmt::format("  {}  {}\n    since     {}\n    because   {}\n    by        {}\n",
                    short_id(key.revoked.keyid),
                    key.whose.empty() ? "of nobody in this document" : visible(key.whose),
                    engine::format_time(key.revoked.since),
                    key.revoked.reason.empty() ? "(no reason given)" : visible(key.revoked.reason),
                    key.revoked_by.empty() ? "this document"
                                           : "a revocation signed by " + visible(key.revoked_by));
    if (!key.void_since.empty()) text += "    VOID      " + visible(key.void_since) + "\n";
  }
  return text;
}

json::array revoked_json(const std::vector<RevokedKey>& keys) {
  json::array array;
  for (const auto& key : keys) {
    json::object object{{"keyid", engine::to_hex(engine::view(key.revoked.keyid))},
                        {"whose", key.whose},
                        {"since", engine::format_time(key.revoked.since)},
                        {"reason", key.revoked.reason},
                        {"by", key.revoked_by.empty() ? "the document" : key.revoked_by},
                        {"counts", key.void_since.empty()}};
    if (!key.void_since.empty()) object["why"] = key.void_since;
    array.push_back(std::move(object));
  }
  return array;
}

std::vector<std::string> key_warnings(const trust::TrustDocument& document,
                                      const std::vector<RevokedKey>& keys, engine::Time now) {
  std::vector<std::string> warnings;
  for (const auto& sender : document.senders) {
    for (const auto& officer : sender.officers) {
      const auto is_it = [&](const RevokedKey& key) {
        return key.void_since.empty() && key.revoked.keyid == officer.key.keyid;
      };
      if (std::any_of(keys.begin(), keys.end(), is_it)) continue;
      const auto expiry = trust::expiry_of(officer.not_after, now);
      if (expiry == trust::Expiry::far) continue;
      const std::string when = engine::format_time(officer.not_after);
      warnings.push_back(
          expiry == trust::Expiry::passed
              ? fmt::format("the key of {} expired on {}: nothing it signs is taken",
                            visible(officer.key.holder), when)
              : fmt::format("the key of {} expires in {}, on {}: have the roots sign a document "
                            "with a later end or a new key",
                            visible(officer.key.holder), duration_text(officer.not_after - now),
                            when));
    }
  }
  for (const auto& key : keys) {
    if (key.void_since.empty()) continue;
    warnings.push_back(fmt::format("a revocation of key {} does not count, and the key is believed",
                                   short_id(key.revoked.keyid)));
  }
  return warnings;
}

}  // namespace ops::cli
