// The power goes at a random moment, again and again; after each time the log is opened from what
// the disk has kept and held to what its senders were told. POWER_LOSSES says how often (500),
// POWER_LOSS_SEED repeats the choices of a run; the machine's own timing remains.
#include <sys/mman.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <new>
#include <random>

#include "engine/base/trace.hpp"
#include "engine/store/trial.hpp"
#include "tests/faults/fault_disk.hpp"
#include "tests/faults/plot.hpp"

using namespace tests;

namespace {

constexpr int kDarkness = 7;  // how a process ends that lost its power
constexpr int kBroken = 8;    // a promise was broken
constexpr int kLossesOfALife = 10;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* const value = std::getenv(name);
  return value != nullptr ? std::strtoull(value, nullptr, 10) : otherwise;
}

/// Where files live in memory, if the machine has such a place: what is durable is what FaultDisk
/// says, not what the machine's disk does.
std::filesystem::path fast_folder(const std::string& name) {
  const std::filesystem::path memory = "/dev/shm";
  std::error_code error;
  const auto base = std::filesystem::is_directory(memory, error)
                        ? memory
                        : std::filesystem::temp_directory_path();
  return base / (name + "-" + std::to_string(::getpid()));
}

/// One process between two losses of power.
class Round {
 public:
  Round(const std::filesystem::path& folder, std::uint64_t life, std::uint64_t seed,
        Witness& witness)
      : folder_(folder), plot_(life), random_(seed), witness_(witness) {
    disk_ = std::make_shared<FaultDisk>(folder / "trash", seed);
    auto trial = std::make_shared<engine::StoreTrial>();
    trial->disk = disk_;
    trial->sizes.memtable_bytes = 32 << 10;
    trial->sizes.memtables_bytes = 256 << 10;
    trial->sizes.journal_bytes = 64 << 10;
    trial->sizes.manifest_bytes = 8 << 10;
    options_.directory = folder / "log";
    options_.threads = LogOptions::Threads::none;
    options_.reserve_bytes = 0;
    options_.trial = std::move(trial);
    clock_.advance(std::chrono::seconds{below(1000)});
  }

  [[noreturn]] void run() {
    disk_->on_power_loss([this] {
      lose_note();
      witness_.operations += disk_->operations();
      ::_exit(kDarkness);
    });
    // Some lose it while they open, most while they work, some while they rest.
    const std::uint64_t moment = below(10) < 3 ? 1 + below(120) : 120 + below(500);
    disk_->fail({std::nullopt, moment, 0});
    auto opened = Log::open(options_, clock_);
    if (!opened) broken("the log was not opened: " + opened.error().what);
    log_ = *std::move(opened);
    ++witness_.opened;
    check();
    work();
    disk_->lose_power();
  }

 private:
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

  [[noreturn]] void broken(const std::string& what) {
    what.copy(witness_.complaint.data(), witness_.complaint.size() - 1);
    ::_exit(kBroken);
  }
  void promised(bool kept, const std::string& what) {
    if (!kept) broken(what);
  }
  void run_log() {
    while (log_->run()) {
    }
  }

  std::vector<Record> read_all() {
    std::vector<Record> records;
    Page page;
    while (!page.end) {
      engine::Result<Page> next = engine::Failure{"no answer"};
      log_->read(page.through, {}, [&](auto answer) { next = std::move(answer); });
      run_log();
      promised(next.has_value(), next ? "" : "reading: " + next.error().what);
      page = *std::move(next);
      records.insert(records.end(), page.records.begin(), page.records.end());
    }
    return records;
  }

  /// What was opened is what was promised.
  void check() {
    const std::string epoch = log_->epoch();
    if (witness_.epoch[0] == '\0') {
      epoch.copy(witness_.epoch.data(), epoch.size());
    } else if (epoch != witness_.epoch.data()) {
      for (std::uint32_t n = 1; n <= witness_.sent; ++n) {
        promised(witness_.yes[n].sequence == 0, "the log was made anew after a yes");
      }
      epoch.copy(witness_.epoch.data(), epoch.size());
    }
    const auto records = read_all();
    promised(records.size() == number(log_->head()), "the log is not as long as it says");
    std::vector<std::uint64_t> places(kDraftsMax + 1, 0);
    engine::Time last;
    for (std::size_t i = 0; i < records.size(); ++i) {
      const Record& record = records[i];
      const std::string at = "record " + std::to_string(i + 1);
      promised(number(record.sequence) == i + 1, at + " is missing");
      const auto n = plot_.number_of(record);
      promised(n && *n <= witness_.sent, at + " was never sent");
      promised(places[*n] == 0, at + " is there twice");
      places[*n] = i + 1;
      const engine::BulletinPtr sent = plot_.draft(*n).candidate().bulletin;
      promised(record.bulletin->id == sent->id, at + " has another id");
      promised(record.bulletin->envelope.payload == sent->envelope.payload, at + " was changed");
      promised(record.bulletin->envelope.signatures == sent->envelope.signatures,
               at + " has other signatures");
      promised(record.at >= last, at + " is older than the one before");
      last = record.at;
      if (witness_.yes[*n].sequence == 0) ++witness_.surprises;
    }
    for (std::uint32_t n = 1; n <= witness_.sent; ++n) {
      const std::uint64_t promised_place = witness_.yes[n].sequence;
      if (promised_place == 0) continue;
      const std::string what = "n" + std::to_string(n) + " was told place ";
      promised(places[n] == promised_place,
               what + std::to_string(promised_place) + " and has " + std::to_string(places[n]));
      promised(records[promised_place - 1].at.time_since_epoch().count() == witness_.yes[n].at_ms,
               what + "at another time");
    }
    witness_.records = std::max<std::uint64_t>(witness_.records, records.size());
    check_active(records);
    send_again();
  }

