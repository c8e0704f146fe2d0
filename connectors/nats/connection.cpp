#include "connectors/nats/connection.hpp"

#include <fmt/format.h>
#include <nats/nats.h>

#include <atomic>
#include <charconv>
#include <condition_variable>
#include <mutex>

#include "connectors/nats/limits.hpp"
#include "engine/base/trace.hpp"
#include "engine/trust/files.hpp"

namespace connectors::nats {

using engine::Failure;
using engine::Result;
using engine::Sequence;

namespace {

template <class T, void (*destroy)(T*)>
struct Destroy {
  void operator()(T* one) const noexcept { destroy(one); }
};
using Options = std::unique_ptr<natsOptions, Destroy<natsOptions, natsOptions_Destroy>>;
using Message = std::unique_ptr<natsMsg, Destroy<natsMsg, natsMsg_Destroy>>;
using StreamInfo = std::unique_ptr<jsStreamInfo, Destroy<jsStreamInfo, jsStreamInfo_Destroy>>;
using ConsumerInfo =
    std::unique_ptr<jsConsumerInfo, Destroy<jsConsumerInfo, jsConsumerInfo_Destroy>>;
using PublishAck = std::unique_ptr<jsPubAck, Destroy<jsPubAck, jsPubAck_Destroy>>;

template <class D>
std::int64_t milliseconds(D duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

/// The library's sentence for what its last call on this thread met.
Failure failure(std::string_view doing, natsStatus status) {
  natsStatus last = NATS_OK;
  const char* detail = nats_GetLastError(&last);
  const bool more = detail != nullptr && last == status && detail[0] != '\0';
  return Failure{more ? fmt::format("{}: {} ({})", doing, natsStatus_GetText(status), detail)
                      : fmt::format("{}: {}", doing, natsStatus_GetText(status))};
}

/// What the library's threads may touch: it lives until the last of them has said so.
struct Watch {
  std::mutex mutex;
  std::condition_variable changed;
  bool over = false;
  std::function<void()> ended;
};
using WatchPtr = std::shared_ptr<Watch>;

void on_closed(natsConnection*, void* closure) {
  const std::unique_ptr<WatchPtr> watch(static_cast<WatchPtr*>(closure));
  {
    const std::lock_guard lock((*watch)->mutex);
    (*watch)->over = true;
  }
  (*watch)->changed.notify_all();
  (*watch)->ended();
}

/// Whether what the server does not permit is to tell partners of alerts. It names the subject.
bool is_of_alerts(std::string_view said) {
  const auto named = [said](std::string_view quoted) {
    return said.find(quoted) != std::string_view::npos;
  };
  return named("\"alerts.") || named("\"areas.") || named("\"orgs.");
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

Result<Message> message_of(const Outgoing& outgoing) {
  natsMsg* made = nullptr;
  natsStatus status = natsMsg_Create(&made, outgoing.subject.c_str(), nullptr, outgoing.body.data(),
                                     static_cast<int>(outgoing.body.size()));
  if (status != NATS_OK) return failure("a message", status);
  Message message(made);
  if (!outgoing.id.empty()) {
    status = natsMsgHeader_Add(made, std::string(kMessageId).c_str(), outgoing.id.c_str());
  }
  if (outgoing.headers != nullptr) {
    for (const Header& header : *outgoing.headers) {
      if (status != NATS_OK) break;
      status = natsMsgHeader_Add(made, header.name.c_str(), header.value.c_str());
    }
  }
  if (status != NATS_OK) return failure("a message's headers", status);
  return message;
}

std::string header_of(natsMsg* message, std::string_view name) {
  const char* value = nullptr;
  const natsStatus status = natsMsgHeader_Get(message, std::string(name).c_str(), &value);
  return status == NATS_OK ? value : "";
}

StreamEnd end_of(natsMsg* message) {
  StreamEnd end{header_of(message, kEpoch), Sequence::none, header_of(message, kMessageId)};
  const std::string digits = header_of(message, kSequence);
  std::uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  end.sequence = Sequence{number};
  return end;
}

}  // namespace

struct Connection::Parts {
  natsConnection* connection = nullptr;
  jsCtx* stream = nullptr;
  natsSubscription* requests = nullptr;
  WatchPtr watch;
};

Connection::Connection(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Connection::~Connection() {
  close();
  {
    // The library's last word about it has to come before what it speaks of is gone, and before a
    // subscription is that its reader may just be handing a message to.
    std::unique_lock lock(parts_->watch->mutex);
    parts_->watch->changed.wait_for(lock, limits::kStopMax, [this] { return parts_->watch->over; });
  }
  natsSubscription_Destroy(parts_->requests);
  jsCtx_Destroy(parts_->stream);
  natsConnection_Destroy(parts_->connection);
}

Result<std::shared_ptr<Connection>> Connection::open(const NatsConfig& config,
                                                     const std::string& name,
                                                     std::function<void()> ended) {
  auto options = options_of(config, name);
  if (!options) return options.error();
  auto parts = std::make_unique<Parts>();
  parts->watch = std::make_shared<Watch>();
  parts->watch->ended = std::move(ended);
  // Whoever is told that it is over frees it; where it never begins nobody is told.
  auto told = std::make_unique<WatchPtr>(parts->watch);
  natsStatus status = natsOptions_SetClosedCB(options->get(), on_closed, told.get());
  if (status == NATS_OK) status = natsConnection_Connect(&parts->connection, options->get());
  if (status != NATS_OK) return failure(config.url, status);
  (void)told.release();
  auto connection = std::shared_ptr<Connection>(new Connection(std::move(parts)));
  const auto payload = natsConnection_GetMaxPayload(connection->parts_->connection);
  if (payload < static_cast<std::int64_t>(limits::kPayloadLeast)) {
    return Failure{fmt::format("{}: max_payload is {}, and must be at least {}", config.url,
                               payload, limits::kPayloadLeast)};
  }
  return connection;
}

bool Connection::over() const {
  const std::lock_guard lock(parts_->watch->mutex);
  return parts_->watch->over;
}

void Connection::close() { natsConnection_Close(parts_->connection); }

Result<void> Connection::publish(const Outgoing& outgoing) {
  auto message = message_of(outgoing);
  if (!message) return message.error();
  const natsStatus status = natsConnection_PublishMsg(parts_->connection, message->get());
  if (status != NATS_OK) return failure("publish", status);
  return {};
}

Result<void> Connection::round_trip() {
  const natsStatus status =
      natsConnection_FlushTimeout(parts_->connection, milliseconds(limits::kAnswerMax));
  if (status != NATS_OK) return failure("the server's answer", status);
  // What it does not permit us it has said before it answered, and it goes on as if nothing were.
  const char* said = nullptr;
  const natsStatus last = natsConnection_GetLastError(parts_->connection, &said);
  if (last != NATS_OK && is_of_alerts(said)) return Failure{said};
  return {};
}

Result<Connection::Stream> Connection::open_stream() {
  jsOptions options;
  natsStatus status = jsOptions_Init(&options);
  options.Wait = milliseconds(limits::kAnswerMax);
  if (status == NATS_OK && parts_->stream == nullptr) {
    status = natsConnection_JetStream(&parts_->stream, parts_->connection, &options);
  }
  if (status != NATS_OK) return failure("JetStream", status);
  jsStreamInfo* made = nullptr;
  jsErrCode code = static_cast<jsErrCode>(0);
  status = js_GetStreamInfo(&made, parts_->stream, kStreamName, nullptr, &code);
  if (status == NATS_NO_RESPONDERS || code == JSNotEnabledErr ||
      code == JSNotEnabledForAccountErr) {
    return Stream{};
  }
  if (status == NATS_NOT_FOUND || code == JSStreamNotFoundErr) {
    const char* subjects[] = {kStreamSubjects};
    jsStreamConfig wanted;
    jsStreamConfig_Init(&wanted);
    wanted.Name = kStreamName;
    wanted.Description = "Alerts for everybody, as they were signed; made by Tocsin";
    wanted.Subjects = subjects;
    wanted.SubjectsLen = 1;
    wanted.Storage = js_FileStorage;
    wanted.Discard = js_DiscardNew;  // where it may not grow, what is there stays
    wanted.DenyDelete = true;
    wanted.DenyPurge = true;
    status = js_AddStream(&made, parts_->stream, &wanted, nullptr, &code);
  }
  const StreamInfo info(made);
  if (status != NATS_OK) return failure(fmt::format("the stream {}", kStreamName), status);
  const jsStreamConfig* config = info->Config;
  if (config->SubjectsLen != 1 || std::string_view(config->Subjects[0]) != kStreamSubjects) {
    return Failure{fmt::format("the stream {} is there and keeps other subjects than {}",
                               kStreamName, kStreamSubjects)};
  }
  Stream stream{true, std::nullopt};
  if (info->State.Msgs == 0) return stream;
  natsMsg* last = nullptr;
  status = js_GetMsg(&last, parts_->stream, kStreamName, info->State.LastSeq, nullptr, &code);
  const Message message(last);
  if (status != NATS_OK) return failure("the stream's newest message", status);
  stream.end = end_of(last);
  return stream;
}

Result<void> Connection::open_consumer(const std::string& partner) {
  jsConsumerInfo* made = nullptr;
  jsErrCode code = static_cast<jsErrCode>(0);
  natsStatus status =
      js_GetConsumerInfo(&made, parts_->stream, kStreamName, partner.c_str(), nullptr, &code);
  if (status == NATS_NOT_FOUND || code == JSConsumerNotFoundErr) {
    jsConsumerConfig wanted;
    jsConsumerConfig_Init(&wanted);
    wanted.Durable = partner.c_str();
    wanted.DeliverPolicy = js_DeliverAll;
    wanted.AckPolicy = js_AckExplicit;
    status = js_AddConsumer(&made, parts_->stream, kStreamName, &wanted, nullptr, &code);
  }
  const ConsumerInfo info(made);
  if (status != NATS_OK) return failure(fmt::format("the consumer {}", partner), status);
  return {};
}

Result<void> Connection::keep(const Outgoing& outgoing) {
  auto message = message_of(outgoing);
  if (!message) return message.error();
  jsPubOptions options;
  jsPubOptions_Init(&options);
  options.MaxWait = milliseconds(limits::kAnswerMax);
  options.ExpectStream = kStreamName;
  jsPubAck* made = nullptr;
  jsErrCode code = static_cast<jsErrCode>(0);
  const natsStatus status = js_PublishMsg(&made, parts_->stream, message->get(), &options, &code);
  const PublishAck ack(made);
  if (status != NATS_OK) return failure("the stream's acknowledgement", status);
  return {};
}

Result<void> Connection::listen(const std::string& subject) {
  natsStatus status = natsConnection_QueueSubscribeSync(&parts_->requests, parts_->connection,
                                                        subject.c_str(), "tocsin");
  if (status == NATS_OK) {
    status = natsSubscription_SetPendingLimits(parts_->requests,
                                               static_cast<int>(limits::kRequestsWaiting),
                                               static_cast<int>(limits::kRequestsWaitingBytes));
  }
  if (status != NATS_OK) return failure(subject, status);
  return {};
}

std::optional<Incoming> Connection::next(std::chrono::milliseconds patience) {
  natsMsg* taken = nullptr;
  if (natsSubscription_NextMsg(&taken, parts_->requests, patience.count()) != NATS_OK) {
    return std::nullopt;
  }
  const Message message(taken);
  Incoming incoming;
  if (const char* reply = natsMsg_GetReply(taken)) incoming.reply = reply;
  incoming.body.assign(natsMsg_GetData(taken),
                       static_cast<std::size_t>(natsMsg_GetDataLength(taken)));
  return incoming;
}

}  // namespace connectors::nats
