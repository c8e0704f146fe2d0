#include "ops/cli/templates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "ops/cli/files.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

using engine::Failure;
using engine::Result;
namespace cap = engine::cap;
namespace fs = std::filesystem;

namespace {

constexpr std::string_view kSuffix = ".toml";

/// Every text of a part that may hold blanks.
std::vector<const std::string*> texts_of(const TemplatePart& part) {
  std::vector<const std::string*> texts;
  for (const auto& info : part.infos) {
    for (const auto* text : {&info.event, &info.headline, &info.description, &info.instruction,
                             &info.sender_name, &info.web, &info.contact}) {
      texts.push_back(text);
    }
  }
  for (const auto& text : part.area_descs) texts.push_back(&text);
  return texts;
}

/// Calls `plain` with what stands between blanks and `blank` with each name. A brace that opens no
/// name is a failure: it is a slip of the pen, and nobody may find it on the day.
template <class Plain, class Blanks>
Result<void> walk(std::string_view text, Plain plain, Blanks blank) {
  while (!text.empty()) {
    const auto open = text.find_first_of("{}");
    plain(text.substr(0, open));
    if (open == std::string_view::npos) return {};
    const auto close = text.find('}', open);
    if (text[open] == '}' || close == std::string_view::npos) {
      return Failure{fmt::format("a brace without its other half in \"{}\"", text)};
    }
    blank(std::string(text.substr(open + 1, close - open - 1)));
    text.remove_prefix(close + 1);
  }
  return {};
}

Result<std::set<std::string>> names_in(const std::vector<const std::string*>& texts) {
  std::set<std::string> names;
  for (const auto* text : texts) {
    auto walked = walk(
        *text, [](auto) {}, [&names](std::string name) { names.insert(std::move(name)); });
    if (!walked) return walked.error();
  }
  return names;
}

const TemplatePart& part_of(const Template& whole, Part part) {
  return part == Part::update && whole.update ? *whole.update : whole.alert;
}

std::set<std::string> names_of(const Template& whole, Part part) {
  auto texts = texts_of(part_of(whole, part));
  texts.push_back(&whole.correction);
  auto names = names_in(texts);
  return names ? std::move(*names) : std::set<std::string>{};
}

std::string filled(std::string_view text, const Fillings& fillings) {
  std::string out;
  (void)walk(
      text, [&out](std::string_view plain) { out += plain; },
      [&](const std::string& name) { out += fillings.at(name); });
  return out;
}

/// One sentence for each thing wrong with the fillings.
std::vector<std::string> faults_of(const Template& whole, Part part, const Fillings& fillings) {
  std::vector<std::string> faults;
  for (const Blank* blank : blanks_of(whole, part)) {
    if (fillings.contains(blank->name)) continue;
    faults.push_back(fmt::format("{} is not filled ({}): --fill {}=\"{}\"", blank->name,
                                 blank->about, blank->name,
                                 blank->example.empty() ? "..." : blank->example));
  }
  for (const auto& filling : fillings) {
    const auto& [name, value] = filling;
    const auto known =
        std::find_if(whole.blanks.begin(), whole.blanks.end(),
                     [&](const Blank& blank) { return blank.name == filling.first; });
    if (known == whole.blanks.end()) {
      faults.push_back(fmt::format("{} is no blank of {}", name, whole.name));
    } else if (value.find_first_not_of(" \t") == std::string::npos) {
      faults.push_back(fmt::format("{} is filled with nothing", name));
    } else if (value.find_first_of("\r\n\t") != std::string::npos) {
      faults.push_back(fmt::format("{} is more than one line", name));
    } else if (width(value) > known->letters_max) {
      faults.push_back(fmt::format("{} has {} letters, and {} are allowed", name, width(value),
                                   known->letters_max));
    }
  }
  return faults;
}

}  // namespace

Result<void> blanks_are_used(const Template& whole) {
  auto texts = texts_of(whole.alert);
  if (whole.update) {
    const auto more = texts_of(*whole.update);
    texts.insert(texts.end(), more.begin(), more.end());
  }
  texts.push_back(&whole.correction);
  auto names = names_in(texts);
  if (!names) return names.error();
  for (const auto& blank : whole.blanks) {
    if (names->erase(blank.name) == 0) {
      return Failure{fmt::format("blanks.{} is used nowhere", blank.name)};
    }
  }
  if (names->empty()) return {};
  return Failure{fmt::format("{{{0}}} is not described: it needs [blanks.{0}]", *names->begin())};
}

