// What the header of the log promises, over both media.
#include "engine/log.hpp"

#include <atomic>
#include <set>
#include <thread>

#include "tests/unit/log/log_fixture.hpp"

using namespace tests;

namespace {
const std::vector<LogOptions::Medium> kMedia = {LogOptions::Medium::memory,
                                                LogOptions::Medium::disk};
}

TEST_CASE("A new log is empty and its head is before the first record") {
  for (const auto medium : kMedia) {
    QuietLog quiet(medium);
    CHECK(quiet.log->head() == Sequence::none);
    CHECK(quiet.log->writable());
    CHECK(quiet.log->epoch().size() == 16);
    CHECK(engine::from_hex(quiet.log->epoch()).has_value());
    CHECK(quiet.read(Sequence::none).records.empty());
    CHECK(quiet.read(Sequence::none).end);
    CHECK(quiet.active().records.empty());
  }
}

TEST_CASE("Two logs have two epochs") { CHECK(QuietLog().log->epoch() != QuietLog().log->epoch()); }

TEST_CASE("Sequences count from 1 without a gap and the clock dates them") {
  for (const auto medium : kMedia) {
    QuietLog quiet(medium);
    CHECK(text(quiet.append(alert("A"))) == "1");
    quiet.clock.advance(5s);
    const auto second = quiet.append(alert("B"));
    CHECK(text(second) == "2");
    CHECK(std::get<Appended>(second).at == time("2026-11-21T12:00:05Z"));
    CHECK(texts(quiet.append_together({alert("C"), alert("D"), alert("E")})) == "3, 4, 5");
    CHECK(quiet.log->head() == Sequence{5});
    CHECK(names(quiet.read(Sequence::none)) == "A B C D E");
  }
}

TEST_CASE("A record comes back as it was appended") {
  for (const auto medium : kMedia) {
    QuietLog quiet(medium);
    const Candidate candidate = alert("A").candidate();
    quiet.append(alert("A"));
    for (const auto& found : {quiet.find(Sequence{1}), quiet.find(candidate.bulletin->id)}) {
      REQUIRE(found.has_value());
      CHECK(found->sequence == Sequence{1});
      CHECK(found->at == quiet.clock.now());
      CHECK(found->bulletin->id == candidate.bulletin->id);
      CHECK(found->bulletin->envelope.payload_type == engine::kCapType);
      CHECK(found->bulletin->envelope.payload == candidate.bulletin->envelope.payload);
      CHECK(found->bulletin->envelope.signatures == candidate.bulletin->envelope.signatures);
      CHECK(found->bulletin->outline == candidate.bulletin->outline);
    }
  }
}

TEST_CASE("What is not in the log is not found") {
  QuietLog quiet;
  quiet.append(alert("A"));
  CHECK_FALSE(quiet.find(Sequence::none).has_value());
  CHECK_FALSE(quiet.find(Sequence{2}).has_value());
  CHECK_FALSE(quiet.find(Sequence{UINT64_MAX}).has_value());
  CHECK_FALSE(quiet.find(alert("B").candidate().bulletin->id).has_value());
}

TEST_CASE("The time of a record never goes back even where the clock does") {
  QuietLog quiet(LogOptions::Medium::disk);
  quiet.append(alert("A"));
  quiet.clock.advance(-1h);
  CHECK(std::get<Appended>(quiet.append(alert("B"))).at == time("2026-11-21T12:00:00Z"));
  quiet.reopen();
  CHECK(std::get<Appended>(quiet.append(alert("C"))).at == time("2026-11-21T12:00:00Z"));
  quiet.clock.advance(1h + 1s);
  CHECK(std::get<Appended>(quiet.append(alert("D"))).at == time("2026-11-21T12:00:01Z"));
}

