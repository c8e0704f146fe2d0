// tocsin context add, use, list, remove.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <filesystem>

#include "ops/cli/commands.hpp"
#include "ops/cli/contexts.hpp"
#include "ops/cli/files.hpp"
#include "ops/cli/trust_file.hpp"
#include "ops/cli/url.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace trust = engine::trust;
namespace json = boost::json;

namespace {

Outcome<void> is_name(const std::string& name) {
  if (is_context_name(name)) return {};
  return trouble(Exit::usage, fmt::format("'{}' is no name for a context", visible(name)),
                 fmt::format("use up to {} letters, digits, - and _", kContextNameMax));
}

/// From wherever the command is typed later, the same file is meant.
std::string absolute(const std::string& file) {
  std::error_code error;
  return file.empty() ? file : std::filesystem::absolute(file, error).lexically_normal().string();
}

Outcome<Exit> save(Session& session, const Contexts& contexts, const std::string& said) {
  if (auto written = write_contexts(contexts); !written) return written.error();
  session.terminal->say(said);
  return Exit::done;
}

Outcome<void> is_there(const Contexts& contexts, const std::string& name) {
  if (contexts.all.contains(name)) return {};
  return trouble(Exit::usage, fmt::format("there is no context {}", visible(name)),
                 "tocsin context list shows what there is");
}

/// What the context's document says it is, and whether it expired; "?" where it cannot be read.
std::string kind_of(Session& session, const Context& context) {
  if (context.trust.empty()) return "unknown";
  const auto roots = read_roots(context.roots);
  if (!roots) return "?";
  const auto document = read_trust_file(context.trust, *roots);
  if (!document) return "?";
  warn_of_expiry(session, **document);
  return (*document)->kind == trust::SystemKind::live ? "live" : "exercise";
}

}  // namespace

Outcome<Exit> context_add(Session& session, const ContextAdd& options) {
  if (auto named = is_name(options.name); !named) return named.error();
  if (auto url = parse_url(options.server); !url) return url.error();
  const auto roots = read_roots(options.roots);
  if (!roots) return roots.error();
  Context context{options.server, absolute(options.trust), absolute(options.token_file),
                  absolute(options.ca_file), options.roots};
  if (!context.trust.empty()) {
    const auto document = read_trust_file(context.trust, *roots);
    if (!document) return document.error();
    warn_of_expiry(session, **document);
  }
  if (!context.token_file.empty()) {
    if (auto token = read_token(context.token_file); !token) return token.error();
  }
  auto contexts = read_contexts();
  if (!contexts) return contexts.error();
  const auto known = contexts->all.find(options.name);
  if (known != contexts->all.end() && known->second != context) {
    return trouble(
        Exit::refused,
        fmt::format(
            "there is a context {} already, for {} with {} and {} roots", options.name,
            visible(known->second.server),
            known->second.trust.empty() ? "no trust document" : visible(known->second.trust),
            known->second.roots.size()),
        fmt::format("take another name, or first: tocsin context remove {}", options.name));
  }
  if (known == contexts->all.end() && contexts->all.size() >= kContextsMax) {
    return trouble(Exit::refused, fmt::format("there are {} contexts already", kContextsMax),
                   "remove one with tocsin context remove NAME");
  }
  contexts->all[options.name] = std::move(context);
  return save(session, *contexts,
              fmt::format("Context {} is kept. To use it from now on:\n  tocsin context use {}",
                          options.name, options.name));
}

Outcome<Exit> context_use(Session& session, const ContextUse& options) {
  auto contexts = read_contexts();
  if (!contexts) return contexts.error();
  if (auto there = is_there(*contexts, options.name); !there) return there.error();
  contexts->used = options.name;
  const Context& context = contexts->all[options.name];
  const std::string kind = kind_of(session, context);
  const std::string said =
      fmt::format("From now on: {} ({}) at {}", options.name, kind, visible(context.server));
  // Green is for what is known to be an exercise.
  if (kind != "live" && kind != "exercise") return save(session, *contexts, said);
  const Ink ink = kind == "live" ? Ink::red : Ink::green;
  return save(session, *contexts, session.terminal->say_ink(ink, said));
}

Outcome<Exit> context_remove(Session& session, const ContextUse& options) {
  auto contexts = read_contexts();
  if (!contexts) return contexts.error();
  if (auto there = is_there(*contexts, options.name); !there) return there.error();
  contexts->all.erase(options.name);
  if (contexts->used == options.name) contexts->used.clear();
  return save(session, *contexts, fmt::format("Context {} is gone.", options.name));
}

Outcome<Exit> context_list(Session& session, const ContextList& options) {
  const auto contexts = read_contexts();
  if (!contexts) return contexts.error();
  Terminal& terminal = *session.terminal;
  for (const auto& [name, context] : contexts->all) {
    const bool used = name == contexts->used;
    const std::string kind = kind_of(session, context);
    if (options.form == Form::json) {
      json::array roots(context.roots.begin(), context.roots.end());
      terminal.out(visible_json(json::serialize(json::object{{"context", name},
                                                             {"used", used},
                                                             {"kind", kind},
                                                             {"server", context.server},
                                                             {"trust", context.trust},
                                                             {"roots", std::move(roots)},
                                                             {"token_file", context.token_file},
                                                             {"cacert", context.ca_file}})));
      continue;
    }
    terminal.out(fmt::format(
        "{} {:<16} {}  {}{}", used ? "*" : " ", name,
        terminal.out_ink(kind == "live" ? Ink::red : Ink::green, fmt::format("{:<8}", kind)),
        visible(context.server), context.token_file.empty() ? "" : "  (signed in)"));
  }
  if (contexts->all.empty()) {
    terminal.say(
        "There is no context. Next:\n"
        "  tocsin context add NAME --server URL --trust FILE");
  }
  return Exit::done;
}

}  // namespace ops::cli
