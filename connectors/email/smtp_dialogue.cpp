#include "connectors/email/smtp_dialogue.hpp"

#include <algorithm>
#include <utility>

#include "connectors/email/limits.hpp"
#include "connectors/email/smtp_reply.hpp"
#include "engine/base/ensure.hpp"

namespace connectors::email {

using engine::BytesView;
using engine::Fate;

namespace {

constexpr int kGoOn = 354;          // after DATA
constexpr int kNotAvailable = 421;  // the server is about to hang up
constexpr int kTooLarge = 552;      // what SIZE is refused with

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_yes(int code) { return code >= 200 && code < 300; }
bool is_later(int code) { return code >= 400 && code < 500; }

/// Whether a line begins with that word, in either case.
bool begins_with_word(std::string_view line, std::string_view word) {
  if (line.size() < word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char c = line[i];
    if ((c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c) != word[i]) return false;
  }
  return line.size() == word.size() || line[word.size()] == ' ' || line[word.size()] == '\r';
}

/// A line that begins with a dot begins with two on the wire, and one with a single dot ends it
/// (RFC 5321, section 4.5.2).
void append_content(std::string_view content, std::string& out) {
  while (!content.empty()) {
    const std::size_t end = content.find("\r\n");
    if (content.front() == '.') out += '.';
    out += content.substr(0, end);
    out += "\r\n";
    content.remove_prefix(end == std::string_view::npos ? content.size() : end + 2);
  }
  out += ".\r\n";
}

}  // namespace

Verdict not_now(std::string_view why, std::optional<engine::Duration> wait) {
  Verdict verdict;
  verdict.outcome.why = why;
  verdict.outcome.not_before = wait;
  return verdict;
}

void Offers::read(std::string_view line) {
  if (begins_with_word(line, "PIPELINING")) pipelining = true;
  if (begins_with_word(line, "DSN")) dsn = true;
  if (begins_with_word(line, "SIZE")) size = true;
}

bool ReplyReader::read(BytesView octets, std::vector<Reply>& replies) {
  for (const char c : octets) {
    if (c != '\n') {
      if (line_.size() == limits::kReplyLineBytes) return false;
      line_ += c;
      continue;
    }
    if (line_.ends_with('\r')) line_.pop_back();
    if (!take_line(line_, replies)) return false;
    line_.clear();
  }
  return true;
}

bool ReplyReader::take_line(std::string_view line, std::vector<Reply>& replies) {
  if (line.size() < 3 || !std::all_of(line.begin(), line.begin() + 3, is_digit)) return false;
  const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  if (code < 200 || code > 599 || (lines_ > 0 && code != reply_.code)) return false;
  const char between = line.size() > 3 ? line[3] : ' ';
  if ((between != ' ' && between != '-') || lines_ == limits::kReplyLines) return false;
  ++lines_;
  reply_.code = code;
  const std::string_view text = line.substr(std::min<std::size_t>(line.size(), 4));
  if (reply_.text.size() < kReplyBytes && !text.empty()) {  // no more of it is ever shown
    if (!reply_.text.empty()) reply_.text += ' ';
    reply_.text += text;
  }
  if (between == ' ') {
    replies.push_back(std::move(reply_));
    reply_ = {};
    lines_ = 0;
  }
  return true;
}

SmtpDialogue::Waiting SmtpDialogue::waiting() const {
  if (awaited_.empty()) return Waiting::nothing;
  if (awaited_.front() == Step::goodbye) return Waiting::goodbye;
  if (awaited_.front() != Step::content) return Waiting::reply;
  return to_send().empty() ? Waiting::acceptance : Waiting::content;
}

void SmtpDialogue::begin(SmtpMail mail) {
  ENSURE(ready());
  mail_ = std::move(mail);
  if (reset_first_) to_ask_.push_back(Step::reset);
  reset_first_ = false;
  for (const Step step : {Step::sender, Step::recipient, Step::data}) to_ask_.push_back(step);
  ask_on();
}

void SmtpDialogue::quit() {
  ENSURE(ready());
  to_ask_.push_back(Step::goodbye);
  ask_on();
}

/// Asks what may be asked before more is answered. DATA waits for its recipient: a server that took
/// nobody may still say go on, and would then want a mail that goes nowhere.
void SmtpDialogue::ask_on() {
  while (!to_ask_.empty()) {
    const bool alone = !offers_.pipelining || to_ask_.front() == Step::data;
    if (alone && !awaited_.empty()) return;
    ask(to_ask_.front());
    to_ask_.pop_front();
  }
}

void SmtpDialogue::ask(Step step) {
  awaited_.push_back(step);
  switch (step) {
    case Step::reset:
      out_ += "RSET";
      break;
    case Step::sender:
      out_ += "MAIL FROM:<" + mail_->return_path + ">";
      if (offers_.size) out_ += " SIZE=" + std::to_string(mail_->content.size());
      if (offers_.dsn) out_ += " RET=HDRS ENVID=" + mail_->envelope_id;
      break;
    case Step::recipient:
      out_ += "RCPT TO:<" + mail_->recipient + ">";
      if (offers_.dsn) out_ += " NOTIFY=FAILURE,DELAY";
      break;
    case Step::data:
      out_ += "DATA";
      break;
    case Step::goodbye:
      out_ += "QUIT";
      break;
    case Step::content:
      append_content(mail_->content, out_);
      return;
  }
  out_ += "\r\n";
}

void SmtpDialogue::sent(std::size_t octets) {
  sent_ += octets;
  ENSURE(sent_ <= out_.size());
  if (sent_ < out_.size()) return;
  out_ = {};
  sent_ = 0;
}

void SmtpDialogue::receive(BytesView octets) {
  std::vector<Reply> replies;
  const bool sound = reader_.read(octets, replies);
  for (const Reply& reply : replies) {
    if (!usable_) return;
    if (awaited_.empty()) {  // nobody asked: it is about to hang up
      end("The mail server ended the connection.");
      return;
    }
    const Step step = awaited_.front();
    if (step == Step::content && !to_send().empty()) {  // before it has the mail: out of step
      end("The mail server answered before it was asked.");
      return;
    }
    awaited_.pop_front();
    take(step, reply);
  }
  if (!sound) end("What the mail server says is no SMTP.");
}

void SmtpDialogue::take(Step step, const Reply& reply) {
  if (step == Step::goodbye) {
    usable_ = false;
    return;
  }
  if (verdict_) {  // what was asked along with what was refused
    if (reply.code == kNotAvailable) usable_ = false;
    return;
  }
  if (step == Step::data && reply.code == kGoOn) {
    ask(Step::content);
  } else if (step == Step::content) {
    decide({.outcome = outcome_of(reply.code, {}, reply.text)});
    (is_yes(reply.code) ? taken_ : reset_first_) = true;
    if (reply.code == kNotAvailable) usable_ = false;
  } else if (step != Step::data && is_yes(reply.code)) {
    ask_on();
  } else {
    refused(step, reply);
  }
}

void SmtpDialogue::refused(Step step, const Reply& reply) {
  Verdict verdict{.outcome = outcome_of(reply.code, {}, reply.text)};
  // A yes that is none, an answer to RSET, and what is said of us: another attempt may go better.
  // What the server says of the sender is for the operator to mend; of the mail's size nobody can.
  const bool of_us = step == Step::reset || (step == Step::sender && reply.code != kTooLarge);
  if (of_us || verdict.outcome.fate == Fate::sent) verdict.outcome.fate = Fate::later;
  if (step != Step::recipient) verdict.outcome.contact_dead = false;
  reset_first_ = true;
  // A server may take so many mails a connection, and then say so of each sender. Over another one
  // the mail goes at once; over this one none would ever go again.
  const bool enough = taken_ && step == Step::sender && is_later(reply.code);
  if (reply.code == kNotAvailable || step == Step::reset || enough) {
    verdict.again = true;
    usable_ = false;
  }
  decide(std::move(verdict));
}

void SmtpDialogue::decide(Verdict verdict) {
  verdict_ = std::move(verdict);
  to_ask_.clear();
}

void SmtpDialogue::end(std::string_view why) {
  if (!usable_) return;
  usable_ = false;
  if (mail_ && !verdict_) {
    const Waiting was = waiting();
    Verdict verdict = not_now(why);
    verdict.uncertain = was == Waiting::acceptance;
    verdict.again = was == Waiting::reply;
    decide(std::move(verdict));
  }
  to_ask_.clear();
  awaited_.clear();
}

std::optional<Verdict> SmtpDialogue::take_verdict() {
  if (!verdict_ || (usable_ && !awaited_.empty())) return std::nullopt;
  mail_.reset();
  return std::exchange(verdict_, std::nullopt);
}

}  // namespace connectors::email