  void check_active(const std::vector<Record>& records) {
    std::vector<std::uint64_t> active;
    engine::Result<Page> page = engine::Failure{"no answer"};
    log_->read_active(clock_.now(), Sequence::none, log_->head(),
                      {.records = kDraftsMax, .bytes = SIZE_MAX},
                      [&](auto answer) { page = std::move(answer); });
    run_log();
    promised(page.has_value(), "the active ones cannot be read");
    for (const Record& record : page->records) active.push_back(number(record.sequence));
    promised(active == plot_.active(records), "the wrong ones are active");
  }

  void send(std::uint32_t n) {
    const std::uint64_t before = witness_.yes[n].sequence;
    log_->append(plot_.draft(n).candidate(), [this, n, before](const AppendAnswer& answer) {
      if (const auto* taken = std::get_if<Appended>(&answer)) {
        const auto at_ms = taken->at.time_since_epoch().count();
        if (before != 0) {
          promised(
              taken->repeat && number(taken->sequence) == before && at_ms == witness_.yes[n].at_ms,
              "a repeat got another answer");
        }
        witness_.yes[n].at_ms = at_ms;
        witness_.yes[n].sequence = number(taken->sequence);
        return;
      }
      const Code code = std::get<Refusal>(answer).code;
      promised(before == 0 && code == Code::already_cancelled,
               "n" + std::to_string(n) + " was refused: " + std::string(engine::text(code)));
    });
  }

  /// What had no answer, and some of what had one.
  void send_again() {
    const std::uint32_t sent = witness_.sent;
    for (std::uint32_t n = 1; n <= sent; ++n) {
      if (witness_.yes[n].sequence == 0 ? below(2) == 0 : below(20) == 0) send(n);
    }
    run_log();
  }

  void work() {
    const std::uint64_t batches = 1 + below(40);
    for (std::uint64_t i = 0; i < batches; ++i) {
      const std::uint64_t together = 1 + below(below(4) == 0 ? 20 : 3);
      for (std::uint64_t j = 0; j < together && witness_.sent < kDraftsMax; ++j) {
        send(++witness_.sent);
      }
      keep_note();
      run_log();
      clock_.advance(std::chrono::milliseconds{below(5000)});
    }
  }

  std::filesystem::path note_path() const { return options_.directory / "head"; }
  static std::string content(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void keep_note() { notes_[below(notes_.size())] = content(note_path()); }

  /// The note of the head is not synced either: an older one, or a torn one, may be what is left.
  void lose_note() {
    const std::string& older = notes_[below(notes_.size())];
    std::string note = content(note_path());
    const std::uint64_t what = below(4);
    if (what == 0 || note.size() != older.size()) return;
    if (what == 1) note = older;
    if (what == 2) note = older.substr(0, note.size() / 2) + note.substr(note.size() / 2);
    if (what == 3) note.clear();
    std::ofstream(note_path(), std::ios::binary | std::ios::trunc) << note;
  }

  std::filesystem::path folder_;
  Plot plot_;
  std::mt19937_64 random_;
  Witness& witness_;
  std::shared_ptr<FaultDisk> disk_;
  LogOptions options_;
  ManualClock clock_;
  std::unique_ptr<Log> log_;
  std::array<std::string, 4> notes_;
};

/// Memory that a process and the ones it starts have in common.
Witness& make_witness() {
  void* const memory =
      ::mmap(nullptr, sizeof(Witness), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  REQUIRE(memory != MAP_FAILED);
  return *new (memory) Witness();
}

int run_round(const std::filesystem::path& folder, std::uint64_t life, std::uint64_t seed,
              Witness& witness) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    engine::set_trace_sink([](std::string_view) {});
    Round(folder, life, seed, witness).run();
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace

TEST_CASE("No loss of power takes what was acknowledged") {
  const std::uint64_t losses = from_environment("POWER_LOSSES", 500);
  const std::uint64_t seed = from_environment("POWER_LOSS_SEED", 1);
  const auto folder = fast_folder("tocsin-power");
  std::uint64_t yes = 0, unanswered = 0, surprises = 0, opened = 0, operations = 0, done = 0;
  for (std::uint64_t life = seed; done < losses; ++life) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    Witness& witness = make_witness();
    for (int i = 0; i < kLossesOfALife && done < losses; ++i, ++done) {
      const int ended =
          run_round(folder, life, life * 1000 + static_cast<std::uint64_t>(i), witness);
      INFO("life ", life, ", loss ", i, ": ", std::string(witness.complaint.data()));
      REQUIRE(ended == kDarkness);
    }
    for (std::uint32_t n = 1; n <= witness.sent; ++n) {
      ++(witness.yes[n].sequence != 0 ? yes : unanswered);
    }
    surprises += witness.surprises;
    opened += witness.opened;
    operations += witness.operations;
    ::munmap(&witness, sizeof witness);
  }
  std::filesystem::remove_all(folder);
  std::cout << "power losses " << done << ", seed " << seed << ", opened " << opened
            << ", acknowledged " << yes << ", lost 0, unanswered " << unanswered
            << ", found whole all the same " << surprises << ", disk operations " << operations
            << "\n";
  CHECK(opened > losses / 2);
  CHECK(yes > losses);
}
