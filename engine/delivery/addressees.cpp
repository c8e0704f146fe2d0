#include "engine/delivery/addressees.hpp"

#include <algorithm>
#include <memory>

#include "engine/base/trace.hpp"
#include "engine/links.hpp"

namespace engine::delivery {
namespace {

/// Whom one record concerns, by their keys.
class List {
 public:
  explicit List(const Directory& directory) : directory_(directory) {}

  std::vector<Addressees::Concerned> after(const Record& record, std::string_view key,
                                           std::size_t most) {
    if (sequence_ != record.sequence) make(record);
    auto at = std::upper_bound(
        all_.begin(), all_.end(), key,
        [](std::string_view wanted, const auto& one) { return wanted < one.organisation; });
    std::vector<Addressees::Concerned> found;
    for (; at != all_.end() && found.size() < most; ++at) {
      // One that was erased since is concerned by nothing any more.
      auto grouping = directory_.grouping_of(at->organisation, record.bulletin->outline.reaches);
      if (!grouping) continue;
      found.push_back(*at);
      found.back().grouping = *std::move(grouping);
    }
    if (found.size() < most) forget();
    return found;
  }

 private:
  void make(const Record& record) {
    constexpr double kMetres = 1000;
    all_.clear();
    for (OrganisationConcerned& one : directory_.concerned(record.bulletin->outline.reaches)) {
      all_.push_back({std::move(one.organisation), static_cast<double>(one.km) * kMetres});
    }
    std::sort(all_.begin(), all_.end(), [](const auto& one, const auto& other) {
      return one.organisation < other.organisation;
    });
    sequence_ = record.sequence;
  }
  void forget() {
    all_ = {};
    sequence_ = Sequence::none;
  }

  const Directory& directory_;
  Sequence sequence_ = Sequence::none;
  std::vector<Addressees::Concerned> all_;
};

}  // namespace

Addressees addressees_of(Directory& directory) {
  Addressees all;
  const auto list = std::make_shared<List>(directory);
  all.concerned = [list](const Record& record, std::string_view after, std::size_t most) {
    return list->after(record, after, most);
  };
  all.concerns_anybody = [&directory](const Record& record) {
    return directory.concerns_anybody(record.bulletin->outline.reaches);
  };
  all.profile = [&directory](std::string_view key) { return directory.profile(key); };
  all.mark_dead = [&directory](std::span<const std::pair<std::string, std::uint32_t>> contacts) {
    const auto marked = directory.mark_dead(contacts);
    // They are tried, and refused, the next time again; nothing is lost by that.
    if (!marked) trace(Level::warning, "contacts_not_marked", {{"what", marked.error().what}});
  };
  all.mark = [&directory](Way way, std::string_view address) {
    return address_mark(directory, way, address);
  };
  all.leave = [&directory](std::string_view key, std::uint32_t contact) {
    return directory.leave(key, contact);
  };
  return all;
}

}  // namespace engine::delivery