TEST_CASE("A page ends at its number of records or of bytes and holds at least one") {
  QuietLog quiet;
  for (const char* name : {"A", "B", "C", "D", "E"}) quiet.append(alert(name));
  const std::size_t each = octets_of(alert("A"));
  struct Row {
    std::uint64_t after;
    PageLimit limit;
    const char* page;
    std::uint64_t through;
    bool end;
  };
  const Row rows[] = {
      {0, {}, "A B C D E", 5, true},
      {0, {.records = 5}, "A B C D E", 5, true},
      {0, {.records = 4}, "A B C D", 4, false},
      {3, {.records = 2}, "D E", 5, true},
      {0, {.records = 0}, "A", 1, false},
      {0, {.bytes = 0}, "A", 1, false},
      {0, {.bytes = 2 * each}, "A B", 2, false},
      {0, {.bytes = 2 * each - 1}, "A", 1, false},
      {5, {}, "", 5, true},
      {9, {}, "", 9, true},
      {UINT64_MAX, {}, "", UINT64_MAX, true},
  };
  for (const Row& row : rows) {
    const Page page = quiet.read(Sequence{row.after}, row.limit);
    CAPTURE(row.after);
    CHECK(names(page) == row.page);
    CHECK(page.through == Sequence{row.through});
    CHECK(page.end == row.end);
  }
}

TEST_CASE("A follower hears every new record once and in order after its sender has") {
  QuietLog quiet;
  std::size_t heard_when_answered = 99;
  quiet.log->append(alert("A").candidate(), [&](AppendAnswer) {
    heard_when_answered = quiet.follower.heard.size();
    CHECK(quiet.log->head() == Sequence{1});
  });
  quiet.run();
  CHECK(heard_when_answered == 0);
  quiet.append_together({alert("B"), alert("A"), alert("C")});
  quiet.append(alert("B"));
  CHECK(names(quiet.follower.heard) == "A B C");
  CHECK(quiet.follower.heard[2].sequence == Sequence{3});
}

TEST_CASE("Everything is there again after reopening") {
  QuietLog quiet(LogOptions::Medium::disk);
  const engine::Epoch epoch = quiet.log->epoch();
  quiet.append_together({alert("A"), alert("B")});
  quiet.append(cancel("C", {alert("A").identity()}));
  quiet.reopen();
  CHECK(quiet.log->epoch() == epoch);
  CHECK(quiet.log->head() == Sequence{3});
  CHECK(names(quiet.read(Sequence::none)) == "A B C");
  CHECK(names(quiet.active()) == "B C");
  CHECK(text(quiet.append(alert("B"))) == "repeat of 2");
  CHECK(text(quiet.append(alert("D"))) == "4");
}

TEST_CASE("A second log on the same folder is refused with a sentence") {
  QuietLog quiet(LogOptions::Medium::disk);
  const auto second = Log::open(quiet.options, quiet.clock);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().what == "another engine is running on this folder (" +
                                   quiet.folder.path().string() +
                                   "); stop it, or give another --data");
  quiet.log.reset();
  CHECK(Log::open(quiet.options, quiet.clock).has_value());
}

TEST_CASE("A folder several levels deep is made") {
  QuietLog quiet;
  quiet.options.medium = LogOptions::Medium::disk;
  quiet.options.directory = quiet.folder.path() / "a" / "b" / "";
  quiet.reopen();
  CHECK(text(quiet.append(alert("A"))) == "1");
  CHECK(std::filesystem::exists(quiet.folder.path() / "a" / "b" / "lock"));
}

TEST_CASE("A folder that cannot be made is named") {
  QuietLog quiet;
  quiet.options.medium = LogOptions::Medium::disk;
  quiet.options.directory = "/dev/null/log";
  CHECK(quiet.opening_failure().find("/dev/null/log") != std::string::npos);
}

TEST_CASE("64 MiB of the disk are held for Cancels where nobody chose otherwise") {
  const QuietLog quiet(LogOptions::Medium::disk);
  std::vector<std::uintmax_t> sizes;
  for (const auto& each : std::filesystem::recursive_directory_iterator(quiet.folder.path())) {
    if (each.path().filename() == "reserve") sizes.push_back(each.file_size());
  }
  CHECK(sizes == std::vector<std::uintmax_t>{64UL << 20});
}

