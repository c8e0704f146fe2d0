// tocsin completion bash, and the question that its function asks of the program.
#include "ops/cli/completion.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>

#include "ops/cli/commands.hpp"
#include "ops/cli/contexts.hpp"
#include "ops/cli/templates.hpp"

namespace ops::cli {

namespace {

bool is_flag(const std::string& word) { return word.size() > 1 && word.front() == '-'; }

const CLI::Option* option_named(const CLI::App* app, const std::string& word) {
  for (; app != nullptr; app = app->get_parent()) {
    if (const auto* option = app->get_option_no_throw(word)) return option;
  }
  return nullptr;
}

bool takes_value(const CLI::Option* option) {
  return option != nullptr && option->get_items_expected_max() > 0;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::string part;
  for (const char c : text + separator) {
    if (c != separator) {
      part += c;
      continue;
    }
    parts.push_back(std::move(part));
    part.clear();
  }
  return parts;
}

/// "Extreme|Severe": words as they are typed have small letters; a placeholder has none.
bool are_words(const std::vector<std::string>& parts) {
  const auto has_small = [](const std::string& part) {
    return std::any_of(part.begin(), part.end(),
                       [](unsigned char c) { return std::islower(c) != 0; });
  };
  return std::any_of(parts.begin(), parts.end(), has_small);
}

std::vector<std::string> contexts() {
  std::vector<std::string> names;
  if (const auto all = read_contexts()) {
    for (const auto& [name, context] : all->all) names.push_back(name);
  }
  return names;
}

std::vector<std::string> templates() {
  const char* given = std::getenv("TOCSIN_TEMPLATES");
  std::vector<std::string> names;
  if (const auto all = read_templates(given == nullptr ? "" : given)) {
    for (const auto& one : *all) names.push_back(one.name);
  }
  names.emplace_back(kFiles);
  return names;
}

/// What the table says of an option's values, by the word that stands for them in the help.
std::vector<std::string> values_of(const CLI::Option& option) {
  std::string name = option.get_type_name();
  // A list of allowed words is written behind the name: "KIND:{live,exercise}".
  const auto open = name.find('{'), close = name.find('}');
  if (open != std::string::npos && close != std::string::npos) {
    return split(name.substr(open + 1, close - open - 1), ',');
  }
  if (name == "CONTEXT") return contexts();
  if (name == "TEMPLATE") return templates();
  for (const auto* part : {"FILE", "DIR", "DRAFT", "TRUST"}) {
    if (name.find(part) != std::string::npos) return {kFiles};
  }
  auto parts = split(name, '|');
  return are_words(parts) ? parts : std::vector<std::string>{};
}

std::vector<std::string> flags_of(const CLI::App* app) {
  std::vector<std::string> flags;
  for (; app != nullptr; app = app->get_parent()) {
    for (const auto* option : app->get_options()) {
      if (option->get_group().empty()) continue;  // hidden
      for (const auto& name : option->get_lnames()) flags.push_back("--" + name);
    }
  }
  return flags;
}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!command->get_group().empty()) names.push_back(command->get_name());
  }
  return names;
}

const CLI::App* command_named(const CLI::App& app, const std::string& name) {
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_name() == name) return command;
  }
  return nullptr;
}

/// The option without a flag at that place; the last one may take all that follow.
const CLI::Option* positional(const CLI::App& app, std::size_t place) {
  const CLI::Option* last = nullptr;
  for (const auto* option : app.get_options()) {
    if (!option->get_positional()) continue;
    last = option;
    if (place == 0) return option;
    --place;
  }
  return last != nullptr && last->get_items_expected_max() > 1 ? last : nullptr;
}

std::vector<std::string> beginning(std::vector<std::string> all, const std::string& typed) {
  const auto other = [&](const std::string& one) {
    return one != kFiles && one.compare(0, typed.size(), typed) != 0;
  };
  all.erase(std::remove_if(all.begin(), all.end(), other), all.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

constexpr const char* kBash =
    R"(# tocsin: completion for bash. Every answer is asked of the program itself.
_tocsin() {
  local IFS=$'\n' answer files=""
  COMPREPLY=()
  for answer in $("${COMP_WORDS[0]}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null); do
    if [[ $answer == @files ]]; then files=1; else COMPREPLY+=("$answer"); fi
  done
  if [[ $files ]]; then
    COMPREPLY+=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
    compopt -o filenames 2>/dev/null
  fi
}
complete -F _tocsin tocsin)";

}  // namespace

std::vector<std::string> candidates_of(const CLI::App& app, const std::vector<std::string>& words) {
  if (words.empty()) return {};
  const CLI::App* at = &app;
  std::size_t placed = 0;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (is_flag(words[i])) {
      const bool whole = words[i].find('=') != std::string::npos;
      if (!whole && takes_value(option_named(at, words[i])) && i + 2 < words.size()) ++i;
      continue;
    }
    const auto* next = command_named(*at, words[i]);
    if (next == nullptr) {
      ++placed;
      continue;
    }
    at = next;
    placed = 0;
  }
  const std::string& typed = words.back();
  const std::string& before = words.size() > 1 ? words[words.size() - 2] : typed;
  if (words.size() > 1 && is_flag(before)) {
    const auto* option = option_named(at, before);
    if (takes_value(option)) return beginning(values_of(*option), typed);
  }
  if (is_flag(typed) || typed == "-") return beginning(flags_of(at), typed);
  std::vector<std::string> all = commands_of(*at);
  if (all.empty()) {
    if (const auto* option = positional(*at, placed)) all = values_of(*option);
  }
  return beginning(std::move(all), typed);
}

Outcome<Exit> completion(Session& session, const Completion&) {
  session.terminal->out(kBash);
  return Exit::done;
}

}  // namespace ops::cli
