#pragma once
// One connection to a mail server. libcurl looks the server up, connects, speaks TLS and signs in;
// what mails need from there on is SmtpDialogue's, over libcurl's connection: libcurl's own way to
// send a mail waits for its answer without letting anybody else on the thread go on. One thread.
#include <boost/asio/steady_timer.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "connectors/email/limits.hpp"
#include "connectors/email/smtp_dialogue.hpp"
#include "connectors/transfer/transfers.hpp"

namespace connectors::email {

/// How long what may take. As limits.hpp has them, unless a test is in a hurry.
struct Patience {
  engine::Duration connect = limits::kConnectMax;
  engine::Duration reply = limits::kReplyMax;
  engine::Duration content = limits::kContentMax;
  engine::Duration accepted = limits::kAcceptedMax;
  engine::Duration idle = limits::kIdleMax;
};

/// A mail server and how it is spoken to.
struct SmtpServer {
  std::string url;  // smtp:// or smtps://, host and port; checked when the options were read
  enum class Tls {
    required,  // or nothing is sent; the server's certificate is verified
    allowed,   // where the server offers it. Who could fake a certificate could hide the offer
    unused,    // not even then
  } tls = Tls::required;
  std::filesystem::path ca_file;  // the authorities that count; empty: those of the machine
  std::string hello;              // what we call ourselves
  std::string user, password;     // empty: nobody signs in
  Patience patience = {};
};

class SmtpConnection {
 public:
  /// `changed` runs from the loop, never within a call from outside: when the connection came about
  /// or did not, when there may be a verdict, and at its end. It must not destroy this.
  SmtpConnection(transfer::Transfers& transfers, const SmtpServer& server,
                 std::function<void()> changed);
  ~SmtpConnection();
  SmtpConnection(const SmtpConnection&) = delete;
  SmtpConnection& operator=(const SmtpConnection&) = delete;

  enum class State {
    connecting,
    refused,  // it never came about; why() says why
    open,
    closed,
  };
  State state() const { return state_; }
  const std::string& why() const { return why_; }
  /// Refused since TLS did not come about, which it need not.
  bool lacks_allowed_tls() const { return lacks_allowed_tls_; }
  /// Whether a mail may begin. `used`: one has been sent over it before.
  bool ready() const { return state_ == State::open && dialogue_->ready(); }
  bool used() const { return used_; }

  void begin(SmtpMail mail);
  /// The verdict on it, once.
  std::optional<Verdict> take_verdict();

  /// Says goodbye where that is possible, and is closed after that.
  void hang_up();
  /// Ends it here and now.
  void cut(std::string_view why);

 private:
  static std::size_t on_line(char* line, std::size_t size, std::size_t count, void* self);
  bool is_required() const;  // TLS is
  void configure();
  void connected(CURLcode code);
  void ready_to(transfer::Watch::Ready ready);
  bool read_all();
  void write_all();
  void go_on();
  void wait(engine::Duration patience);
  void late();
  void close();

  boost::asio::io_context& io_;
  const SmtpServer& server_;
  const std::function<void()> changed_;
  transfer::Transfer transfer_;
  State state_ = State::connecting;
  std::string why_;
  Offers offers_;           // as the server's last hello has them
  std::string last_words_;  // its last answer while connecting, where that was a no
  std::unique_ptr<SmtpDialogue> dialogue_;
  std::unique_ptr<transfer::Watch> watch_;
  bool lacks_allowed_tls_ = false;
  bool used_ = false;
  bool moved_ = false;  // octets went out since the deadline was set
  std::optional<SmtpDialogue::Waiting> waited_for_;
  std::chrono::steady_clock::time_point mail_until_;
  boost::asio::steady_timer deadline_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace connectors::email
