#include "ops/cli/revocations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "engine/limits.hpp"
#include "ops/cli/engine_link.hpp"
#include "ops/cli/files.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace trust = engine::trust;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kLinesBytesMax =
    engine::limits::kRevocationsMax * (trust::kRevocationEnvelopeLimits.body_max + 1);

bool same(const trust::Revocation& one, const trust::Revocation& other) {
  return trust::envelope_json(one.envelope) == trust::envelope_json(other.envelope);
}

/// All of a file that was written whole; none where there is no such file.
Outcome<Revocations> revocations_in(const fs::path& file, std::string_view next) {
  std::error_code error;
  if (!fs::exists(file, error)) return Revocations{};
  const auto bytes = read_file(file.string(), kLinesBytesMax);
  if (!bytes) return bytes.error();
  auto revocations = trust::parse_revocation_lines(*bytes);
  if (revocations) return std::move(*revocations);
  return trouble(Exit::bad_signature,
                 fmt::format("{}: {}", visible(file.string()), revocations.error().what),
                 std::string(next));
}

}  // namespace

std::size_t add_revocations(Revocations& known, std::string_view lines) {
  std::size_t left_out = 0;
  while (!lines.empty()) {
    const auto end = lines.find('\n');
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
    if (line.empty()) continue;
    auto revocation = trust::parse_revocation(line);
    if (!revocation) {
      ++left_out;
      continue;
    }
    const auto is_it = [&](const trust::Revocation& each) { return same(each, *revocation); };
    if (std::any_of(known.begin(), known.end(), is_it)) continue;
    if (known.size() >= engine::limits::kRevocationsMax) {
      ++left_out;
      continue;
    }
    known.push_back(std::move(*revocation));
  }
  return left_out;
}

Outcome<Revocations> revocations_beside(const std::string& file) {
  if (file == "-") return Revocations{};
  return revocations_in(file + ".revocations",
                        "fetch it again from the engine's /v1/trust/revocations");
}

Outcome<Revocations> revocations_of_folder(const std::string& folder) {
  return revocations_in(fs::path(folder) / "revocations.jsonl",
                        "restore it from a backup, or from another engine's "
                        "/v1/trust/revocations; no engine starts with it as it is");
}

Outcome<Revocations> revocations_of_engine(Session& session) {
  Request request;
  request.target = "/v1/trust/revocations";
  request.accept = "application/x-ndjson";
  const auto response = ask(session, request);
  if (!response) return response.error();
  Revocations revocations;
  const std::size_t left_out = add_revocations(revocations, response->body);
  if (left_out > 0) {
    session.terminal->warn(
        fmt::format("{} of the engine's revocations cannot be read and were passed over: a key "
                    "they take away is still believed here",
                    left_out));
  }
  return revocations;
}

Revocations revocations_of_named_engine(Session& session) {
  if (!session.server_named) return {};
  auto revocations = revocations_of_engine(session);
  if (revocations) return std::move(*revocations);
  session.terminal->warn("the engine's revocations are not known here: " +
                         visible_lines(revocations.error().what));
  return {};
}

}  // namespace ops::cli
