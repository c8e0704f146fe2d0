#pragma once
// Which organisations a bulletin concerns by where they are: an index of their sites, each
// organisation a number in it that is not given again while the process lives, so that what the
// index said a moment ago is nobody else. Changed by one thread at a time, asked by any.
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/directory.hpp"
#include "engine/nearby.hpp"

namespace engine {

/// Where an organisation is, as it stays in memory: no contacts, nothing to reach anybody by.
struct Located {
  std::uint32_t number = 0;
  std::vector<Site> premises;  // of its profile
  std::vector<Site> areas;     // that its subscription names
  std::uint64_t sectors = 1;   // bit n: number n; the first one is none
};

class Whereabouts {
 public:
  Whereabouts(const Places& places, cap::Status default_status)
      : places_(places), default_status_(default_status), nearby_(places) {}

  // --- what there is

  /// How much was numbered. What was numbered for a change that was not made is forgotten: nothing
  /// in the index has these numbers.
  struct Numbered {
    std::size_t organisations = 0, sectors = 0;
  };
  Numbered numbered() const;
  void forget_after(const Numbered& numbered);
  /// A number that nobody had.
  std::uint32_t number(const std::string& key);
  /// Numbers its sectors where they are new; refuses one too many.
  Result<Located> locate(const Organisation& organisation, const Profile& profile,
                         std::uint32_t number);
  /// In place of everything.
  void load(std::span<const Located* const> all);
  void put(std::span<const Located* const> changed);
  void erase(std::uint32_t number);

  // --- what is asked

  struct Near {
    std::string key;
    float km = 0;
  };
  /// By the Public ones of these reaches. One that was erased meanwhile has no key.
  std::vector<Near> near(std::span<const cap::Reach> reaches, std::uint64_t sectors) const;
  /// Whether one of them, asked one after the other, is one that counts.
  bool any_near(std::span<const cap::Reach> reaches,
                const std::function<bool(const std::string& key)>& counts) const;
  /// Whether this reach concerns that organisation, whoever the reach is for: by a site, or, where
  /// it has none, wherever it is.
  bool concerns(const cap::Reach& reach, const Organisation& organisation, const Located& located,
                std::uint64_t sectors) const;
  /// Of names that are known; all where none is asked for.
  std::uint64_t bits_of(std::span<const std::string> sectors) const;
  Grouping grouping_of(std::span<const cap::Reach> reaches, const Located& located) const;
  /// What its premises are as a stream's filter has them.
  std::vector<Filter::Parameter> areas_of(const Located& located) const;

  std::size_t octets() const { return nearby_.octets(); }

 private:
  Wishes wishes_of(const Organisation& organisation) const;
  Result<unsigned> sector_of(const std::string& name);
  std::string area_of(const Site& site) const;

  const Places& places_;
  const cap::Status default_status_;
  Nearby nearby_;
  mutable std::mutex mutex_;      // of what follows
  std::deque<std::string> keys_;  // by number
  std::map<std::string, unsigned, std::less<>> sectors_;
  std::vector<std::string> sector_names_;  // by number; the first is none
};

}  // namespace engine
