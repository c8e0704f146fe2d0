// tocsind: the only place that knows every concrete part of the machine.
#include <fmt/format.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdio>
#include <fstream>
#include <future>
#include <sstream>
#include <thread>

#include "connectors/nats/cluster.hpp"
#include "connectors/nats/partners.hpp"
#include "connectors/web/server.hpp"
#include "connectors/web/tls_memory.hpp"
#include "engine/base/trace.hpp"
#include "engine/delivery/addressees.hpp"
#include "engine/engine.hpp"
#include "engine/limits.hpp"
#include "engine/outbox.hpp"
#include "engine/trust/envelope.hpp"
#include "engine/trust/signature.hpp"
#include "ops/admin/admin_socket.hpp"
#include "ops/daemon/options.hpp"
#include "ops/daemon/server_options.hpp"
#include "ops/daemon/sms_options.hpp"
#include "ops/daemon/standing.hpp"

namespace {

namespace limits = engine::limits;
using engine::Failure;
using engine::Result;

/// Descriptors this process may have, raised as far as it may raise them itself.
std::size_t descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

std::size_t cores() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max<std::size_t>(1, static_cast<std::size_t>(CPU_COUNT(&set)));
}

Result<std::string> read_file(const std::filesystem::path& path) {
  constexpr std::size_t kTrustFileBytes = engine::trust::kTrustEnvelopeLimits.body_max;
  std::ifstream file(path, std::ios::binary);
  std::string bytes(kTrustFileBytes + 1, '\0');
  if (!file.read(bytes.data(), static_cast<std::streamsize>(bytes.size())) && !file.eof()) {
    return Failure{fmt::format("cannot read {}", path.string())};
  }
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  if (bytes.empty()) return Failure{fmt::format("cannot read {}, or it is empty", path.string())};
  if (bytes.size() > kTrustFileBytes) return Failure{fmt::format("{} is too large", path.string())};
  return bytes;
}

/// The document in force at the start: what the folder keeps, or the first one given to it.
Result<void> first_trust(engine::trust::TrustStore& store, const ops::Options& options) {
  if (store.current()) return {};
  if (options.trust.empty()) return Failure{"a new data folder needs --trust FILE"};
  const auto file = read_file(options.trust);
  if (!file) return file.error();
  const auto taken = store.take(*file);
  if (!taken) return Failure{taken.error().what};
  if (options.roots.empty()) {
    for (const auto& key : (*taken)->root_keys) {
      engine::trace(engine::Level::notice, "root_pinned",
                    {{"keyid", engine::to_hex(engine::view(key.keyid))}, {"holder", key.holder}});
    }
  }
  return {};
}

/// The shards' threads. Everything they run is done, or dropped, when this is.
class Threads {
 public:
  explicit Threads(engine::Engine& engine) : engine_(engine) {
    for (auto& shard : engine_.shards()) {
      shard->start_ticking();
      threads_.emplace_back([&io = shard->io()] {
        auto work = boost::asio::make_work_guard(io);
        io.run();
      });
    }
  }
  ~Threads() {
    for (auto& shard : engine_.shards()) shard->io().stop();
    for (auto& thread : threads_) thread.join();
  }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

  /// Ends the streams of those who may not read any more. What they said and were handed is with
  /// the receipts when this returns.
  void end_streams() {
    for (auto& shard : engine_.shards()) shard->call([&shard] { shard->settle_members(); });
    fence();
  }

  /// Waits until every shard has done what was posted to it so far.
  void fence() {
    for (auto& shard : engine_.shards()) {
      std::promise<void> passed;
      boost::asio::post(shard->io(), [&passed] { passed.set_value(); });
      passed.get_future().wait();
    }
  }

 private:
  engine::Engine& engine_;
  std::vector<std::thread> threads_;
};

using connectors::nats::Cluster;
using connectors::nats::Partners;

