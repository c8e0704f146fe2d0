#include "connectors/email/smtp_connection.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>

#include "connectors/email/smtp_reply.hpp"
#include "engine/base/ensure.hpp"

namespace connectors::email {

using engine::Duration;
using Waiting = SmtpDialogue::Waiting;

namespace {

constexpr std::size_t kReadBytes = 16 * 1024;

/// Why a connection did not come about, for the operator; nothing of it is libcurl's.
std::string_view sentence_of(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return "The name of the mail server is not known.";
    case CURLE_COULDNT_CONNECT:
      return "The mail server cannot be reached.";
    case CURLE_OPERATION_TIMEDOUT:
      return "The mail server did not answer in time.";
    case CURLE_USE_SSL_FAILED:
      return "The mail server offers no TLS (STARTTLS), which is required here; nothing was sent.";
    case CURLE_PEER_FAILED_VERIFICATION:
      return "The mail server's certificate is not its own, has expired, or is of an unknown "
             "authority; nothing was sent.";
    case CURLE_SSL_CONNECT_ERROR:
      return "TLS with the mail server did not come about.";
    case CURLE_SSL_CACERT_BADFILE:
      return "The file of authorities for the mail server cannot be read.";
    case CURLE_LOGIN_DENIED:
      return "The mail server refused the user name or the password.";
    default:
      return "The mail server ended the connection before it was ready.";
  }
}

long seconds_of(Duration duration) {
  return std::max<long>(1, std::chrono::ceil<std::chrono::seconds>(duration).count());
}

}  // namespace

SmtpConnection::SmtpConnection(transfer::Transfers& transfers, const SmtpServer& server,
                               std::function<void()> changed)
    : io_(transfers.io()),
      server_(server),
      changed_(std::move(changed)),
      transfer_(transfers),
      deadline_(io_) {
  configure();
  transfer_.start([this](CURLcode code) { connected(code); });
}

SmtpConnection::~SmtpConnection() { watch_.reset(); }

bool SmtpConnection::is_required() const {
  return server_.tls == SmtpServer::Tls::required || server_.url.starts_with("smtps://");
}

void SmtpConnection::configure() {
  transfer_.set(CURLOPT_URL, (server_.url + "/" + server_.hello).c_str());
  transfer_.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  transfer_.set(CURLOPT_CONNECT_ONLY, 1L);
  transfer_.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(server_.patience.connect.count()));
  transfer_.set(CURLOPT_TIMEOUT_MS, static_cast<long>(server_.patience.connect.count()));
  transfer_.set(CURLOPT_SERVER_RESPONSE_TIMEOUT, seconds_of(server_.patience.connect));
  transfer_.set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  const bool verified = is_required();
  const auto optional = server_.tls == SmtpServer::Tls::unused ? CURLUSESSL_NONE : CURLUSESSL_TRY;
  transfer_.set(CURLOPT_USE_SSL, static_cast<long>(verified ? CURLUSESSL_ALL : optional));
  transfer_.set(CURLOPT_SSL_VERIFYPEER, verified ? 1L : 0L);
  transfer_.set(CURLOPT_SSL_VERIFYHOST, verified ? 2L : 0L);
  if (!server_.ca_file.empty()) {
    transfer_.set(CURLOPT_CAINFO, server_.ca_file.c_str());
    transfer_.set(CURLOPT_CAPATH, nullptr);
  }
  if (!server_.user.empty()) {
    transfer_.set(CURLOPT_USERNAME, server_.user.c_str());
    transfer_.set(CURLOPT_PASSWORD, server_.password.c_str());
  }
  transfer_.set(CURLOPT_HEADERFUNCTION, &SmtpConnection::on_line);
  transfer_.set(CURLOPT_HEADERDATA, this);
}

/// Every line that the server says until it is ready. What it offered before TLS counts no more
/// after it: who has the last word is the hello behind the last 220.
std::size_t SmtpConnection::on_line(char* line, std::size_t size, std::size_t count, void* self) {
  auto& connection = *static_cast<SmtpConnection*>(self);
  const std::string_view text(line, size * count);
  if (text.starts_with("220")) connection.offers_ = {};
  if (text.starts_with("250") && text.size() > 4) connection.offers_.read(text.substr(4));
  const bool no = text.starts_with('4') || text.starts_with('5');
  connection.last_words_ = no ? shown_reply(text) : std::string();
  return size * count;
}

