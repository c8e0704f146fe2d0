#pragma once
// What one machine of a cluster keeps that the log does not say, for the others to take: who is
// registered, who was reached, what was sent. Each machine reads the feeds of all others, from the
// beginning once and then what is new; where it was is forgotten with either's run, and it begins
// again. So whatever is taken may be taken twice, late, and after what is newer.
#include <cstddef>
#include <string>
#include <string_view>

#include "engine/base/bytes.hpp"
#include "engine/base/result.hpp"

namespace engine {

struct FeedPage {
  Bytes bytes;         // for take() of another machine; empty: there is nothing
  std::string cursor;  // where the next page begins, in words of the feed's own
  bool end = false;    // nothing more just now
};

/// Any thread that may wait for the disk; one call at a time.
class Feed {
 public:
  virtual ~Feed() = default;
  virtual std::string_view name() const = 0;  // [a-z]{1,32}
  /// What comes after `cursor`, of which an empty one is the beginning, and so is one that this run
  /// did not give. About `most` octets; never many more.
  virtual Result<FeedPage> page_after(std::string_view cursor, std::size_t most) = 0;
  /// Durable when it returns. What is older than what is here changes nothing. The octets are those
  /// of a machine that holds the cluster's key, and may be of another version of this program: what
  /// cannot be read is a failure that changes nothing.
  virtual Result<void> take(BytesView page) = 0;
};

}  // namespace engine
