#include "connectors/email/email_channel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <charconv>

#include "connectors/email/address.hpp"
#include "connectors/email/code_mail.hpp"
#include "connectors/email/dkim.hpp"
#include "connectors/email/mail.hpp"
#include "connectors/email/maildir.hpp"
#include "connectors/email/return_path.hpp"
#include "connectors/email/route_lines.hpp"
#include "connectors/email/words.hpp"
#include "engine/base/ensure.hpp"
#include "engine/secrets.hpp"
#include "engine/trust/files.hpp"

namespace connectors::email {

using engine::Attempt;
using engine::Attempted;
using engine::Bytes;
using engine::Done;
using engine::Failure;
using engine::Fate;
using engine::Result;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kBounceKeyOctets = 32;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view domain_of(std::string_view address) {
  return address.substr(address.find('@') + 1);
}

/// 64 hexadecimal digits, drawn where there is no such file yet.
Result<Bytes> read_bounce_key(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error)) {
    const auto drawn = engine::hash_of_secret(engine::draw_secret());
    const auto written =
        engine::trust::create_file(file, engine::to_hex(engine::view(drawn)) + "\n", 0600);
    if (!written) return Failure{written.error().what};
  }
  const auto text = engine::trust::read_secret(file);
  if (!text) return text.error();
  const auto key = engine::from_hex(*text);
  if (!key || key->size() != kBounceKeyOctets) {
    return Failure{file.string(), " holds no key of 64 hexadecimal digits"};
  }
  return *key;
}

bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '.';
  });
}

bool is_base(std::string_view url) {
  constexpr std::string_view kScheme = "https://";
  constexpr std::size_t kBytes = 200;
  if (!url.starts_with(kScheme) || url.size() > kBytes) return false;
  url.remove_prefix(kScheme.size());
  const std::string_view host = url.substr(0, url.find_first_of(":/"));
  return is_host(host) && std::all_of(url.begin(), url.end(), [](char c) {
           return c > ' ' && c < '\x7f' &&
                  std::string_view("<>\",?#@\\").find(c) == std::string::npos;
         });
}

Result<void> check_url(std::string_view url) {
  const Failure wrong{
      "the url of a mail server is smtp://HOST[:PORT] or smtps://HOST[:PORT]; the "
      "user has a key of its own"};
  const std::size_t scheme = url.starts_with("smtp://") ? 7 : url.starts_with("smtps://") ? 8 : 0;
  if (scheme == 0) return wrong;
  std::string_view rest = url.substr(scheme);
  if (rest.starts_with('[')) {
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos) return wrong;
    const std::string_view inside = rest.substr(1, end - 1);
    if (inside.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos) {
      return wrong;
    }
    rest.remove_prefix(end + 1);
  } else {
    const std::string_view host = rest.substr(0, rest.find(':'));
    if (!is_host(host)) return wrong;
    rest.remove_prefix(host.size());
  }
  if (rest.empty()) return {};
  int port = 0;
  const auto [end, error] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), port);
  if (rest.front() != ':' || error != std::errc{} || end != rest.data() + rest.size() || port < 1 ||
      port > 65'535) {
    return wrong;
  }
  return {};
}

/// Nobody stands on the way to it.
bool is_this_machine(std::string_view url) {
  for (const std::string_view host : {"smtp://127.0.0.1", "smtp://[::1]", "smtp://localhost"}) {
    if (url.starts_with(host) && (url.size() == host.size() || url[host.size()] == ':'))
      return true;
  }
  return false;
}

Result<void> check_route(const Route& route, bool first) {
  if (auto url = check_url(route.url); !url) return url;
  if (route.user.empty() != route.password_file.empty()) {
    return Failure{"user and password_file go together"};
  }
  const bool verified = route.tls == SmtpServer::Tls::required || route.url.starts_with("smtps://");
  if (!route.user.empty() && !verified && !is_this_machine(route.url)) {
    return Failure{"a password goes over TLS alone: starttls = \"required\", or smtps://"};
  }
  if (first != route.domains.empty()) {
    return Failure{"the first route takes all domains, and each other one names its own"};
  }
  for (const std::string& domain : route.domains) {
    if (!is_host(domain) || domain != lower(domain)) {
      return Failure{"a route's domains are in lower case, xn--… for others than ASCII: ", domain};
    }
  }
  return {};
}

/// What the courier owns of mail.
class EmailChannel final : public engine::Channel {
 public:
  struct Parts {
    EmailOptions options;
    std::vector<std::string> passwords;
    std::vector<Signer> signers;
    Bytes bounce_key;
    std::optional<Maildir> maildir;
  };
  EmailChannel(boost::asio::io_context& io, const engine::Clock& clock, engine::Metrics& metrics,
               Parts parts);

