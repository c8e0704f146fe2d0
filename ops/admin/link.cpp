#include "ops/admin/link.hpp"

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <cstring>
#include <optional>
#include <vector>

#include "engine/outbox.hpp"
#include "ops/admin/local_socket.hpp"

namespace ops {

namespace json = boost::json;
using engine::Failure;
using engine::Result;

constexpr mode_t kOwnersMask = 077;

/// The folder's rooms, opened here.
struct Link::Opened {
  std::filesystem::path folder;
  engine::SystemClock clock;
  std::unique_ptr<engine::Log> log;  // first: its lock guards the rest
  std::unique_ptr<engine::Directory> directory;
  std::unique_ptr<engine::Receipts> receipts;
  std::shared_ptr<Staging> staging = std::make_shared<Staging>();

  Machine machine() const {
    const auto status = [this] {
      return json::object{{"ready", false},
                          {"problems", json::array{"No engine runs on this folder."}},
                          {"warnings", json::array{}},
                          {"epoch", log->epoch()},
                          {"head", number(log->head())},
                          {"organisations", directory->size()}};
    };
    const auto& places = engine::Places::builtin();
    const auto erase = [this](const std::string& key) { return erase_owed(key); };
    const auto sent = [this](const std::string& key, engine::Sequence after) {
      return sent_to(key, after);
    };
    return {*directory, *log, *receipts, places, status, [] {}, nullptr, staging, erase, sent};
  }

  Result<void> erase_owed(const std::string& key) const {
    return with_outbox<void>({}, [&](engine::Outbox& outbox) { return outbox.erase_alone(key); });
  }
  Result<engine::SentPage> sent_to(const std::string& key, engine::Sequence after) const {
    const engine::SentPage nothing{{}, after, true};
    return with_outbox<engine::SentPage>(
        nothing, [&](engine::Outbox& outbox) { return outbox.sent_alone(key, after); });
  }

 private:
  /// Opened for that alone: nobody is sent anything from here.
  template <class Answer>
  Result<Answer> with_outbox(const Result<Answer>& where_none_is,
                             const std::function<Result<Answer>(engine::Outbox&)>& ask) const {
    engine::OutboxOptions options;
    options.directory = folder / "outbox";
    options.threads = engine::OutboxOptions::Threads::none;
    if (!std::filesystem::exists(options.directory)) return where_none_is;
    engine::Metrics metrics;
    auto outbox = engine::Outbox::open(options, {*log, {}, {}, {}, {}, clock, metrics});
    if (!outbox) return outbox.error();
    return ask(**outbox);
  }
};

namespace {

/// Root opens a folder as its owner, for good: what is written there would be root's, and the
/// engine could not open it again.
Result<void> become_owner(const std::filesystem::path& folder) {
  struct stat found {};
  if (::geteuid() != 0 || ::stat(folder.c_str(), &found) != 0 || found.st_uid == 0) return {};
  if (::setgroups(1, &found.st_gid) == 0 && ::setegid(found.st_gid) == 0 &&
      ::seteuid(found.st_uid) == 0) {
    return {};
  }
  return Failure{"cannot act as the owner of ", folder.string(), ": ", std::strerror(errno)};
}

}  // namespace

Link::Link(std::filesystem::path folder) : folder_(std::move(folder)) {}

Link::~Link() {
  if (opened_) opened_->log->stop();
}

Result<std::unique_ptr<Link>> Link::open(const std::filesystem::path& folder) {
  auto link = std::unique_ptr<Link>(new Link(folder));
  const auto engine = connect_locally(folder);
  if (!engine) return engine.error();
  if (engine->get() >= 0) return link;
  if (auto become = become_owner(folder); !become) return become.error();
  ::umask(kOwnersMask);  // whatever is made in the folder is the engine's own
  auto opened = std::make_unique<Opened>();
  opened->folder = folder;
  engine::LogOptions log_options;
  log_options.directory = folder / "log";
  auto log = engine::Log::open(log_options, opened->clock);
  if (!log) return log.error();
  opened->log = *std::move(log);
  engine::DirectoryOptions directory_options;
  directory_options.directory = folder / "directory";
  auto directory = engine::Directory::open(directory_options, opened->clock);
  if (!directory) return directory.error();
  opened->directory = *std::move(directory);
  auto receipts = engine::Receipts::open({.directory = folder / "receipts"}, opened->clock);
  if (!receipts) return receipts.error();
  opened->receipts = *std::move(receipts);
  link->opened_ = std::move(opened);
  return link;
}

Result<void> Link::ask(const json::object& request, const Say& say) const {
  // One object late: the last one says how it ended, and is not the caller's.
  std::optional<json::object> last;
  const Say hear = [&](const json::object& object) {
    if (last) say(*last);
    last = object;
  };
  if (opened_) {
    perform(request, opened_->machine(), hear);
  } else {
    const auto socket = connect_locally(folder_);
    if (!socket) return socket.error();
    if (socket->get() < 0 || !send_all(socket->get(), json::serialize(request) + "\n")) {
      return Failure{"the engine on ", folder_.string(), " has gone; try again"};
    }
    // Taken whole before any of it is told: what the caller writes to may be slow, and others wait
    // for the engine.
    std::vector<std::string> lines;
    const bool whole = each_line(socket->get(), [&](std::string_view line) {
      lines.emplace_back(line);
      return true;
    });
    for (const auto& line : lines) {
      boost::system::error_code error;
      const json::value value = json::parse(line, error);
      if (error || !value.is_object()) return Failure{"what answers is no engine of this version"};
      hear(value.get_object());
    }
    if (!whole) last.reset();
  }
  if (last && last->contains("done")) return {};
  const json::value* why = last ? last->if_contains("error") : nullptr;
  if (why != nullptr && why->is_string()) return Failure{std::string(why->get_string())};
  return Failure{"the engine ended its answer early; try again"};
}

}  // namespace ops
