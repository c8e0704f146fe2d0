#include "engine/engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "engine/base/trace.hpp"

namespace engine {

namespace {

Refusal log_silent(const std::string& why) {
  Refusal refusal;
  refusal.code = Code::log_unavailable;
  refusal.detail = "The log cannot be asked now: " + why + ". Ask again in a moment.";
  refusal.retry_after_s = 5;
  return refusal;
}

}  // namespace

Engine::Engine(EngineOptions options, const EngineParts& parts)
    : options_(std::move(options)),
      log_(parts.log),
      trust_store_(parts.trust),
      places_(parts.places),
      directory_(parts.directory),
      receipts_(parts.receipts),
      reporting_(parts.log, parts.receipts),
      clock_(parts.clock),
      metrics_(parts.metrics),
      trust_(parts.trust.current()),
      admitted_(
          metrics_.counter("tocsin_bulletins_admitted_total", "Bulletins taken into the log")),
      repeated_(metrics_.counter("tocsin_bulletins_repeated_total",
                                 "Bulletins sent again that were in the log already")) {
  std::random_device seed;
  const ShardParts shard_parts{log_, directory_, receipts_, clock_, metrics_};
  for (std::size_t i = 0; i < options_.shards; ++i) {
    shards_.push_back(std::make_unique<Shard>(shard_parts, seed()));
  }
  metrics_.gauge("tocsin_log_head_sequence", "Sequence of the newest durable bulletin",
                 [this] { return static_cast<double>(number(log_.head())); });
  metrics_.gauge("tocsin_log_writable", "1 while bulletins can be taken in",
                 [this] { return log_.writable() && !log_.full() ? 1.0 : 0.0; });
  metrics_.gauge("tocsin_trust_version", "Version of the trust document in force",
                 [this] { return static_cast<double>(trust_.get()->version); });
  metrics_.gauge(
      "tocsin_trust_expires_timestamp_seconds", "When the trust document expires", [this] {
        return static_cast<double>(trust_.get()->expires.time_since_epoch().count()) / 1e3;
      });
  metrics_.gauge("tocsin_trust_expiry_level",
                 "0: far, 1: within 30 days, 2: within 7 days, 3: the document has expired",
                 [this] {
                   const Time expires = trust_.get()->expires;
                   return static_cast<double>(trust::expiry_of(expires, clock_.now()));
                 });
  metrics_.gauge("tocsin_trust_keys_revoked", "Keys revoked, by the document or beside it",
                 [this] { return static_cast<double>(trust_.get()->revoked.size()); });
  metrics_.gauge("tocsin_subscribers", "Connected streams", [this] {
    std::size_t sum = 0;
    for (const auto& shard : shards_) sum += shard->subscribers();
    return static_cast<double>(sum);
  });
  metrics_.gauge("tocsin_organisations", "Organisations in the directory",
                 [this] { return static_cast<double>(directory_.size()); });
  metrics_.gauge("tocsin_receipts_waiting", "Receipts that wait to be written",
                 [this] { return static_cast<double>(receipts_.state().waiting); });
  metrics_.gauge("tocsin_receipts_dropped", "Receipts that found no room, or no disk, so far",
                 [this] { return static_cast<double>(receipts_.state().dropped); });
  note_trust();
  log_.follow(*this);
}

void Engine::remember_newest() {
  const auto newest = log_.newest({limits::kRingFrames, limits::kRingBytes / 2});
  if (!newest) return trace(Level::error, "newest_not_read", {{"what", newest.error().what}});
  // Nobody can connect before it is done, and what is not remembered is read from the log.
  const auto begun = std::chrono::steady_clock::now();
  const Ring ring = Ring::of_newest(
      *newest,
      [](const Record& record, const Frame* neighbour) { return make_frame(record, neighbour); },
      [begun] { return std::chrono::steady_clock::now() - begun < limits::kRememberMax; });
  for (auto& shard : shards_) shard->begin_with(ring);
}

// --- upstream: from a sender to the log

void Engine::ingest(std::string_view body, Done<AppendAnswer> done) {
  const auto trust = trust_.get();
  std::optional<Appended> repeat;
  Verdict verdict =
      decide(body, *trust, places_, clock_.now(), options_.admission, [&](const BulletinId& id) {
        repeat = log_.repeat_of(id);
        return repeat.has_value();
      });
  if (repeat) return settle(*repeat, done);
  if (const auto* refused = std::get_if<Refused>(&verdict))
    return refuse(*refused, std::move(done));
  auto shared = std::make_shared<Done<AppendAnswer>>(std::move(done));
  log_.append(std::get<Candidate>(std::move(verdict)),
              [this, shared](AppendAnswer answer) { settle(std::move(answer), *shared); });
}

void Engine::refuse(const Refused& refused, Done<AppendAnswer> done) {
  if (!refused.signed_id) return settle(refused.refusal, done);
  // What is in the log already was admitted once: its sender hears so again, whatever has become
  // of its time or its officers' rights since.
  auto shared = std::make_shared<Done<AppendAnswer>>(std::move(done));
  log_.find(*refused.signed_id, [this, shared, id = *refused.signed_id,
                                 refusal = refused.refusal](Result<std::optional<Record>> found) {
    if (found && *found) {
      return settle(Appended{(*found)->sequence, (*found)->at, true, id}, *shared);
    }
    settle(refusal, *shared);
  });
}

void Engine::settle(AppendAnswer answer, Done<AppendAnswer>& done) {
  if (const auto* refusal = std::get_if<Refusal>(&answer)) {
    count_refusal(metrics_, *refusal);
  } else {
    (std::get<Appended>(answer).repeat ? repeated_ : admitted_).add();
  }
  done(std::move(answer));
}

// --- the same, asked first

/// A dry run on its way over the shards, one after the other.
struct Engine::Counting {
  DryRun dry_run;
  BulletinPtr bulletin;
  TargetPtr target;
  Concerned concerned;
  std::shared_ptr<Done<DryRunAnswer>> done;
};

void Engine::dry_run(std::string_view body, Done<DryRunAnswer> done) {
  auto shared = std::make_shared<Done<DryRunAnswer>>(std::move(done));
  auto answer = rehearse(body, *trust_.get(), places_, clock_.now(), options_.admission,
                         [this](const BulletinId& id) { return log_.repeat_of(id).has_value(); });
  if (const auto* refused = std::get_if<Refused>(&answer)) return refuse(*refused, shared);
  auto& rehearsed = std::get<Rehearsed>(answer);
  auto counting = std::make_shared<Counting>();
  counting->done = std::move(shared);
  counting->dry_run.id = rehearsed.candidate.bulletin->id;
  counting->dry_run.missing = std::move(rehearsed.missing);
  counting->dry_run.warnings = std::move(rehearsed.warnings);
  log_.foresee(rehearsed.candidate.bulletin, [this, counting](Result<Foresight> foresight) {
    if (!foresight) return refuse(Refused{log_silent(foresight.error().what), {}}, counting->done);
    if (const auto* refusal = std::get_if<Refusal>(&*foresight)) {
      return refuse(Refused{*refusal, {}}, counting->done);
    }
    auto& foreseen = std::get<Foreseen>(*foresight);
    counting->dry_run.repeat = foreseen.repeat;
    counting->bulletin = std::move(foreseen.bulletin);
    count_concerned(counting, 0);
  });
}

void Engine::refuse(const Refused& refused, const std::shared_ptr<Done<DryRunAnswer>>& done) {
  const auto say_no = [this, done, refusal = refused.refusal] {
    count_refusal(metrics_, refusal);
    (*done)(refusal);
  };
  if (!refused.signed_id) return say_no();
  log_.find(*refused.signed_id,
            [this, done, say_no, id = *refused.signed_id](Result<std::optional<Record>> found) {
              if (!found || !*found) return say_no();
              auto counting = std::make_shared<Counting>();
              counting->done = done;
              counting->dry_run.id = id;
              counting->dry_run.repeat = Appended{(*found)->sequence, (*found)->at, true, id};
              counting->bulletin = (*found)->bulletin;
              count_concerned(counting, 0);
            });
}

void Engine::count_concerned(std::shared_ptr<Counting> counting, std::size_t shard) {
  if (shard == shards_.size()) {
    counting->dry_run.organisations = counting->concerned.organisations.size();
    counting->dry_run.anonymous = counting->concerned.anonymous;
    counting->dry_run.bulletin = counting->bulletin;
    return (*counting->done)(std::move(counting->dry_run));
  }
  if (!counting->target) {
    const auto& bulletin = counting->bulletin;
    counting->target = std::make_shared<const Target>(
        std::shared_ptr<const cap::Outline>(bulletin, &bulletin->outline), places_);
  }
  shards_[shard]->call([this, counting = std::move(counting), shard] {
    shards_[shard]->count_concerned(*counting->target, counting->concerned);
    count_concerned(counting, shard + 1);
  });
}

void count_refusal(Metrics& metrics, const Refusal& refusal) {
  metrics
      .counter("tocsin_refusals_total", "Requests turned away, by code",
               fmt::format("code=\"{}\"", text(refusal.code)))
      .add();
  trace(Level::notice, "refused",
        {{"code", std::string(text(refusal.code))}, {"detail", refusal.detail}});
}

// --- downstream: from the log to everyone

void Engine::on_records(std::span<const Record> records) {
  for (const Record& record : records) reporting_.remember(record);
  // Serialised and made ready for every filter once, for everyone.
  make_frames(records, last_frame_, [this](std::span<const FramePtr> frames) {
    for (auto& shard : shards_) shard->post(frames);
  });
  if (wake_) wake_();
}

// --- what it knows of itself

void Engine::note_trust() {
  trust_.set(trust_store_.current());
  revocations_.set(
      std::make_shared<const std::string>(trust::revocation_lines(trust_store_.revocations())));
  revocations_lapsed_ = trust_store_.lapsed();
}

trust::Taken Engine::take_either(BytesView file) {
  const auto parsed = trust::parse_envelope(file, trust::kTrustEnvelopeLimits);
  const auto* envelope = std::get_if<Envelope>(&parsed);
  const bool revokes = envelope != nullptr && envelope->payload_type == trust::kRevocationType;
  return revokes ? trust_store_.take_revocation(file) : trust_store_.take(file);
}

trust::Taken Engine::take(BytesView file) {
  const std::lock_guard lock(taking_);
  const auto before = trust_store_.current();
  auto taken = take_either(file);
  if (!taken || *taken == before) return taken;
  note_trust();
  trace(Level::notice, "trust_taken",
        {{"version", std::to_string((*taken)->version)},
         {"revoked", std::to_string((*taken)->revoked.size())},
         {"revocations", std::to_string(trust_store_.revocations().size())}});
  return taken;
}

void Engine::take_from_operator(const Result<Bytes>& file) {
  const auto taken = file ? take(*file) : trust::Taken(trust::NotTaken{{}, file.error().what});
  if (taken) return trust_complaint_.set(nullptr);
  trust_complaint_.set(std::make_shared<const std::string>(taken.error().what));
  trace(Level::error, "trust_refused", {{"why", taken.error().what}});
}

Readiness Engine::readiness() const {
  Readiness readiness;
  if (!log_.writable()) {
    readiness.ready = false;
    readiness.problems.emplace_back(
        "The log could not be written. Nothing that was acknowledged is lost. Check the disk, then "
        "restart the engine.");
  } else if (log_.full()) {
    readiness.ready = false;
    readiness.problems.emplace_back(
        "The log's disk is full: only Cancels are taken, from a reserve. Make room; the engine "
        "then takes bulletins again by itself.");
  } else if (!log_.current()) {
    readiness.ready = false;
    readiness.problems.emplace_back(
        "This node is cut off from those it shares its log with: it takes no alerts, and its "
        "dashboards say that they are not live. Nothing that was acknowledged is lost. Look at the "
        "NATS servers that keep the order.");
  }
  if (!directory_.writable() || !receipts_.state().writable) {
    readiness.warnings.emplace_back(
        "Organisations or receipts could not be written: changes and counts are refused. Alerts "
        "are not touched by this. Check the disk, then restart the engine.");
  } else if (directory_.full() || receipts_.state().full) {
    readiness.warnings.emplace_back(
        "There is no room on the disk for organisations or receipts: changes and counts are "
        "refused, but for what takes access away. Make room; both are taken again by themselves.");
  }
  warn_of_trust(readiness);
  for (const auto& more : more_warnings_) {
    for (auto& warning : more()) readiness.warnings.push_back(std::move(warning));
  }
  return readiness;
}

void Engine::warn_also(std::function<std::vector<std::string>()> warnings) {
  more_warnings_.push_back(std::move(warnings));
}

void Engine::wake_also(std::function<void()> wake) { wake_ = std::move(wake); }

void Engine::warn_of_trust(Readiness& readiness) const {
  const auto trust = trust_.get();
  if (const auto complaint = trust_complaint_.get()) {
    readiness.warnings.push_back(
        "What the operator gave last as trust document was not taken, version " +
        std::to_string(trust->version) + " stays in force: " + *complaint);
  }
  if (const std::size_t lapsed = revocations_lapsed_) {
    readiness.warnings.push_back(fmt::format(
        "{} no longer counted, since trust document version {} lists neither who signed them nor "
        "the keys they revoke: have a new document list those keys under revoked.",
        lapsed == 1 ? "A revocation is" : fmt::format("{} revocations are", lapsed),
        trust->version));
  }
  const std::string when = format_time(trust->expires);
  switch (trust::expiry_of(trust->expires, clock_.now())) {
    case trust::Expiry::passed:
      readiness.warnings.push_back(
          fmt::format("The trust document expired at {}. Alerts are still admitted; have a new one "
                      "signed by the root keys today.",
                      when));
      break;
    case trust::Expiry::within_7_days:
      readiness.warnings.push_back(fmt::format(
          "The trust document expires WITHIN 7 DAYS, at {}; have a new one signed now.", when));
      break;
    case trust::Expiry::within_30_days:
      readiness.warnings.push_back(
          fmt::format("The trust document expires at {}; have a new one signed before.", when));
      break;
    case trust::Expiry::far:
      break;
  }
}

std::variant<Filter, Refusal> Engine::filter_for(std::span<const Filter::Parameter> query,
                                                 const Member& member) const {
  const bool own = std::any_of(query.begin(), query.end(), [](const auto& parameter) {
    return Filter::knows(parameter.first);
  });
  if (own || !member.signed_in()) return Filter::parse(query, default_status(), places_, member);
  return Filter::parse(directory_.subscription_of(member.organisation), default_status(), places_,
                       member);
}

Hello Engine::hello() const {
  const auto trust = trust_.get();
  Hello hello;
  hello.node = options_.node;
  hello.system = trust->system;
  hello.kind = trust->kind == trust::SystemKind::live ? "live" : "exercise";
  return hello;
}

cap::Status Engine::default_status() const {
  return trust_.get()->kind == trust::SystemKind::live ? cap::Status::actual
                                                       : cap::Status::exercise;
}

}  // namespace engine
