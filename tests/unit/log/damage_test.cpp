// What disks, crashes and people do to a log's folder, and that nothing of it goes unnoticed.
#include <sys/resource.h>

#include <csignal>
#include <fstream>

#include "engine/log/folder.hpp"
#include "engine/log/meta_keys.hpp"
#include "engine/log/tables.hpp"
#include "engine/store/store.hpp"
#include "tests/unit/log/log_fixture.hpp"

using namespace tests;
using engine::Bytes;
using engine::LogTable;
using engine::Store;

namespace {

/// A log of `count` records in a folder, closed.
struct Closed {
  explicit Closed(int count) {
    for (int i = 1; i <= count; ++i) quiet.append(alert(std::to_string(i)));
    quiet.log.reset();
  }
  std::filesystem::path store_path() const { return quiet.folder.path() / "store"; }
  void change(const std::function<void(Store&, Store::Change&)>& what) {
    auto store = Store::open({.directory = store_path(), .tables = engine::LogTable::kNames});
    REQUIRE(store.has_value());
    auto change = (*store)->change();
    what(**store, change);
    REQUIRE((*store)->commit(std::move(change), engine::Durability::synced) == Store::Commit::done);
  }
  void flip_byte_of_record(std::uint64_t sequence) {
    change([&](Store& store, Store::Change& change) {
      const Bytes key = engine::sequence_key(Sequence{sequence});
      Bytes record = store.get(LogTable::records, key).value().value();
      record[record.size() / 2] = static_cast<char>(record[record.size() / 2] ^ 1);
      change.put(LogTable::records, key, record);
    });
  }
  /// RocksDB's journal, the only file with the youngest records.
  std::filesystem::path journal() const {
    for (const auto& file : std::filesystem::directory_iterator(store_path())) {
      if (file.path().extension() == ".log" && file.file_size() > 0) return file.path();
    }
    FAIL("no journal");
    return {};
  }
  std::string failure() { return quiet.opening_failure(); }

