// Any bytes as what the folders keep beside the log: an organisation, a secret, a profile's parts,
// RocksDB's list of files. What is read is written and read again as the same, what may be kept is
// in form, and of a list of files the end that is found is the end of what stands before it too.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/ensure.hpp"
#include "engine/cap/text.hpp"
#include "engine/directory/codes.hpp"
#include "engine/directory/entries.hpp"
#include "engine/directory/profiles.hpp"
#include "engine/limits.hpp"
#include "engine/store/manifest.hpp"

namespace {

using namespace engine;

void check_organisation(std::string_view key, BytesView value) {
  const auto organisation = decode_organisation(key, value);
  if (!organisation) return;
  ENSURE(encode(*organisation) == value);
  const auto again = decode_organisation(key, encode(*organisation));
  ENSURE(again.has_value() && *again == *organisation);
  if (const auto kept = check(*organisation); !kept) {
    ENSURE(!kept.error().what.empty());
    return;
  }
  ENSURE(!cap::find_control(organisation->name) && !cap::find_bidi_control(organisation->name));
  ENSURE(organisation->groups.size() <= limits::kGroups);
  for (const auto& group : organisation->groups) {
    ENSURE(!group.empty() && group.find(' ') == std::string::npos);
  }
  for (const auto& [name, parameter] : organisation->subscription) ENSURE(Filter::knows(name));
}

void check_secret(BytesView value) {
  const auto secret = decode_secret(value);
  if (!secret) return;
  const auto again = decode_secret(encode(*secret));
  ENSURE(again.has_value() && again->credential == secret->credential);
  ENSURE(again->organisation == secret->organisation);
}

/// What is read is written as octets that are read as the same again.
template <class Value, class Decode, class Encode>
void check_part(BytesView bytes, const Decode& decode, const Encode& write) {
  Value value;
  if (!decode(bytes, value)) return;
  const Bytes written = write(value);
  Value again;
  ENSURE(decode(written, again));
  ENSURE(write(again) == written);
}

void check_profile(BytesView bytes) {
  check_part<Profile>(bytes, decode_whereabouts, encode_whereabouts);
  check_part<Profile>(bytes, decode_contacts, encode_contacts);
  check_part<std::vector<SentCode>>(
      bytes, decode_codes, [](const std::vector<SentCode>& codes) { return encode(codes); });
  if (const auto row = decode_profile_row(bytes)) ENSURE(encode(*row) == bytes);
}

void check_manifest(BytesView manifest) {
  const ManifestEnd end = scan_manifest(manifest);
  ENSURE(end.whole <= manifest.size() && end.anything_after == (end.whole < manifest.size()));
  ENSURE(!end.records_after || end.anything_after);
  const ManifestEnd cut = scan_manifest(manifest.substr(0, end.whole));
  ENSURE(cut.whole == end.whole && !cut.anything_after && !cut.records_after);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_organisation("retail-1", bytes);
  check_organisation(bytes.substr(0, 8), bytes);
  check_secret(bytes);
  check_profile(bytes);
  check_manifest(bytes);
  return 0;
}
