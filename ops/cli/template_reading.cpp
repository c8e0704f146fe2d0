// Templates as TOML: every key is known, every text within its bound, every blank described and
// used.
#include <fmt/format.h>

#include <toml++/toml.h>

#include <algorithm>
#include <array>

#include "ops/cli/files.hpp"
#include "ops/cli/inputs.hpp"
#include "ops/cli/templates.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

using engine::Failure;
using engine::Result;
namespace cap = engine::cap;

namespace {

Failure at(const toml::node& node, std::string_view what) {
  return Failure{fmt::format("line {}: {}", node.source().begin.line, what)};
}

Result<std::string> text_of(const toml::node& node, std::string_view key, std::size_t letters_max) {
  const auto text = node.value<std::string>();
  if (!node.is_string() || !text) return at(node, fmt::format("{} is not a text", key));
  if (text->find_first_not_of(" \t\r\n") == std::string::npos) {
    return at(node, fmt::format("{} is empty; leave it out", key));
  }
  if (width(*text) > letters_max) {
    return at(node,
              fmt::format("{} has {} letters, and {} are allowed", key, width(*text), letters_max));
  }
  return *text;
}

/// The keys of a table as they are written; the library would sort them by name, and put Welsh
/// before English.
std::vector<std::pair<std::string_view, const toml::node*>> as_written(const toml::table& table) {
  std::vector<std::pair<std::string_view, const toml::node*>> entries;
  for (const auto& [key, value] : table) entries.emplace_back(key.str(), &value);
  std::sort(entries.begin(), entries.end(), [](const auto& one, const auto& other) {
    const auto &a = one.second->source().begin, &b = other.second->source().begin;
    return std::pair{a.line, a.column} < std::pair{b.line, b.column};
  });
  return entries;
}

Result<Blank> read_blank(const toml::node& node, std::string_view name) {
  const toml::table* table = node.as_table();
  if (table == nullptr) return at(node, fmt::format("blanks.{} is not a table", name));
  Blank blank;
  blank.name = name;
  if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != std::string_view::npos) {
    return at(node, fmt::format("a blank's name has a-z, 0-9 and _ only: {}", name));
  }
  for (const auto& [key, value] : *table) {
    if (key == "about" || key == "example") {
      auto text = text_of(value, key.str(), kBlankLettersMax);
      if (!text) return text.error();
      (key == "about" ? blank.about : blank.example) = std::move(*text);
    } else if (key == "letters_max") {
      const auto most = value.value<std::int64_t>();
      if (!most || *most < 1 || *most > static_cast<std::int64_t>(kBlankLettersMax)) {
        return at(value, fmt::format("letters_max is a number from 1 to {}", kBlankLettersMax));
      }
      blank.letters_max = static_cast<std::size_t>(*most);
    } else {
      return at(value, fmt::format("blanks.{}.{} is not known", name, key.str()));
    }
  }
  if (blank.about.empty()) return at(node, fmt::format("blanks.{} lacks about", name));
  return blank;
}

struct Text {
  std::string_view key;
  std::string cap::Info::*field;
  std::size_t letters_max;
};
constexpr std::array kTexts = {
    Text{"event", &cap::Info::event, 80},
    Text{"headline", &cap::Info::headline, kHeadlineLettersMax},
    Text{"description", &cap::Info::description, kTextLettersMax},
    Text{"instruction", &cap::Info::instruction, kTextLettersMax},
    Text{"sender_name", &cap::Info::sender_name, 120},
    Text{"web", &cap::Info::web, 200},
    Text{"contact", &cap::Info::contact, 200},
};

Result<void> read_language(const toml::table& table, const std::string& where, cap::Info& info,
                           std::string& area_desc) {
  for (const auto& [key, value] : table) {
    std::string* target = nullptr;
    std::size_t most = kHeadlineLettersMax;
    if (key == "area_desc") target = &area_desc;
    for (const auto& text : kTexts) {
      if (key != text.key) continue;
      target = &(info.*text.field);
      most = text.letters_max;
    }
    if (target == nullptr) return at(value, fmt::format("{}.{} is not known", where, key.str()));
    auto text = text_of(value, fmt::format("{}.{}", where, key.str()), most);
    if (!text) return text.error();
    *target = std::move(*text);
  }
  return {};
}

template <class Enum>
Result<void> read_word(const toml::node& node, Enum& word) {
  const auto read = parse_word<Enum>(node.value_or(std::string_view{}));
  if (!read) return at(node, read.error().what);
  word = *read;
  return {};
}

Result<void> read_categories(const toml::node& node, std::vector<cap::Category>& categories) {
  const toml::array* words = node.as_array();
  if (words == nullptr || words->empty()) {
    return at(node, "category is a list of CAP's words, such as [\"Safety\"]");
  }
  categories.clear();
  for (const auto& word : *words) {
    cap::Category category{};
    if (auto read = read_word(word, category); !read) return read;
    categories.push_back(category);
  }
  return {};
}

/// One of the grades, which are the same in every language; false if the key is none.
Result<bool> read_grade(std::string_view key, const toml::node& node, cap::Info& common,
                        std::optional<engine::Duration>& expires_in) {
  Result<void> read;
  if (key == "category") {
    read = read_categories(node, common.categories);
  } else if (key == "urgency") {
    read = read_word(node, common.urgency);
  } else if (key == "severity") {
    read = read_word(node, common.severity);
  } else if (key == "certainty") {
    read = read_word(node, common.certainty);
  } else if (key == "expires_in") {
    const auto duration = parse_duration(node.value_or(std::string_view{}));
    if (!duration) return at(node, duration.error().what);
    expires_in = *duration;
  } else {
    return false;
  }
  if (!read) return read.error();
  return true;
}

