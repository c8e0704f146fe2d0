// Whom an alert concerns, as the directory says it: bench_concerned [ORGANISATIONS]. Organisations
// stand in an authority each, one in ten is in a group. Prints a line of JSON for each question:
// how many are found, and the median of so many rounds by the processor's clock.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "engine/directory.hpp"
#include "engine/places.hpp"
#include "engine/trust/signature.hpp"

namespace {

using namespace engine;

constexpr int kRounds = 15;
constexpr std::size_t kPiece = 5000;
constexpr const char* kCity = "E06000038";
constexpr const char* kElsewhere = "E08000003";

double milliseconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

Registration registration(std::size_t number) {
  Registration one;
  one.organisation.key = fmt::format("org{:07}", number);
  one.organisation.name = fmt::format("Number {}", number);
  if (number % 10 == 0) one.organisation.groups = {fmt::format("group{}", number % 1000)};
  one.profile.premises = {{std::nullopt, number % 8 == 0 ? kCity : kElsewhere}};
  return one;
}

bool fill(Directory& directory, std::size_t count) {
  for (std::size_t first = 0; first < count; first += kPiece) {
    std::vector<Registration> piece;
    for (std::size_t i = first; i < std::min(count, first + kPiece); ++i) {
      piece.push_back(registration(i));
    }
    if (const auto put = directory.put(piece); !put) {
      fmt::print(stderr, "{}\n", put.error().what);
      return false;
    }
  }
  return true;
}

cap::Reach reach_of(std::vector<std::string> codes, cap::Audience audience = {}) {
  cap::Reach reach;
  reach.audience = std::move(audience);
  reach.severity = cap::Severity::severe;
  reach.categories = cap::bit(cap::Category::met);
  reach.everywhere = codes.empty();
  reach.codes = std::move(codes);
  return reach;
}

void ask(const Directory& directory, std::string_view what, const cap::Reach& reach) {
  std::vector<double> times;
  std::size_t found = 0;
  for (int round = 0; round < kRounds; ++round) {
    const double start = milliseconds();
    found = directory.concerned({&reach, 1}).size();
    times.push_back(milliseconds() - start);
  }
  std::sort(times.begin(), times.end());
  fmt::print(
      "{{\"bench\":\"concerned\",\"what\":\"{}\",\"organisations\":{},\"found\":{},"
      "\"ms\":{:.3f},\"ms_least\":{:.3f},\"ms_most\":{:.3f}}}\n",
      what, directory.size(), found, times[times.size() / 2], times.front(), times.back());
}

}  // namespace

int main(int count, char** arguments) {
  const std::size_t organisations = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 100'000;
  if (!trust::start_crypto()) return 1;
  const SystemClock clock;
  DirectoryOptions options;
  options.medium = DirectoryOptions::Medium::memory;
  const auto directory = Directory::open(options, clock);
  if (!directory || !fill(**directory, organisations)) return 1;
  ask(**directory, "a city", reach_of({kCity}));
  ask(**directory, "everything", reach_of({}));
  ask(**directory, "one group", reach_of({}, {cap::Scope::restricted, {"group10"}}));
  ask(**directory, "three by name",
      reach_of({}, {cap::Scope::private_, {"org0000001", "org0000500", "org0099999"}}));
  return 0;
}
