#include "engine/directory/entries.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/octet_io.hpp"
#include "engine/cap/outline.hpp"
#include "engine/cap/text.hpp"
#include "engine/cap/utf8.hpp"
#include "engine/limits.hpp"

namespace engine {
namespace {

constexpr std::uint8_t kFormat = 1;

// Longer ones are not kept of an alert's audience.
constexpr std::size_t kKeyBytes = cap::kAudienceNameBytes;
static_assert(limits::kGroupBytes <= cap::kAudienceNameBytes);

bool key_in_form(std::string_view key) {
  return !key.empty() && key.size() <= kKeyBytes && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

/// Safe to show on a terminal and in a line of CSV.
bool one_line(std::string_view text) {
  return !cap::first_not_utf8(text) && !cap::find_control(text) && !cap::find_bidi_control(text) &&
         text.find_first_of("\t\r\n") == std::string_view::npos;
}

/// Printable and in one piece: groups are written one after the other, separated by spaces.
bool group_in_form(std::string_view group) {
  return !group.empty() && group.size() <= limits::kGroupBytes &&
         std::all_of(group.begin(), group.end(), [](char c) { return c > ' ' && c <= '~'; });
}

void put_time(OctetWriter& out, const std::optional<Time>& time) {
  out.put(static_cast<std::uint8_t>(time ? 1 : 0));
  out.put(time.value_or(Time{}));
}

std::optional<Time> time_of(OctetReader& in) {
  const bool there = in.number<std::uint8_t>() != 0;
  const Time time = in.time();
  return there ? std::optional<Time>{time} : std::nullopt;
}

}  // namespace

Result<void> check(const Organisation& organisation) {
  const auto& key = organisation.key;
  if (!key_in_form(key)) {
    return Failure{"the key of an organisation is 1 to 64 of a-z, 0-9, _ and -, not ",
                   std::string_view(key).substr(0, 80)};
  }
  if (organisation.name.size() > limits::kNameBytes || !one_line(organisation.name)) {
    return Failure{fmt::format("the name of {} is one line of at most {} octets, UTF-8", key,
                               limits::kNameBytes)};
  }
  if (organisation.groups.size() > limits::kGroups) {
    return Failure{fmt::format("{} has more than {} groups", key, limits::kGroups)};
  }
  for (const auto& group : organisation.groups) {
    if (!group_in_form(group)) {
      return Failure{
          fmt::format("a group of {} is not 1 to {} printable ASCII characters without "
                      "spaces",
                      key, limits::kGroupBytes)};
    }
  }
  if (organisation.subscription.size() > limits::kFilterValues) {
    return Failure{fmt::format("the subscription of {} names more than {} values", key,
                               limits::kFilterValues)};
  }
  for (const auto& [name, value] : organisation.subscription) {
    if (!Filter::knows(name) || value.size() > limits::kNameBytes) {
      return Failure{fmt::format("the subscription of {} holds what no filter knows: {}", key,
                                 name.substr(0, 40))};
    }
  }
  return {};
}

// format, name, since, count and groups, count and parameters (name, value).
Bytes encode(const Organisation& organisation) {
  OctetWriter out;
  out.put(kFormat);
  out.put_text(organisation.name);
  out.put(organisation.since);
  out.put_count(organisation.groups.size());
  for (const auto& group : organisation.groups) out.put_text(group);
  out.put_count(organisation.subscription.size());
  for (const auto& [name, value] : organisation.subscription) {
    out.put_text(name);
    out.put_text(value);
  }
  return out.take();
}

std::optional<Organisation> decode_organisation(std::string_view key, BytesView value) {
  OctetReader in(value);
  Organisation organisation;
  organisation.key = key;
  if (in.number<std::uint8_t>() != kFormat) return std::nullopt;
  organisation.name = in.text();
  organisation.since = in.time();
  const std::size_t groups = in.count(4);
  for (std::size_t i = 0; i < groups; ++i) organisation.groups.emplace_back(in.text());
  const std::size_t parameters = in.count(8);
  for (std::size_t i = 0; i < parameters; ++i) {
    std::string name(in.text());
    organisation.subscription.emplace_back(std::move(name), in.text());
  }
  if (!in.finished()) return std::nullopt;
  return organisation;
}

// format, kind, number, since, expires, organisation.
Bytes encode(const KeptSecret& secret) {
  OctetWriter out;
  out.put(kFormat);
  out.put(static_cast<std::uint8_t>(secret.credential.kind));
  out.put(secret.credential.number);
  out.put(secret.credential.since);
  put_time(out, secret.credential.expires);
  out.put_text(secret.organisation);
  return out.take();
}

std::optional<KeptSecret> decode_secret(BytesView value) {
  OctetReader in(value);
  KeptSecret secret;
  if (in.number<std::uint8_t>() != kFormat) return std::nullopt;
  secret.credential.kind = in.value_up_to(Credential::Kind::invitation);
  secret.credential.number = in.number<std::uint64_t>();
  secret.credential.since = in.time();
  secret.credential.expires = time_of(in);
  secret.organisation = in.text();
  if (!in.finished()) return std::nullopt;
  return secret;
}

}  // namespace engine