/// No more connections, everyone told when to come back, what was taken in finished and answered.
/// `partners`: null where there are none.
void drain(engine::Engine& engine, connectors::web::Server& server, engine::Outbox& outbox,
           Partners* partners, Cluster* cluster, Threads& threads) {
  engine::trace(engine::Level::notice, "draining");
  server.drain();
  if (partners != nullptr) partners->stop_taking();
  for (auto& shard : engine.shards()) {
    boost::asio::post(shard->io(), [&shard] {
      shard->stop_ticking();
      shard->close_all();
    });
  }
  threads.fence();
  const auto deadline = std::chrono::steady_clock::now() + limits::kCloseMax;
  const auto busy = [&] { return ops::connected(engine) > 0 || server.connections() > 0; };
  while (busy() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  // Each settles what was asked of it while the shards can still answer.
  server.settle();
  engine.log().stop();
  if (cluster != nullptr) cluster->stop();
  if (partners != nullptr) partners->stop();
  outbox.stop();
  engine.receipts().stop();
  threads.fence();
}

/// `told` hears who has acknowledged, once it is there.
Result<std::unique_ptr<engine::Receipts>> open_receipts(const ops::Options& options,
                                                        const engine::Directory& directory,
                                                        const std::atomic<engine::Outbox*>& told,
                                                        const engine::Clock& clock) {
  engine::ReceiptsOptions receipts_options;
  receipts_options.directory = options.data / "receipts";
  receipts_options.knows = [&directory](std::string_view organisation) {
    return directory.find(organisation).has_value();
  };
  receipts_options.acknowledged = [&told](engine::Sequence sequence, std::string_view who) {
    if (auto* outbox = told.load()) outbox->acknowledged(sequence, std::string(who));
  };
  return engine::Receipts::open(receipts_options, clock);
}

Result<std::unique_ptr<engine::Outbox>> open_outbox(const ops::Options& options,
                                                    engine::Engine& engine,
                                                    std::atomic<engine::Outbox*>& told,
                                                    const engine::Clock& clock,
                                                    engine::Metrics& metrics) {
  engine::OutboxOptions outbox_options;
  outbox_options.directory = options.data / "outbox";
  outbox_options.rules = options.escalation;
  auto outbox = engine::Outbox::open(
      outbox_options,
      {engine.log(), engine::delivery::addressees_of(engine.directory()),
       [&engine](engine::Sequence sequence, std::string_view organisation) {
         return engine.receipts().has_acknowledged(sequence, organisation);
       },
       [&engine](std::string_view sender) {
         const auto trust = engine.trust();
         const auto& all = trust->senders;
         const auto known = std::find_if(all.begin(), all.end(),
                                         [&](const auto& one) { return one.sender == sender; });
         return known == all.end() ? std::string(sender) : known->name;
       },
       [&engine](std::vector<engine::Receipt> receipts, std::function<void(bool)> kept) {
         engine.receipts().take(std::move(receipts), [kept = std::move(kept)](Result<void> done) {
           kept(done.has_value());
         });
       },
       clock, metrics});
  if (!outbox) return outbox.error();
  engine.warn_also([&outbox = **outbox] { return ops::warnings_of(outbox); });
  told = outbox->get();
  return outbox;
}

/// Null where this machine is alone. Where its log is empty, it knows which log it is afterwards.
Result<std::unique_ptr<Cluster>> open_cluster(const ops::Options& options, engine::Log& log) {
  if (!options.cluster.configured()) return std::unique_ptr<Cluster>();
  auto cluster = Cluster::open(options.cluster, options.node, log, engine::Places::builtin());
  if (cluster) (*cluster)->join();
  return cluster;
}

/// Null where no NATS server is configured.
Result<std::unique_ptr<Partners>> open_partners(const ops::Options& options,
                                                engine::Engine& engine) {
  if (!options.nats.configured()) return std::unique_ptr<Partners>();
  auto partners = Partners::open(options.nats, options.data / "nats.json", engine);
  if (partners) {
    engine.warn_also([&partners = **partners] { return partners.warnings(); });
  }
  return partners;
}

/// Who reads the log by a place of their own hears when there is more.
void wake_readers(engine::Engine& engine, engine::Outbox& outbox, Partners* partners) {
  engine.wake_also([&outbox, partners] {
    outbox.wake();
    if (partners != nullptr) partners->wake();
  });
}

void start_on_nats(Partners* partners, Cluster* cluster) {
  if (partners != nullptr) partners->start();
  if (cluster != nullptr) cluster->start();
}

void introduce(engine::Engine& engine, Cluster* cluster) {
  if (cluster == nullptr) return;
  cluster->count_streams([&engine] { return ops::connected(engine); });
  cluster->share({[&engine] { return engine.trust()->envelope; },
                  [&engine] { return *engine.revocations(); },
                  [&engine](engine::BytesView file) {
                    const auto taken = engine.take(file);
                    if (taken) return true;
                    engine::trace(engine::Level::warning, "trust_of_node_refused",
                                  {{"why", taken.error().what}});
                    return taken.error().why == engine::trust::NotTaken::Why::refused;
                  }});
  engine.warn_also([cluster] { return cluster->warnings(); });
}

using Channels = std::vector<std::unique_ptr<engine::Channel>>;

/// Those that are configured. They live on the courier's thread.
Result<Channels> open_channels(const ops::Options& options, engine::Outbox& outbox,
                               engine::Engine& engine) {
  const engine::Clock& clock = engine.clock();
  engine::Metrics& metrics = engine.metrics();
  Channels channels;
  if (auto sms = ops::make_sms_channel(outbox.io(), clock, metrics, options.sms)) {
    channels.push_back(std::move(sms));
  }
  if (options.email) {
    auto email_options = *options.email;
    email_options.link_code = [links = engine::Links(engine.directory())](
                                  engine::LinkFor purpose, const engine::DeliveryId& id) {
      return links.code(purpose, id);
    };
    auto email = connectors::email::open_email(outbox.io(), clock, metrics, email_options);
    if (!email) return email.error();
    channels.push_back(std::move(*email));
  }
  if (options.webhook) {
    channels.push_back(connectors::webhook::open_webhook(outbox.io(), clock, *options.webhook));
  }
  return channels;
}

/// What organisations ask about themselves goes through these.
connectors::web::OwnParts own_parts(engine::Outbox& outbox, const ops::Machine& machine) {
  return {[&outbox](engine::Way way) { return outbox.sends_codes(way); },
          [&outbox](engine::Way way, engine::CodeMessage message, engine::Done<bool> taken) {
            outbox.send_code(way, std::move(message), std::move(taken));
          },
          [&machine](std::string_view key) {
            return ops::erase_organisation(std::string(key), machine);
          }};
}

/// And the pages behind e-mails' links.
connectors::web::AnswerParts answer_parts(engine::Outbox& outbox) {
  return {[&outbox](const auto& id, auto done) { outbox.find(id, std::move(done)); }};
}

/// Waits until nothing of it is left there.
Result<void> erased(engine::Outbox& outbox, const std::string& organisation) {
  std::promise<Result<void>> promise;
  outbox.erase(organisation, [&promise](Result<void> done) { promise.set_value(done); });
  return promise.get_future().get();
}

Result<engine::SentPage> sent_to(engine::Outbox& outbox, const std::string& organisation,
                                 engine::Sequence after) {
  std::promise<Result<engine::SentPage>> promise;
  outbox.sent_to(organisation, after,
                 [&promise](Result<engine::SentPage> page) { promise.set_value(std::move(page)); });
  return promise.get_future().get();
}

void print_ready(const ops::Options& options, const engine::Engine& engine,
                 const connectors::web::Server& server) {
  const auto endpoint = server.local_endpoint();
  const std::string host = endpoint.address().is_v6() ? "[" + endpoint.address().to_string() + "]"
                                                      : endpoint.address().to_string();
  const auto hello = engine.hello();
  fmt::print(
      "{{\"ready\":true,\"url\":\"{}://{}:{}\",\"system\":\"{}\",\"kind\":\"{}\","
      "\"epoch\":\"{}\",\"head\":{},\"trust_version\":{}}}\n",
      options.tls_certificate.empty() ? "http" : "https", host, endpoint.port(), hello.system,
      hello.kind, engine.log().epoch(), number(engine.log().head()), engine.trust()->version);
  std::fflush(stdout);
}

Result<void> take_certificate(const ops::Options& options, const engine::Clock& clock,
                              engine::Metrics& metrics,
                              connectors::web::ServerOptions& server_options) {
  if (options.tls_certificate.empty()) return {};
  auto tls = connectors::web::Tls::open({options.tls_certificate, options.tls_key}, clock, metrics);
  if (!tls) return tls.error();
  server_options.tls = std::move(*tls);
  return {};
}

/// What the operator may have put in the place of the old. Each says itself why it was not taken.
void read_again(const ops::Options& options, engine::Engine& engine, connectors::web::Tls* tls) {
  if (!options.trust.empty()) engine.take_from_operator(read_file(options.trust));
  if (tls != nullptr) (void)tls->reload();
}

Result<std::unique_ptr<engine::Directory>> open_directory(const ops::Options& options,
                                                          const engine::trust::TrustDocument& trust,
                                                          const engine::Clock& clock) {
  engine::DirectoryOptions directory_options;
  directory_options.directory = options.data / "directory";
  directory_options.key_file = options.directory_key;
  if (trust.kind != engine::trust::SystemKind::live) {
    directory_options.default_status = engine::cap::Status::exercise;
  }
  return engine::Directory::open(directory_options, clock);
}

Result<std::unique_ptr<engine::Log>> open_log(const ops::Options& options,
                                              const engine::Clock& clock) {
  engine::LogOptions log_options;
  log_options.directory = options.data / "log";
  return engine::Log::open(log_options, clock);
}

/// SIGTERM or SIGINT; at SIGHUP things are read again.
void wait_for_the_end(boost::asio::io_context& io, boost::asio::signal_set& signals,
                      const std::function<void()>& read) {
  std::function<void()> wait = [&] {
    signals.async_wait([&](boost::system::error_code, int signal) {
      if (signal != SIGHUP) return;
      read();
      wait();
    });
  };
  wait();
  io.run();
}

/// What operators' requests are performed on. The threads begin when everything else is there.
ops::Machine machine_of(engine::Engine& engine, engine::Outbox& outbox, const Partners* partners,
                        const Cluster* cluster, const std::atomic<Threads*>& running) {
  return {engine.directory(),
          engine.log(),
          engine.receipts(),
          engine.places(),
          [&engine, &outbox, partners, cluster] {
            return ops::status_of(engine, outbox, partners, cluster);
          },
          [&running] {
            if (auto* threads = running.load()) threads->end_streams();
          },
          &outbox,
          std::make_shared<ops::Staging>(),
          [&outbox](const std::string& key) { return erased(outbox, key); },
          [&outbox](const std::string& key, engine::Sequence after) {
            return sent_to(outbox, key, after);
          }};
}

engine::EngineOptions engine_options_of(const ops::Options& options) {
  engine::EngineOptions engine_options;
  engine_options.node = options.node;
  engine_options.shards = options.shards > 0 ? options.shards : cores();
  return engine_options;
}

Result<void> make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) return {};
  return Failure{fmt::format("cannot make {}: {}", folder.string(), error.message())};
}

