#include "bench/herd/options.hpp"

#include <CLI/CLI.hpp>
#include <charconv>
#include <fstream>
#include <iterator>

#include "bench/herd/fault.hpp"
#include "bench/herd/text.hpp"

namespace bench {

namespace {

constexpr const char* kPhases =
    "one | paced:RATE:SECONDS | burst:COUNT[:IN_FLIGHT] | storm | idle:SECONDS | "
    "restart:COUNT[:beside]";

constexpr const char* kFooter =
    "T is text with \\r \\n \\t \\\\ and \\xNN, or @FILE. {i} in a hello is the number of the "
    "connection; {seq} and {epoch} in what a connection says when it comes back are its position; "
    "{ts} in a body is the time at which it is sent.";

std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) give_up("cannot read {}", path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> file_lines(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) give_up("cannot read {}", path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) lines.push_back(std::move(line));
  }
  if (lines.empty()) give_up("{} is empty", path);
  return lines;
}

/// What a T on the command line stands for.
std::string spelled_out(const std::string& text) {
  return text.starts_with('@') ? file_text(text.substr(1)) : unescaped(text);
}

std::uint64_t whole_number(std::string_view text, const std::string& line) {
  std::uint64_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc() || end != text.data() + text.size()) give_up("no number in: {}", line);
  return number;
}

/// PATH, PATH REST/DIVISOR or PATH none.
Route route_of(const std::string& line) {
  Route route;
  const std::size_t space = line.find(' ');
  route.path = line.substr(0, space);
  if (space == std::string::npos) return route;
  const std::string_view which = std::string_view(line).substr(space + 1);
  const std::size_t slash = which.find('/');
  if (which == "none") {
    route.divisor = 0;
  } else if (slash == std::string_view::npos) {
    give_up("neither REST/DIVISOR nor none: {}", line);
  } else {
    route.rest = whole_number(which.substr(0, slash), line);
    route.divisor = whole_number(which.substr(slash + 1), line);
    if (route.rest >= route.divisor) give_up("the rest is not below the divisor: {}", line);
  }
  return route;
}

constexpr auto kAll = CLI::MultiOptionPolicy::TakeAll;

/// What was written on the command line, where it takes more than a conversion.
struct Written {
  std::string path = "/";
  std::string paths;
  std::string bodies;
  std::string slow;
  std::size_t size = 1024;
};

void add_connections(CLI::App& app, Options& options, Written& written) {
  app.add_option("--host", options.host, "address of the server")->capture_default_str();
  app.add_option("--port", options.port)->required();
  app.add_option("--path", written.path)->capture_default_str();
  app.add_option("--paths", written.paths,
                 "FILE of a PATH a line, for connection after connection in turn; behind it "
                 "REST/DIVISOR or none where not every body concerns those who ask for it");
  app.add_option("--subprotocol", options.subprotocol);
  app.add_option("--header", options.headers, "'Name: value'")
      ->allow_extra_args(false)
      ->multi_option_policy(kAll);
  app.add_option("--conns", options.connections)->capture_default_str();
  app.add_option("--inflight", options.connecting_max, "that connect at a time")
      ->capture_default_str();
  app.add_option("--per-source", options.per_source, "connections from each loopback address")
      ->capture_default_str();
  app.add_flag("--tls", options.tls);
  app.add_option("--tls-ca", options.tls_ca, "certificates to believe, PEM; else all are");
  app.add_option("--tls-name", options.tls_name, "whom the certificate must name; else the host");
  app.add_option("--hello", options.hello, "T that each connection says first");
  app.add_option("--hello2", options.hello2, "T behind it");
  app.add_flag("--hello-binary", options.hello_binary);
  app.add_option("--resume", options.resume, "T instead of --hello on coming back");
  app.add_option("--resume-query", options.resume_query,
                 "added to the path on coming back: 'after={epoch}:{seq}'");
  app.add_option("--hello-reply", options.hello_reply, "T: a connection is ready once it saw it");
}

void add_publishing(CLI::App& app, Options& options, Written& written) {
  app.add_option("--marker", options.marker, "T before the number that tells messages apart");
  app.add_option("--body", options.body, "T to publish, with {ts}");
  app.add_option("--size", written.size, "octets of the body, where none is given")
      ->capture_default_str();
  app.add_option("--bodies", written.bodies, "FILE: each line is published once, in order");
  app.add_option("--first-id", options.first_id,
                 "what the server numbers the first of them; else one behind its hello's head");
  app.add_option("--save", options.save, "FILE for what the first connection gets, a line each");
  app.add_option("--pub-url", options.pub_url, "path to POST to");
  app.add_option("--pub-raw", options.pub_raw, "T to send instead, with {body} and {len}");
  app.add_option("--pub-raw-hello", options.pub_raw_hello, "T before the first of them");
  app.add_option("--pub-port", options.pub_port, "where it is not --port");
  app.add_flag("--pub-plain", options.pub_plain, "without TLS there, also with --tls");
  app.add_option("--pub-window", options.pub_window, "POSTs in flight")->capture_default_str();
  app.add_option("--publishers", options.publishers, "connections that POST, in turn")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
}

