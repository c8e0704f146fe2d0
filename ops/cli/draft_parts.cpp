#include "ops/cli/draft_parts.hpp"

#include <fmt/format.h>

#include <random>

#include "ops/cli/inputs.hpp"
#include "ops/cli/keys.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace trust = engine::trust;
namespace cap = engine::cap;

namespace {

Outcome<std::string> sender_of(const AlertDraft& options, const trust::TrustDocument* document) {
  if (!options.sender.empty()) return options.sender;
  if (document != nullptr && !options.key.empty()) {
    const auto key = read_public_key(options.key);
    if (!key) return key.error();
    const auto officer = document->find(key->keyid);
    if (officer) return officer->sender->sender;
    return trouble(Exit::refused,
                   fmt::format("the key of {} is no officer's of system {}", visible(key->holder),
                               visible(document->system)),
                   "use an officer's key, or say --sender ID");
  }
  if (document != nullptr && document->senders.size() == 1) return document->senders[0].sender;
  return trouble(Exit::usage, "it is not said who speaks",
                 "give --sender ID, or --key KEYFILE together with --trust FILE");
}

Outcome<std::string> system_name(const AlertDraft& options, const trust::TrustDocument* document) {
  if (document == nullptr && options.system.empty()) {
    return trouble(Exit::usage, "it is not said for which system this is",
                   "give --trust FILE, or --system NAME");
  }
  if (document == nullptr) return options.system;
  if (!options.system.empty() && options.system != document->system) {
    return trouble(Exit::usage,
                   fmt::format("--system {} is not the system of the trust document, {}",
                               visible(options.system), visible(document->system)));
  }
  return document->system;
}

/// A drill and the real thing are never one keystroke apart: on a live system the status is typed.
Outcome<cap::Status> status_of(const AlertDraft& options, const trust::TrustDocument* document) {
  if (!options.status.empty()) {
    const auto status = parse_word<cap::Status>(options.status);
    if (!status) return trouble(Exit::usage, status.error().what);
    return *status;
  }
  if (document != nullptr && document->kind == trust::SystemKind::exercise) {
    return cap::Status::exercise;
  }
  return trouble(Exit::usage, "it is not said whether this is real",
                 "give --status Actual, --status Exercise or --status Test");
}

}  // namespace

std::string new_identifier(engine::Time now) {
  std::random_device device;
  std::string stamp = engine::format_time(std::chrono::floor<std::chrono::seconds>(now));
  std::string digits;
  for (const char c : stamp.substr(11, 8)) {
    if (c != ':') digits += c;
  }
  return fmt::format("{}-{}-{:08x}", stamp.substr(0, 10), digits, device());
}

Outcome<DraftParts> parts_of(Session& session, const AlertDraft& options,
                             const trust::TrustDocument* document) {
  DraftParts parts;
  const engine::Time now = session.now();
  parts.sent = std::chrono::floor<std::chrono::seconds>(now);
  parts.identifier = options.identifier.empty() ? new_identifier(now) : options.identifier;
  auto system = system_name(options, document);
  if (!system) return system.error();
  parts.system = std::move(*system);
  const auto status = status_of(options, document);
  if (!status) return status.error();
  parts.status = *status;
  auto sender = sender_of(options, document);
  if (!sender) return sender.error();
  parts.sender = std::move(*sender);
  if (!options.expires_in.empty()) {
    const auto duration = parse_duration(options.expires_in);
    if (!duration) return trouble(Exit::usage, duration.error().what);
    parts.expires_in = *duration;
  }
  return parts;
}

Outcome<void> words_left_to_document(const AlertDraft& options) {
  const std::pair<std::string_view, bool> flags[] = {
      {"--event", !options.event.empty()},
      {"--category", !options.categories.empty()},
      {"--urgency", !options.urgency.empty()},
      {"--severity", !options.severity.empty()},
      {"--certainty", !options.certainty.empty()},
      {"--headline", !options.headline.empty()},
      {"--description", !options.description.empty()},
      {"--instruction", !options.instruction.empty()},
      {"--sender-name", !options.sender_name.empty()},
      {"--web", !options.web.empty()},
      {"--contact", !options.contact.empty()},
      {"--area-desc", !options.area_desc.empty()},
      {"--area", !options.areas.empty()},
      {"--polygon", !options.polygons.empty()},
      {"--circle", !options.circles.empty()},
  };
  for (const auto& [flag, given] : flags) {
    if (!given) continue;
    return trouble(Exit::usage,
                   fmt::format("{} cannot be given with --cap: the document's own words and place "
                               "are kept",
                               flag),
                   "change them in the document, or draft from flags alone");
  }
  return {};
}

namespace {

Outcome<void> nothing_missing(const AlertDraft& options) {
  std::vector<std::string> missing;
  const auto need = [&](std::string_view flag, const auto& value) {
    if (value.empty()) missing.emplace_back(flag);
  };
  need("--event", options.event);
  need("--category", options.categories);
  need("--urgency", options.urgency);
  need("--severity", options.severity);
  need("--certainty", options.certainty);
  need("--headline", options.headline);
  need("--area-desc", options.area_desc);
  if (missing.empty()) return {};
  return trouble(Exit::usage, fmt::format("the draft lacks {}", fmt::join(missing, ", ")),
                 "see tocsin alert draft --help, or start from a document with --cap FILE");
}

template <class Enum>
Outcome<void> word_into(Enum& value, const std::string& text) {
  const auto word = parse_word<Enum>(text);
  if (!word) return trouble(Exit::usage, word.error().what);
  value = *word;
  return {};
}

}  // namespace

Outcome<cap::Area> area_of(const AlertDraft& options) {
  cap::Area area;
  area.description = options.area_desc;
  for (const auto& text : options.polygons) {
    const auto polygon = parse_polygon(text);
    if (!polygon) return trouble(Exit::usage, polygon.error().what);
    area.polygons.push_back(*polygon);
  }
  for (const auto& text : options.circles) {
    const auto circle = parse_circle(text);
    if (!circle) return trouble(Exit::usage, circle.error().what);
    area.circles.push_back(*circle);
  }
  for (const auto& code : options.areas) area.geocodes.push_back({"ONS", code});
  return area;
}

Outcome<cap::Info> info_of(const AlertDraft& options) {
  if (auto whole = nothing_missing(options); !whole) return whole.error();
  cap::Info info;
  info.language = options.language.empty() ? std::string(kLanguage) : options.language;
  for (const auto& text : options.categories) {
    cap::Category category{};
    if (auto read = word_into(category, text); !read) return read.error();
    info.categories.push_back(category);
  }
  if (auto read = word_into(info.urgency, options.urgency); !read) return read.error();
  if (auto read = word_into(info.severity, options.severity); !read) return read.error();
  if (auto read = word_into(info.certainty, options.certainty); !read) return read.error();
  info.event = options.event;
  info.headline = options.headline;
  info.description = options.description;
  info.instruction = options.instruction;
  info.sender_name = options.sender_name;
  info.web = options.web;
  info.contact = options.contact;
  auto area = area_of(options);
  if (!area) return area.error();
  info.areas.push_back(std::move(*area));
  return info;
}

}  // namespace ops::cli
