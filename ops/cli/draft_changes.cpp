#include "ops/cli/draft_changes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "ops/cli/draft_parts.hpp"
#include "ops/cli/inputs.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace cap = engine::cap;

namespace {

struct Word {
  std::string AlertDraft::*flag;
  std::string cap::Info::*field;
};
constexpr std::array kWords = {
    Word{&AlertDraft::event, &cap::Info::event},
    Word{&AlertDraft::headline, &cap::Info::headline},
    Word{&AlertDraft::description, &cap::Info::description},
    Word{&AlertDraft::instruction, &cap::Info::instruction},
    Word{&AlertDraft::sender_name, &cap::Info::sender_name},
    Word{&AlertDraft::web, &cap::Info::web},
    Word{&AlertDraft::contact, &cap::Info::contact},
};

std::string languages_of(const std::vector<cap::Info>& infos) {
  std::vector<std::string> tags;
  for (const auto& info : infos) tags.push_back(visible(info.language));
  return fmt::format("{}", fmt::join(tags, ", "));
}

/// The info whose words change.
Outcome<cap::Info*> info_named(std::vector<cap::Info>& infos, const AlertDraft& flags) {
  if (flags.language.empty() && infos.size() == 1) return &infos.front();
  if (flags.language.empty()) {
    return trouble(
        Exit::usage,
        fmt::format("it speaks {}: it is not said whose words change", languages_of(infos)),
        "give --language TAG, and change one language after the other");
  }
  const auto found = std::find_if(infos.begin(), infos.end(), [&](const cap::Info& info) {
    return info.language == flags.language;
  });
  if (found != infos.end()) return &*found;
  return trouble(Exit::usage, fmt::format("it does not speak {}, only {}", visible(flags.language),
                                          languages_of(infos)));
}

Outcome<void> change_grades(cap::Info& info, const AlertDraft& flags) {
  const auto into = [](auto& value, const std::string& text) -> Outcome<void> {
    if (text.empty()) return {};
    const auto word = parse_word<std::decay_t<decltype(value)>>(text);
    if (!word) return trouble(Exit::usage, word.error().what);
    value = *word;
    return {};
  };
  if (auto read = into(info.urgency, flags.urgency); !read) return read;
  if (auto read = into(info.severity, flags.severity); !read) return read;
  if (auto read = into(info.certainty, flags.certainty); !read) return read;
  if (!flags.categories.empty()) info.categories.clear();
  for (const auto& text : flags.categories) {
    cap::Category category{};
    if (auto read = into(category, text); !read) return read;
    info.categories.push_back(category);
  }
  return {};
}

/// The shapes of the flags under the name that stands there; a name that is given replaces it.
Outcome<void> change_place(cap::Info& info, const AlertDraft& flags) {
  const bool shapes = !flags.areas.empty() || !flags.polygons.empty() || !flags.circles.empty();
  if (shapes) {
    auto area = area_of(flags);
    if (!area) return area.error();
    if (area->description.empty() && !info.areas.empty()) {
      area->description = info.areas.front().description;
    }
    info.areas = {std::move(*area)};
    return {};
  }
  if (flags.area_desc.empty()) return {};
  if (info.areas.size() == 1) {
    info.areas.front().description = flags.area_desc;
    return {};
  }
  return trouble(Exit::usage,
                 fmt::format("it has {} areas: --area-desc alone does not say which is meant",
                             info.areas.size()),
                 "give the whole place anew: --area-desc with --area, --polygon or --circle");
}

}  // namespace

bool changes_words(const AlertDraft& flags) {
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](const Word& word) { return !(flags.*word.flag).empty(); });
}

Outcome<void> change_infos(std::vector<cap::Info>& infos, const AlertDraft& flags) {
  for (auto& info : infos) {
    if (auto changed = change_grades(info, flags); !changed) return changed;
    if (auto changed = change_place(info, flags); !changed) return changed;
  }
  if (!changes_words(flags)) return {};
  const auto info = info_named(infos, flags);
  if (!info) return info.error();
  for (const auto& word : kWords) {
    if (!(flags.*word.flag).empty()) (*info)->*word.field = flags.*word.flag;
  }
  return {};
}

}  // namespace ops::cli