  QuietLog quiet{LogOptions::Medium::disk};
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("A flipped byte in an old record is never served") {
  Closed log(20);
  log.flip_byte_of_record(2);
  log.quiet.open();
  CHECK(log.quiet.find(Sequence{1}).has_value());
  std::string failure;
  log.quiet.log->find(Sequence{2}, [&](auto answer) { failure = answer.error().what; });
  log.quiet.run();
  CHECK(failure == "record 2 is damaged: its checksum is wrong");
  CHECK_FALSE(log.quiet.try_read(Sequence::none).has_value());
  CHECK(names(log.quiet.read(Sequence{18})) == "19 20");
}

TEST_CASE("An Update or Cancel of a damaged record is refused rather than sent to too few") {
  Closed log(20);
  log.flip_byte_of_record(2);
  log.quiet.open();
  CHECK(text(log.quiet.append(cancel("C", {alert("2").identity()}))) == "log_unavailable");
  CHECK(text(log.quiet.append(cancel("C", {alert("3").identity()}))) == "21");
}

TEST_CASE("A damaged end keeps the log from opening and says what to do") {
  Closed log(3);
  log.flip_byte_of_record(3);
  const std::string failure = log.failure();
  CHECK(has(failure, log.quiet.folder.path().string()));
  CHECK(has(failure, "record 3 is damaged: its checksum is wrong"));
  CHECK(has(failure, "restore it from a copy"));
}

TEST_CASE("A gap near the end keeps the log from opening") {
  Closed log(5);
  log.change([](Store&, Store::Change& change) {
    change.erase(LogTable::records, engine::sequence_key(Sequence{3}));
  });
  CHECK(has(log.failure(), "record 3 is missing"));
}

TEST_CASE("A missing last record keeps the log from opening") {
  Closed log(5);
  log.change([](Store&, Store::Change& change) {
    change.erase(LogTable::records, engine::sequence_key(Sequence{5}));
  });
  CHECK(has(log.failure(), "it should end with record 5 and ends with 4"));
}

TEST_CASE("A log that does not know its epoch or where it ends is not opened") {
  for (const auto key : {engine::kEpochKey, engine::kFormatKey, engine::kHeadKey}) {
    Closed log(1);
    log.change([&](Store&, Store::Change& change) { change.erase(LogTable::meta, key); });
    CHECK(has(log.failure(), "cannot be opened: it"));
  }
}

TEST_CASE("A log of another format is left alone") {
  Closed log(1);
  log.change(
      [&](Store&, Store::Change& change) { change.put(LogTable::meta, engine::kFormatKey, "2"); });
  CHECK(has(log.failure(), "has format 2; this engine reads format 1 only"));
}

TEST_CASE("Acknowledged records that are gone keep the log from opening") {
  Closed log(3);
  const auto journal = log.journal();
  // The journal loses its last record, as a disk does that lied about having written it.
  std::filesystem::resize_file(journal, std::filesystem::file_size(journal) - 10);
  CHECK(has(log.failure(), "record 3 was acknowledged, but it ends with record 2"));
}

TEST_CASE("A flipped byte in the journal keeps the log from opening") {
  Closed log(3);
  std::fstream file(log.journal(), std::ios::in | std::ios::out | std::ios::binary);
  const auto middle = static_cast<std::streamoff>(std::filesystem::file_size(log.journal()) / 2);
  file.seekg(middle);
  const char octet = static_cast<char>(file.get());
  file.seekp(middle);
  file.put(static_cast<char>(octet ^ 1));
  file.close();
  CHECK(has(log.failure(), "was acknowledged, but it ends with record"));
}

TEST_CASE("A last write that was torn before anyone heard yes is cut off") {
  Closed log(3);
  std::ofstream(log.journal(), std::ios::app | std::ios::binary) << Bytes(100, '\x5a');
  CHECK(log.failure().empty());
  log.quiet.open();
  CHECK(names(log.quiet.read(Sequence::none)) == "1 2 3");
  CHECK(text(log.quiet.append(alert("4"))) == "4");
}

TEST_CASE("A missing or unreadable note of the head does not keep a whole log from opening") {
  for (const std::string& note : {std::string(), std::string("short"), std::string(28, 'x')}) {
    Closed log(3);
    std::ofstream(log.quiet.folder.path() / "head", std::ios::trunc) << note;
    CHECK(log.failure().empty());
  }
}

TEST_CASE("The note of another log does not count") {
  Closed log(3);
  {
    auto folder = engine::Folder::claim(log.quiet.folder.path());
    REQUIRE(folder.has_value());
    (*folder)->note_head("0123456789abcdef", Sequence{99});
    CHECK((*folder)->noted_head("0123456789abcdef") == Sequence{99});
  }
  CHECK(log.failure().empty());
}

TEST_CASE("A store that cannot be opened is named with what to do") {
  Closed log(3);
  std::ofstream(log.store_path() / "CURRENT", std::ios::trunc) << "MANIFEST-999999\n";
  const std::string failure = log.failure();
  CHECK(has(failure, log.quiet.folder.path().string()));
  CHECK(has(failure, "restore it from a copy"));
}

TEST_CASE("After a failed write the log takes nothing until it is opened again") {
  QuietLog quiet(LogOptions::Medium::disk);
  quiet.append(alert("A"));
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 4096;
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  Draft large = alert("B");
  large.words = std::string(64 << 10, 'b');
  const auto answers =
      texts(quiet.append_together({alert("A"), large, alert("C"), alert("C"), alert("A")}));
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);

  CHECK(answers == "repeat of 1, log_unavailable, log_unavailable, log_unavailable, repeat of 1");
  CHECK_FALSE(quiet.log->writable());
  CHECK(quiet.log->head() == Sequence{1});
  CHECK(names(quiet.follower.heard) == "A");
  CHECK(text(quiet.append(alert("D"))) == "log_unavailable");
  CHECK(text(quiet.append(cancel("E", {alert("A").identity()}))) == "log_unavailable");
  CHECK(text(quiet.append(alert("A"))) == "repeat of 1");
  CHECK(names(quiet.read(Sequence::none)) == "A");

  // This process keeps the folder until it ends, so what another would find is tried on a copy.
  TempFolder copy;
  std::filesystem::copy(quiet.folder.path(), copy.path(), std::filesystem::copy_options::recursive);
  quiet.options.directory = copy.path();
  quiet.reopen();
  CHECK(quiet.log->writable());
  CHECK(names(quiet.read(Sequence::none)) == "A");
  CHECK(text(quiet.append(alert("D"))) == "2");
}
