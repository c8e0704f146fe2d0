#include "connectors/nats/library.hpp"

#include <fmt/format.h>

#include "connectors/nats/limits.hpp"
#include "engine/base/trace.hpp"
#include "engine/trust/files.hpp"

namespace connectors::nats {

using engine::Failure;
using engine::Result;

Failure failure(std::string_view doing, natsStatus status) {
  natsStatus last = NATS_OK;
  const char* detail = nats_GetLastError(&last);
  const bool more = detail != nullptr && last == status && detail[0] != '\0';
  return Failure{more ? fmt::format("{}: {} ({})", doing, natsStatus_GetText(status), detail)
                      : fmt::format("{}: {}", doing, natsStatus_GetText(status))};
}

bool is_of_alerts(std::string_view said) {
  const auto named = [said](std::string_view quoted) {
    return said.find(quoted) != std::string_view::npos;
  };
  return named("\"alerts.") || named("\"areas.") || named("\"orgs.");
}

namespace {

using WatchPtr = std::shared_ptr<Session::Watch>;

void on_closed(natsConnection*, void* closure) {
  const std::unique_ptr<WatchPtr> watch(static_cast<WatchPtr*>(closure));
  {
    const std::lock_guard lock((*watch)->mutex);
    (*watch)->over = true;
  }
  (*watch)->changed.notify_all();
  (*watch)->ended();
}

/// What the server says besides, such as that a subject is not permitted to us.
void on_error(natsConnection*, natsSubscription*, natsStatus status, void*) {
  natsStatus last = NATS_OK;
  const char* detail = nats_GetLastError(&last);
  // Of each of hundreds of areas; round_trip() says it once.
  if (status == NATS_NOT_PERMITTED && detail != nullptr && is_of_alerts(detail)) return;
  engine::trace(
      engine::Level::warning, "nats_complained",
      {{"status", natsStatus_GetText(status)}, {"detail", detail == nullptr ? "" : detail}});
}

natsStatus set_who(natsOptions* options, const NatsConfig& config, const engine::Bytes& password) {
  if (!config.nkey.empty()) {
    return natsOptions_SetNKeyFromSeed(options, config.nkey.c_str(), config.nkey_seed_file.c_str());
  }
  if (config.user.empty()) return NATS_OK;
  return natsOptions_SetUserInfo(options, config.user.c_str(), password.c_str());
}

natsStatus set_tls(natsOptions* options, const NatsConfig& config, const NatsUrl& url) {
  if (!url.tls && config.ca_file.empty()) return NATS_OK;
  natsStatus status = natsOptions_SetSecure(options, true);
  if (status == NATS_OK) status = natsOptions_SetExpectedHostname(options, url.host.c_str());
  if (status == NATS_OK && !config.ca_file.empty()) {
    status = natsOptions_LoadCATrustedCertificates(options, config.ca_file.c_str());
  }
  if (status == NATS_OK && !config.cert_file.empty()) {
    status = natsOptions_LoadCertificatesChain(options, config.cert_file.c_str(),
                                               config.key_file.c_str());
  }
  return status;
}

natsStatus set_manner(natsOptions* options, const std::string& name) {
  const std::pair<natsStatus (*)(natsOptions*, std::int64_t), std::int64_t> times[] = {
      {natsOptions_SetTimeout, milliseconds(limits::kConnectMax)},
      {natsOptions_SetPingInterval, milliseconds(limits::kPingEvery)},
      {natsOptions_SetWriteDeadline, milliseconds(limits::kWriteMax)}};
  for (const auto& [set, time] : times) {
    if (const natsStatus status = set(options, time); status != NATS_OK) return status;
  }
  natsStatus status = natsOptions_SetName(options, name.c_str());
  if (status == NATS_OK) status = natsOptions_SetMaxPingsOut(options, limits::kPingsMissed);
  // A new connection is ours to make, and to a server that was named to us.
  if (status == NATS_OK) status = natsOptions_SetAllowReconnect(options, false);
  if (status == NATS_OK) status = natsOptions_SetIgnoreDiscoveredServers(options, true);
  if (status == NATS_OK) status = natsOptions_SetErrorHandler(options, on_error, nullptr);
  return status;
}

Result<Options> options_of(const NatsConfig& config, const std::string& name) {
  const auto url = parse_url(config.url);
  if (!url) return url.error();
  engine::Bytes password;
  if (!config.password_file.empty()) {
    auto secret = engine::trust::read_secret(config.password_file);
    if (!secret) return secret.error();
    password = *std::move(secret);
  }
  if (!config.nkey_seed_file.empty()) {  // the library reads it itself, whoever else may
    const auto seed = engine::trust::read_secret(config.nkey_seed_file);
    if (!seed) return seed.error();
  }
  natsOptions* made = nullptr;
  if (const natsStatus status = natsOptions_Create(&made); status != NATS_OK) {
    return failure("NATS", status);
  }
  Options options(made);
  const bool v6 = url->host.find(':') != std::string::npos;
  const std::string server =
      fmt::format("nats://{}{}{}:{}", v6 ? "[" : "", url->host, v6 ? "]" : "", url->port);
  natsStatus status = natsOptions_SetURL(options.get(), server.c_str());
  if (status == NATS_OK) status = set_manner(options.get(), name);
  if (status == NATS_OK) status = set_who(options.get(), config, password);
  if (status == NATS_OK) status = set_tls(options.get(), config, *url);
  if (status != NATS_OK) return failure("the settings for the NATS server", status);
  return options;
}

}  // namespace

Result<std::unique_ptr<Session>> Session::open(const NatsConfig& config, const std::string& name,
                                               std::function<void()> ended) {
  auto options = options_of(config, name);
  if (!options) return options.error();
  auto watch = std::make_shared<Watch>();
  watch->ended = std::move(ended);
  auto session = std::unique_ptr<Session>(new Session(watch));
  // Whoever is told that it is over frees it; where it never begins nobody is told.
  auto told = std::make_unique<WatchPtr>(watch);
  natsStatus status = natsOptions_SetClosedCB(options->get(), on_closed, told.get());
  if (status == NATS_OK) status = natsConnection_Connect(&session->connection_, options->get());
  if (status != NATS_OK) return failure(config.url, status);
  (void)told.release();
  const auto payload = natsConnection_GetMaxPayload(session->connection_);
  if (payload < static_cast<std::int64_t>(limits::kPayloadLeast)) {
    return Failure{fmt::format("{}: max_payload is {}, and must be at least {}", config.url,
                               payload, limits::kPayloadLeast)};
  }
  return session;
}

Session::~Session() {
  if (connection_ == nullptr) return;
  end();
  natsConnection_Destroy(connection_);
}

void Session::end() {
  close();
  std::unique_lock lock(watch_->mutex);
  watch_->changed.wait_for(lock, limits::kStopMax, [this] { return watch_->over; });
}

bool Session::over() const {
  const std::lock_guard lock(watch_->mutex);
  return watch_->over;
}

void Session::close() { natsConnection_Close(connection_); }

}  // namespace connectors::nats
