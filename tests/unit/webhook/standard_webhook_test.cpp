#include "connectors/webhook/standard_webhook.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "engine/trust/signature.hpp"

using namespace engine;
using namespace connectors::webhook;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

// Keys and signatures published with the reference libraries of the specification.
constexpr std::string_view kShared = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::string_view kPrivate = "whsk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=";
constexpr std::string_view kContent =
    "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}";

Secret secret(std::string_view text) { return Secret::read(text).value(); }

std::string secret_of(std::size_t octets) { return "whsec_" + to_base64(Bytes(octets, 'k')); }

}  // namespace

TEST_CASE("signatures are those of the specification's own libraries") {
  REQUIRE(trust::start_crypto());
  CHECK(secret(kShared).signature(kContent) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  CHECK(secret(kPrivate).signature(kContent) ==
        "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8"
        "Ag==");
}

TEST_CASE("an HMAC secret has kSecretBytesMin to kSecretBytesMax octets") {
  CHECK_FALSE(Secret::read(secret_of(kSecretBytesMin - 1)).has_value());
  CHECK(Secret::read(secret_of(kSecretBytesMin)).has_value());
  CHECK(Secret::read(secret_of(kSecretBytesMax)).has_value());
  CHECK_FALSE(Secret::read(secret_of(kSecretBytesMax + 1)).has_value());
}

TEST_CASE("what is no secret is refused without being repeated") {
  const std::string pair = "whsk_" + to_base64(Bytes(64, 'k'));
  CHECK(Secret::read(pair).has_value());
  for (const std::string& wrong :
       {std::string(), std::string("whsec_"), std::string(kShared.substr(6)),
        std::string(kShared) + "=", std::string(kShared) + "\n", "WHSEC_" + std::string(40, 'A'),
        "whpk_" + to_base64(Bytes(32, 'k')), "whsk_" + to_base64(Bytes(31, 'k')),
        "whsk_" + to_base64(Bytes(33, 'k')), "whsk_" + to_base64(Bytes(63, 'k'))}) {
    CAPTURE(wrong);
    const auto read = Secret::read(wrong);
    REQUIRE_FALSE(read.has_value());
    if (wrong.size() > 10) {
      CHECK(read.error().what.find(wrong.substr(6)) == std::string::npos);
    }
  }
}

TEST_CASE("every attempt at a delivery has its id and a time of its own") {
  REQUIRE(trust::start_crypto());
  DeliveryId id{};
  id[0] = 0xab;
  const std::vector<Secret> one = {secret(kShared)};
  const Time now{seconds{1'674'087'231}};
  const Headers first = sign(one, id, now + Duration{999}, "{}");
  CHECK(first.id == "msg_ab000000000000000000000000000000");
  CHECK(first.timestamp == "1674087231");
  CHECK(first.signature == one[0].signature(first.id + ".1674087231.{}"));
  const Headers second = sign(one, id, now + seconds{15}, "{}");
  CHECK(second.id == first.id);
  CHECK(second.timestamp == "1674087246");
  CHECK(second.signature != first.signature);
}

TEST_CASE("kSecretsAtOnce secrets sign beside each other in their order") {
  REQUIRE(trust::start_crypto());
  std::vector<Secret> secrets;
  for (std::size_t i = 0; i < kSecretsAtOnce; ++i) secrets.push_back(secret(secret_of(24 + i)));
  secrets.back() = secret(kPrivate);
  const Headers headers = sign(secrets, {}, Time{}, "");
  std::string expected;
  for (const Secret& each : secrets) {
    expected += (expected.empty() ? "" : " ") + each.signature(headers.id + ".0.");
  }
  CHECK(headers.signature == expected);
}

TEST_CASE("a receiver's answer says whether it took it, wants it later or never again") {
  for (const int status : {200, 201, 202, 204, 299}) {
    CHECK(outcome_of(status, "").fate == Fate::sent);
  }
  for (const int status : {100, 199, 300, 301, 307, 400, 401, 404, 409, 411, 429, 500, 503, 599}) {
    CAPTURE(status);
    CHECK(outcome_of(status, "").fate == Fate::later);
    CHECK_FALSE(outcome_of(status, "").contact_dead);
  }
  CHECK(outcome_of(410, "5").fate == Fate::permanent);
  CHECK(outcome_of(410, "").contact_dead);
  CHECK(outcome_of(503, "").why == "HTTP 503");
}

TEST_CASE("Retry-After is believed in seconds up to kRetryAfterMax") {
  const auto wait = [](std::string_view text) { return outcome_of(503, text).not_before; };
  CHECK(wait("0") == seconds{0});
  CHECK(wait("120") == minutes{2});
  CHECK(wait("600") == kRetryAfterMax);
  CHECK(wait("601") == kRetryAfterMax);
  CHECK(wait("99999999999999999999") == kRetryAfterMax);
  for (const char* nothing :
       {"", " 5", "5 ", "-5", "+5", "5.5", "0x5", "Fri, 31 Dec 1999 23:59:59 GMT"}) {
    CAPTURE(nothing);
    CHECK_FALSE(wait(nothing));
  }
}
