#pragma once
// The connections to one mail server, and the mails that are under way over them. One thread.
#include <chrono>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "connectors/email/smtp_connection.hpp"
#include "engine/base/done.hpp"

namespace connectors::email {

class RouteLines {
 public:
  /// `connections` at most are open at once.
  RouteLines(boost::asio::io_context& io, SmtpServer server, std::size_t connections);
  ~RouteLines();

  /// Sends it, over a connection that is free or a new one, or when there is one; `done` runs from
  /// the loop.
  void send(SmtpMail mail, engine::Done<Verdict> done);

  /// How long the server is left alone yet, since it could not be reached. In that time send() says
  /// so at once.
  engine::Duration away() const;
  const std::string& why() const { return why_; }  // empty: it is well
  std::size_t under_way() const { return under_way_; }

  /// Says goodbye to the server where nothing is under way.
  void hang_up();
  bool hung_up() const { return lines_.empty(); }
  /// Ends everything; each mail has its verdict when the loop has gone on.
  void cut();

 private:
  struct Job {
    SmtpMail mail;
    engine::Done<Verdict> done;
    std::size_t tried = 0;  // kept connections that did not do
  };
  struct Line {
    std::unique_ptr<SmtpConnection> connection;
    std::unique_ptr<Job> job;
    bool begun = false;
    bool kept = false;  // the connection had been used before its mail began
    bool gone = false;  // no longer in the list
  };
  using Lines = std::list<Line>;

  void place(std::unique_ptr<Job> job);
  void open(std::unique_ptr<Job> job);
  void open(std::unique_ptr<Job> job, const SmtpServer& server);
  void begin(Line& line);
  void changed(Lines::iterator line);
  void judged(Line& line, Verdict verdict);
  void refused(Lines::iterator line);
  void serve_waiting();
  void finish(std::unique_ptr<Job> job, Verdict verdict);
  void discard(Lines::iterator line);

  boost::asio::io_context& io_;
  const SmtpServer server_;
  const SmtpServer plain_;  // the same, spoken to without TLS
  const std::size_t connections_;
  transfer::Transfers transfers_;
  Lines lines_, gone_;
  std::deque<std::unique_ptr<Job>> waiting_;
  std::size_t under_way_ = 0;
  unsigned failures_ = 0;
  std::chrono::steady_clock::time_point away_until_{};
  // How many connections the server seems to allow, and how long that is believed.
  std::size_t narrow_ = 1;
  std::chrono::steady_clock::time_point narrow_until_{};
  std::string why_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace connectors::email
