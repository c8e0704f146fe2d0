#pragma once
// Reports about mails, out of the Maildir that a mail server puts them into. What was read moves
// from new/ to cur/; what cannot be read moves to aside/, where somebody may look at it. A few
// files a turn, so that whoever sends from the same thread waits for milliseconds; each turn goes
// on where the one before it ended, so that files which nobody can move keep no others from being
// read. One thread.
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "connectors/email/bounce.hpp"
#include "engine/base/result.hpp"
#include "engine/channel.hpp"

namespace connectors::email {

class Maildir {
 public:
  /// Makes aside/ where it is missing; new/ and cur/ are there. `key` is that of return_path().
  static engine::Result<Maildir> open(std::filesystem::path folder, engine::Bytes key);

  struct Turn {
    std::size_t reports = 0;    // about deliveries of ours
    std::size_t strangers = 0;  // about nothing of ours: also moved to cur/
    std::size_t aside = 0;      // too large, no file, or not to be read
    bool more = false;          // the folder has not been looked through to its end
  };
  /// Reads limits::kScanFiles files at most, of limits::kScanLooked names; a file that cannot be
  /// moved is read once, while this lives. A report's file is moved once its Kept has heard that
  /// it is kept, and read again in a later turn where that hears no, so that a crash tells a report
  /// twice rather than never. On the thread that also calls Kept.
  Turn scan(const std::function<void(const Bounce&, engine::Kept)>& take);

 private:
  /// Those to be read in this turn.
  std::vector<std::filesystem::path> next_files(Turn& turn);

  Maildir(std::filesystem::path folder, engine::Bytes key)
      : folder_(std::move(folder)), key_(std::move(key)) {}
  std::filesystem::path folder_;
  engine::Bytes key_;
  std::optional<std::filesystem::directory_iterator> next_;  // where the last turn ended
  // Told of, and not kept or not moved yet. Whoever is told may outlive the folder's reader.
  std::shared_ptr<std::set<std::string>> waiting_ = std::make_shared<std::set<std::string>>();
};

/// To whom a message came, by what servers write on top of it and by its own To: the first of them
/// that is a return path of ours, else empty.
std::string bounce_recipient(engine::BytesView message, engine::BytesView key);

}  // namespace connectors::email
