#include "connectors/nats/publisher.hpp"

#include <future>

#include "connectors/nats/limits.hpp"
#include "engine/base/trace.hpp"
#include "engine/frame.hpp"

namespace connectors::nats {

using engine::Failure;
using engine::Page;
using engine::Record;
using engine::Result;

namespace {

engine::Counter& published(engine::Metrics& metrics, std::string_view label) {
  return metrics.counter("tocsin_nats_published_total", "Messages handed to NATS, by subject",
                         label);
}

Result<Page> next_page(engine::Log& log, engine::Sequence after) {
  auto asked = std::make_shared<std::promise<Result<Page>>>();
  auto page = asked->get_future();
  log.read(after, {limits::kPageRecords, limits::kPageBytes},
           [asked](Result<Page> read) { asked->set_value(std::move(read)); });
  return page.get();
}

/// Whether the log has that bulletin in that place.
Result<bool> is_ours(engine::Log& log, const StreamEnd& end) {
  using Found = Result<std::optional<Record>>;
  auto asked = std::make_shared<std::promise<Found>>();
  auto answer = asked->get_future();
  log.find(end.sequence, [asked](Found found) { asked->set_value(std::move(found)); });
  const auto found = answer.get();
  if (!found) return found.error();
  return *found && message_id((*found)->bulletin->id) == end.id;
}

}  // namespace

Publisher::Publisher(const NatsConfig& config, std::filesystem::path progress_file,
                     engine::Engine& engine)
    : config_(config),
      progress_file_(std::move(progress_file)),
      engine_(engine),
      addressing_(engine.places()),
      rolls_(engine.directory()),
      alerts_(published(engine.metrics(), "subject=\"alerts\"")),
      areas_(published(engine.metrics(), "subject=\"areas\"")),
      members_(published(engine.metrics(), "subject=\"orgs\"")) {}

Result<void> Publisher::load() {
  auto kept = load_progress(progress_file_);
  if (!kept) return kept.error();
  progress_ = resumed(*std::move(kept), engine_.log().epoch(), engine_.log().head());
  return {};
}

Result<void> Publisher::begin(Connection& connection) {
  stream_ = false;
  if (config_.stream == false) return {};
  const auto stream = connection.open_stream(config_.replicas);
  if (!stream) return stream.error();
  if (!stream->there) {
    if (config_.stream != true && !progress_.stream) return {};
    return Failure{
        "the server has no JetStream now, and its stream has to have everything. Where that is "
        "meant, write stream = false in [nats]"};
  }
  for (const auto& partner : config_.partners) {
    if (auto opened = connection.open_consumer(partner); !opened) return opened;
  }
  auto end = stream->end;
  if (end) {
    const auto ours = is_ours(engine_.log(), *end);
    if (!ours) return ours.error();
    if (!*ours) end->epoch.clear();  // whoever put it there does not say where we go on
  }
  const auto before = progress_.published;
  progress_ = resumed(progress_, end, engine_.log().head());
  progress_.stream = stream_ = true;
  if (progress_.published < before) {
    engine::trace(engine::Level::warning, "nats_stream_lost_alerts",
                  {{"published", std::to_string(number(before))},
                   {"stream_has", std::to_string(number(progress_.published))}});
  }
  return {};
}

Result<void> Publisher::publish(Connection& connection) {
  const auto page = next_page(engine_.log(), progress_.published);
  if (!page) return page.error();
  Progress after = progress_;
  for (const Record& record : page->records) {
    if (auto done = publish(connection, record); !done) return done;
    if (may_read(record.bulletin->outline, engine::Member{})) after.last = record.sequence;
  }
  after.published = page->through;
  // What the stream acknowledged is there; of the copies this says it.
  if (auto done = connection.round_trip(); !done) return done;
  if (after != progress_) {
    progress_ = after;
    keep_progress();
  }
  return {};
}

Result<void> Publisher::publish(Connection& connection, const Record& record) {
  const auto subjects = addressing_.subjects_of(
      *record.bulletin, [this](const auto& audience) { return rolls_.members_of(audience); });
  if (subjects.nowhere()) return {};
  const Headers headers = headers_of(record, engine_.log().epoch(), engine_.trust()->system);
  // The copies go first: where the stream has the alert, the server had taken them before it, and
  // whoever asks the stream where to go on need not send them again.
  if (auto done = publish_copies(connection, record, headers, subjects.members, members_); !done) {
    return done;
  }
  if (auto done = publish_copies(connection, record, headers, subjects.areas, areas_); !done) {
    return done;
  }
  if (subjects.everybody.empty()) return {};
  if (stream_) {
    if (auto done = connection.round_trip(); !done) return done;
  }
  const Outgoing alert{subjects.everybody, message_id(record.bulletin->id), &headers,
                       record.bulletin->envelope.payload};
  auto done = stream_ ? connection.keep(alert) : connection.publish(alert);
  if (done) alerts_.add();
  return done;
}

Result<void> Publisher::publish_copies(Connection& connection, const Record& record,
                                       const Headers& headers,
                                       const std::vector<engine::Subjects::Copy>& copies,
                                       engine::Counter& counter) {
  for (const auto& copy : copies) {
    auto done = connection.publish({copy.subject, message_id(record.bulletin->id, copy), &headers,
                                    record.bulletin->envelope.payload});
    if (!done) return done;
    counter.add();
  }
  return {};
}

Result<void> Publisher::beat(Connection& connection) {
  const std::string beat =
      engine::beat_json(engine_.log().head(), engine_.clock().now(), progress_.last);
  const Headers headers{{std::string(kEpoch), engine_.log().epoch()},
                        {std::string(kContentType), "application/json"}};
  return connection.publish({"tocsin.beat", "", &headers, beat});
}

/// Where that fails the partners are told all the same: after a restart once more.
void Publisher::keep_progress() {
  const auto kept = nats::keep_progress(progress_file_, progress_);
  if (kept) return complaint_.clear();
  if (complaint_.empty()) {
    engine::trace(engine::Level::error, "nats_progress_not_kept", {{"what", kept.error().what}});
  }
  complaint_ = kept.error().what;
}

}  // namespace connectors::nats