  engine::Way way() const noexcept override { return engine::Way::email; }
  void start(engine::ChannelListener& listener) override;
  std::size_t room() const override;
  void attempt(Attempt attempt, Done<Attempted> done) override;
  bool sends_codes() const noexcept override { return true; }
  void send_code(engine::CodeMessage message, Done<Attempted> done) override;
  std::vector<engine::GatewayState> gateways() const override;
  void stop(Done<bool> stopped) override;

 private:
  Result<SmtpMail> compose(const Attempt& attempt) const;
  Result<SmtpMail> compose(const engine::CodeMessage& message) const;
  void send(const std::string& address, const Result<SmtpMail>& mail, Done<Attempted> done);
  std::string link_to(engine::LinkFor purpose, const Attempt& attempt) const;
  std::size_t route_of(std::string_view address) const;
  void finish(std::size_t route, Done<Attempted> done, Verdict verdict);
  void look_for_room();
  void scan();
  void report(const Bounce& bounce, engine::Kept kept);
  void stop_on();

  boost::asio::io_context& io_;
  const engine::Clock& clock_;
  Parts parts_;
  std::vector<std::unique_ptr<RouteLines>> routes_;
  engine::Counter &reports_, &strangers_, &aside_;
  engine::ChannelListener* listener_ = nullptr;
  std::size_t under_way_ = 0;

