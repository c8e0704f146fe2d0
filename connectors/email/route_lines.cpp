#include "connectors/email/route_lines.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "engine/base/ensure.hpp"
#include "engine/base/trace.hpp"

namespace connectors::email {

using engine::Duration;
using State = SmtpConnection::State;
using std::chrono::steady_clock;

namespace {

SmtpServer without_tls(SmtpServer server) {
  server.tls = SmtpServer::Tls::unused;
  return server;
}

}  // namespace

RouteLines::RouteLines(boost::asio::io_context& io, SmtpServer server, std::size_t connections)
    : io_(io),
      server_(std::move(server)),
      plain_(without_tls(server_)),
      connections_(connections),
      transfers_(io, static_cast<long>(connections)) {}

RouteLines::~RouteLines() { ENSURE(under_way_ == 0); }

Duration RouteLines::away() const {
  const auto left = std::chrono::ceil<Duration>(away_until_ - steady_clock::now());
  return std::max(left, Duration{0});
}

void RouteLines::send(SmtpMail mail, engine::Done<Verdict> done) {
  ++under_way_;
  place(std::make_unique<Job>(Job{std::move(mail), std::move(done)}));
}

/// One that comes again wants a new connection: the others may have ended as well.
void RouteLines::place(std::unique_ptr<Job> job) {
  const auto free = std::find_if(lines_.begin(), lines_.end(), [](const Line& line) {
    return !line.job && line.connection->ready();
  });
  const bool narrow = steady_clock::now() < narrow_until_;
  const bool room = lines_.size() < (narrow ? narrow_ : connections_);
  if (free != lines_.end() && !(job->tried > 0 && room)) {
    free->job = std::move(job);
    begin(*free);
  } else if (room) {
    open(std::move(job));
  } else {
    waiting_.push_back(std::move(job));
  }
}

void RouteLines::open(std::unique_ptr<Job> job) {
  if (away() > Duration{0}) {
    finish(std::move(job), not_now(why_, away()));
    return;
  }
  open(std::move(job), server_);
}

void RouteLines::open(std::unique_ptr<Job> job, const SmtpServer& server) {
  lines_.emplace_back();
  const auto line = std::prev(lines_.end());
  line->job = std::move(job);
  line->connection =
      std::make_unique<SmtpConnection>(transfers_, server, [this, line] { changed(line); });
}

void RouteLines::begin(Line& line) {
  line.begun = true;
  line.kept = line.connection->used();
  line.connection->begin(line.job->mail);
}

/// Something happened on a connection. Nothing here destroys it: it is calling.
void RouteLines::changed(Lines::iterator line) {
  if (line->gone) return;
  if (auto verdict = line->connection->take_verdict()) judged(*line, std::move(*verdict));
  const State state = line->connection->state();
  if (state == State::refused) {
    refused(line);
  } else if (state == State::closed) {
    if (line->job) judged(*line, not_now(line->connection->why()));
    discard(line);
  } else if (state == State::open) {
    failures_ = 0;
    why_.clear();
    if (line->job && !line->begun && line->connection->ready()) begin(*line);
  }
  serve_waiting();
}

/// Each kept connection may turn out to be one that takes no more mails, so there may be as many
/// tries; a new one has the last word.
void RouteLines::judged(Line& line, Verdict verdict) {
  auto job = std::move(line.job);
  const bool kept = line.begun && line.kept;
  line.begun = false;
  if (!job) return;
  if (verdict.again && kept && job->tried < connections_) {
    ++job->tried;
    place(std::move(job));
  } else {
    finish(std::move(job), std::move(verdict));
  }
}

/// A server may offer TLS that does not come about: where it need not, the mail goes without, as it
/// would had the server offered none. It may allow fewer connections than we want: what was meant
/// for one more waits for those there are. Otherwise it is away.
void RouteLines::refused(Lines::iterator line) {
  auto job = std::move(line->job);
  const std::string why = line->connection->why();
  const bool plain = job && line->connection->lacks_allowed_tls();
  discard(line);
  if (plain) {
    engine::trace(engine::Level::warning, "mail_goes_without_tls", {{"server", server_.url}});
    return open(std::move(job), plain_);
  }
  if (!lines_.empty()) {
    narrow_ = lines_.size();
    narrow_until_ = steady_clock::now() + limits::kAwayMax;
    if (job) waiting_.push_back(std::move(job));
    return;
  }
  why_ = why;
  const auto longest = std::chrono::milliseconds(limits::kAwayMax);
  const auto wait =
      std::min<Duration>(longest, Duration(limits::kAwayFirst) * (1U << std::min(failures_, 10U)));
  ++failures_;
  away_until_ = steady_clock::now() + wait;
  if (job) finish(std::move(job), not_now(why));
  auto left = std::exchange(waiting_, {});
  for (auto& waiting : left) {
    finish(std::move(waiting), not_now(why, wait));
  }
}

void RouteLines::serve_waiting() {
  for (Line& line : lines_) {
    if (waiting_.empty()) return;
    if (line.job || !line.connection->ready()) continue;
    line.job = std::move(waiting_.front());
    waiting_.pop_front();
    begin(line);
  }
  if (lines_.empty() && !waiting_.empty()) {
    auto job = std::move(waiting_.front());
    waiting_.pop_front();
    open(std::move(job));
  }
}

void RouteLines::finish(std::unique_ptr<Job> job, Verdict verdict) {
  boost::asio::post(
      io_, [this, alive = std::weak_ptr(alive_), shared = std::shared_ptr<Job>(std::move(job)),
            verdict = std::move(verdict)]() mutable {
        if (!alive.expired()) --under_way_;
        shared->done(std::move(verdict));
      });
}

/// Out of the list at once, and gone when the loop has gone on.
void RouteLines::discard(Lines::iterator line) {
  line->gone = true;
  gone_.splice(gone_.begin(), lines_, line);
  boost::asio::post(io_, [this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) gone_.clear();
  });
}

void RouteLines::hang_up() {
  for (auto line = lines_.begin(); line != lines_.end();) {
    const auto next = std::next(line);
    if (!line->job && line->connection->ready()) {
      line->connection->hang_up();
      if (line->connection->state() == State::closed) discard(line);
    }
    line = next;
  }
}

void RouteLines::cut() {
  for (auto line = lines_.begin(); line != lines_.end();) {
    const auto next = std::next(line);
    line->connection->cut("The engine is stopping.");
    auto verdict = line->connection->take_verdict();
    if (!verdict) verdict = not_now("The engine is stopping.");
    verdict->again = false;
    if (line->job) finish(std::move(line->job), std::move(*verdict));
    discard(line);
    line = next;
  }
  while (!waiting_.empty()) {
    finish(std::move(waiting_.front()), not_now("The engine is stopping."));
    waiting_.pop_front();
  }
}

}  // namespace connectors::email
