#include "tests/faults/plot.hpp"

#include <charconv>
#include <map>
#include <set>

namespace tests {
namespace {

using Key = std::string;

Key key_of(const Identity& identity) { return identity.sender + "," + identity.identifier; }

bool starts(MsgType type) { return type == MsgType::alert || type == MsgType::update; }

}  // namespace

std::uint64_t Plot::roll(std::uint32_t number, std::uint32_t what) const {
  std::uint64_t mixed = seed_ + (std::uint64_t{number} << 20) + what;
  for (int i = 0; i < 3; ++i) {
    mixed += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    mixed ^= mixed >> 31;
  }
  return mixed;
}

Draft Plot::draft(std::uint32_t number) const {
  Draft draft = alert("n" + std::to_string(number));
  const auto named = [&](std::uint32_t what) {
    Identity identity;
    identity.sender = kControl;
    identity.identifier = "n" + std::to_string(1 + roll(number, what) % (number - 1));
    identity.sent = draft.sent;
    return identity;
  };
  const std::uint64_t kind = roll(number, 1) % 20;
  if (number > 3 && kind >= 14) {
    draft.type = kind < 17 ? MsgType::update : MsgType::cancel;
    draft.references = {named(2)};
    if (kind % 3 == 0) draft.references.push_back(named(3));
  }
  const std::uint64_t size = roll(number, 4) % 100;
  const std::uint64_t length = size < 90 ? roll(number, 5) % 3000 : roll(number, 5) % 60'000;
  draft.words = std::string(length, static_cast<char>('a' + number % 26));
  draft.rate_exempt = true;
  return draft;
}

std::optional<std::uint32_t> Plot::number_of(const Record& record) const {
  const std::string& name = record.bulletin->outline.identity.identifier;
  std::uint32_t number = 0;
  const auto parsed = std::from_chars(name.data() + 1, name.data() + name.size(), number);
  if (name[0] != 'n' || parsed.ptr != name.data() + name.size()) return std::nullopt;
  return number;
}

std::vector<std::uint64_t> Plot::active(const std::vector<Record>& records) const {
  std::set<Key> ended;
  for (const Record& record : records) {
    if (record.bulletin->outline.msg_type == MsgType::alert) continue;
    for (const Identity& named : record.bulletin->outline.references) ended.insert(key_of(named));
  }
  std::set<Key> seen;
  std::vector<std::uint64_t> active;
  for (const Record& record : records) {
    const auto& outline = record.bulletin->outline;
    bool is_active = false;
    if (starts(outline.msg_type)) {
      is_active = ended.count(key_of(outline.identity)) == 0;
      seen.insert(key_of(outline.identity));
    } else {
      for (const Identity& named : outline.references) {
        is_active = is_active || seen.count(key_of(named)) != 0;
      }
    }
    if (is_active) active.push_back(number(record.sequence));
  }
  return active;
}

}  // namespace tests