  std::optional<Done<bool>> stopped_;
  std::chrono::steady_clock::time_point stop_by_{};
  boost::asio::steady_timer room_timer_, scan_timer_, stop_timer_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

EmailChannel::EmailChannel(boost::asio::io_context& io, const engine::Clock& clock,
                           engine::Metrics& metrics, Parts parts)
    : io_(io),
      clock_(clock),
      parts_(std::move(parts)),
      reports_(metrics.counter("tocsin_email_reports_total",
                               "Messages in the Maildir of bounces, by what they were",
                               R"(kind="report")")),
      strangers_(metrics.counter("tocsin_email_reports_total",
                                 "Messages in the Maildir of bounces, by what they were",
                                 R"(kind="other")")),
      aside_(metrics.counter("tocsin_email_reports_total",
                             "Messages in the Maildir of bounces, by what they were",
                             R"(kind="unreadable")")),
      room_timer_(io),
      scan_timer_(io),
      stop_timer_(io) {
  const EmailOptions& options = parts_.options;
  for (std::size_t i = 0; i < options.routes.size(); ++i) {
    const Route& route = options.routes[i];
    routes_.push_back(
        std::make_unique<RouteLines>(io,
                                     SmtpServer{route.url, route.tls, route.ca_file, options.hello,
                                                route.user, parts_.passwords[i], options.patience},
                                     options.at_once));
  }
}

void EmailChannel::start(engine::ChannelListener& listener) {
  listener_ = &listener;
  if (parts_.maildir) scan();
}

std::size_t EmailChannel::room() const {
  const bool somewhere = std::any_of(routes_.begin(), routes_.end(), [](const auto& route) {
    return route->away() == engine::Duration{0};
  });
  if (stopped_ || !somewhere) return 0;
  return parts_.options.at_once - std::min(parts_.options.at_once, under_way_);
}

std::size_t EmailChannel::route_of(std::string_view address) const {
  const std::string domain = lower(domain_of(address));
  const auto& routes = parts_.options.routes;
  for (std::size_t i = 1; i < routes.size(); ++i) {
    const auto& domains = routes[i].domains;
    if (std::find(domains.begin(), domains.end(), domain) != domains.end()) return i;
  }
  return 0;
}

Result<SmtpMail> EmailChannel::compose(const Attempt& attempt) const {
  const EmailOptions& options = parts_.options;
  const engine::Story& story = *attempt.story;
  Letter letter;
  letter.delivery = attempt.delivery;
  letter.from = options.from;
  letter.from_name = options.from_name;
  letter.to = attempt.address;
  letter.language = attempt.language;
  letter.date = clock_.now();
  letter.alert = &story.alert;
  letter.sender_name = story.sender_name;
  letter.id = story.bulletin->id;
  letter.payload = story.bulletin->envelope.payload;
  letter.envelope = story.envelope;
  for (const engine::Told& told : attempt.earlier) {
    letter.earlier.push_back({told.delivery, told.title});
  }
  const bool returns = !options.bounce_domain.empty();
  SmtpMail mail;
  mail.return_path = returns
                         ? return_path(attempt.delivery, options.bounce_domain, parts_.bounce_key)
                         : options.from;
  letter.answer = link_to(engine::LinkFor::answering, attempt);
  letter.unsubscribe = link_to(engine::LinkFor::leaving, attempt);
  const auto message = write_mail(letter);
  if (!message) return message.error();
  mail.recipient = attempt.address;
  mail.envelope_id = engine::to_hex(engine::view(attempt.delivery));
  mail.content = with_signatures(*message, parts_.signers, letter.date);
  return mail;
}

/// What becomes of it is nobody's delivery: its bounces come back to us under no name of ours.
Result<SmtpMail> EmailChannel::compose(const engine::CodeMessage& message) const {
  const EmailOptions& options = parts_.options;
  engine::DeliveryId id{};
  const auto drawn = engine::hash_of_secret(engine::draw_secret());
  std::copy_n(drawn.begin(), id.size(), id.begin());
  const engine::Time now = clock_.now();
  const auto written = write_code_mail({message, options.from, options.from_name, id, now});
  if (!written) return written.error();
  return SmtpMail{options.from, message.address, engine::to_hex(engine::view(id)),
                  with_signatures(*written, parts_.signers, now)};
}

std::string EmailChannel::link_to(engine::LinkFor purpose, const Attempt& attempt) const {
  const EmailOptions& options = parts_.options;
  if (options.links.empty() || !options.link_code) return {};
  const auto code = options.link_code(purpose, attempt.delivery);
  if (!code) return {};
  std::string link = options.links;
  if (link.ends_with('/')) link.pop_back();
  link += (purpose == engine::LinkFor::answering ? "/answer/" : "/unsubscribe/") + *code;
  if (language_of(attempt.language) == Language::welsh) link += "?lang=cy";
  return link;
}

void EmailChannel::attempt(Attempt attempt, Done<Attempted> done) {
  send(attempt.address, compose(attempt), std::move(done));
}

void EmailChannel::send_code(engine::CodeMessage message, Done<Attempted> done) {
  send(message.address, compose(message), std::move(done));
}

void EmailChannel::send(const std::string& address, const Result<SmtpMail>& mail,
                        Done<Attempted> done) {
  ENSURE(room() > 0);
  ++under_way_;
  const std::size_t route = route_of(address);
  auto settled = [this, route, shared = std::make_shared<Done<Attempted>>(std::move(done))](
                     Verdict verdict) { finish(route, std::move(*shared), std::move(verdict)); };
  if (mail) {
    routes_[route]->send(*mail, std::move(settled));
    return;
  }
  // Nothing can be written to such an address: somebody has to mend it. What fails otherwise is
  // ours.
  Verdict verdict = not_now(mail.error().what);
  verdict.outcome.fate = Fate::permanent;
  verdict.outcome.contact_dead = !check_address(address);
  boost::asio::post(io_, [settled, verdict]() mutable { settled(std::move(verdict)); });
}

void EmailChannel::finish(std::size_t route, Done<Attempted> done, Verdict verdict) {
  const bool was_full = under_way_ >= parts_.options.at_once;
  --under_way_;
  Attempted attempted;
  attempted.outcome = std::move(verdict.outcome);
  attempted.uncertain = verdict.uncertain;
  attempted.gateway = parts_.options.routes[route].name;
  done(std::move(attempted));
  look_for_room();
  if (was_full && room() > 0) listener_->has_room(engine::Way::email);
  if (stopped_) stop_on();
}

/// Where no server can be reached, says when one may be again.
void EmailChannel::look_for_room() {
  engine::Duration soonest = limits::kAwayMax;
  for (const auto& route : routes_) soonest = std::min(soonest, route->away());
  if (soonest == engine::Duration{0} || stopped_) return;
  room_timer_.expires_after(soonest);
  room_timer_.async_wait([this, alive = std::weak_ptr(alive_)](auto error) {
    if (error || alive.expired()) return;
    if (room() > 0) listener_->has_room(engine::Way::email);
  });
}

std::vector<engine::GatewayState> EmailChannel::gateways() const {
  std::vector<engine::GatewayState> states;
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    states.push_back({parts_.options.routes[i].name, routes_[i]->why().empty(), routes_[i]->why(),
                      routes_[i]->under_way()});
  }
  return states;
}

void EmailChannel::scan() {
  const auto turn = parts_.maildir->scan(
      [this](const Bounce& bounce, engine::Kept kept) { report(bounce, std::move(kept)); });
  reports_.add(turn.reports);
  strangers_.add(turn.strangers);
  aside_.add(turn.aside);
  scan_timer_.expires_after(turn.more ? engine::Duration(limits::kScanSoon)
                                      : engine::Duration(limits::kScanEvery));
  scan_timer_.async_wait([this, alive = std::weak_ptr(alive_)](auto error) {
    if (!error && !alive.expired() && !stopped_) scan();
  });
}

