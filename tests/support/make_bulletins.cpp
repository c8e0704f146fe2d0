// make_bulletins: signed exercise alerts in any number, one envelope a line, and the trust document
// that admits them. For the crash test and for measurements: signing in this process makes tens of
// thousands a second. Either with keys made for the occasion, or with an officer's own key file:
//
//   make_bulletins --count 1000 --trust-out trust.json > bulletins.ndjson
//   make_bulletins --count 1000 --system exercise-demo --sender control@thames.example
//     --key keys/thames-reed.key --passphrase-fd 3 3<<<exercise > bulletins.ndjson
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "engine/base/time.hpp"
#include "engine/cap/compose.hpp"
#include "tests/support/alert_builder.hpp"
#include "tests/support/trust_builder.hpp"

namespace {

namespace cap = engine::cap;
namespace trust = engine::trust;

struct Options {
  std::uint64_t count = 100;
  std::size_t bytes = 1200;  // of a payload, about
  std::string system = "exercise-load";
  std::string sender = "control@load.example";
  std::vector<std::string> areas = {"E12000007"};
  std::vector<std::string> severities = {"Minor"};
  int holders = 1;
  std::uint64_t cancel_every = 0;
  int hours = 23;
  std::string identifiers;
  std::string key_file;
  int passphrase_fd = -1;
  std::string trust_out;
};

void read_options(CLI::App& app, Options& options) {
  app.add_option("--count", options.count, "how many")->capture_default_str();
  app.add_option("--bytes", options.bytes, "of each payload, about")->capture_default_str();
  app.add_option("--system", options.system)->capture_default_str();
  app.add_option("--sender", options.sender)->capture_default_str();
  app.add_option("--area", options.areas, "ONS codes, one after another in turn")
      ->capture_default_str();
  app.add_option("--severity", options.severities, "one after another in turn, as areas are")
      ->capture_default_str();
  app.add_option("--holders", options.holders, "signatures on each, with keys made here")
      ->check(CLI::Range(1, 8))
      ->capture_default_str();
  app.add_option("--cancel-every", options.cancel_every, "each n-th cancels the one before it");
  app.add_option("--hours", options.hours, "until they expire")->capture_default_str();
  app.add_option("--identifiers", options.identifiers, "what they begin with; drawn if not given");
  auto* key = app.add_option("--key", options.key_file, "an officer's key file to sign with");
  app.add_option("--passphrase-fd", options.passphrase_fd, "where its passphrase is read")
      ->needs(key);
  app.add_option("--trust-out", options.trust_out, "where the trust document is written")
      ->excludes(key);
}

std::string drawn_name() {
  std::random_device device;
  return fmt::format("LOAD-{:08x}{:08x}", device(), device());
}

engine::Time now() { return std::chrono::floor<std::chrono::seconds>(engine::SystemClock().now()); }

/// One line of that descriptor, or what there is of one.
trust::SecretBytes read_passphrase(int descriptor) {
  trust::SecretBytes secret(1024);
  std::size_t size = 0;
  while (size < secret.size() && read(descriptor, secret.data() + size, 1) == 1 &&
         secret.data()[size] != '\n') {
    ++size;
  }
  secret.shrink(size);
  return secret;
}

tests::TrustBuilder world_of(const Options& options) {
  tests::TrustBuilder world;
  tests::OfficerTerms terms;
  terms.not_after = engine::format_time(now() + std::chrono::days{400});
  world.exercise(options.system).expires(terms.not_after);
  world.sender(options.sender).areas({"*"}).rate_per_hour(1'000'000);
  for (int i = 1; i <= options.holders; ++i) world.officer(fmt::format("Officer {}", i), terms);
  return world;
}

/// Makes one document after another.
class Maker {
 public:
  explicit Maker(const Options& options) : options_(options) {
    cap::Info info;
    info.language = "en-GB";
    info.categories = {cap::Category::safety};
    info.event = "Flooding";
    info.urgency = cap::Urgency::immediate;
    info.certainty = cap::Certainty::observed;
    info.sender_name = "Exercise Control";
    info.headline = "EXERCISE: flooding near the river";
    info.instruction = "Stay on upper floors.";
    alert_.sender = options.sender;
    alert_.status = cap::Status::exercise;
    alert_.codes = {"system:" + options.system};
    alert_.infos = {info};
    padding_ = padding();
  }

  std::string next() {
    ++number_;
    const bool cancels =
        options_.cancel_every > 1 && number_ % options_.cancel_every == 0 && number_ > 1;
    const cap::Identity before = alert_.identity();
    alert_.identifier = fmt::format("{}-{}", options_.identifiers, number_);
    alert_.sent = now();
    if (cancels) return cap::compose(cancel_of(before));
    cap::Info& info = alert_.infos.front();
    info.expires = alert_.sent + std::chrono::hours{options_.hours};
    info.description = fmt::format("Number {}. {}", number_, padding_);
    const std::string& severity = options_.severities[number_ % options_.severities.size()];
    info.severity = cap::from_text<cap::Severity>(severity).value();
    const std::string& code = options_.areas[number_ % options_.areas.size()];
    info.areas = {cap::Area{code, {}, {}, {{"ONS", code}}}};
    return cap::compose(alert_);
  }

 private:
  cap::Alert cancel_of(const cap::Identity& named) const {
    cap::Alert cancel = alert_;
    cancel.msg_type = cap::MsgType::cancel;
    cancel.references = {named};
    cancel.note = "The exercise has ended.";
    cancel.infos.clear();
    return cancel;
  }

  /// As many words as bring a document to the size that was asked for.
  std::string padding() const {
    constexpr std::string_view kWords = "The river is over its banks between the bridges. ";
    constexpr std::size_t kDocument = 950;  // without a description
    std::string words;
    while (words.size() + kDocument < options_.bytes) words += kWords;
    return words.empty() ? "The river rises." : words;
  }

  const Options& options_;
  cap::Alert alert_;
  std::string padding_;
  std::uint64_t number_ = 0;
};

int make(Options options) {
  if (!trust::start_crypto()) throw std::runtime_error("libsodium does not start");
  if (options.identifiers.empty()) options.identifiers = drawn_name();
  const tests::TrustBuilder world = world_of(options);
  std::optional<trust::SigningKey> officer;
  tests::KeyPtrs signers;
  if (options.key_file.empty()) {
    for (int i = 1; i <= options.holders; ++i) {
      signers.push_back(&world.key(fmt::format("Officer {}", i)));
    }
  } else {
    auto opened = trust::KeyFile::open(options.key_file, read_passphrase(options.passphrase_fd));
    if (!opened) throw std::runtime_error(opened.error().what);
    officer.emplace(std::move(*opened));
    signers.push_back(&*officer);
  }
  if (!options.trust_out.empty()) {
    std::ofstream file(options.trust_out, std::ios::binary);
    file << world.file();
    if (!file.flush()) throw std::runtime_error("cannot write " + options.trust_out);
  }
  Maker maker(options);
  for (std::uint64_t i = 0; i < options.count; ++i) {
    const std::string line = trust::envelope_json(tests::sign(maker.next(), signers)) + "\n";
    if (std::fwrite(line.data(), 1, line.size(), stdout) != line.size()) return 1;
  }
  return std::fflush(stdout) == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Signed exercise alerts in any number, one envelope a line");
  read_options(app, options);
  CLI11_PARSE(app, argc, argv);
  try {
    return make(std::move(options));
  } catch (const std::exception& fault) {
    fmt::print(stderr, "make_bulletins: {}\n", fault.what());
    return 1;
  }
}
