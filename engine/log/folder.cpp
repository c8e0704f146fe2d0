#include "engine/log/folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "engine/base/crc32c.hpp"
#include "engine/base/folders.hpp"
#include "engine/base/octet_io.hpp"

namespace engine {
namespace {

constexpr std::size_t kEpochSize = 16;
constexpr std::size_t kNoteSize = kEpochSize + 8 + 4;  // epoch, sequence, CRC-32C of both

Bytes note_of(const Epoch& epoch, Sequence head) {
  OctetWriter out;
  out.put_raw(epoch);
  out.put(number(head));
  out.put(crc32c(out.bytes()));
  return out.take();
}

Failure cannot(std::string_view what, const std::filesystem::path& path, int error) {
  return {fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(error))};
}

}  // namespace

Folder::Folder(std::filesystem::path directory, int lock, int note)
    : directory_(std::move(directory)), lock_(lock), note_(note) {}

Folder::~Folder() {
  ::close(note_);
  ::close(lock_);
}

void Folder::sync() const { sync_folder(directory_); }

Result<std::unique_ptr<Folder>> Folder::claim(const std::filesystem::path& directory) {
  if (auto made = make_folder(directory); !made) return made.error();
  const auto lock_path = directory / "lock";
  const auto note_path = directory / "head";
  const int lock = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return cannot("open", lock_path, errno);
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock);
    return Failure{fmt::format(
        "another engine is running on this folder ({}); stop it, or give another --data",
        directory.string())};
  }
  const int note = ::open(note_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (note < 0) {
    const int reason = errno;
    ::close(lock);
    return cannot("open", note_path, reason);
  }
  return std::unique_ptr<Folder>(new Folder(directory, lock, note));
}

std::optional<Sequence> Folder::noted_head() const {
  Bytes note(kNoteSize, '\0');
  if (::pread(note_, note.data(), note.size(), 0) != static_cast<ssize_t>(kNoteSize)) {
    return std::nullopt;
  }
  const Epoch epoch = note.substr(0, kEpochSize);
  OctetReader in(BytesView(note).substr(kEpochSize));
  const Sequence head{in.number<std::uint64_t>()};
  if (note != note_of(epoch, head)) return std::nullopt;
  return head;
}

std::optional<Sequence> Folder::noted_head(const Epoch& epoch) const {
  const auto head = noted_head();
  Bytes noted(kEpochSize, '\0');
  if (!head || ::pread(note_, noted.data(), kEpochSize, 0) != static_cast<ssize_t>(kEpochSize)) {
    return std::nullopt;
  }
  return noted == epoch ? head : std::nullopt;
}

void Folder::note_head(const Epoch& epoch, Sequence head) noexcept {
  const Bytes note = note_of(epoch, head);
  // A note that cannot be written only makes the next opening's check weaker.
  [[maybe_unused]] const auto written = ::pwrite(note_, note.data(), note.size(), 0);
}

}  // namespace engine
