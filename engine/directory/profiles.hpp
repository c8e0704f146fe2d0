#pragma once
// What an organisation's profile may say, its form on disk, and what becomes of its contacts when a
// new one takes its place. Pure; any thread.
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/bytes.hpp"
#include "engine/base/result.hpp"
#include "engine/profile.hpp"

namespace engine {

/// Whether a profile may be kept, or what is out of form. The sentence holds no contact.
Result<void> check(std::string_view key, const Profile& profile);

/// The two parts of a profile, sealed apart, so that a start reads where everybody is and nobody's
/// contacts.
Bytes encode_whereabouts(const Profile& profile);
Bytes encode_contacts(const Profile& profile);
bool decode_whereabouts(BytesView bytes, Profile& into);
bool decode_contacts(BytesView bytes, Profile& into);

/// What is kept of `wanted`. A contact without a number is the one of the same way and address that
/// is known already, with what its person said since; or a new one, numbered from `last_number` on,
/// which is counted up. One with a number is that one, as it is given. Numbers that are not its own
/// are refused.
Result<Profile> settled(std::string_view key, Profile wanted, const Profile& before,
                        std::uint32_t& last_number);

/// A profile's row: the wrapped key and the sealed parts, and sealed like them what is kept of
/// codes that were sent; empty: none.
struct ProfileRow {
  Bytes wrapped_key, whereabouts, contacts, codes;
};
Bytes encode(const ProfileRow& row);
std::optional<ProfileRow> decode_profile_row(BytesView bytes);

}  // namespace engine