std::vector<const Blank*> blanks_of(const Template& whole, Part part) {
  const auto names = names_of(whole, part);
  std::vector<const Blank*> blanks;
  for (const auto& blank : whole.blanks) {
    if (names.contains(blank.name)) blanks.push_back(&blank);
  }
  return blanks;
}

Result<Fillings> parse_fillings(const std::vector<std::string>& texts) {
  Fillings fillings;
  for (const auto& text : texts) {
    const auto equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return Failure{fmt::format("'{}' fills nothing: write NAME=\"TEXT\"", text)};
    }
    if (!fillings.emplace(text.substr(0, equals), text.substr(equals + 1)).second) {
      return Failure{fmt::format("{} is filled twice", text.substr(0, equals))};
    }
  }
  return fillings;
}

Result<Filled> fill(const Template& whole, Part part, const Fillings& fillings) {
  if (part == Part::update && !whole.update) {
    return Failure{fmt::format("{} holds no update", whole.name)};
  }
  const auto faults = faults_of(whole, part, fillings);
  if (!faults.empty()) return Failure{fmt::format("{}", fmt::join(faults, "\n  "))};
  const TemplatePart& from = part_of(whole, part);
  Filled out{from.infos, from.expires_in, filled(whole.correction, fillings)};
  for (std::size_t i = 0; i < out.infos.size(); ++i) {
    auto& info = out.infos[i];
    for (auto* text : {&info.event, &info.headline, &info.description, &info.instruction,
                       &info.sender_name, &info.web, &info.contact}) {
      *text = filled(*text, fillings);
    }
    info.areas = {cap::Area{filled(from.area_descs[i], fillings), {}, {}, {}}};
  }
  return out;
}

std::string templates_folder(const std::string& given) {
  if (!given.empty()) return given;
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return {};
  // Installed beside it, or built inside the source tree (build/release/bin).
  const fs::path prefix = program.parent_path().parent_path();
  for (const auto& folder :
       {prefix / "share/tocsin/templates", prefix.parent_path().parent_path() / "ops/templates"}) {
    if (fs::is_directory(folder, error)) return folder.string();
  }
  return {};
}

namespace {

Outcome<Template> read_one(const fs::path& file) {
  const auto bytes = read_file(file.string(), kTemplateBytesMax);
  if (!bytes) return bytes.error();
  auto read = parse_template(*bytes, file.stem().string());
  if (read) return std::move(*read);
  return trouble(Exit::usage, fmt::format("{} is no template: {}", visible(file.string()),
                                          visible(read.error().what)));
}

Outcome<fs::path> folder_of(const std::string& folder) {
  std::error_code error;
  if (!folder.empty() && fs::is_directory(folder, error)) return fs::path(folder);
  return trouble(Exit::usage,
                 folder.empty() ? "no folder of templates was found beside this program"
                                : fmt::format("{} is no folder", visible(folder)),
                 "name it with --templates DIR or TOCSIN_TEMPLATES");
}

/// At most one more than a folder may hold.
std::vector<std::string> names_in_folder(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const auto& path = entry.path();
    if (path.extension() == kSuffix && names.size() <= kTemplatesMax) {
      names.push_back(path.stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

Outcome<Template> read_template(const std::string& folder, const std::string& name) {
  if (name.ends_with(kSuffix)) return read_one(name);
  const auto where = folder_of(templates_folder(folder));
  if (!where) return where.error();
  std::error_code error;
  const fs::path file = *where / (name + std::string(kSuffix));
  if (name.find('/') == std::string::npos && fs::is_regular_file(file, error)) {
    return read_one(file);
  }
  return trouble(
      Exit::usage,
      fmt::format("there is no template {} in {}", visible(name), visible(where->string())),
      fmt::format("there are: {}",
                  visible(fmt::format("{}", fmt::join(names_in_folder(*where), ", ")))));
}

Outcome<std::vector<Template>> read_templates(const std::string& folder) {
  const auto where = folder_of(templates_folder(folder));
  if (!where) return where.error();
  const auto names = names_in_folder(*where);
  if (names.size() > kTemplatesMax) {
    return trouble(
        Exit::usage,
        fmt::format("{} holds more than {} templates", visible(where->string()), kTemplatesMax),
        "keep fewer there: nobody finds the right one among so many in an emergency");
  }
  std::vector<Template> all;
  for (const auto& name : names) {
    auto one = read_one(*where / (name + std::string(kSuffix)));
    if (!one) return one.error();
    all.push_back(std::move(*one));
  }
  return all;
}

}  // namespace ops::cli
