#pragma once
// Named engines: where they are, which trust document and roots they are held to, whose token reads
// there. Kept in contexts.toml in the person's configuration folder, readable by nobody else.
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "ops/cli/outcome.hpp"
#include "ops/cli/session.hpp"

namespace ops::cli {

inline constexpr std::size_t kContextsMax = 100;
inline constexpr std::size_t kContextsBytesMax = 256UL << 10;
inline constexpr std::size_t kContextNameMax = 40;

struct Context {
  std::string server, trust, token_file, ca_file;
  std::vector<std::string> roots;
  bool operator==(const Context&) const = default;
};
struct Contexts {
  std::string used;  // empty: none
  std::map<std::string, Context> all;
  bool operator==(const Contexts&) const = default;
};

/// $XDG_CONFIG_HOME/tocsin/contexts.toml, else ~/.config/tocsin/contexts.toml.
Outcome<std::filesystem::path> contexts_file();

/// Nothing there is no contexts; a file that others may write is refused.
Outcome<Contexts> read_contexts();
Outcome<void> write_contexts(const Contexts& contexts);

/// Letters, digits, - and _, at most kContextNameMax.
bool is_context_name(std::string_view name);

engine::Result<Contexts> parse_contexts(std::string_view toml);
std::string contexts_toml(const Contexts& contexts);

/// What the command line and the environment said; empty where they said nothing.
struct Named {
  std::string context, server, trust, token_file, ca_file;
};

/// Fills the session: a flag wins over the context that a flag names, that over the environment,
/// and the environment over the context in use.
Outcome<void> settle_session(Session& session, const Named& flags, const Named& environment);

}  // namespace ops::cli
