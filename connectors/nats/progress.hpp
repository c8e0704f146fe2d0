#pragma once
// How far the log has been published, and where to go on. The file beside the data is replaced as a
// whole and synced; it is written after the server has what it speaks of, so that it is never
// ahead.
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "engine/position.hpp"

namespace connectors::nats {

struct Progress {
  engine::Epoch epoch;
  engine::Sequence published = engine::Sequence::none;  // everything up to here
  engine::Sequence last = engine::Sequence::none;       // of it the newest that was for everybody
  bool stream = false;                                  // a stream has kept it
  bool operator==(const Progress&) const = default;
};

std::string progress_json(const Progress& progress);
/// Nothing where it is none of ours.
std::optional<Progress> read_progress(std::string_view text);

/// Nothing where there is no such file. Blocks.
engine::Result<std::optional<Progress>> load_progress(const std::filesystem::path& file);
engine::Result<void> keep_progress(const std::filesystem::path& file, const Progress& progress);

/// What a stream has as its newest message.
struct StreamEnd {
  engine::Epoch epoch;
  engine::Sequence sequence = engine::Sequence::none;
  std::string id;  // of the bulletin, as the message says it
  bool operator==(const StreamEnd&) const = default;
};

/// Where to go on in the log of that epoch and head: behind what was published to the end. A stream
/// knows better than we do what it has: it may have been lost, or restored to an old state, since
/// this version of the server acknowledges before it syncs; and it may have what we had no time to
/// write down.
Progress resumed(std::optional<Progress> kept, const engine::Epoch& epoch, engine::Sequence head);
Progress resumed(Progress progress, const std::optional<StreamEnd>& end, engine::Sequence head);

}  // namespace connectors::nats
