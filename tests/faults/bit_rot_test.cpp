// Disks that forget: every file of a closed log is changed by chance, one place at a time, and what
// is then opened either says no, or serves what was written, or says which part it cannot read.
// BIT_ROTS says how often (500), BIT_ROT_SEED repeats a run.
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "tests/faults/round.hpp"

using namespace tests;
namespace fs = std::filesystem;

namespace {

constexpr int kRefused = 30;
constexpr int kWhole = 31;
constexpr int kReadError = 32;
constexpr int kDrafts = 120;
constexpr std::size_t kBlockBytes = 512;

std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& file : fs::recursive_directory_iterator(folder)) {
    if (file.is_regular_file() && file.file_size() > 0) files.push_back(file.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// One octet changed in one bit, an end cut off, or two blocks in each other's place.
std::string rot(const fs::path& path, std::mt19937_64& random) {
  std::string bytes;
  {
    std::ifstream in(path, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  }
  const std::size_t at = random() % bytes.size();
  std::string what = "flipped at " + std::to_string(at);
  const std::uint64_t kind = random() % 4;
  const std::size_t blocks = bytes.size() / kBlockBytes;
  if (kind == 0) {
    bytes.resize(at);
    what = "cut at " + std::to_string(at);
  } else if (kind == 1 && blocks > 1) {
    const std::size_t one = random() % blocks * kBlockBytes;
    const std::size_t other = random() % blocks * kBlockBytes;
    const std::string kept = bytes.substr(one, kBlockBytes);
    bytes.replace(one, kBlockBytes, bytes.substr(other, kBlockBytes));
    bytes.replace(other, kBlockBytes, kept);
    what = "blocks at " + std::to_string(one) + " and " + std::to_string(other) + " swapped";
  } else {
    bytes[at] = static_cast<char>(bytes[at] ^ 1 << random() % 8);
  }
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  return path.filename().string() + " " + what;
}

/// Opens what is there and holds each record that is served to what was sent.
void judge(Round& round, const Witness& witness, const Plot& plot) {
  const std::string why = round.try_open();
  if (!why.empty()) {
    round.promised(why.find("restore it from a copy") != std::string::npos, "no advice: " + why);
    ::_exit(kRefused);
  }
  bool error = false;
  for (std::uint32_t n = 1; n <= witness.sent; ++n) {
    const std::uint64_t place = witness.yes[n].sequence;
    if (place == 0) continue;
    engine::Result<std::optional<Record>> found = engine::Failure{"no answer"};
    round.log().find(Sequence{place}, [&](auto answer) { found = std::move(answer); });
    while (round.log().run()) {
    }
    error = error || !found || !*found;
    if (!found) continue;
    const std::string name = "n" + std::to_string(n);
    round.promised(found->has_value(), name + " is said not to be there");
    const engine::BulletinPtr sent = plot.draft(n).candidate().bulletin;
    const Record& record = **found;
    round.promised(record.bulletin->id == sent->id, name + " has another id");
    round.promised(record.bulletin->envelope.payload == sent->envelope.payload, name + " differs");
    round.promised(record.bulletin->envelope.signatures == sent->envelope.signatures,
                   name + " has other signatures");
    round.promised(record.at.time_since_epoch().count() == witness.yes[n].at_ms,
                   name + " has another time");
  }
  ::_exit(error ? kReadError : kWhole);
}

}  // namespace

TEST_CASE(
    "A log that rotted is refused or says what it cannot read and never serves a wrong byte") {
  const std::uint64_t times = from_environment("BIT_ROTS", 500);
  const std::uint64_t seed = from_environment("BIT_ROT_SEED", 1);
  const auto folder = fast_folder("tocsin-rot");
  const auto sound = folder / "sound";
  const auto rotten = folder / "rotten";
  fs::create_directories(sound);
  Witness& witness = make_witness<Witness>();
  REQUIRE(run_apart([&] {
            Round round(sound, seed, seed, witness);
            round.open();
            for (int i = 0; i < kDrafts; ++i) round.send(++witness.sent);
            round.close();
          }) == 0);
  const Plot plot(seed);
  std::mt19937_64 random(seed);
  int refused = 0, whole = 0, read_errors = 0;
  for (std::uint64_t i = 0; i < times; ++i) {
    fs::remove_all(rotten);
    fs::copy(sound, rotten, fs::copy_options::recursive);
    const auto files = files_of(rotten / "log");
    const std::string what = rot(files[i % files.size()], random);
    INFO(what);
    const int ended = run_apart([&] {
      Round round(rotten, seed, seed, witness);
      judge(round, witness, plot);
    });
    INFO(std::string(witness.complaint.data()));
    REQUIRE_MESSAGE((ended == kRefused || ended == kWhole || ended == kReadError),
                    "ended with " << ended);
    ++(ended == kRefused ? refused : ended == kWhole ? whole : read_errors);
  }
  drop(witness);
  fs::remove_all(folder);
  std::cout << "bit rot " << times << ", seed " << seed << ": refused " << refused
            << ", every record right " << whole << ", a read is an error " << read_errors
            << ", wrong 0\n";
  CHECK(refused > 0);
  CHECK(whole > 0);
}
