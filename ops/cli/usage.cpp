#include "ops/cli/usage.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>

#include "ops/cli/nearest.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace {

bool is_option(const std::string& word) { return word.size() > 1 && word.front() == '-'; }

std::string name_of(const std::string& word) { return word.substr(0, word.find('=')); }

/// Options are asked of a command, then of those that it is of.
const CLI::Option* option_of(const CLI::App* app, const std::string& word) {
  for (; app != nullptr; app = app->get_parent()) {
    if (const auto* option = app->get_option_no_throw(name_of(word))) return option;
  }
  return nullptr;
}

std::vector<std::string> options_of(const CLI::App* app) {
  std::vector<std::string> names;
  for (; app != nullptr; app = app->get_parent()) {
    for (const auto* option : app->get_options()) {
      for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

const CLI::App* command_named(const CLI::App& app, const std::string& name) {
  const auto all = commands_of(app);
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const auto* one) { return one->get_name() == name; });
  return found == all.end() ? nullptr : *found;
}

/// "tocsin alert send".
std::string path_of(const CLI::App* app) {
  std::string path;
  for (; app != nullptr; app = app->get_parent()) {
    path = app->get_name() + (path.empty() ? "" : " ") + path;
  }
  return path;
}

/// How far what was typed makes sense.
struct Reading {
  const CLI::App* app;                         // the last command that is one
  std::optional<std::string> no_command = {};  // in the place of one
  std::optional<std::string> no_option = {};
};

Reading read(const CLI::App& app, const std::vector<std::string>& words) {
  Reading reading{&app};
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    const std::string& word = words[i];
    if (is_option(word)) {
      const auto* option = option_of(reading.app, word);
      if (option == nullptr) {
        // One that is known further on is none here; what stands behind it may be its value.
        reading.no_option = name_of(word);
        return reading;
      }
      const bool has_value = word.find('=') != std::string::npos;
      if (option->get_items_expected_max() > 0 && !has_value) ++i;
      continue;
    }
    if (reading.app->get_require_subcommand_min() == 0) continue;
    const auto* next = command_named(*reading.app, word);
    if (next == nullptr) {
      reading.no_command = word;
      return reading;
    }
    reading.app = next;
  }
  return reading;
}

/// A command that was meant: one of these, or of those below them, since `tocsin send` forgets a
/// word rather than mistypes it.
std::string command_near(const CLI::App& app, const std::string& typed) {
  std::vector<std::string> here, all;
  for (const auto* one : commands_of(app)) {
    here.push_back(one->get_name());
    for (const auto* below : commands_of(*one)) {
      if (below->get_name() == typed) all.push_back(path_of(below));
    }
  }
  if (all.size() == 1) return all.front();
  const std::string found = nearest(typed, here);
  return found.empty() ? std::string() : path_of(&app) + " " + found;
}

/// CLI11's own sentence, as one of ours begins.
std::string sentence_of(const CLI::ParseError& error) {
  const std::string what = error.what();
  std::string line = what.substr(0, what.find('\n'));
  const bool capital = line.size() > 1 && line[0] >= 'A' && line[0] <= 'Z' && line[1] >= 'a';
  if (capital) line[0] = static_cast<char>(line[0] - 'A' + 'a');
  return line;
}

/// Words that nobody asked for, in the order in which they were typed.
std::string extras(const CLI::App& app, const std::vector<std::string>& words) {
  const auto left = app.remaining(true);
  std::string all;
  for (const auto& word : words) {
    if (std::find(left.begin(), left.end(), word) == left.end()) continue;
    all += fmt::format("{}'{}'", all.empty() ? "" : " ", visible(word));
  }
  return all;
}

}  // namespace

Trouble usage_trouble(const CLI::App& app, const std::vector<std::string>& words,
                      const CLI::ParseError& error) {
  const Reading reading = read(app, words);
  const std::string path = path_of(reading.app);
  if (reading.no_command) {
    const std::string near = command_near(*reading.app, *reading.no_command);
    return trouble(
        Exit::usage, fmt::format("'{}' is no command of {}", visible(*reading.no_command), path),
        near.empty() ? path + " --help names those there are"
                     : fmt::format("{}, if that was meant; {} --help names all", near, path));
  }
  if (reading.no_option) {
    const std::string near = nearest(*reading.no_option, options_of(reading.app));
    return trouble(
        Exit::usage, fmt::format("'{}' is no option of {}", visible(*reading.no_option), path),
        near.empty() ? path + " --help names those there are"
                     : fmt::format("{}, if that was meant; {} --help names all", near, path));
  }
  if (reading.app->get_require_subcommand_min() > 0) {
    return trouble(Exit::usage, fmt::format("{} what? No command was given", path),
                   path + " --help names them");
  }
  const std::string more = extras(app, words);
  return trouble(
      Exit::usage,
      more.empty() ? sentence_of(error) : fmt::format("{} is more than {} takes", more, path),
      path + " --help says what it takes");
}

}  // namespace ops::cli
