#pragma once
// A map that is cheap to copy and to change a little: its copies share what neither has changed, so
// that a new snapshot of a hundred thousand organisations costs some hundreds of them. Readers hold
// a copy that nobody changes; the one who changes copies first.
#include <array>
#include <bitset>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

namespace engine {

template <class Value>
class Shelf {
 public:
  const Value* find(const std::string& key) const {
    const auto& bucket = buckets_[place_of(key)];
    if (!bucket) return nullptr;
    const auto found = bucket->find(key);
    return found == bucket->end() ? nullptr : &found->second;
  }

  /// A copy to be changed; what it shares with this one is copied when it is touched.
  Shelf copy() const {
    Shelf other = *this;
    other.own_.reset();
    return other;
  }

  void set(const std::string& key, Value value) {
    if (bucket_of(key).insert_or_assign(key, std::move(value)).second) ++size_;
  }
  void erase(const std::string& key) { size_ -= bucket_of(key).erase(key); }

  std::size_t size() const { return size_; }

  template <class Visit>
  void each(Visit visit) const {
    for (const auto& bucket : buckets_) {
      if (!bucket) continue;
      for (const auto& [key, value] : *bucket) visit(key, value);
    }
  }

 private:
  static constexpr std::size_t kBuckets = 256;
  using Bucket = std::unordered_map<std::string, Value>;

  static std::size_t place_of(const std::string& key) {
    return std::hash<std::string>{}(key) % kBuckets;
  }
  Bucket& bucket_of(const std::string& key) {
    const std::size_t place = place_of(key);
    auto& bucket = buckets_[place];
    if (!bucket) {
      bucket = std::make_shared<Bucket>();
    } else if (!own_[place]) {
      bucket = std::make_shared<Bucket>(*bucket);
    }
    own_.set(place);
    return *bucket;
  }

  std::array<std::shared_ptr<Bucket>, kBuckets> buckets_;
  std::bitset<kBuckets> own_;  // buckets no other copy has
  std::size_t size_ = 0;
};

}  // namespace engine