/// An automatic answer says nothing of a delivery; and nobody but the return path takes a contact
/// away (bounce.hpp).
void EmailChannel::report(const Bounce& bounce, engine::Kept kept) {
  engine::Report report;
  switch (bounce.kind) {
    case Bounce::Kind::failed:
    case Bounce::Kind::gave_up:
      report.kind = engine::Report::Kind::failed;
      break;
    case Bounce::Kind::delayed:
      report.kind = engine::Report::Kind::delayed;
      break;
    case Bounce::Kind::delivered:
      report.kind = engine::Report::Kind::delivered;
      break;
    case Bounce::Kind::unclear:
      return kept(true);
  }
  report.contact_dead = bounce.contact_dead;
  report.why = bounce.why;
  listener_->reported(bounce.delivery, report, std::move(kept));
}

void EmailChannel::stop(Done<bool> stopped) {
  stopped_ = std::move(stopped);
  const auto now = std::chrono::steady_clock::now();
  stop_by_ = now + limits::kStopMax;
  room_timer_.cancel();
  scan_timer_.cancel();
  boost::asio::post(io_, [this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) stop_on();
  });
}

/// Looks again every few milliseconds until everything is said and done.
void EmailChannel::stop_on() {
  if (!stopped_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now >= stop_by_) {
    for (const auto& route : routes_) route->cut();
  } else {
    for (const auto& route : routes_) route->hang_up();
  }
  const bool hung_up = std::all_of(routes_.begin(), routes_.end(),
                                   [](const auto& route) { return route->hung_up(); });
  if (under_way_ == 0 && hung_up) {
    auto stopped = std::move(*stopped_);
    stopped_.reset();
    stop_timer_.cancel();
    stopped(true);
    return;
  }
  if (under_way_ == 0) stop_by_ = std::min(stop_by_, now + limits::kQuitMax);
  stop_timer_.expires_after(limits::kScanSoon);
  stop_timer_.async_wait([this, alive = std::weak_ptr(alive_)](auto error) {
    if (!error && !alive.expired()) stop_on();
  });
}

}  // namespace

Result<void> check(const EmailOptions& options) {
  if (const auto from = check_address(options.from); !from) {
    return Failure{"from: ", from.error().what};
  }
  if (options.routes.empty() || options.routes.size() > limits::kRoutes) {
    return Failure{"at most 32 routes are wanted"};
  }
  for (std::size_t i = 0; i < options.routes.size(); ++i) {
    if (auto checked = check_route(options.routes[i], i == 0); !checked) return checked;
  }
  if (options.at_once < 1 || options.at_once > limits::kAtOnceMax) {
    return Failure{"at_once is a number from 1 to 100"};
  }
  if (!is_host(options.hello)) return Failure{"hello is the name of this host in ASCII"};
  const bool returns = !options.bounce_domain.empty();
  if (returns && !is_host(options.bounce_domain)) {
    return Failure{"bounce_domain is a domain, xn--… for others than ASCII"};
  }
  if (returns != !options.bounce_key_file.empty() ||
      (!returns && !options.bounce_maildir.empty())) {
    return Failure{"bounce_domain and bounce_key_file go together; bounce_maildir wants both"};
  }
  if (!options.links.empty() && !is_base(options.links)) {
    return Failure{
        "links is where people reach this engine: https://HOST, with a path where there is one, "
        "and nothing behind it"};
  }
  return {};
}

Result<std::unique_ptr<engine::Channel>> open_email(boost::asio::io_context& io,
                                                    const engine::Clock& clock,
                                                    engine::Metrics& metrics,
                                                    const EmailOptions& options) {
  if (const auto checked = check(options); !checked) return checked.error();
  EmailChannel::Parts parts{options, {}, {}, {}, {}};
  for (const Route& route : options.routes) {
    parts.passwords.emplace_back();
    if (route.password_file.empty()) continue;
    const auto password = engine::trust::read_secret(route.password_file);
    if (!password) return password.error();
    parts.passwords.back() = *password;
  }
  for (const SignerFile& file : options.signers) {
    const auto pem = engine::trust::read_secret(file.key_file);
    if (!pem) return pem.error();
    const auto signer = Signer::open(domain_of(options.from), file.selector, *pem + "\n");
    if (!signer) return Failure{file.key_file.string(), ": ", signer.error().what};
    parts.signers.push_back(*signer);
  }
  if (!options.bounce_key_file.empty()) {
    const auto key = read_bounce_key(options.bounce_key_file);
    if (!key) return key.error();
    parts.bounce_key = *key;
  }
  if (!options.bounce_maildir.empty()) {
    auto maildir = Maildir::open(options.bounce_maildir, parts.bounce_key);
    if (!maildir) return maildir.error();
    parts.maildir = std::move(*maildir);
  }
  return std::unique_ptr<engine::Channel>(
      std::make_unique<EmailChannel>(io, clock, metrics, std::move(parts)));
}

}  // namespace connectors::email
