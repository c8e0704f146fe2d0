#include "connectors/nats/link.hpp"

#include <fmt/format.h>

#include "connectors/nats/library.hpp"
#include "connectors/nats/limits.hpp"

namespace connectors::nats {

using engine::Bytes;
using engine::BytesView;
using engine::Failure;
using engine::Result;

namespace {

constexpr const char* kExpectedLast = "Nats-Expected-Last-Sequence";

Bytes body_of(natsMsg* message) {
  return {natsMsg_GetData(message), static_cast<std::size_t>(natsMsg_GetDataLength(message))};
}

std::optional<Link::Heard> next(natsSubscription* subscription,
                                std::chrono::milliseconds patience) {
  natsMsg* taken = nullptr;
  if (natsSubscription_NextMsg(&taken, subscription, patience.count()) != NATS_OK) {
    return std::nullopt;
  }
  const Message message(taken);
  const char* reply = natsMsg_GetReply(taken);
  return Link::Heard{natsMsg_GetSubject(taken), reply == nullptr ? "" : reply, body_of(taken)};
}

Result<natsSubscription*> subscribe(natsConnection* connection, const std::string& subject) {
  natsSubscription* made = nullptr;
  natsStatus status = natsConnection_SubscribeSync(&made, connection, subject.c_str());
  const int waiting = static_cast<int>(limits::kHeardWaiting);
  if (status == NATS_OK) status = natsSubscription_SetPendingLimits(made, waiting, -1);
  if (status == NATS_OK) return made;
  natsSubscription_Destroy(made);
  return failure(subject, status);
}

}  // namespace

struct Link::Parts {
  std::unique_ptr<Session> session;
  jsCtx* stream = nullptr;
  natsSubscription* heard = nullptr;
  natsSubscription* asked = nullptr;
};

Link::Link(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Link::~Link() {
  parts_->session->end();
  natsSubscription_Destroy(parts_->heard);
  natsSubscription_Destroy(parts_->asked);
  jsCtx_Destroy(parts_->stream);
}

Result<std::shared_ptr<Link>> Link::open(const NatsConfig& config, const std::string& name,
                                         std::function<void()> ended) {
  auto session = Session::open(config, name, std::move(ended));
  if (!session) return session.error();
  auto parts = std::make_unique<Parts>();
  parts->session = *std::move(session);
  jsOptions options;
  natsStatus status = jsOptions_Init(&options);
  options.Wait = milliseconds(limits::kAgreeMax);
  if (status == NATS_OK) {
    status = natsConnection_JetStream(&parts->stream, parts->session->get(), &options);
  }
  auto link = std::shared_ptr<Link>(new Link(std::move(parts)));
  if (status != NATS_OK) return failure("JetStream", status);
  return link;
}

bool Link::over() const { return parts_->session->over(); }
void Link::close() { parts_->session->close(); }

namespace {

Result<std::size_t> replicas_of(const jsStreamInfo& info) {
  const jsStreamConfig* config = info.Config;
  if (config->SubjectsLen != 1 || std::string_view(config->Subjects[0]) != kOrderSubject) {
    return Failure{fmt::format("the stream {} is there and keeps other subjects than {}",
                               kOrderStream, kOrderSubject)};
  }
  return static_cast<std::size_t>(config->Replicas);
}

}  // namespace

Result<std::size_t> Link::find_stream() {
  jsStreamInfo* made = nullptr;
  const natsStatus status = js_GetStreamInfo(&made, parts_->stream, kOrderStream, nullptr, nullptr);
  const StreamInfo info(made);
  if (status == NATS_NOT_FOUND) return Failure{"no node has made its stream yet"};
  if (status != NATS_OK) return failure(fmt::format("the stream {}", kOrderStream), status);
  return replicas_of(*made);
}

Result<std::size_t> Link::open_stream(std::size_t replicas) {
  jsStreamInfo* made = nullptr;
  jsErrCode code = static_cast<jsErrCode>(0);
  natsStatus status = js_GetStreamInfo(&made, parts_->stream, kOrderStream, nullptr, &code);
  if (status == NATS_NOT_FOUND || code == JSStreamNotFoundErr) {
    const char* subjects[] = {kOrderSubject};
    jsStreamConfig wanted;
    jsStreamConfig_Init(&wanted);
    wanted.Name = kOrderStream;
    wanted.Description = "The order of a Tocsin cluster's alerts; its machines have them all";
    wanted.Subjects = subjects;
    wanted.SubjectsLen = 1;
    wanted.Storage = js_FileStorage;
    wanted.Replicas = static_cast<std::int64_t>(replicas);
    // What is older is in the log of every machine: they give it to each other.
    wanted.MaxBytes = limits::kOrderBytes;
    wanted.Discard = js_DiscardOld;
    wanted.DenyDelete = true;
    wanted.DenyPurge = true;
    status = js_AddStream(&made, parts_->stream, &wanted, nullptr, &code);
  }
  const StreamInfo info(made);
  if (status != NATS_OK) return failure(fmt::format("the stream {}", kOrderStream), status);
  return replicas_of(*made);
}

Result<Link::Ends> Link::ends() {
  jsStreamInfo* made = nullptr;
  const natsStatus status = js_GetStreamInfo(&made, parts_->stream, kOrderStream, nullptr, nullptr);
  const StreamInfo info(made);
  if (status != NATS_OK) return failure(fmt::format("the stream {}", kOrderStream), status);
  return Ends{info->State.Msgs, info->State.FirstSeq, info->State.LastSeq};
}

Result<std::optional<Bytes>> Link::message(std::uint64_t number) {
  natsMsg* made = nullptr;
  jsErrCode code = static_cast<jsErrCode>(0);
  const natsStatus status = js_GetMsg(&made, parts_->stream, kOrderStream, number, nullptr, &code);
  const Message message(made);
  if (code == JSNoMessageFoundErr) return std::optional<Bytes>();
  if (status != NATS_OK) return failure(fmt::format("message {} of the order", number), status);
  return std::optional(body_of(made));
}

Link::Kept Link::keep(BytesView body, std::uint64_t last) {
  natsMsg* made = nullptr;
  natsStatus status =
      natsMsg_Create(&made, kOrderSubject, nullptr, body.data(), static_cast<int>(body.size()));
  const Message message(made);
  // By hand: the library takes 0 for "not said".
  if (status == NATS_OK) {
    status = natsMsgHeader_Set(made, kExpectedLast, std::to_string(last).c_str());
  }
  if (status != NATS_OK) return Kept::unknown;
  jsPubOptions options;
  jsPubOptions_Init(&options);
  options.MaxWait = milliseconds(limits::kAgreeMax);
  options.ExpectStream = kOrderStream;
  jsPubAck* acknowledged = nullptr;
  jsErrCode code = static_cast<jsErrCode>(0);
  status = js_PublishMsg(&acknowledged, parts_->stream, made, &options, &code);
  const PublishAck ack(acknowledged);
  if (code == JSStreamWrongLastSequenceErr) return Kept::behind;
  const bool kept = status == NATS_OK && ack->Sequence == last + 1;
  return kept ? Kept::yes : Kept::unknown;
}

Result<void> Link::hear(const std::string& subject) {
  auto made = subscribe(parts_->session->get(), subject);
  if (!made) return made.error();
  parts_->heard = *made;
  return {};
}

Result<void> Link::answer(const std::string& subject) {
  auto made = subscribe(parts_->session->get(), subject);
  if (!made) return made.error();
  parts_->asked = *made;
  return {};
}

std::optional<Link::Heard> Link::next_heard(std::chrono::milliseconds patience) {
  return next(parts_->heard, patience);
}

std::optional<Link::Heard> Link::next_asked(std::chrono::milliseconds patience) {
  return next(parts_->asked, patience);
}

Result<void> Link::say(const std::string& subject, BytesView body) {
  const natsStatus status = natsConnection_Publish(parts_->session->get(), subject.c_str(),
                                                   body.data(), static_cast<int>(body.size()));
  if (status != NATS_OK) return failure(subject, status);
  return {};
}

Result<Bytes> Link::ask(const std::string& subject, BytesView body) {
  natsMsg* made = nullptr;
  const natsStatus status =
      natsConnection_Request(&made, parts_->session->get(), subject.c_str(), body.data(),
                             static_cast<int>(body.size()), milliseconds(limits::kAgreeMax));
  const Message message(made);
  if (status != NATS_OK) return failure(subject, status);
  return body_of(made);
}

}  // namespace connectors::nats