/// [alert] or [update]: grades, and a table of words for each language. `part` holds what it starts
/// from: nothing, or the alert that an update changes.
Result<void> read_part(const toml::node& node, const std::string& name, TemplatePart& part) {
  const toml::table* table = node.as_table();
  if (table == nullptr) return at(node, fmt::format("{} is not a table", name));
  const bool fresh = part.infos.empty();
  cap::Info common = fresh ? cap::Info{} : part.infos.front();
  for (const auto& [key, value] : *table) {
    if (value.is_table()) continue;
    const auto grade = read_grade(key.str(), value, common, part.expires_in);
    if (!grade) return grade.error();
    if (!*grade) return at(value, fmt::format("{}.{} is not known", name, key.str()));
  }
  for (const auto& [key, value] : as_written(*table)) {
    const toml::table* words = value->as_table();
    if (words == nullptr) continue;
    auto found =
        std::find_if(part.infos.begin(), part.infos.end(),
                     [name_of = key](const cap::Info& info) { return name_of == info.language; });
    if (found == part.infos.end() && !fresh) {
      return at(*value, fmt::format("the alert does not speak {}", key));
    }
    if (found == part.infos.end()) {
      found = part.infos.insert(part.infos.end(), cap::Info{});
      found->language = key;
      part.area_descs.emplace_back();
    }
    auto& area_desc = part.area_descs[static_cast<std::size_t>(found - part.infos.begin())];
    auto read = read_language(*words, fmt::format("{}.{}", name, key), *found, area_desc);
    if (!read) return read;
  }
  for (auto& info : part.infos) {
    info.categories = common.categories;
    info.urgency = common.urgency;
    info.severity = common.severity;
    info.certainty = common.certainty;
  }
  return {};
}

Result<void> whole(const toml::table& table, const TemplatePart& alert) {
  const auto* node = table.get("alert");
  const auto lacks = [&](const std::string& key) -> Result<void> {
    return Failure{fmt::format("it lacks {}", key)};
  };
  for (const auto* key : {"category", "urgency", "severity", "certainty"}) {
    if (node->as_table()->get(key) == nullptr) return lacks(fmt::format("alert.{}", key));
  }
  if (alert.infos.empty()) return lacks("the words of a language, such as [alert.en-GB]");
  for (std::size_t i = 0; i < alert.infos.size(); ++i) {
    const auto& info = alert.infos[i];
    const std::string where = "alert." + info.language;
    if (info.event.empty()) return lacks(where + ".event");
    if (info.headline.empty()) return lacks(where + ".headline");
    if (info.instruction.empty()) return lacks(where + ".instruction");
    if (alert.area_descs[i].empty()) return lacks(where + ".area_desc");
  }
  return {};
}

Result<void> read_blanks(const toml::node& node, std::vector<Blank>& blanks) {
  const toml::table* table = node.as_table();
  if (table == nullptr) return at(node, "blanks is not a table");
  if (table->size() > kBlanksMax) {
    return at(node, fmt::format("it has {} blanks, and {} are allowed", table->size(), kBlanksMax));
  }
  for (const auto& [key, value] : as_written(*table)) {
    auto blank = read_blank(*value, key);
    if (!blank) return blank.error();
    blanks.push_back(std::move(*blank));
  }
  return {};
}

Result<void> read_correction(const toml::node& node, std::string& reason) {
  const toml::table* table = node.as_table();
  if (table == nullptr) return at(node, "correction is not a table");
  for (const auto& [key, value] : *table) {
    if (key != "reason") return at(value, fmt::format("correction.{} is not known", key.str()));
    auto text = text_of(value, "correction.reason", kTextLettersMax);
    if (!text) return text.error();
    reason = std::move(*text);
  }
  return {};
}

Result<Template> read_table(const toml::table& table, const std::string& name) {
  Template read;
  read.name = name;
  for (const auto& [key, value] : table) {
    Result<void> part;
    if (key == "about") {
      auto about = text_of(value, "about", 120);
      if (!about) return about.error();
      read.about = std::move(*about);
    } else if (key == "blanks") {
      part = read_blanks(value, read.blanks);
    } else if (key == "correction") {
      part = read_correction(value, read.correction);
    } else if (key == "alert") {
      part = read_part(value, "alert", read.alert);
    } else if (key != "update") {
      return at(value, fmt::format("{} is not known", key.str()));
    }
    if (!part) return part.error();
  }
  if (read.about.empty()) return Failure{"it lacks about"};
  if (table.get("alert") == nullptr) return Failure{"it lacks [alert]"};
  if (auto all = whole(table, read.alert); !all) return all.error();
  if (const auto* update = table.get("update")) {
    read.update = read.alert;
    if (auto part = read_part(*update, "update", *read.update); !part) return part.error();
  }
  return read;
}

}  // namespace

Result<Template> parse_template(std::string_view toml, const std::string& name) {
  if (toml.size() > kTemplateBytesMax) {
    return Failure{fmt::format("it is larger than {} KiB", kTemplateBytesMax >> 10)};
  }
  try {
    auto read = read_table(toml::parse(toml), name);
    if (!read) return read;
    if (auto used = blanks_are_used(*read); !used) return used.error();
    return read;
  } catch (const toml::parse_error& error) {
    return Failure{fmt::format("line {}: {}", error.source().begin.line, error.description())};
  }
}

}  // namespace ops::cli