void SmtpConnection::connected(CURLcode code) {
  if (state_ != State::connecting) return;
  curl_socket_t socket = CURL_SOCKET_BAD;
  curl_easy_getinfo(transfer_.handle(), CURLINFO_ACTIVESOCKET, &socket);
  if (code != CURLE_OK || socket == CURL_SOCKET_BAD) {
    state_ = State::refused;
    lacks_allowed_tls_ = code == CURLE_SSL_CONNECT_ERROR && !is_required();
    why_ = sentence_of(code);
    if (!last_words_.empty()) why_ += " It said: " + last_words_;
    changed_();
    return;
  }
  state_ = State::open;
  dialogue_ = std::make_unique<SmtpDialogue>(offers_);
  watch_ = std::make_unique<transfer::Watch>(io_, socket, [this](auto ready) { ready_to(ready); });
  go_on();
  changed_();
}

void SmtpConnection::begin(SmtpMail mail) {
  dialogue_->begin(std::move(mail));
  mail_until_ = std::chrono::steady_clock::now() + limits::kMailMax;
  go_on();
}

std::optional<Verdict> SmtpConnection::take_verdict() {
  if (!dialogue_) return std::nullopt;
  auto verdict = dialogue_->take_verdict();
  if (verdict) {
    used_ = true;
    if (state_ == State::open) go_on();
  }
  return verdict;
}

void SmtpConnection::ready_to(transfer::Watch::Ready ready) {
  if (ready == transfer::Watch::Ready::to_read && !read_all()) {
    dialogue_->end("The mail server ended the connection.");
  }
  go_on();
  changed_();
}

/// False where the connection is at its end.
bool SmtpConnection::read_all() {
  std::array<char, kReadBytes> buffer;
  while (dialogue_->usable()) {
    std::size_t octets = 0;
    const CURLcode code = curl_easy_recv(transfer_.handle(), buffer.data(), buffer.size(), &octets);
    if (code == CURLE_AGAIN) return true;
    if (code != CURLE_OK || octets == 0) return false;
    dialogue_->receive({buffer.data(), octets});
  }
  return true;
}

void SmtpConnection::write_all() {
  while (dialogue_->usable() && !dialogue_->to_send().empty()) {
    const auto octets = dialogue_->to_send();
    std::size_t taken = 0;
    const CURLcode code = curl_easy_send(transfer_.handle(), octets.data(), octets.size(), &taken);
    if (code == CURLE_AGAIN) return;
    if (code != CURLE_OK) {
      dialogue_->end("The mail server ended the connection.");
      return;
    }
    moved_ = true;
    dialogue_->sent(taken);
  }
}

/// Sends what there is to send, and sets what is waited for, and for how long.
void SmtpConnection::go_on() {
  if (state_ != State::open) return;
  write_all();
  if (!dialogue_->usable()) {
    close();
    return;
  }
  watch_->want(true, !dialogue_->to_send().empty());
  const Waiting waiting = dialogue_->waiting();
  if (waiting == waited_for_ && !moved_) return;  // an answer in small pieces gains no time
  waited_for_ = waiting;
  moved_ = false;
  const Patience& patience = server_.patience;
  wait(waiting == Waiting::nothing      ? patience.idle
       : waiting == Waiting::reply      ? patience.reply
       : waiting == Waiting::content    ? patience.content
       : waiting == Waiting::acceptance ? patience.accepted
                                        : Duration(limits::kQuitMax));
}

void SmtpConnection::wait(Duration patience) {
  auto until = std::chrono::steady_clock::now() + patience;
  const bool mail = waited_for_ != Waiting::nothing && waited_for_ != Waiting::goodbye;
  if (mail) until = std::min(until, mail_until_);
  deadline_.expires_at(until);
  deadline_.async_wait([this, alive = std::weak_ptr(alive_)](boost::system::error_code error) {
    if (!error && !alive.expired() && deadline_.expiry() <= std::chrono::steady_clock::now()) {
      late();
    }
  });
}

void SmtpConnection::late() {
  if (state_ != State::open) return;
  if (ready()) {
    hang_up();
  } else {
    cut("The mail server did not answer in time.");
  }
  changed_();
}

void SmtpConnection::hang_up() {
  if (!ready()) return;
  dialogue_->quit();
  go_on();
}

void SmtpConnection::cut(std::string_view why) {
  if (dialogue_) dialogue_->end(why);
  why_ = why;
  close();
}

void SmtpConnection::close() {
  state_ = state_ == State::connecting ? State::refused : State::closed;
  watch_.reset();
  deadline_.cancel();
  boost::asio::post(io_, [this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) changed_();
  });
}

}  // namespace connectors::email
