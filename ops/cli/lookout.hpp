#pragma once
// A stream of one's own, opened as any reader would open it before an alert is sent: the second way
// by which whoever sends sees that it went out. What the engine answers to POST is only its word.
#include <deque>
#include <memory>
#include <string>

#include "ops/cli/client.hpp"
#include "ops/cli/session.hpp"

namespace ops::cli {

class Lookout {
 public:
  /// Listens for that sender's alerts; signed in where the session has a token, else it sees what
  /// is for everybody. Without a stream it is blind, which is no reason not to send.
  Lookout(Session& session, const std::string& sender);

  /// Takes in what came, without waiting for more.
  void hear();

  /// Whether a bulletin with these bytes came: `id` is compared with their hash, not with what the
  /// engine says their id is.
  bool saw(const std::string& id) const;
  bool blind() const { return stream_ == nullptr; }
  bool signed_in() const { return signed_in_; }

 private:
  void take(std::string_view message);

  std::unique_ptr<Stream> stream_;
  bool signed_in_ = false;
  std::deque<std::string> ids_;  // of the last alerts that came
};

}  // namespace ops::cli
