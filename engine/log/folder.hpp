#pragma once
// What the log keeps in its folder beside the store: a lock, so that one engine writes at a time,
// and a note of the head. Used while opening, then by the log's writer thread.
#include <filesystem>
#include <memory>
#include <optional>

#include "engine/base/result.hpp"
#include "engine/position.hpp"

namespace engine {

class Folder {
 public:
  /// Makes the folder where it is missing and locks it for as long as this lives.
  static Result<std::unique_ptr<Folder>> claim(const std::filesystem::path& directory);
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();

  /// Makes new entries of the folder survive a power loss.
  void sync() const;

  std::filesystem::path store_directory() const { return directory_ / "store"; }
  std::filesystem::path reserve_file() const { return directory_ / "reserve"; }

  /// The newest record ever noted here for that log. Written after each commit and not synced, it
  /// may lag behind after a power loss but is never ahead of what was durable: a store whose head
  /// is older has lost records that somebody was promised. Nothing if there is no readable note.
  std::optional<Sequence> noted_head(const Epoch& epoch) const;
  /// The same of any log: what the folder held before, whichever it was.
  std::optional<Sequence> noted_head() const;
  void note_head(const Epoch& epoch, Sequence head) noexcept;

 private:
  Folder(std::filesystem::path directory, int lock, int note);

  std::filesystem::path directory_;
  int lock_;  // descriptors
  int note_;
};

}  // namespace engine
