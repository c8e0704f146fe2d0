#include "engine/directory/profiles.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/octet_io.hpp"
#include "engine/cap/text.hpp"
#include "engine/cap/utf8.hpp"
#include "engine/directory/entries.hpp"
#include "engine/directory/limits.hpp"
#include "engine/sealing.hpp"
#include "engine/secrets.hpp"

namespace engine {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kCodeBytes = 64;
constexpr std::chrono::minutes kDay{24 * 60};

/// E.164: a plus and 2 to 15 digits, the first of which is no zero.
bool is_phone(std::string_view text) {
  constexpr std::size_t kDigitsMin = 2, kDigitsMax = 15;
  if (!text.starts_with('+')) return false;
  text.remove_prefix(1);
  return text.size() >= kDigitsMin && text.size() <= kDigitsMax && text.front() != '0' &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_visible_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

/// name@example.org without quotes, comments and letters beyond ASCII; the channel knows more.
bool is_mail_address(std::string_view text) {
  constexpr std::size_t kBytes = 254, kNameBytes = 64;
  const auto at = text.find('@');
  if (text.size() > kBytes || at == std::string_view::npos || at == 0 || at > kNameBytes) {
    return false;
  }
  const auto dots_right = [](std::string_view part) {
    return !part.empty() && part.front() != '.' && part.back() != '.' &&
           part.find("..") == std::string_view::npos;
  };
  return is_visible_ascii(text) && text.find_first_of("\"(),:;<>@[\\]", at + 1) == text.npos &&
         text.substr(0, at).find_first_of("\"(),:;<>[\\]") == text.npos &&
         dots_right(text.substr(0, at)) && dots_right(text.substr(at + 1));
}

bool is_web_address(std::string_view text) {
  const bool scheme = text.starts_with("https://") || text.starts_with("http://");
  return scheme && text.size() <= limits::kContactBytes && is_visible_ascii(text);
}

const char* fault_of(const Contact& contact) {
  switch (contact.way) {
    case Way::sms:
      if (!is_phone(contact.address)) {
        return "the phone is not + and 2 to 15 digits, country first (E.164)";
      }
      break;
    case Way::email:
      if (!is_mail_address(contact.address)) {
        return "the e-mail address is not name@example.org, in ASCII";
      }
      break;
    case Way::webhook:
      if (!is_web_address(contact.address)) {
        return "the webhook is not https://, in ASCII, of at most 2048 octets";
      }
      break;
  }
  if (contact.secret.size() > limits::kContactSecretBytes || !is_visible_ascii(contact.secret)) {
    return "the secret of a webhook is too long or out of form";
  }
  const auto in_day = [](std::chrono::minutes at) { return at >= kDay.zero() && at < kDay; };
  if (!in_day(contact.hours.from) || !in_day(contact.hours.until)) {
    return "hours are minutes of a day";
  }
  return nullptr;
}

/// No two of the same way and address, nor of the same number.
bool all_different(const std::vector<Contact>& contacts) {
  std::vector<std::pair<Way, std::string_view>> places;
  std::vector<std::uint32_t> numbers;
  for (const auto& contact : contacts) {
    places.emplace_back(contact.way, contact.address);
    if (contact.number != 0) numbers.push_back(contact.number);
  }
  std::sort(places.begin(), places.end());
  std::sort(numbers.begin(), numbers.end());
  return std::adjacent_find(places.begin(), places.end()) == places.end() &&
         std::adjacent_find(numbers.begin(), numbers.end()) == numbers.end();
}

bool in_form(const Premises& premises) {
  if (!premises.point) return !premises.ons.empty() && premises.ons.size() <= kCodeBytes;
  const auto& [latitude, longitude] = *premises.point;
  return latitude >= -90 && latitude <= 90 && longitude >= -180 && longitude <= 180 &&
         premises.ons.size() <= kCodeBytes;
}

bool in_form(const std::string& sector) {
  return !sector.empty() && sector.size() <= limits::kSectorBytes && !cap::first_not_utf8(sector) &&
         !cap::find_control(sector) && !cap::find_bidi_control(sector) &&
         sector.find_first_of("\t\r\n") == std::string::npos;
}

/// Standard Webhooks: whsec_ and base64 of 32 octets.
std::string draw_webhook_secret() {
  std::string text = draw_secret();
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  return "whsec_" + text + "=";
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

constexpr std::uint8_t kConsents = 1, kFallback = 2, kDead = 4;

}  // namespace

void wipe(Profile& profile) noexcept {
  for (Contact& contact : profile.contacts) {
    trust::wipe(contact.address);
    trust::wipe(contact.secret);
  }
}

Result<void> check(std::string_view key, const Profile& profile) {
  if (profile.premises.size() > limits::kPremises) {
    return Failure{fmt::format("{} has more than {} places", key, limits::kPremises)};
  }
  for (const auto& premises : profile.premises) {
    if (!in_form(premises)) {
      return Failure{fmt::format("a place of {} is neither a point on Earth nor a code", key)};
    }
  }
  if (profile.sectors.size() > limits::kSectorsOfOne) {
    return Failure{fmt::format("{} has more than {} sectors", key, limits::kSectorsOfOne)};
  }
  for (const auto& sector : profile.sectors) {
    if (in_form(sector)) continue;
    return Failure{fmt::format("a sector of {} is not one line of 1 to {} octets, UTF-8", key,
                               limits::kSectorBytes)};
  }
  if (profile.language != "en" && profile.language != "cy") {
    return Failure{fmt::format("the language of {} is neither en nor cy", key)};
  }
  if (profile.contacts.size() > limits::kContacts) {
    return Failure{fmt::format("{} has more than {} contacts", key, limits::kContacts)};
  }
  for (const auto& contact : profile.contacts) {
    if (const char* fault = fault_of(contact)) return Failure{fmt::format("{}: {}", key, fault)};
  }
  if (!all_different(profile.contacts)) {
    return Failure{fmt::format("a contact of {} is there twice", key)};
  }
  return {};
}

Result<void> check(const Registration& registration) {
  if (auto checked = check(registration.organisation); !checked) return checked;
  return check(registration.organisation.key, registration.profile);
}

// format, language, count and sectors, count and (1 and two numbers, or 0; code).
Bytes encode_whereabouts(const Profile& profile) {
  OctetWriter out;
  out.put(kFormat);
  out.put_text(profile.language);
  out.put_count(profile.sectors.size());
  for (const auto& sector : profile.sectors) out.put_text(sector);
  out.put_count(profile.premises.size());
  for (const auto& premises : profile.premises) {
    out.put(static_cast<std::uint8_t>(premises.point ? 1 : 0));
    const cap::Point point = premises.point.value_or(cap::Point{});
    out.put(point.latitude);
    out.put(point.longitude);
    out.put_text(premises.ons);
  }
  return out.take();
}

bool decode_whereabouts(BytesView bytes, Profile& into) {
  OctetReader in(bytes);
  if (in.number<std::uint8_t>() != kFormat) return false;
  into.language = in.text();
  const std::size_t sectors = in.count(4);
  for (std::size_t i = 0; i < sectors; ++i) into.sectors.emplace_back(in.text());
  const std::size_t places = in.count(1 + 8 + 8 + 4);
  for (std::size_t i = 0; i < places; ++i) {
    Premises premises;
    const bool at_point = in.number<std::uint8_t>() != 0;
    const double latitude = in.real(), longitude = in.real();
    if (at_point) premises.point = cap::Point{latitude, longitude};
    premises.ons = in.text();
    into.premises.push_back(std::move(premises));
  }
  return in.finished();
}

// format, count and contacts: number, way, bits, address, secret, confirmed, hours.
Bytes encode_contacts(const Profile& profile) {
  // Grown step by step it would leave pieces of itself in memory that nobody wipes.
  std::size_t room = 64;
  for (const auto& contact : profile.contacts) {
    room += 64 + contact.address.size() + contact.secret.size();
  }
  OctetWriter out(room);
  out.put(kFormat);
  out.put_count(profile.contacts.size());
  for (const auto& contact : profile.contacts) {
    out.put(contact.number);
    out.put(static_cast<std::uint8_t>(contact.way));
    out.put(static_cast<std::uint8_t>((contact.consents ? kConsents : 0) |
                                      (contact.fallback ? kFallback : 0) |
                                      (contact.dead ? kDead : 0)));
    out.put_text(contact.address);
    out.put_text(contact.secret);
    put_time(out, contact.confirmed);
    out.put(static_cast<std::uint16_t>(contact.hours.from.count()));
    out.put(static_cast<std::uint16_t>(contact.hours.until.count()));
  }
  return out.take();
}

bool decode_contacts(BytesView bytes, Profile& into) {
  OctetReader in(bytes);
  if (in.number<std::uint8_t>() != kFormat) return false;
  const std::size_t contacts = in.count(4 + 1 + 1 + 4 + 4 + 9 + 4);
  into.contacts.reserve(contacts);
  for (std::size_t i = 0; i < contacts; ++i) {
    Contact contact;
    contact.number = in.number<std::uint32_t>();
    contact.way = in.value_up_to(Way::webhook);
    const auto bits = in.number<std::uint8_t>();
    contact.consents = (bits & kConsents) != 0;
    contact.fallback = (bits & kFallback) != 0;
    contact.dead = (bits & kDead) != 0;
    contact.address = in.text();
    contact.secret = in.text();
    contact.confirmed = time_of(in);
    contact.hours.from = std::chrono::minutes{in.number<std::uint16_t>()};
    contact.hours.until = std::chrono::minutes{in.number<std::uint16_t>()};
    into.contacts.push_back(std::move(contact));
  }
  return in.finished();
}

Result<Profile> settled(std::string_view key, Profile wanted, const Profile& before,
                        std::uint32_t& last_number) {
  std::sort(wanted.sectors.begin(), wanted.sectors.end());
  wanted.sectors.erase(std::unique(wanted.sectors.begin(), wanted.sectors.end()),
                       wanted.sectors.end());
  if (auto checked = check(key, wanted); !checked) return checked.error();
  for (Contact& contact : wanted.contacts) {
    const auto known =
        std::find_if(before.contacts.begin(), before.contacts.end(), [&](const Contact& one) {
          if (contact.number != 0) return one.number == contact.number;
          return one.way == contact.way && one.address == contact.address;
        });
    if (contact.number != 0 && known == before.contacts.end()) {
      return Failure{fmt::format("{} has no contact {}", key, contact.number)};
    }
    if (contact.number == 0 && known != before.contacts.end()) {
      const std::string secret = contact.secret;
      contact = *known;
      if (!secret.empty()) contact.secret = secret;
    }
    if (contact.number == 0) {
      if (last_number == UINT32_MAX) return Failure{"the directory has numbered all it can"};
      contact.number = ++last_number;
    }
    if (contact.way == Way::webhook && contact.secret.empty()) {
      contact.secret = draw_webhook_secret();
    }
  }
  // One by its number, and the same by its address.
  if (!all_different(wanted.contacts)) {
    return Failure{fmt::format("a contact of {} is there twice", key)};
  }
  return wanted;
}

// format, the wrapped key, where it is, whom to reach, codes.
Bytes encode(const ProfileRow& row) {
  OctetWriter out;
  out.put(kFormat);
  out.put_text(row.wrapped_key);
  out.put_text(row.whereabouts);
  out.put_text(row.contacts);
  out.put_text(row.codes);
  return out.take();
}

std::optional<ProfileRow> decode_profile_row(BytesView bytes) {
  OctetReader in(bytes);
  ProfileRow row;
  if (in.number<std::uint8_t>() != kFormat) return std::nullopt;
  row.wrapped_key = in.text();
  row.whereabouts = in.text();
  row.contacts = in.text();
  row.codes = in.text();
  if (!in.finished()) return std::nullopt;
  return row;
}

}  // namespace engine
