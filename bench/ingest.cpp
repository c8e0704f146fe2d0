// How fast bulletins are taken in, measured from outside, and what the disk alone would allow:
//
//   bench_ingest http --port 8080 --bodies bulletins.ndjson --clients 64
//   bench_ingest http --port 8080 8081 8082 --bodies bulletins.ndjson --clients 64
//   bench_ingest nats --port 4222 --clients 1 --pipeline 256 --seconds 4
//   bench_ingest nats --port 4222 --clients 64 --bodies bulletins.ndjson --replicas 3
//   bench_ingest rocks FOLDER --clients 64 --seconds 4
//   bench_ingest file FOLDER --seconds 4
//
// Each prints one line of JSON. An answer that is not the wanted one is an error and ends the run.
#include <fcntl.h>
#include <fmt/format.h>
#include <rocksdb/db.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <fstream>
#include <memory>
#include <thread>

#include "bench/ingest_client.hpp"

namespace {

using namespace bench;
using Steady = std::chrono::steady_clock;

double seconds_since(Steady::time_point start) {
  return std::chrono::duration<double>(Steady::now() - start).count();
}

std::uint64_t number_at(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// POSTs one line of a file after the other; 201 is the answer. Where it may be refused, 503 is
/// counted: that line is not posted again.
class Http : public Protocol {
 public:
  Http(const std::string& bodies, std::uint64_t skip, std::uint64_t count, std::string path,
       std::string host, bool may_refuse)
      : bodies_(bodies),
        left_(count),
        path_(std::move(path)),
        host_(std::move(host)),
        may_refuse_(may_refuse) {
    while (skip > 0 && std::getline(bodies_, line_)) --skip;
  }

  bool opened() const { return bodies_.is_open(); }
  std::string greeting(std::size_t) const override { return {}; }

  bool next(std::size_t, std::string& out) override {
    if (left_ == 0 || !std::getline(bodies_, line_)) return false;
    --left_;
    fmt::format_to(std::back_inserter(out),
                   "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n"
                   "Content-Length: {}\r\n\r\n{}",
                   path_, host_, line_.size(), line_);
    return true;
  }

  Answer answer(std::string_view in) const override {
    const std::size_t head = in.find("\r\n\r\n");
    if (head == std::string_view::npos) return {};
    constexpr std::string_view kLength = "\r\nContent-Length: ";
    const std::size_t length = in.find(kLength);
    if (length == std::string_view::npos || length > head)
      return {in.size(), Answer::Kind::bad, {}};
    const std::size_t octets = head + 4 + number_at(in.substr(length + kLength.size()));
    if (in.size() < octets) return {};
    const bool taken = in.starts_with("HTTP/1.1 201 ");
    const bool refused = may_refuse_ && in.starts_with("HTTP/1.1 503 ");
    if (refused) return {octets, Answer::Kind::refused, {}};
    return {octets, taken ? Answer::Kind::good : Answer::Kind::bad, {}};
  }

 private:
  std::ifstream bodies_;
  std::uint64_t left_;
  std::string path_, host_, line_;
  bool may_refuse_;
};

/// Publishes into a JetStream stream on disk, which it makes, octets of its own or the lines of a
/// file; the stream's own word is the answer.
class JetStream : public Protocol {
 public:
  JetStream(std::size_t bytes, std::size_t replicas, const std::string& bodies)
      : body_(bytes, 'b'), replicas_(replicas), from_file_(!bodies.empty()), bodies_(bodies) {}

  bool opened() const { return !from_file_ || bodies_.is_open(); }

  std::string greeting(std::size_t connection) const override {
    return fmt::format(
        "CONNECT {{\"verbose\":false,\"pedantic\":false,\"headers\":false}}\r\n"
        "SUB inbox.{} 1\r\n",
        connection);
  }

  /// The first request of all makes the stream, and is the only one until `begin`.
  bool next(std::size_t connection, std::string& out) override {
    if (!made_) {
      made_ = true;
      publish("$JS.API.STREAM.CREATE.BULLETINS", connection, stream(), out);
      return true;
    }
    if (!begun_ || (from_file_ && !std::getline(bodies_, body_))) return false;
    publish("bulletins.a", connection, body_, out);
    return true;
  }

  void begin() { begun_ = true; }

  Answer answer(std::string_view in) const override {
    const std::size_t end = in.find("\r\n");
    if (end == std::string_view::npos) return {};
    const std::string_view line = in.substr(0, end);
    if (line == "PING") return {end + 2, Answer::Kind::aside, "PONG\r\n"};
    if (line.starts_with("INFO ") || line == "PONG") return {end + 2, Answer::Kind::aside, {}};
    if (!line.starts_with("MSG ")) return {end + 2, Answer::Kind::bad, {}};
    const std::size_t octets = end + 4 + number_at(line.substr(line.rfind(' ') + 1));
    if (in.size() < octets) return {};
    const bool failed = in.substr(0, octets).find("\"error\"") != std::string_view::npos;
    return {octets, failed ? Answer::Kind::bad : Answer::Kind::good, {}};
  }

 private:
  std::string stream() const {
    return fmt::format(
        R"({{"name":"BULLETINS","subjects":["bulletins.>"],"storage":"file","retention":"limits",)"
        R"("max_consumers":-1,"max_msgs":-1,"max_bytes":-1,"discard":"old","num_replicas":{}}})",
        replicas_);
  }

  static void publish(std::string_view subject, std::size_t connection, std::string_view body,
                      std::string& out) {
    fmt::format_to(std::back_inserter(out), "PUB {} inbox.{} {}\r\n{}\r\n", subject, connection,
                   body.size(), body);
  }

  std::string body_;
  std::size_t replicas_;
  bool from_file_ = false, made_ = false, begun_ = false;
  std::ifstream bodies_;
};

struct Options {
  Load load;
  std::string bodies, path = "/v1/alerts", folder;
  std::uint64_t skip = 0, count = UINT64_MAX;
  std::size_t bytes = 1500, replicas = 1;
  bool may_refuse = false;
};

int over_http(const Options& options) {
  Http protocol(options.bodies, options.skip, options.count, options.path, options.load.host,
                options.may_refuse);
  if (!protocol.opened()) {
    fmt::print(stderr, "bench_ingest: cannot read {}\n", options.bodies);
    return 2;
  }
  return report("http", options.load, run(options.load, protocol));
}

int over_nats(Options options) {
  JetStream protocol(options.bytes, options.replicas, options.bodies);
  if (!protocol.opened()) {
    fmt::print(stderr, "bench_ingest: cannot read {}\n", options.bodies);
    return 2;
  }
  Load first = options.load;  // makes the stream
  first.clients = first.pipeline = 1;
  first.seconds = 0;
  first.warm = 0;
  if (const Outcome made = run(first, protocol); !made.complaint.empty()) {
    fmt::print(stderr, "bench_ingest: {}\n", made.complaint);
    return 1;
  }
  protocol.begin();
  return report("nats", options.load, run(options.load, protocol));
}

/// So many threads, each with one thing to do again and again until the time is over.
template <class Step>
Outcome in_threads(const Load& load, const Step& step) {
  std::vector<std::vector<double>> micros(load.clients);
  std::vector<std::thread> threads;
  std::atomic<bool> failed = false;
  const auto start = Steady::now();
  for (std::size_t i = 0; i < load.clients; ++i) {
    threads.emplace_back([&, i] {
      for (std::size_t n = 0; !failed && seconds_since(start) < load.seconds; ++n) {
        const auto began = Steady::now();
        if (!step(i, n)) failed = true;
        micros[i].push_back(seconds_since(began) * 1e6);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Outcome outcome;
  outcome.seconds = seconds_since(start);
  for (const auto& one : micros) {
    outcome.micros.insert(outcome.micros.end(), one.begin(), one.end());
  }
  outcome.good = outcome.micros.size();
  if (failed) outcome.complaint = "a write failed";
  return outcome;
}

/// RocksDB alone: each Put synced, as the log's are; those of many threads share a flush.
int into_rocks(const Options& options) {
  rocksdb::Options rocks;
  rocks.create_if_missing = true;
  const std::string path = options.folder + "/rocks";
  rocksdb::DB* raw = nullptr;
  if (const auto opened = rocksdb::DB::Open(rocks, path, &raw); !opened.ok()) {
    fmt::print(stderr, "bench_ingest: {}\n", opened.ToString());
    return 1;
  }
  const std::unique_ptr<rocksdb::DB> database(raw);
  const std::string value(options.bytes, 'v');
  rocksdb::WriteOptions synced;
  synced.sync = true;
  return report("rocks", options.load, in_threads(options.load, [&](auto thread, auto n) {
                  return database->Put(synced, fmt::format("{}/{}", thread, n), value).ok();
                }));
}

/// A file that grows, synced after each write: what one flush costs here.
int into_file(const Options& options) {
  const std::string path = options.folder + "/file";
  const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
  const std::string value(options.bytes, 'v');
  Load load = options.load;
  load.clients = 1;
  Outcome outcome = in_threads(load, [&](auto, auto) {
    return ::write(file, value.data(), value.size()) == static_cast<ssize_t>(value.size()) &&
           ::fdatasync(file) == 0;
  });
  if (file >= 0) ::close(file);
  return report("file", load, std::move(outcome));
}

void read_options(CLI::App& app, Options& options) {
  auto* http = app.add_subcommand("http", "POST lines of a file; anything but 201 is an error");
  auto* nats = app.add_subcommand("nats", "publish to JetStream, file storage");
  auto* rocks = app.add_subcommand("rocks", "RocksDB alone, every Put synced");
  auto* file = app.add_subcommand("file", "write and fdatasync alone");
  for (auto* each : {http, nats, rocks, file}) {
    each->add_option("--clients", options.load.clients, "connections, or threads that write")
        ->check(CLI::Range(1, 4096));
    each->add_option("--seconds", options.load.seconds, "when to stop; 0: at the last line");
  }
  for (auto* each : {http, nats}) {
    each->add_option("--host", options.load.host)->capture_default_str();
    each->add_option("--port", options.load.ports, "connections go to each in turn")->required();
    each->add_option("--pipeline", options.load.pipeline, "requests on their way on each")
        ->check(CLI::Range(1, 4096))
        ->capture_default_str();
    each->add_option("--warm", options.load.warm, "answers before the clock starts");
  }
  http->add_option("--bodies", options.bodies, "a file, one body a line")->required();
  http->add_option("--skip", options.skip, "so many lines at the beginning");
  http->add_option("--count", options.count, "so many lines and no more");
  http->add_option("--path", options.path)->capture_default_str();
  http->add_flag("--may-refuse", options.may_refuse, "503 is counted, and is no error");
  nats->add_option("--bodies", options.bodies, "a file, one body a line, and no more than it has");
  nats->add_option("--replicas", options.replicas, "servers that keep the stream");
  for (auto* each : {nats, rocks, file}) each->add_option("--bytes", options.bytes);
  for (auto* each : {rocks, file}) each->add_option("folder", options.folder)->required();
  for (auto* each : {nats, rocks, file}) {
    each->callback([&options] {
      const bool until_last = !options.bodies.empty();
      if (options.load.seconds <= 0 && !until_last) options.load.seconds = 4;
    });
  }
  app.require_subcommand(1);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("How fast bulletins are taken in, and what the disk alone allows");
  read_options(app, options);
  CLI11_PARSE(app, argc, argv);
  if (app.got_subcommand("http")) return over_http(options);
  if (app.got_subcommand("nats")) return over_nats(options);
  if (app.got_subcommand("rocks")) return into_rocks(options);
  return into_file(options);
}
