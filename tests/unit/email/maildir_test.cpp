#include "connectors/email/maildir.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "connectors/email/limits.hpp"
#include "connectors/email/return_path.hpp"
#include "engine/trust/signature.hpp"
#include "tests/support/letter.hpp"
#include "tests/support/temp_dir.hpp"

using namespace connectors::email;
namespace fs = std::filesystem;

namespace {

const engine::Bytes kKey(32, 'k');

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

struct World {
  World() {
    REQUIRE(engine::trust::start_crypto());
    for (const char* part : {"new", "cur", "tmp"}) fs::create_directory(dir.path() / part);
  }
  void put(const std::string& name, const std::string& text) const {
    std::ofstream(dir.path() / "new" / name, std::ios::binary) << text;
  }
  Maildir open() const { return Maildir::open(dir.path(), kKey).value(); }
  tests::TempDir dir;
};

std::string report_to(const std::string& address) {
  return "Delivered-To: " + address +
         "\nContent-Type: multipart/report; boundary=\"x\"\n\n--x\nContent-Type: "
         "message/delivery-status\n\nReporting-MTA: dns; a\n\nFinal-Recipient: rfc822; "
         "a@b.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 nobody\n"
         "\n--x--\n";
}

}  // namespace

TEST_CASE("a report is told and then moved, and a stranger's mail moved alone") {
  const World world;
  const auto id = tests::delivery(3);
  world.put("1", report_to(return_path(id, "bounces.example", kKey)));
  world.put("2", "Subject: buy\n\nnow\n");
  Maildir maildir = world.open();
  std::vector<Bounce> told;
  const auto turn = maildir.scan([&](const Bounce& bounce, const engine::Kept& kept) {
    told.push_back(bounce);
    kept(true);
  });
  CHECK(turn.reports == 1);
  CHECK(turn.strangers == 1);
  CHECK_FALSE(turn.more);
  REQUIRE(told.size() == 1);
  CHECK(told[0].delivery == id);
  CHECK(told[0].known == Bounce::Known::return_path);
  CHECK(told[0].contact_dead);
  CHECK(files_in(world.dir.path() / "new") == 0);
  CHECK(fs::exists(world.dir.path() / "cur" / "1:2,S"));
  CHECK(maildir.scan([](const Bounce&, const engine::Kept&) { FAIL("twice"); }).reports == 0);
}

TEST_CASE("a report stays where a crash finds it until what it says is kept") {
  const World world;
  world.put("1", report_to(return_path(tests::delivery(3), "bounces.example", kKey)));
  std::vector<engine::Kept> waiting;
  const auto take = [&](const Bounce&, engine::Kept kept) { waiting.push_back(std::move(kept)); };
  Maildir maildir = world.open();
  CHECK(maildir.scan(take).reports == 1);
  CHECK(maildir.scan(take).reports == 0);  // told of already, and on its way
  CHECK(files_in(world.dir.path() / "new") == 1);
  waiting[0](false);
  CHECK(maildir.scan(take).reports == 1);  // it was lost, and is told of again
  Maildir after_a_crash = world.open();
  CHECK(after_a_crash.scan(take).reports == 1);
  CHECK(files_in(world.dir.path() / "new") == 1);
  waiting[2](true);
  CHECK(files_in(world.dir.path() / "new") == 0);
  CHECK(fs::exists(world.dir.path() / "cur" / "1:2,S"));
  CHECK(after_a_crash.scan(take).reports == 0);
}

TEST_CASE("kScanFiles files are read in a turn, and the others in the next") {
  const World world;
  for (std::size_t i = 0; i <= limits::kScanFiles; ++i) world.put(std::to_string(i), "x\n");
  Maildir maildir = world.open();
  auto turn = maildir.scan([](const Bounce&, const engine::Kept&) {});
  CHECK(turn.strangers == limits::kScanFiles);
  CHECK(turn.more);
  turn = maildir.scan([](const Bounce&, const engine::Kept&) {});
  CHECK(turn.strangers == 1);
  CHECK_FALSE(turn.more);
}

TEST_CASE("files that cannot be moved keep no report behind them from being read") {
  const World world;
  for (std::size_t i = 0; i < 2 * limits::kScanFiles; ++i) {
    world.put(std::to_string(i), "x\n");
    // What it would become is there already, and is a folder.
    fs::create_directory(world.dir.path() / "cur" / (std::to_string(i) + ":2,S"));
  }
  Maildir maildir = world.open();
  std::size_t told = 0;
  const auto take = [&](const Bounce&, const engine::Kept& kept) {
    ++told;
    kept(true);
  };
  for (std::size_t i = 0; i < 3; ++i) (void)maildir.scan(take);
  world.put("report", report_to(return_path(tests::delivery(3), "bounces.example", kKey)));
  const auto turn = maildir.scan(take);
  CHECK(told == 1);
  CHECK(turn.strangers == 0);  // those are read once
  CHECK_FALSE(turn.more);
}

TEST_CASE("kScanLooked names are looked at in a turn, and the others in the next") {
  const World world;
  std::vector<engine::Kept> waiting;
  const auto take = [&](const Bounce&, engine::Kept kept) { waiting.push_back(std::move(kept)); };
  const auto report = report_to(return_path(tests::delivery(3), "bounces.example", kKey));
  for (std::size_t i = 0; i <= limits::kScanLooked; ++i) world.put(std::to_string(i), report);
  Maildir maildir = world.open();
  while (maildir.scan(take).more) {
  }
  REQUIRE(waiting.size() == limits::kScanLooked + 1);
  CHECK(maildir.scan(take).more);
  CHECK_FALSE(maildir.scan(take).more);
  CHECK(waiting.size() == limits::kScanLooked + 1);
}

TEST_CASE("a file of kBounceFileBytes is read, and what is larger or no file goes aside") {
  const World world;
  world.put("fits", std::string(limits::kBounceFileBytes, 'x'));
  world.put("large", std::string(limits::kBounceFileBytes + 1, 'x'));
  fs::create_directory(world.dir.path() / "new" / "folder");
  fs::create_symlink("/etc/passwd", world.dir.path() / "new" / "link");
  const auto turn = world.open().scan([](const Bounce&, const engine::Kept&) {});
  CHECK(turn.strangers == 1);
  CHECK(turn.aside == 3);
  CHECK(files_in(world.dir.path() / "aside") == 3);
}

TEST_CASE("whom a message came to is what servers wrote, where it is an address of ours") {
  REQUIRE(engine::trust::start_crypto());
  const std::string ours = return_path(tests::delivery(1), "bounces.example", kKey);
  for (const std::string& header :
       {"Delivered-To: " + ours, "X-Original-To: <" + ours + ">", "TO: Somebody <" + ours + ">",
        "Delivered-To: vmail@host\nTo: " + ours + "\r"}) {
    CAPTURE(header);
    CHECK(bounce_recipient(header + "\n\nbody\n", kKey) == ours);
  }
  CHECK(bounce_recipient("Subject: a\n\nTo: " + ours + "\n", kKey).empty());
  CHECK(bounce_recipient("To: " + ours + "\n\n", engine::Bytes(32, 'o')).empty());
}

TEST_CASE("what is no Maildir is told") {
  const tests::TempDir dir;
  CHECK_FALSE(Maildir::open(dir.path(), kKey).has_value());
}
