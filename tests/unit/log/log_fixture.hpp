#pragma once
// What the log's tests speak: drafts of bulletins, a log in memory or in a folder that can be
// closed and opened again, and answers without callbacks.
#include <unistd.h>

#include <doctest/doctest.h>

#include <filesystem>
#include <future>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "engine/log.hpp"
#include "tests/support/manual_clock.hpp"

namespace tests {

using namespace std::chrono_literals;
using engine::AppendAnswer;
using engine::Appended;
using engine::Candidate;
using engine::Code;
using engine::Log;
using engine::LogOptions;
using engine::Page;
using engine::PageLimit;
using engine::Record;
using engine::Refusal;
using engine::Sequence;
using engine::cap::Identity;
using engine::cap::MsgType;

inline constexpr const char* kControl = "control@met.example";

inline engine::Time time(std::string_view text) { return engine::parse_time(text).value(); }

/// A bulletin as admission hands it over. Its payload names it, so two drafts that differ in name
/// or words differ in their id.
struct Draft {
  std::string identifier;
  MsgType type = MsgType::alert;
  std::vector<Identity> references = {};
  std::string words = "flood";
  std::vector<std::string> codes = {"E09000033"};
  std::string sender = kControl;
  engine::Time sent = time("2026-11-21T11:59:00Z");
  engine::Time expires = time("2026-11-21T18:00:00Z");
  int rate_per_hour = 1000;
  bool rate_exempt = false;
  engine::cap::Scope scope = engine::cap::Scope::public_;
  std::vector<std::string> names = {};  // of its audience, sorted
  engine::cap::Status status = engine::cap::Status::actual;
  engine::cap::Ring shape = engine::cap::ring_of({{51.0, -0.5}, {51.0, 0.25}, {51.5, 0.25}});

  Identity identity() const { return {sender, identifier, sent}; }

  Candidate candidate() const {
    auto bulletin = std::make_shared<engine::Bulletin>();
    bulletin->envelope.payload_type = engine::kCapType;
    bulletin->envelope.payload = "<alert>" + sender + identifier + words + "</alert>";
    bulletin->envelope.signatures.resize(2);
    bulletin->envelope.signatures[0].keyid.fill(0x11);
    bulletin->envelope.signatures[1].signature.fill(0x22);
    bulletin->id = engine::trust::sha256(bulletin->envelope.payload);
    engine::cap::Outline& outline = bulletin->outline;
    outline.msg_type = type;
    outline.audience = {scope, names};
    outline.identity = identity();
    outline.expires = expires;
    outline.references = references;
    if (type == MsgType::alert || type == MsgType::update) {
      outline.reaches = {{.audience = outline.audience,
                          .status = status,
                          .severity = engine::cap::Severity::severe,
                          .categories = engine::cap::bit(engine::cap::Category::met),
                          .sender = sender,
                          .codes = codes,
                          .shapes = {{shape}, {}},
                          .met = {}}};
    }
    return {std::move(bulletin), rate_per_hour, rate_exempt};
  }
};

/// What a draft's record counts for where pages and the newest records are bounded.
inline std::size_t octets_of(const Draft& draft) {
  const engine::BulletinPtr bulletin = draft.candidate().bulletin;
  return bulletin->envelope.payload.size() + engine::cap::octets_of_shapes(bulletin->outline);
}

inline Draft alert(std::string identifier) { return {.identifier = std::move(identifier)}; }
inline Draft update(std::string identifier, std::vector<Identity> references) {
  return {.identifier = std::move(identifier),
          .type = MsgType::update,
          .references = std::move(references)};
}
inline Draft cancel(std::string identifier, std::vector<Identity> references) {
  return {.identifier = std::move(identifier),
          .type = MsgType::cancel,
          .references = std::move(references)};
}

/// A folder that goes with the test.
class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "tocsin-log-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Everything a follower was told.
class Heard final : public engine::Follower {
 public:
  void on_records(std::span<const Record> records) override {
    heard.insert(heard.end(), records.begin(), records.end());
  }
  std::vector<Record> heard;
};

/// A log without threads of its own: what is asked is done before the call returns.
class QuietLog {
 public:
  explicit QuietLog(LogOptions::Medium medium = LogOptions::Medium::memory) {
    options.medium = medium;
    options.threads = LogOptions::Threads::none;
    options.directory = folder.path();
    open();
  }

  void open() {
    auto opened = Log::open(options, clock);
    REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().what));
    log = *std::move(opened);
    log->follow(follower);
  }
  void reopen() {
    log.reset();
    open();
  }
  /// Why the folder is not opened.
  std::string opening_failure() {
    log.reset();
    const auto opened = Log::open(options, clock);
    return opened ? "" : opened.error().what;
  }

  /// Several candidates that wait together, and so go into one commit.
  std::vector<AppendAnswer> append_together(std::initializer_list<Draft> drafts) {
    std::vector<AppendAnswer> answers;
    for (const Draft& draft : drafts) {
      log->append(draft.candidate(), [&](AppendAnswer answer) { answers.push_back(answer); });
    }
    run();
    REQUIRE(answers.size() == drafts.size());
    return answers;
  }
  AppendAnswer append(const Draft& draft) { return append_together({draft}).front(); }

  std::optional<Record> find(Sequence sequence) {
    std::optional<Record> found;
    log->find(sequence, [&](auto answer) { found = answer.value(); });
    run();
    return found;
  }
  std::optional<Record> find(const engine::BulletinId& id) {
    std::optional<Record> found;
    log->find(id, [&](auto answer) { found = answer.value(); });
    run();
    return found;
  }
  engine::Result<Page> try_read(Sequence after, PageLimit limit = {}) {
    engine::Result<Page> page = engine::Failure{"no answer"};
    log->read(after, limit, [&](auto answer) { page = std::move(answer); });
    run();
    return page;
  }
  Page read(Sequence after, PageLimit limit = {}) { return try_read(after, limit).value(); }
  Page active(Sequence after = Sequence::none, PageLimit limit = {}) {
    return active_until(Sequence{UINT64_MAX}, after, limit);
  }
  Page active_until(Sequence until, Sequence after = Sequence::none, PageLimit limit = {}) {
    engine::Result<Page> page = engine::Failure{"no answer"};
    log->read_active(clock.now(), after, until, limit,
                     [&](auto answer) { page = std::move(answer); });
    run();
    return page.value();
  }
  void run() {
    while (log->run()) {
    }
  }

  TempFolder folder;
  ManualClock clock;
  LogOptions options;
  Heard follower;
  std::unique_ptr<Log> log;
};

/// What was admitted, in words a CHECK can compare: "5", "repeat of 5", "too_many".
inline std::string text(const AppendAnswer& answer) {
  if (const auto* refusal = std::get_if<Refusal>(&answer)) {
    return std::string(engine::text(refusal->code));
  }
  const Appended& appended = std::get<Appended>(answer);
  return (appended.repeat ? "repeat of " : "") + std::to_string(number(appended.sequence));
}

inline std::string texts(const std::vector<AppendAnswer>& answers) {
  std::string all;
  for (const AppendAnswer& answer : answers) all += (all.empty() ? "" : ", ") + text(answer);
  return all;
}

/// The identifiers on a page, in order.
inline std::string names(const std::vector<Record>& records) {
  std::string all;
  for (const Record& record : records) {
    all += (all.empty() ? "" : " ") + record.bulletin->outline.identity.identifier;
  }
  return all;
}
inline std::string names(const Page& page) { return names(page.records); }

}  // namespace tests
