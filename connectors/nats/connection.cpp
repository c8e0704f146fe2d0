#include "connectors/nats/connection.hpp"

#include <fmt/format.h>

#include <charconv>

#include "connectors/nats/library.hpp"
#include "connectors/nats/limits.hpp"

namespace connectors::nats {

using engine::Failure;
using engine::Result;
using engine::Sequence;

namespace {

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
  std::unique_ptr<Session> session;
  jsCtx* stream = nullptr;
  natsSubscription* requests = nullptr;
  natsConnection* connection() const { return session->get(); }
};

Connection::Connection(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Connection::~Connection() {
  parts_->session->end();
  natsSubscription_Destroy(parts_->requests);
  jsCtx_Destroy(parts_->stream);
}

Result<std::shared_ptr<Connection>> Connection::open(const NatsConfig& config,
                                                     const std::string& name,
                                                     std::function<void()> ended) {
  auto session = Session::open(config, name, std::move(ended));
  if (!session) return session.error();
  auto parts = std::make_unique<Parts>();
  parts->session = *std::move(session);
  return std::shared_ptr<Connection>(new Connection(std::move(parts)));
}

bool Connection::over() const { return parts_->session->over(); }

void Connection::close() { parts_->session->close(); }

Result<void> Connection::publish(const Outgoing& outgoing) {
  auto message = message_of(outgoing);
  if (!message) return message.error();
  const natsStatus status = natsConnection_PublishMsg(parts_->connection(), message->get());
  if (status != NATS_OK) return failure("publish", status);
  return {};
}

Result<void> Connection::round_trip() {
  const natsStatus status =
      natsConnection_FlushTimeout(parts_->connection(), milliseconds(limits::kAnswerMax));
  if (status != NATS_OK) return failure("the server's answer", status);
  // What it does not permit us it has said before it answered, and it goes on as if nothing were.
  const char* said = nullptr;
  const natsStatus last = natsConnection_GetLastError(parts_->connection(), &said);
  if (last != NATS_OK && is_of_alerts(said)) return Failure{said};
  return {};
}

Result<Connection::Stream> Connection::open_stream(std::size_t replicas) {
  jsOptions options;
  natsStatus status = jsOptions_Init(&options);
  options.Wait = milliseconds(limits::kAnswerMax);
  if (status == NATS_OK && parts_->stream == nullptr) {
    status = natsConnection_JetStream(&parts_->stream, parts_->connection(), &options);
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
    wanted.Replicas = static_cast<std::int64_t>(replicas);
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
  natsStatus status = natsConnection_QueueSubscribeSync(&parts_->requests, parts_->connection(),
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
