#pragma once
// Organisations and the secrets they sign in with. Asking who a secret belongs to looks into memory
// and is for any thread; changes are durable before they count, and made by one thread at a time
// (the folder's owner: see ops/admin and POST /v1/session).
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/filter.hpp"
#include "engine/member.hpp"

namespace engine {

/// One organisation, without its secrets.
struct Organisation {
  std::string key;                              // [a-z0-9_-]{1,64}: it is a NATS token too
  std::string name;                             // for people
  std::vector<std::string> groups;              // sorted, each once
  std::vector<Filter::Parameter> subscription;  // of streams that name no filter of their own
  Time since;
  bool operator==(const Organisation&) const = default;
};

/// A secret, as far as it is kept: never its text.
struct Credential {
  std::uint64_t number = 0;  // its name in lists; never used again
  enum class Kind : std::uint8_t { token, invitation } kind = Kind::token;
  Time since;
  // Invitations: 24 h; used once. Tokens that came by one: limits::kSessionMax unless renewed.
  std::optional<Time> expires;
  bool operator==(const Credential&) const = default;
};

/// A secret, shown once: 256 random bits in base64url behind a prefix that scanners know.
struct Secret {
  using Kind = Credential::Kind;
  Kind kind = Kind::token;
  std::string text;  // "tocsin_t_…" or "tocsin_i_…"
  std::optional<Time> expires;
  std::uint64_t number = 0;
};

/// What has become of a member since it signed in.
enum class Membership : std::uint8_t {
  holds,
  changed,  // its groups or its subscription are others now
  ended,    // its secret was revoked, or the organisation erased
};

struct StoreTrial;  // engine/store/trial.hpp: what tests put beneath a store

struct DirectoryOptions {
  std::filesystem::path directory;                           // made where it is not there
  enum class Medium { disk, memory } medium = Medium::disk;  // memory: for tests
  // Left free for others by what adds to the directory. What takes away may use it.
  std::uint64_t working_bytes = 24UL << 20;
  std::shared_ptr<const StoreTrial> trial = nullptr;
};

class Directory {
 public:
  static Result<std::unique_ptr<Directory>> open(const DirectoryOptions& options,
                                                 const Clock& clock);
  ~Directory();

  // Any thread, no I/O.

  /// Whose token this is; nothing for invitations, the erased, the unknown and what ran out. Takes
  /// as long for a wrong one as for a right one.
  std::optional<Member> member_of(std::string_view token) const;
  /// When a token that came by an invitation runs out; nothing for every other.
  std::optional<Time> expiry_of(std::string_view token) const;
  std::optional<Organisation> find(std::string_view key) const;
  std::vector<Organisation> all() const;  // by key
  std::size_t size() const;
  std::vector<Credential> credentials_of(std::string_view key) const;  // by number
  /// Grows with every change: who was signed in then may not be now.
  std::uint64_t revision() const noexcept;
  /// Anonymous readers hold for ever.
  Membership membership(const Member& member) const;
  /// False after a failed write: changes are refused until a restart.
  bool writable() const noexcept;
  /// The last change found no room on the disk. The next one looks again.
  bool full() const noexcept;

  // Changes: durable when they return; any thread, one after the other; each waits for the disk.

  /// New organisations, or new values for those there are; all of them or none. Refuses keys and
  /// texts out of form.
  Result<void> put(std::span<const Organisation> organisations);
  Result<void> put(const Organisation& organisation);
  /// A new secret for an organisation there is. Only its hash is kept.
  Result<Secret> issue(std::string_view key, Secret::Kind kind);
  /// An invitation becomes a token, once and in time.
  Result<Secret> accept(std::string_view invitation);
  /// A token that came by an invitation counts limits::kSessionMax from now on.
  Result<void> renew(std::string_view token);
  /// Ends one secret, by its text or by its number, or (erase) the organisation and everything of
  /// it.
  Result<void> revoke(std::string_view secret);
  Result<void> revoke(std::string_view key, std::uint64_t number);
  Result<void> erase(std::string_view key);

 private:
  struct Parts;
  explicit Directory(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace engine
