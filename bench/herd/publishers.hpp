#pragma once
// Those who publish: by POST over one connection or several, or by a raw command.
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "bench/herd/ledger.hpp"
#include "bench/herd/options.hpp"
#include "bench/herd/poller.hpp"
#include "bench/herd/wire.hpp"

namespace bench {

class Publishers {
 public:
  /// Its descriptors have the tags from `first_tag` on.
  Publishers(const Options& options, Poller& poller, Ledger& ledger, std::uint64_t first_tag);

  bool wanted() const { return !options_.pub_url.empty() || !options_.pub_raw.empty(); }
  bool by_post() const { return options_.pub_raw.empty(); }

  /// Connects all of them; false where nobody listens.
  bool open();
  void close();
  bool all_open() const;

  /// The next body, now.
  void publish();
  std::size_t unanswered() const { return posted_ - answered_; }
  bool has_unsent() const;
  void send_unsent();
  void take_event(std::uint64_t tag);

  /// How long answers took since the phase began, in tenths of microseconds.
  std::vector<std::uint32_t>& answer_tenths() { return answer_tenths_; }
  void begin_phase() { answer_tenths_.clear(); }
  std::size_t body_bytes() const;

 private:
  struct Line {
    Wire wire;
    Ticket ticket;
    std::string unsent;
    std::string unread;
    std::deque<std::uint64_t> posted_ns;  // of what was not answered
  };

  bool open(Line& line, std::uint64_t tag);
  void send_unsent(Line& line);
  void take_answers(Line& line);
  void take_raw(Line& line);
  void answered(Line& line, std::string_view answer);
  std::string next_body(std::uint64_t now_ns) const;
  std::uint64_t number_of(const std::string& body, std::uint64_t now_ns);

  const Options& options_;
  Poller& poller_;
  Ledger& ledger_;
  std::optional<Tls> tls_;
  std::vector<Line> lines_;
  std::vector<char> buffer_;
  std::vector<std::uint32_t> answer_tenths_;
  std::uint64_t first_tag_;
  std::uint64_t first_id_;
  const bool numbered_by_server_;
  std::size_t posted_ = 0;
  std::size_t answered_ = 0;
};

}  // namespace bench