TEST_CASE("A full queue answers log_unavailable at once and says when to come back") {
  QuietLog quiet;
  quiet.options.appends_waiting_max = 2;
  quiet.open();
  std::vector<AppendAnswer> answers;
  for (const char* name : {"A", "B", "C"}) {
    quiet.log->append(alert(name).candidate(),
                      [&](AppendAnswer answer) { answers.push_back(std::move(answer)); });
  }
  REQUIRE(answers.size() == 1);
  CHECK(text(answers[0]) == "log_unavailable");
  CHECK(std::get<Refusal>(answers[0]).retry_after_s > 0);
  quiet.run();
  CHECK(texts(answers) == "log_unavailable, 1, 2");
}

TEST_CASE("4096 appends wait and 256 are committed at once where nobody chose otherwise") {
  QuietLog quiet;
  std::vector<AppendAnswer> answers;
  const auto candidate = alert("A").candidate();
  for (int i = 0; i < 4096 + 1; ++i) {
    quiet.log->append(candidate,
                      [&](AppendAnswer answer) { answers.push_back(std::move(answer)); });
  }
  CHECK(texts(answers) == "log_unavailable");  // the last one's
  quiet.log->run();
  CHECK(answers.size() == 1 + 256);
  quiet.run();
  CHECK(answers.size() == 1 + 4096);
}

TEST_CASE("The queue is bounded by bytes too but one bulletin always fits") {
  QuietLog quiet;
  quiet.options.bytes_waiting_max = 10;
  quiet.open();
  std::vector<AppendAnswer> answers;
  for (const char* name : {"A", "B"}) {
    quiet.log->append(alert(name).candidate(),
                      [&](AppendAnswer answer) { answers.push_back(std::move(answer)); });
  }
  quiet.run();
  CHECK(texts(answers) == "log_unavailable, 1");
}

TEST_CASE("Readers beyond what may wait are turned away") {
  QuietLog quiet;
  std::size_t failed = 0;
  std::size_t answered = 0;
  const std::size_t asked = 65'536 + 3;
  for (std::size_t i = 0; i < asked; ++i) {
    quiet.log->find(Sequence{1}, [&](auto answer) { ++(answer ? answered : failed); });
  }
  CHECK(failed == 3);
  quiet.run();
  CHECK(answered == asked - 3);
}

TEST_CASE("Pages are bounded like lookups, each in a line of its own") {
  QuietLog quiet;
  std::size_t failed = 0;
  for (std::size_t i = 0; i < 65'536 + 3; ++i) {
    quiet.log->read(Sequence::none, {}, [&](auto page) { failed += page ? 0 : 1; });
  }
  CHECK(failed == 3);
  bool found = false;
  quiet.log->find(Sequence{1}, [&](auto answer) { found = answer.has_value(); });
  quiet.run();
  CHECK(failed == 3);
  CHECK(found);
}

TEST_CASE("Whoever looks for one record does not wait for those who read pages") {
  QuietLog quiet;
  quiet.options.threads = LogOptions::Threads::own;
  quiet.open();
  std::promise<void> looked_up;
  std::promise<void> page_done;
  bool looked_up_first = false;
  quiet.log->read(Sequence::none, {}, [&](auto) {
    // As long as it takes to match a page by who asked for it; the limit is for a test that fails.
    looked_up_first =
        looked_up.get_future().wait_for(std::chrono::seconds{60}) == std::future_status::ready;
    page_done.set_value();
  });
  quiet.log->find(Sequence{1}, [&](auto) { looked_up.set_value(); });
  page_done.get_future().wait();
  CHECK(looked_up_first);
  quiet.log->stop();
}

TEST_CASE("More than one commit's worth is committed in several") {
  QuietLog quiet;
  quiet.options.batch_max = 2;
  quiet.open();
  CHECK(texts(quiet.append_together(
            {alert("A"), alert("B"), alert("C"), alert("D"), alert("E")})) == "1, 2, 3, 4, 5");
  CHECK(names(quiet.follower.heard) == "A B C D E");
}

