#include "connectors/email/maildir.hpp"

#include <array>
#include <vector>

#include "connectors/email/limits.hpp"
#include "connectors/email/return_path.hpp"
#include "engine/trust/files.hpp"

namespace connectors::email {

using engine::Bytes;
using engine::BytesView;
using engine::Failure;
namespace fs = std::filesystem;

namespace {

/// Fields that servers put a message's recipient into, and the one of whoever wrote it.
constexpr auto kFields =
    std::to_array<std::string_view>({"delivered-to:", "x-original-to:", "envelope-to:", "to:"});
constexpr std::size_t kHeaderLines = 200;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

/// The first address of a field's text, without what people put around it.
std::string_view address_in(std::string_view text) {
  if (const auto open = text.find('<'); open != std::string_view::npos) {
    text = text.substr(open + 1, text.find('>', open) - open - 1);
  }
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

}  // namespace

std::string bounce_recipient(BytesView message, BytesView key) {
  for (std::size_t lines = 0; lines < kHeaderLines && !message.empty(); ++lines) {
    const std::size_t end = message.find('\n');
    const std::string_view line = message.substr(0, std::min<std::size_t>(end, kFieldBytes));
    if (line.empty() || line == "\r") return {};
    message.remove_prefix(end == std::string_view::npos ? message.size() : end + 1);
    const std::string name = lower(line.substr(0, line.find(':') + 1));
    for (const std::string_view field : kFields) {
      if (name != field) continue;
      const std::string_view address = address_in(line.substr(field.size()));
      if (delivery_of(address, key)) return std::string(address);
    }
  }
  return {};
}

engine::Result<Maildir> Maildir::open(fs::path folder, Bytes key) {
  std::error_code error;
  for (const char* part : {"new", "cur"}) {
    if (fs::is_directory(folder / part, error)) continue;
    return Failure{folder.string(), " is no Maildir: it has no folder ", part};
  }
  fs::create_directory(folder / "aside", error);
  if (error) return Failure{"cannot make ", (folder / "aside").string(), ": ", error.message()};
  return Maildir(std::move(folder), std::move(key));
}

std::vector<fs::path> Maildir::next_files(Turn& turn) {
  std::vector<fs::path> files;
  std::error_code error;
  if (!next_) next_.emplace(folder_ / "new", error);
  for (std::size_t looked = 0; !error && *next_ != fs::directory_iterator(); ++looked) {
    turn.more = looked == limits::kScanLooked || files.size() == limits::kScanFiles;
    if (turn.more) return files;
    const fs::path file = (*next_)->path();
    if (!waiting_->contains(file.filename().string())) files.push_back(file);
    next_->increment(error);
  }
  next_.reset();
  return files;
}

Maildir::Turn Maildir::scan(const std::function<void(const Bounce&, engine::Kept)>& take) {
  Turn turn;
  std::error_code error;
  for (const fs::path& file : next_files(turn)) {
    const std::string name = file.filename().string();
    const auto move = [waiting = waiting_, name, file](const fs::path& to) {
      std::error_code not_moved;
      fs::rename(file, to, not_moved);
      if (not_moved)
        waiting->insert(name);  // then it is read again, after a restart
      else
        waiting->erase(name);
    };
    const bool plain = fs::is_regular_file(fs::symlink_status(file, error));
    const auto contents = engine::trust::read_file(file, limits::kBounceFileBytes);
    if (!plain || !contents) {
      move(folder_ / "aside" / name);
      ++turn.aside;
      continue;
    }
    const std::string recipient = bounce_recipient(contents->bytes, key_);
    const auto bounce = read_bounce(contents->bytes, recipient, key_);
    const fs::path read = folder_ / "cur" / (name + ":2,S");
    ++(bounce ? turn.reports : turn.strangers);
    if (!bounce) {
      move(read);
      continue;
    }
    waiting_->insert(name);
    take(*bounce, [waiting = waiting_, name, move, read](bool kept) {
      kept ? move(read) : void(waiting->erase(name));
    });
  }
  return turn;
}

}  // namespace connectors::email
