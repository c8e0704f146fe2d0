#include "tests/faults/round.hpp"

#include <unistd.h>

#include <fstream>

#include "engine/store/trial.hpp"

namespace tests {
namespace {

std::string content(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

Round::Round(const std::filesystem::path& folder, std::uint64_t life, std::uint64_t seed,
             Witness& witness)
    : plot_(life), random_(seed), witness_(witness) {
  disk_ = std::make_shared<FaultDisk>(folder / "trash", seed);
  disk_->on_power_loss([this] {
    lose_note();
    witness_.operations += disk_->operations();
    ::_exit(kDarkness);
  });
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

std::string Round::try_open() {
  log_.reset();
  auto opened = Log::open(options_, clock_);
  if (!opened) return opened.error().what;
  log_ = *std::move(opened);
  ++witness_.opened;
  check_epoch();
  return "";
}

void Round::open() {
  const std::string why = try_open();
  promised(why.empty(), "the log was not opened: " + why);
}

void Round::broken(const std::string& what) {
  witness_.complain(what);
  ::_exit(kBroken);
}

void Round::promised(bool kept, const std::string& what) {
  if (!kept) broken(what);
}

void Round::run_log() {
  while (log_->run()) {
  }
}

std::vector<Record> Round::read_all() {
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

void Round::check() {
  const auto records = read_all();
  promised(records.size() == number(log_->head()), "the log is not as long as it says");
  const auto places = check_records(records);
  for (std::uint32_t n = 1; n <= witness_.sent; ++n) {
    const std::uint64_t place = witness_.yes[n].sequence;
    if (place == 0) {
      if (places[n] != 0) ++witness_.surprises;
      continue;
    }
    const std::string what = "n" + std::to_string(n) + " was told place " + std::to_string(place);
    promised(places[n] == place, what + " and has " + std::to_string(places[n]));
    promised(records[place - 1].at.time_since_epoch().count() == witness_.yes[n].at_ms,
             what + ", at another time");
  }
  witness_.records = std::max<std::uint64_t>(witness_.records, records.size());
  check_active(records);
}

void Round::check_epoch() {
  const std::string epoch = log_->epoch();
  if (epoch == witness_.epoch.data()) return;
  for (std::uint32_t n = 1; n <= witness_.sent; ++n) {
    promised(witness_.yes[n].sequence == 0, "the log was made anew after a yes");
  }
  epoch.copy(witness_.epoch.data(), epoch.size());
}

/// Every record was sent, is there once, and is as it was sent. Their places by number.
std::vector<std::uint64_t> Round::check_records(const std::vector<Record>& records) {
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
  }
  return places;
}

void Round::check_active(const std::vector<Record>& records) {
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

void Round::post(std::uint32_t n, std::function<void(const AppendAnswer&)> answered) {
  const std::uint64_t before = witness_.yes[n].sequence;
  log_->append(plot_.draft(n).candidate(),
               [this, n, before, answered = std::move(answered)](const AppendAnswer& answer) {
                 if (const auto* taken = std::get_if<Appended>(&answer)) {
                   const auto at_ms = taken->at.time_since_epoch().count();
                   if (before != 0) {
                     promised(taken->repeat && number(taken->sequence) == before &&
                                  at_ms == witness_.yes[n].at_ms,
                              "a repeat got another answer");
                   }
                   witness_.yes[n].at_ms = at_ms;
                   witness_.yes[n].sequence = number(taken->sequence);
                 }
                 answered(answer);
               });
}

AppendAnswer Round::send(std::uint32_t n) {
  AppendAnswer heard;
  post(n, [&](const AppendAnswer& answer) { heard = answer; });
  run_log();
  return heard;
}

std::uint32_t Round::next(MsgType type) {
  std::uint32_t n = witness_.sent + 1;
  while (plot_.draft(n).type != type) ++n;
  witness_.sent = n;
  return n;
}

void Round::send_again() {
  const std::uint32_t sent = witness_.sent;
  for (std::uint32_t n = 1; n <= sent; ++n) {
    const bool known = witness_.yes[n].sequence != 0;
    if (known ? below(20) != 0 : below(2) != 0) continue;
    post(n, [this, n, known](const AppendAnswer& answer) {
      const auto* refusal = std::get_if<Refusal>(&answer);
      promised(refusal == nullptr || (!known && refusal->code == Code::already_cancelled),
               "n" + std::to_string(n) + " was refused");
    });
  }
  run_log();
}

void Round::work() {
  const std::uint64_t batches = 1 + below(40);
  for (std::uint64_t i = 0; i < batches; ++i) {
    const std::uint64_t together = 1 + below(below(4) == 0 ? 20 : 3);
    for (std::uint64_t j = 0; j < together && witness_.sent < kDraftsMax; ++j) {
      const std::uint32_t n = ++witness_.sent;
      post(n, [this, n](const AppendAnswer& answer) {
        const auto* refusal = std::get_if<Refusal>(&answer);
        promised(refusal == nullptr || refusal->code == Code::already_cancelled,
                 "n" + std::to_string(n) + " was refused");
      });
    }
    keep_note();
    run_log();
    clock_.advance(std::chrono::milliseconds{below(5000)});
  }
}

void Round::keep_note() { notes_[below(notes_.size())] = content(note_path()); }

/// The notes are not synced either: an older one, a torn one or none may be what is left.
void Round::lose_note() {
  if (below(4) == 0) std::filesystem::remove(options_.directory / "store" / "synced_manifest");
  const std::string& older = notes_[below(notes_.size())];
  std::string note = content(note_path());
  const std::uint64_t what = below(4);
  if (what == 0 || note.size() != older.size()) return;
  if (what == 1) note = older;
  if (what == 2) note = older.substr(0, note.size() / 2) + note.substr(note.size() / 2);
  if (what == 3) note.clear();
  std::ofstream(note_path(), std::ios::binary | std::ios::trunc) << note;
}

}  // namespace tests