TEST_CASE("Stop finishes what waits and refuses what comes after") {
  for (const auto threads : {LogOptions::Threads::own, LogOptions::Threads::none}) {
    QuietLog quiet;
    quiet.options.threads = threads;
    quiet.open();
    std::atomic<int> admitted = 0;
    std::atomic<int> pages = 0;
    for (int i = 0; i < 100; ++i) {
      quiet.log->append(alert(std::to_string(i)).candidate(), [&](AppendAnswer answer) {
        admitted += std::holds_alternative<Appended>(answer) ? 1 : 0;
      });
      quiet.log->read(Sequence::none, {}, [&](auto page) { pages += page ? 1 : 0; });
    }
    quiet.log->stop();
    CHECK(admitted == 100);
    CHECK(pages == 100);
    std::string late;
    quiet.log->append(alert("late").candidate(), [&](AppendAnswer answer) { late = text(answer); });
    CHECK(late == "log_unavailable");
    bool read = true;
    quiet.log->read(Sequence::none, {}, [&](auto page) { read = page.has_value(); });
    CHECK_FALSE(read);
    quiet.log->stop();
  }
}

TEST_CASE("Appends from many threads all get a place of their own and no gap") {
  for (const auto medium : kMedia) {
    QuietLog quiet(medium);
    quiet.log.reset();
    quiet.options.threads = LogOptions::Threads::own;
    quiet.open();
    constexpr int kThreads = 4;
    constexpr int kEach = 50;
    std::mutex mutex;
    std::set<Sequence> places;
    std::vector<std::thread> senders;
    for (int t = 0; t < kThreads; ++t) {
      senders.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) {
          const auto draft = alert(std::to_string(t) + "-" + std::to_string(i));
          quiet.log->append(draft.candidate(), [&](AppendAnswer answer) {
            const std::lock_guard lock(mutex);
            if (const auto* appended = std::get_if<Appended>(&answer)) {
              places.insert(appended->sequence);
            }
          });
        }
      });
    }
    for (auto& sender : senders) sender.join();
    quiet.log->stop();
    REQUIRE(places.size() == kThreads * kEach);
    CHECK(*places.begin() == Sequence{1});
    CHECK(*places.rbegin() == Sequence{kThreads * kEach});
    REQUIRE(quiet.follower.heard.size() == kThreads * kEach);
    for (std::size_t i = 0; i < quiet.follower.heard.size(); ++i) {
      CHECK(quiet.follower.heard[i].sequence == Sequence{i + 1});
    }
  }
}

TEST_CASE("Shapes count among the octets of a page and of the newest records") {
  QuietLog quiet;
  Draft large = alert("large");
  large.shape.assign(5000, {});
  for (std::int64_t i = 0; i < 5000; ++i) large.shape[static_cast<std::size_t>(i)] = {i, i * i};
  for (const char* name : {"A", "B", "C", "D"}) {
    large.identifier = name;
    quiet.append(large);
  }
  const PageLimit one_and_a_half{.records = 64, .bytes = octets_of(large) * 3 / 2};
  CHECK(one_and_a_half.bytes < 1UL << 20);
  CHECK(names(quiet.read(Sequence::none, one_and_a_half)) == "A");
  CHECK(names(quiet.read(Sequence{1}, {})) == "B");  // a million octets hold no two
  CHECK(names(quiet.active(Sequence{1}, {})) == "B");
  CHECK(names({quiet.log->newest(one_and_a_half).value(), {}, false}) == "D");
}

TEST_CASE("The newest records come in order up to the head, so many and so heavy as asked") {
  for (const auto medium : kMedia) {
    QuietLog quiet(medium);
    CHECK(quiet.log->newest({}).value().empty());
    for (const char* name : {"A", "B", "C", "D", "E"}) quiet.append(alert(name));
    const auto newest = [&](std::size_t records, std::size_t bytes) {
      return names({quiet.log->newest({records, bytes}).value(), {}, false});
    };
    const std::size_t each = octets_of(alert("A"));
    CHECK(newest(100, 100 * each) == "A B C D E");
    CHECK(newest(3, 100 * each) == "C D E");
    CHECK(newest(100, 2 * each) == "D E");
    CHECK(newest(100, 2 * each - 1) == "E");
    CHECK(newest(100, each - 1).empty());
    CHECK(newest(0, 100 * each).empty());
  }
}
