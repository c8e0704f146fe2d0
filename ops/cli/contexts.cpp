#include "ops/cli/contexts.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <toml++/toml.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "ops/cli/files.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

using engine::Failure;
using engine::Result;
namespace fs = std::filesystem;

namespace {

Failure at(const toml::node& node, std::string_view what) {
  return Failure{fmt::format("line {}: {}", node.source().begin.line, what)};
}

Result<Context> read_context(const toml::node& node, std::string_view name) {
  const toml::table* table = node.as_table();
  if (table == nullptr) return at(node, fmt::format("context.{} is not a table", name));
  Context context;
  for (const auto& [key, value] : *table) {
    if (key == "roots" && value.is_array()) {
      for (const auto& root : *value.as_array()) context.roots.push_back(root.value_or(""));
      continue;
    }
    std::string* target = key == "server"       ? &context.server
                          : key == "trust"      ? &context.trust
                          : key == "token_file" ? &context.token_file
                          : key == "cacert"     ? &context.ca_file
                                                : nullptr;
    if (target == nullptr || !value.is_string()) {
      return at(value, fmt::format("context.{}.{} is not known", name, key.str()));
    }
    *target = value.value_or("");
  }
  return context;
}

bool holds_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
}

/// What could not be kept so that it is read again as it was; empty where all of it can. No name of
/// a context needs quoting, and no value has two lines, which toml++ 3.3 does not write as it
/// reads.
std::string unkeepable(const Contexts& contexts) {
  if (!contexts.used.empty() && !is_context_name(contexts.used)) {
    return fmt::format("'{}' is no name for a context", contexts.used);
  }
  for (const auto& [name, context] : contexts.all) {
    if (!is_context_name(name)) return fmt::format("'{}' is no name for a context", name);
    bool bad = std::any_of(context.roots.begin(), context.roots.end(), holds_control);
    for (const auto* value :
         {&context.server, &context.trust, &context.token_file, &context.ca_file}) {
      bad = bad || holds_control(*value);
    }
    if (bad) return fmt::format("context.{} holds a control character", name);
  }
  return {};
}

}  // namespace

bool is_context_name(std::string_view name) {
  constexpr std::string_view allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  return !name.empty() && name.size() <= kContextNameMax &&
         name.find_first_not_of(allowed) == std::string_view::npos;
}

Result<Contexts> parse_contexts(std::string_view text) {
  try {
    const toml::table table = toml::parse(text);
    Contexts contexts;
    for (const auto& [key, value] : table) {
      if (key == "use" && value.is_string()) {
        contexts.used = value.value_or("");
      } else if (key == "context" && value.is_table()) {
        for (const auto& [name, node] : *value.as_table()) {
          auto context = read_context(node, name.str());
          if (!context) return context.error();
          contexts.all.emplace(name.str(), std::move(*context));
        }
      } else {
        return at(value, fmt::format("{} is not known", key.str()));
      }
    }
    if (const auto what = unkeepable(contexts); !what.empty()) return Failure{what};
    return contexts;
  } catch (const toml::parse_error& error) {
    return Failure{fmt::format("line {}: {}", error.source().begin.line, error.description())};
  }
}

std::string contexts_toml(const Contexts& contexts) {
  toml::table table, named;
  if (!contexts.used.empty()) table.insert("use", contexts.used);
  for (const auto& [name, context] : contexts.all) {
    toml::table one;
    one.insert("server", context.server);
    if (!context.trust.empty()) one.insert("trust", context.trust);
    if (!context.token_file.empty()) one.insert("token_file", context.token_file);
    if (!context.ca_file.empty()) one.insert("cacert", context.ca_file);
    toml::array roots;
    for (const auto& root : context.roots) roots.push_back(root);
    if (!roots.empty()) one.insert("roots", std::move(roots));
    named.insert(name, std::move(one));
  }
  table.insert("context", std::move(named));
  std::ostringstream out;
  out << table << '\n';
  return std::move(out).str();
}

