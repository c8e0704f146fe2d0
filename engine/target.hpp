#pragma once
// Whom a bulletin concerns, made ready once so that tens of thousands of filters can be asked: each
// of its reaches is a bit, and what a filter asks for picks bits. Says of every filter exactly what
// Filter::matches() says of it. Immutable; any thread.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/filter.hpp"

namespace engine {

class Target {
 public:
  /// Takes microseconds for most bulletins, and some ten milliseconds for the worst that is
  /// admitted; so it is made off the shards.
  Target(std::shared_ptr<const cap::Outline> outline, const Places& places);

  bool concerns(const Filter& filter) const;
  /// Has what concerns() will read of a filter brought from memory, while others are asked.
  static void fetch(const Filter& filter);

  /// Whether that outline's would be the same.
  bool same_for(const cap::Outline& outline) const;

  /// About what it takes in memory.
  std::size_t octets() const;
  /// Of that, what was drawn of its shapes, which takes a few milliseconds a megabyte.
  std::size_t octets_drawn() const;

 private:
  using Bits = std::uint64_t;  // bit n: the nth reach of a part

  /// Texts and the reaches that name them, in the order of their hashes: whoever chooses names so
  /// that their hashes are alike makes nobody wait.
  class Names {
   public:
    void add(const std::string& name, Bits bits);
    /// After the last add(), before the first find().
    void settle();
    Bits find(std::uint64_t hash, const std::string& name) const;
    bool empty() const { return entries_.empty(); }
    std::size_t octets() const { return entries_.size() * sizeof(Entry); }

   private:
    struct Entry {
      std::uint64_t hash = 0;
      const std::string* name = nullptr;
      Bits bits = 0;
    };
    static bool before(const Entry& one, const Entry& other);
    std::vector<Entry> entries_;  // each name once
  };

  /// Up to as many reaches as there are bits.
  struct Part {
    std::span<const cap::Reach> reaches;
    std::array<Bits, 8> of_status{};  // by number
    std::array<Bits, 8> at_least{};   // by rank
    std::array<Bits, 16> of_category{};
    Bits for_all = 0;     // who may read: everybody
    Bits everywhere = 0;  // where: anywhere
    Names senders, groups, organisations;
    // By place: geocodes name it or what contains it; shapes or geocodes meet it.
    std::vector<Bits> named, met;
  };

  static Part part_of(std::span<const cap::Reach> reaches, const Places& places);
  static void add_places(Part& part, const cap::Reach& reach, Bits bit, const Places& places);
  static Bits readable(const Part& part, const Filter& filter);
  static bool meets_areas(const Part& part, Bits bits, const Filter& filter);
  static bool meets_point(const Part& part, Bits bits, const Filter& filter,
                          const Filter::Point& point);

  std::shared_ptr<const cap::Outline> outline_;
  std::vector<Part> parts_;
};
using TargetPtr = std::shared_ptr<const Target>;

}  // namespace engine