void add_course(CLI::App& app, Options& options, Written& written) {
  app.add_option("--slow", written.slow, "SHARE:BYTES_PER_S of connections that read so slowly");
  app.add_option("--stopped", options.stopped_share, "share of connections that read nothing")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--slow-buffer", options.slow_buffer, "octets the kernel keeps for each of both")
      ->capture_default_str();
  app.add_option("--phase", options.phases, kPhases)
      ->allow_extra_args(false)
      ->multi_option_policy(kAll);
  app.add_option("--restart", options.restart,
                 "COMMAND that ends the server, starts it again and then writes its process ids "
                 "on one line");
  app.add_option("--pid", options.processes, "the server, for CPU and memory")
      ->allow_extra_args(false)
      ->multi_option_policy(kAll);
  app.add_option("--settle", options.settle_s, "seconds of rest after connecting")
      ->capture_default_str();
  app.add_option("--drain", options.drain_s, "seconds to wait for what is missing")
      ->capture_default_str();
  app.add_flag("--spin", options.spin, "never sleep while a phase runs");
  app.add_option("--label", options.label)->capture_default_str();
}

/// {ts} is always written as 19 digits, so the size is exact.
std::string body_of(std::size_t size) {
  const std::string head = "{\"id\":\"urn:oid:2.49.0.1.0\",\"ts\":{ts},\"text\":\"";
  const std::size_t used = head.size() - 4 + 19 + 2;
  return head + std::string(size > used ? size - used : 0, 'x') + "\"}";
}

void spell_out(Options& options) {
  for (std::string* const text :
       {&options.hello, &options.hello2, &options.resume, &options.hello_reply, &options.marker,
        &options.body, &options.pub_raw, &options.pub_raw_hello}) {
    *text = spelled_out(*text);
  }
}

void complete(Options& options, const Written& written) {
  spell_out(options);
  if (options.pub_port == 0) options.pub_port = options.port;
  if (options.tls_name.empty()) options.tls_name = options.host;
  if (options.body.empty()) options.body = body_of(written.size);
  if (!written.bodies.empty()) options.bodies = file_lines(written.bodies);
  if (options.marker.empty()) {
    options.marker = options.stamped() ? "\"ts\":" : "\"type\":\"alert\",\"seq\":";
  }
  if (written.paths.empty()) {
    options.routes = {Route{written.path}};
  } else {
    for (const std::string& line : file_lines(written.paths)) {
      options.routes.push_back(route_of(line));
    }
  }
  if (!written.slow.empty()) {
    const auto parts = split(written.slow, ':');
    if (parts.size() != 2) give_up("not SHARE:BYTES_PER_S: {}", written.slow);
    options.slow_share = decimal(parts[0]);
    options.slow_bytes_per_s = decimal(parts[1]);
  }
  if (options.slow_share + options.stopped_share > 1) give_up("more than all are slow or stopped");
  if (options.connections == 0 || options.connecting_max == 0 || options.per_source == 0 ||
      options.pub_window == 0) {
    give_up("--conns, --inflight, --per-source and --pub-window begin with 1");
  }
}

}  // namespace

std::uint64_t Route::concerned_by(std::uint64_t first, std::uint64_t end) const {
  const auto below = [this](std::uint64_t limit) {
    return limit > rest ? (limit - rest - 1) / divisor + 1 : 0;
  };
  return divisor == 0 ? 0 : below(end) - below(first);
}

bool Options::numbered_by_server() const {
  return !stamped() && bodies.front().find(marker) == std::string::npos;
}

Options read_options(int count, char** values) {
  Options options;
  Written written;
  CLI::App app(
      "Thousands of readers and a publisher: when did each have each message, and what "
      "did that cost the server?");
  app.footer(kFooter);
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  add_connections(app, options, written);
  add_publishing(app, options, written);
  add_course(app, options, written);
  try {
    app.parse(count, values);
  } catch (const CLI::ParseError& fault) {
    std::exit(app.exit(fault) == 0 ? 0 : 2);
  }
  complete(options, written);
  return options;
}

}  // namespace bench
