// tocsin trust init: the first draft of a trust document.
#include <fmt/format.h>

#include <set>

#include "engine/trust/authoring.hpp"
#include "ops/cli/commands.hpp"
#include "ops/cli/files.hpp"
#include "ops/cli/inputs.hpp"
#include "ops/cli/keys.hpp"
#include "ops/cli/trust_file.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace trust = engine::trust;

namespace {

constexpr auto kLifetime = std::chrono::days{365};

Outcome<std::vector<trust::Key>> read_public_keys(const std::vector<std::string>& files) {
  std::vector<trust::Key> keys;
  for (const auto& file : files) {
    const auto key = read_public_key(file);
    if (!key) return key.error();
    keys.push_back(*key);
  }
  return keys;
}

}  // namespace

Outcome<Exit> trust_init(Session& session, const TrustInit& options) {
  trust::TrustDocument document;
  document.system = options.system;
  document.kind = options.kind == "live" ? trust::SystemKind::live : trust::SystemKind::exercise;
  document.version = 1;
  document.issued = std::chrono::floor<std::chrono::seconds>(session.now());
  document.expires = document.issued + kLifetime;
  if (!options.expires.empty()) {
    const auto expires = parse_moment(options.expires);
    if (!expires) return trouble(Exit::usage, expires.error().what);
    document.expires = *expires;
  }
  const auto roots = read_public_keys(options.roots);
  if (!roots) return roots.error();
  const auto revocation = read_public_keys(options.revocation);
  if (!revocation) return revocation.error();
  document.root_keys = *roots;
  document.revocation_keys = *revocation;
  document.root_threshold = options.threshold;
  std::set<std::string_view> holders;
  for (const auto& key : *roots) holders.insert(key.holder);
  if (options.threshold < 1 || static_cast<std::size_t>(options.threshold) > holders.size()) {
    return trouble(Exit::usage, fmt::format("--threshold {} cannot be met by {} root holder(s)",
                                            options.threshold, holders.size()));
  }
  if (document.expires <= document.issued) {
    return trouble(Exit::usage, "--expires lies in the past");
  }

  const std::string payload = trust::trust_payload_json(document);
  if (const auto again = trust::read_trust_payload(payload); !again) {
    return refused(again.error(), "nothing was written");
  }
  if (auto written = write_file(options.out, payload); !written) return written.error();
  session.terminal->say(fmt::format(
      "{} is the draft of system {} ({}), valid until {}. Nobody may speak yet; next:\n"
      "  tocsin trust add-sender {} --sender ID --name NAME --officer KEYFILE:originate,approve "
      "--area CODE",
      visible(options.out), visible(options.system), options.kind,
      engine::format_time(document.expires), visible(options.out)));
  if (document.kind == trust::SystemKind::live && options.threshold < 2) {
    session.terminal->warn(
        "one root key alone can change a live system; two holders and --threshold 2 are safer");
  }
  return Exit::done;
}

}  // namespace ops::cli
