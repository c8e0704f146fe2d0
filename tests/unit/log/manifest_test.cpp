// RocksDB's list of files after a power loss, and its entry: what was never synced is cut off, and
// what was synced is never taken for it.
#include "engine/store/manifest.hpp"

#include <fstream>

#include "tests/unit/log/log_fixture.hpp"

using namespace tests;
using engine::Bytes;
namespace fs = std::filesystem;

namespace {

/// A closed log of three records, and its list of files.
struct Listed {
  Listed() {
    for (const char* name : {"1", "2", "3"}) quiet.append(alert(name));
    quiet.log.reset();
    for (const auto& file : fs::directory_iterator(store())) {
      if (file.path().filename().native().rfind("MANIFEST-", 0) == 0) path = file.path();
    }
    REQUIRE_FALSE(path.empty());
  }
  fs::path store() const { return quiet.folder.path() / "store"; }
  Bytes read() const {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const Bytes& bytes) const {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }
  void forget_note() const { REQUIRE(fs::remove(store() / "synced_manifest")); }
  void is_whole() {
    quiet.open();
    CHECK(names(quiet.read(Sequence::none)) == "1 2 3");
    CHECK(text(quiet.append(alert("4"))) == "4");
    quiet.log.reset();
  }
  void is_refused_and_left_alone(std::string_view why) {
    const Bytes before = read();
    const std::string failure = quiet.opening_failure();
    CHECK_MESSAGE(failure.find(why) != std::string::npos, failure);
    CHECK(failure.find("restore it from a copy") != std::string::npos);
    CHECK(read() == before);
  }

  QuietLog quiet{LogOptions::Medium::disk};
  fs::path path;
};

/// What the disk has of a record that was never synced: a header, and sectors of something else.
Bytes torn() { return Bytes("\x12\x34\x56\x78\xe8\x03\x01", 7) + Bytes(1000, '\x5a'); }

}  // namespace

TEST_CASE("The list of files is read to its last whole record") {
  const Bytes whole = Listed().read();
  const auto end = engine::scan_manifest(whole);
  CHECK(end.whole == whole.size());
  CHECK_FALSE(end.anything_after);
  const auto cut = engine::scan_manifest(whole.substr(0, whole.size() - 1));
  CHECK(cut.whole < whole.size());
  CHECK(cut.anything_after);
  CHECK_FALSE(cut.records_after);
  const auto followed = engine::scan_manifest(whole + torn() + whole);
  CHECK(followed.whole == whole.size());
  CHECK(followed.records_after);
  CHECK(engine::scan_manifest("").whole == 0);
}

TEST_CASE("An end of the list of files that was never synced is cut off") {
  for (const bool with_note : {true, false}) {
    Listed log;
    if (!with_note) log.forget_note();
    log.write(log.read() + torn());
    log.is_whole();
  }
}

TEST_CASE("What follows the synced part of the list may be anything where that is noted") {
  Listed log;
  log.write(log.read() + torn() + log.read());
  log.is_whole();
}

TEST_CASE("A flipped bit in the synced list of files is refused and left as it is") {
  const std::size_t size = Listed().read().size();
  for (const std::size_t at : {std::size_t{8}, size / 2, size - 1}) {
    CAPTURE(at);
    Listed log;
    Bytes damaged = log.read();
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    log.write(damaged);
    log.is_refused_and_left_alone("the store answers");
  }
}

TEST_CASE("Without a note a fault before other records is not taken for a torn end") {
  Listed log;
  log.forget_note();
  log.write(log.read() + torn() + log.read());
  log.is_refused_and_left_alone("the store answers");
}

TEST_CASE("A log whose store is gone or has no entry is not made anew") {
  for (const bool whole_store : {true, false}) {
    Listed log;
    if (whole_store) {
      fs::remove_all(log.store());
    } else {
      fs::remove(log.store() / "CURRENT");
    }
    const std::string failure = log.quiet.opening_failure();
    CHECK(failure.find("record 3 was acknowledged here") != std::string::npos);
    CHECK_FALSE(fs::exists(log.store() / "CURRENT"));
  }
}

TEST_CASE("What a store left without RocksDB's entry to it is not taken for a new store") {
  for (const char* name : {"000099.sst", "000099.log", "MANIFEST-000099"}) {
    CAPTURE(name);
    Listed log;
    log.quiet.log.reset();
    fs::remove_all(log.store());
    fs::remove(log.quiet.folder.path() / "head");
    fs::create_directory(log.store());
    std::ofstream(log.store() / name) << "records";
    const std::string failure = log.quiet.opening_failure();
    CHECK(failure.find(std::string("the file CURRENT is missing beside ") + name) !=
          std::string::npos);
    CHECK(fs::exists(log.store() / name));
  }
}

TEST_CASE("A store whose making was cut short is made") {
  Listed log;
  log.quiet.log.reset();
  fs::remove_all(log.store());
  fs::remove(log.quiet.folder.path() / "head");
  fs::create_directory(log.store());
  std::ofstream(log.store() / "MANIFEST-000001") << "half of a list";
  CHECK(log.quiet.opening_failure() == "");
}