Result<void> run(const ops::Options& options) {
  if (auto made = make_folder(options.data); !made) return made;
  const engine::SystemClock clock;
  engine::Metrics metrics;
  auto log = open_log(options, clock);
  if (!log) return log.error();
  auto cluster = open_cluster(options, **log);
  if (!cluster) return cluster.error();
  auto store = engine::trust::TrustStore::open(options.data, options.roots);
  if (!store) return store.error();
  if (auto trusted = first_trust(*store, options); !trusted) return trusted;

  auto directory = open_directory(options, *store->current(), clock);
  if (!directory) return directory.error();
  std::atomic<engine::Outbox*> told{nullptr};
  auto receipts = open_receipts(options, **directory, told, clock);
  if (!receipts) return receipts.error();

  engine::Engine engine(engine_options_of(options), {**log, *store, engine::Places::builtin(),
                                                     **directory, **receipts, clock, metrics});
  if (!options.trust.empty()) engine.take_from_operator(read_file(options.trust));
  engine.remember_newest();
  auto outbox = open_outbox(options, engine, told, clock, metrics);
  if (!outbox) return outbox.error();
  auto channels = open_channels(options, **outbox, engine);
  if (!channels) return channels.error();
  auto partners = open_partners(options, engine);
  if (!partners) return partners.error();
  wake_readers(engine, **outbox, partners->get());
  introduce(engine, cluster->get());

  std::atomic<Threads*> running{nullptr};
  const ops::Machine machine =
      machine_of(engine, **outbox, partners->get(), cluster->get(), running);
  auto server_options = ops::server_options_of(options, descriptors(), outbox->get());
  server_options.own = own_parts(**outbox, machine);
  server_options.answers = answer_parts(**outbox);
  if (auto taken = take_certificate(options, clock, metrics, server_options); !taken) return taken;
  connectors::web::Server server(engine, server_options);
  if (auto opened = server.open(); !opened) return opened;

  boost::asio::io_context signals_io;
  boost::asio::signal_set signals(signals_io, SIGTERM, SIGINT, SIGHUP);
  Threads threads(engine);
  running = &threads;
  (*outbox)->start(std::move(*channels));
  start_on_nats(partners->get(), cluster->get());
  auto admin = ops::AdminSocket::open(options.data, machine);
  if (admin) {
    print_ready(options, engine, server);
    wait_for_the_end(signals_io, signals,
                     [&] { read_again(options, engine, server_options.tls.get()); });
    admin->reset();
  }
  // Also where nobody could reach it.
  drain(engine, server, **outbox, partners->get(), cluster->get(), threads);
  return admin ? Result<void>{} : admin.error();
}

}  // namespace

int main(int argc, char** argv) {
  const auto parsed = ops::parse_options(argc, argv);
  if (!parsed.options) return parsed.exit_code;
  // Everything kept is the owner's alone: Private alerts, organisations, hashes of their secrets.
  umask(077);
  signal(SIGPIPE, SIG_IGN);
  // A file that may not grow is a disk that fails: it closes the log, and readers are served on.
  signal(SIGXFSZ, SIG_IGN);
  // Before OpenSSL is used for the first time. Without it sessions are only slower to seal for.
  if (!parsed.options->tls_certificate.empty() && !connectors::web::TlsMemory::serve_openssl()) {
    engine::trace(engine::Level::warning, "tls_memory_not_taken");
  }
  if (!engine::trust::start_crypto()) {
    fmt::print(stderr, "tocsind: libsodium 1.0.18 with Debian's fixes, or newer, is needed\n");
    return 1;
  }
  const auto done = run(*parsed.options);
  if (!done) {
    fmt::print(stderr, "tocsind: {}\n", done.error().what);
    return 1;
  }
  return 0;
}
