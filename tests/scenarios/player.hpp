#pragma once
// Plays a story on the whole engine: real signatures, real log (in memory), real shard; time and
// sockets belong to the story. One thread, so the same story always goes the same way. README.md
// beside this file tells the words of a story.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.hpp"
#include "tests/support/alert_builder.hpp"
#include "tests/support/capture_outlet.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/rooms_in_memory.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/trust_builder.hpp"

namespace tests {

class Player {
 public:
  Player();
  ~Player();

  /// Does one command; what is answered at once is noted.
  void play(const std::string& command);

  /// What was answered and heard since the last call, one line a sender's answer or a reader.
  std::string heard();

 private:
  struct Reader {
    std::string query;
    CaptureOutlet outlet;
    std::uint64_t id = 0;
    engine::Sequence position = engine::Sequence::none;
    std::string epoch;
    std::size_t told = 0;  // messages already in heard()
    bool close_told = false;
  };
  using Words = std::vector<std::string>;

  void write(const Words& words);
  void post(const std::string& name, const std::string& body);
  void ask(const std::string& name, const std::string& body);
  void connect(const std::string& name, const std::string& query);
  void sign_up(const Words& words);
  void come_back(const std::string& name);
  void leave(const std::string& name);
  void stall(const std::string& name, std::size_t room);
  void resume(const std::string& name);
  void advance(std::chrono::seconds by);
  void settle();  // until nothing moves by itself any more
  std::string tell(Reader& reader);
  std::string event_of(Reader& reader, const std::string& message);
  Reader& reader(const std::string& name);
  engine::Shard& shard() { return *engine_->shards().front(); }

  ManualClock clock_;
  TempDir folder_;
  TrustBuilder world_;
  engine::Metrics metrics_;
  std::unique_ptr<engine::Log> log_;
  std::unique_ptr<engine::trust::TrustStore> store_;
  std::unique_ptr<engine::Directory> directory_;
  std::unique_ptr<engine::Receipts> receipts_;
  std::unique_ptr<engine::Engine> engine_;
  std::map<std::string, engine::cap::Identity>
      identities_;  // of alerts, by their name in the story
  std::map<std::string, std::string> bodies_;
  std::map<std::string, std::string> tokens_;  // of organisations, by key
  std::map<std::string, std::string> names_;   // of alerts, by id
  std::vector<std::pair<std::string, std::unique_ptr<Reader>>> readers_;
  std::vector<std::string> answers_;
};

}  // namespace tests