Outcome<fs::path> contexts_file() {
  const char* config = std::getenv("XDG_CONFIG_HOME");
  if (config != nullptr && *config == '/') return fs::path(config) / "tocsin/contexts.toml";
  const char* home = std::getenv("HOME");
  if (home != nullptr && *home == '/') return fs::path(home) / ".config/tocsin/contexts.toml";
  return trouble(Exit::usage, "there is no folder for contexts: neither XDG_CONFIG_HOME nor HOME",
                 "set one of them");
}

Outcome<Contexts> read_contexts() {
  const auto file = contexts_file();
  if (!file) return Contexts{};
  struct stat about {};
  if (::stat(file->c_str(), &about) != 0) return Contexts{};
  if ((about.st_mode & 022) != 0) {
    return trouble(Exit::usage, fmt::format("{} may be written by others", visible(file->string())),
                   fmt::format("make it yours alone: chmod 600 {}", visible(file->string())));
  }
  const auto text = read_file(file->string(), kContextsBytesMax);
  if (!text) return text.error();
  auto contexts = parse_contexts(*text);
  if (contexts) return std::move(*contexts);
  return trouble(Exit::usage,
                 fmt::format("{}: {}", visible(file->string()), visible(contexts.error().what)),
                 "mend it, or delete it and add the contexts again");
}

Outcome<void> write_contexts(const Contexts& contexts) {
  const auto file = contexts_file();
  if (!file) return file.error();
  if (const auto what = unkeepable(contexts); !what.empty()) {
    return trouble(Exit::usage, visible(what), "it could not be read again; name it without");
  }
  const std::string text = contexts_toml(contexts);
  const auto again = parse_contexts(text);
  if (!again || *again != contexts) {
    return trouble(Exit::usage, "the contexts could not be read again as they are",
                   "name files whose paths are UTF-8");
  }
  std::error_code error;
  fs::create_directories(file->parent_path(), error);
  return write_file(*file, text, Readers::owner);
}

namespace {

const std::string& first(const std::string& one, const std::string& other) {
  return one.empty() ? other : one;
}

Outcome<Context> context_named(const Contexts& contexts, const std::string& name) {
  const auto found = contexts.all.find(name);
  if (found != contexts.all.end()) return found->second;
  return trouble(Exit::usage, fmt::format("there is no context {}", visible(name)),
                 "tocsin context list shows what there is");
}

}  // namespace

Outcome<void> settle_session(Session& session, const Named& flags, const Named& environment) {
  const auto contexts = read_contexts();
  if (!contexts) return contexts.error();
  const bool by_flag = !flags.context.empty();
  const std::string name = by_flag ? flags.context : first(environment.context, contexts->used);
  Context context;
  if (!name.empty()) {
    auto found = context_named(*contexts, name);
    if (!found) return found.error();
    context = std::move(*found);
  }
  const auto chosen = [&](std::string Named::*what, const std::string& known) {
    const std::string& said = environment.*what;
    return first(flags.*what, by_flag ? first(known, said) : first(said, known));
  };
  const std::string server = chosen(&Named::server, context.server);
  const std::string trust = chosen(&Named::trust, context.trust);
  session.server_named = !server.empty();
  if (session.server_named) session.server = server;
  session.trust_file = trust;
  session.token_file = chosen(&Named::token_file, context.token_file);
  session.ca_file = chosen(&Named::ca_file, context.ca_file);
  // The context's name and roots speak for its own server and its own document alone.
  if (!name.empty() && server == context.server) session.context = name;
  if (!name.empty() && trust == context.trust) session.roots = context.roots;
  // A token is for the engine it was given for, and an authority speaks for no other.
  const bool own_token = !context.token_file.empty() && session.token_file == context.token_file;
  if (own_token && server != context.server) session.token_file.clear();
  const bool own_authority = !context.ca_file.empty() && session.ca_file == context.ca_file;
  if (own_authority && server != context.server) session.ca_file.clear();
  return {};
}

}  // namespace ops::cli
