#pragma once
// One mail after another over one connection to a mail server (RFC 5321), as a state machine: given
// octets, it says what to send and how each mail went. It begins where a server has greeted us and
// said what it offers. No I/O, no clock; any thread.
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/delivery.hpp"

namespace connectors::email {

/// What a server offers in its answer to EHLO, of what we use.
struct Offers {
  bool pipelining = false;  // RFC 2920
  bool dsn = false;         // RFC 3461
  bool size = false;        // RFC 1870
  bool operator==(const Offers&) const = default;

  /// One line of that answer, without its code.
  void read(std::string_view line);
};

/// A mail and whom it goes to: one, so that every answer is about that one.
struct SmtpMail {
  std::string return_path;  // both as check_address() takes them
  std::string recipient;
  std::string envelope_id;  // what reports name it by, where a server sends such reports
  std::string content;      // lines that end in CRLF
};

/// How one mail went.
struct Verdict {
  engine::Outcome outcome;
  bool uncertain = false;  // it was sent whole, and the answer is missing
  // The connection ended before anything was decided: another one may do.
  bool again = false;
  bool operator==(const Verdict&) const = default;
};

/// The verdict on what has not left: it may be tried again, after that wait where there is one.
Verdict not_now(std::string_view why, std::optional<engine::Duration> wait = std::nullopt);

struct Reply {
  int code = 0;
  std::string text;  // its lines, each a space from the one before
  bool operator==(const Reply&) const = default;
};

/// Answers out of octets, however they arrive.
class ReplyReader {
 public:
  /// False where what came is nothing that a mail server says; then there is no going on.
  bool read(engine::BytesView octets, std::vector<Reply>& replies);

 private:
  bool take_line(std::string_view line, std::vector<Reply>& replies);
  std::string line_;
  Reply reply_;
  std::size_t lines_ = 0;
};

class SmtpDialogue {
 public:
  explicit SmtpDialogue(Offers offers) : offers_(offers) {}

  /// What the other side owes us, for whoever holds the clock.
  enum class Waiting {
    nothing,     // between two mails
    reply,       // the answer to a command
    content,     // it has to take what a mail holds
    acceptance,  // the answer to the whole mail
    goodbye,
  };
  Waiting waiting() const;

  bool ready() const { return usable_ && !mail_ && awaited_.empty(); }
  bool usable() const { return usable_; }

  /// With ready() alone.
  void begin(SmtpMail mail);
  /// Says goodbye; nothing begins any more.
  void quit();

  /// What is to be sent, and how much of it was.
  engine::BytesView to_send() const { return engine::BytesView(out_).substr(sent_); }
  void sent(std::size_t octets);

  void receive(engine::BytesView octets);
  /// The connection is gone, or taken for gone: `why` says how, in a sentence.
  void end(std::string_view why);

  /// How the mail went, once.
  std::optional<Verdict> take_verdict();

 private:
  enum class Step { reset, sender, recipient, data, content, goodbye };

  void ask_on();
  void ask(Step step);
  void take(Step step, const Reply& reply);
  void refused(Step step, const Reply& reply);
  void decide(Verdict verdict);

  const Offers offers_;
  bool usable_ = true;
  bool reset_first_ = false;
  bool taken_ = false;  // a mail, over this connection
  std::optional<SmtpMail> mail_;
  std::deque<Step> to_ask_, awaited_;
  std::optional<Verdict> verdict_;
  std::string out_;
  std::size_t sent_ = 0;
  ReplyReader reader_;
};

}  // namespace connectors::email
