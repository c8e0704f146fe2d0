// tocsin alert sign: the first signature on an alert.
#include <fmt/format.h>

#include <filesystem>

#include "engine/trust/envelope.hpp"
#include "ops/cli/commands.hpp"
#include "ops/cli/files.hpp"
#include "ops/cli/keys.hpp"
#include "ops/cli/signing.hpp"
#include "ops/cli/trust_file.hpp"
#include "ops/cli/visible.hpp"
#include "ops/cli/words.hpp"

namespace ops::cli {

namespace trust = engine::trust;

namespace {

std::string out_name(const AlertSign& options) {
  if (!options.out.empty()) return options.out;
  return beside(options.file == "-" ? "alert.xml" : options.file, kSignedEnding);
}

}  // namespace

Outcome<Exit> alert_sign(Session& session, const AlertSign& options) {
  const std::string out = out_name(options);
  std::error_code error;
  if (std::filesystem::is_regular_file(out, error)) {
    return trouble(Exit::usage, fmt::format("{} is there already", visible(out)),
                   fmt::format("tocsin alert approve {} adds a signature; --out FILE makes another",
                               visible(out)));
  }
  const auto xml = read_file(options.file, trust::EnvelopeLimits{}.payload_max);
  if (!xml) return xml.error();
  const auto document = given_trust(session);
  if (!document) return document.error();
  const auto alert = read_alert(session, *xml);
  if (!alert) return alert.error();
  const auto label = read_public_key(options.key);
  if (!label) return label.error();
  if (auto may = may_sign(*label, *alert, document->get(), session.now()); !may) {
    return may.error();
  }
  say_words(session, *alert);
  const auto key = unlock(options.key, options.passphrase_fd);
  if (!key) return key.error();

  engine::Envelope envelope{std::string(engine::kCapType), *xml, {}};
  envelope.signatures.push_back(key->sign(engine::kCapType, *xml));
  if (auto written = write_file(out, trust::envelope_json(envelope) + "\n"); !written) {
    return written.error();
  }
  session.terminal->say(fmt::format("{} signed it: {}, id {}", visible(label->holder), visible(out),
                                    engine::to_hex(engine::view(trust::sha256(*xml)))));
  say_next(session, out, envelope, document->get());
  return Exit::done;
}

}  // namespace ops::cli
