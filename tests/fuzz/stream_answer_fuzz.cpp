// Any bytes as what an engine answers a reader: envelopes, and alerts one a line. Nothing that its
// officers did not sign is believed, whatever stands around it; and on what they did sign, the
// reader and an engine agree: what admission takes is verified with the same id and the same
// sender, and what the reader believes, admission refuses for its place or its time alone.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/admission.hpp"
#include "engine/base/ensure.hpp"
#include "ops/cli/reach.hpp"
#include "ops/cli/records.hpp"
#include "ops/cli/visible.hpp"
#include "tests/support/alert_builder.hpp"
#include "tests/support/trust_builder.hpp"

namespace {

using namespace engine;
using namespace ops::cli;

const Time kNow = tests::at("2026-11-21T12:00:30Z");

struct World {
  tests::TrustBuilder trust;
  trust::TrustPtr document;
  std::vector<const trust::SigningKey*> keys;

  World() {
    trust.sender().officer("Ann").officer("Ben").approval("Exercise", "Extreme", 2);
    trust.officer("Cat", {.duties = {"approve"}}).officer("Dan", {.duties = {"cancel"}});
    trust.officer("Old", {.not_after = "2026-06-01T00:00:00Z"});
    trust.officer("Lost").revoke("Lost", "2026-11-20T00:00:00Z");
    trust.sender("control@manchester.example.uk").areas({"E08000003"}).officer("Mia");
    document = trust.document();
    for (const char* name : {"Ann", "Ben", "Cat", "Dan", "Old", "Lost", "Mia", "Nobody"}) {
      keys.push_back(&trust.key(name));
    }
  }
};

const World& world() {
  static const World one;
  return one;
}

void check_trouble(const Trouble& trouble) {
  ENSURE(trouble.exit == Exit::bad_signature || trouble.exit == Exit::refused);
  ENSURE(!trouble.what.empty() && visible(trouble.what) == trouble.what);
}

/// Nobody here signed these bytes.
void check_unsigned(std::string_view text) {
  const auto bulletins = read_bulletins(text);
  if (!bulletins) return check_trouble(bulletins.error());
  ENSURE(!bulletins->items.empty());
  for (const auto& item : bulletins->items) {
    ENSURE(item.id.empty() == (item.sequence == 0) && item.id.empty() == !item.admitted);
    const auto verified = verify_item(item, *world().document);
    ENSURE(!verified);
    check_trouble(verified.error());
  }
}

/// What a reader leaves to the engine: places, which it may know better, and the engine's clock.
bool is_left_to_engines(Code code) {
  switch (code) {
    case Code::outside_authority:
    case Code::sent_in_future:
    case Code::too_old:
    case Code::expired:
    case Code::no_place:
      return true;
    default:
      return false;
  }
}

std::string line_of(const std::string& envelope, const BulletinId& id) {
  return "{\"type\":\"alert\",\"seq\":7,\"at\":\"2026-11-21T12:00:30Z\",\"id\":\"" +
         to_hex(view(id)) + "\",\"envelope\":" + envelope + "}";
}

void check_believed(const Verified& verified, std::string_view payload) {
  ENSURE(verified.id == trust::sha256(payload));
  ENSURE(verified.sender != nullptr && verified.alert.sender == verified.sender->sender);
  ENSURE(verified.holders >= verified.holders_needed && !verified.signers.empty());
  boost::json::object object;
  add_verified(object, verified);
  ENSURE(object.contains("sender") && object.contains("remarks"));
}

void check_signed(std::uint8_t who, std::string_view payload) {
  tests::KeyPtrs keys;
  for (unsigned i = 0; i < 8; ++i) {
    if ((who & 1U << i) != 0) keys.push_back(world().keys[i]);
  }
  const std::string body = trust::envelope_json(tests::sign(payload, keys));
  const std::string line = line_of(body, trust::sha256(payload));
  const Verdict verdict = decide(body, *world().document, Places::builtin(), kNow);
  const auto* refused = std::get_if<Refused>(&verdict);
  const auto item = read_bulletin(line);
  if (!item) {
    ENSURE(refused != nullptr && keys.empty());
    return check_trouble(item.error());
  }
  const auto verified = verify_item(*item, *world().document);
  if (!verified) {
    ENSURE(refused != nullptr);
    return check_trouble(verified.error());
  }
  check_believed(*verified, payload);
  ENSURE(refused == nullptr || is_left_to_engines(refused->refusal.code));
  // Beside another id it is not the alert that was asked for.
  auto other = *item;
  other.id.back() = other.id.back() == '0' ? '1' : '0';
  ENSURE(!verify_item(other, *world().document) && !is_asked_for(*verified, other.id));
  ENSURE(is_asked_for(*verified, item->id).has_value());
  auto bent = *item;
  bent.envelope.signatures.back().signature[who % 64] ^= 1;
  ENSURE(!verify_item(bent, *world().document));
}

/// What it says of whom an alert reached, or would: numbers, or a sentence.
void check_reach(std::string_view text) {
  if (const auto reach = parse_reach(text); !reach) ENSURE(!reach.error().what.empty());
  const auto run = parse_dry_run(text);
  if (!run) {
    ENSURE(!run.error().what.empty());
    return;
  }
  ENSURE(run->body == text);
  const std::string line = readers_text(run->streams().organisations, run->streams().anonymous);
  ENSURE(visible(line) == line);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_unsigned(bytes);
  check_reach(bytes);
  if (size > 0) check_signed(data[0], bytes.substr(1));
  return 0;
}
