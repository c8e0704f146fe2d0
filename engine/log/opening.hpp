#pragma once
// What is asked of a folder before the log is given out: is it one of ours, does it know where it
// ends, is its end whole. On the thread that opens the log.
#include <filesystem>

#include "engine/base/time.hpp"
#include "engine/log/folder.hpp"
#include "engine/store/store.hpp"

namespace engine {

struct LogState {
  Epoch epoch;
  Sequence head = Sequence::none;
  Time last_at;  // of the head
  BulletinId last_id{};
};

/// The sentence for whoever started the engine: which folder, what was found, what to do.
Failure damaged_log(const std::filesystem::path& directory, std::string_view how);

/// Whether a log may be made here: not where records were noted, whoever took their store away.
Result<void> nothing_lost(const Folder* folder);

/// Reads the state of a log, or makes one with a new epoch where there was none. Fails, with what
/// to do, where anything is missing or damaged: better no engine than one that forgot an alert.
/// `folder` is null for a log in memory.
Result<LogState> open_state(Store& store, const Folder* folder,
                            const std::filesystem::path& directory);

}  // namespace engine
