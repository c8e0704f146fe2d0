#pragma once
// A trust document for a test, signed by real keys that were made for it. Starts as an exercise
// system without senders; what follows `sender()` is about that sender. It may be changed and asked
// for its document again: the keys stay the same.
//
//   TrustBuilder world;
//   world.sender("control@example.police.uk").areas({"E12000007"}).officer("Ann").officer("Ben");
//   const auto trust = world.document();
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/trust/key_file.hpp"
#include "engine/trust/trust_document.hpp"

namespace tests {

inline constexpr std::string_view kControlRoom = "control@example.police.uk";

struct OfficerTerms {
  std::vector<std::string> duties = {"originate", "approve", "cancel"};
  std::string holder = "";  // empty: as the officer's key is called
  std::string not_before = "2026-01-01T00:00:00Z";
  std::string not_after = "2028-01-01T00:00:00Z";
};

class TrustBuilder {
 public:
  TrustBuilder();

  TrustBuilder& live(std::string_view system = "live-gb");
  TrustBuilder& exercise(std::string_view system = "exercise-gb");
  TrustBuilder& version(std::uint64_t version);
  TrustBuilder& expires(std::string_view time);
  TrustBuilder& roots(int count, int threshold);

  /// Begins another sender, who may say anything in London until told otherwise.
  TrustBuilder& sender(std::string_view sender = kControlRoom);
  TrustBuilder& areas(std::vector<std::string> codes);
  TrustBuilder& categories(std::vector<std::string> categories);
  TrustBuilder& max_severity(std::string_view severity);
  TrustBuilder& statuses(std::vector<std::string> statuses);
  TrustBuilder& scopes(std::vector<std::string> scopes);
  TrustBuilder& approval(std::string_view status, std::string_view severity_at_least, int holders);
  TrustBuilder& rate_per_hour(int rate);

  /// An officer of the last sender, and a key of that name.
  TrustBuilder& officer(const std::string& key, OfficerTerms terms = {});
  TrustBuilder& revoke(const std::string& key, std::string_view since,
                       std::string_view reason = "lost");

  /// The key of that name; one of nobody is made where there is none.
  const engine::trust::SigningKey& key(const std::string& name) const;

  /// The payload that the roots sign, and the envelope they make: the contents of trust.json.
  std::string payload() const;
  std::string file() const;
  /// The same, read and checked as the engine does it.
  engine::trust::TrustPtr document() const;

 private:
  struct OfficerLine {
    std::string key;
    OfficerTerms terms;
  };
  struct Approval {
    std::string status, severity_at_least;
    int holders;
  };
  struct SenderLines {
    std::string sender;
    std::vector<OfficerLine> officers;
    std::vector<std::string> areas = {"E12000007"};
    std::vector<std::string> categories;
    std::string max_severity = "Extreme";
    std::vector<std::string> statuses = {"Actual", "Exercise", "Test"};
    std::vector<std::string> scopes = {"Public", "Restricted", "Private"};
    std::vector<Approval> approvals;
    int rate_per_hour = 60;
  };
  struct Revocation {
    std::string key, since, reason;
  };

  std::string system_ = "exercise-gb";
  std::string kind_ = "exercise";
  std::uint64_t version_ = 1;
  std::string expires_ = "2028-01-01T00:00:00Z";
  std::vector<std::string> roots_;
  int threshold_ = 1;
  std::vector<SenderLines> senders_;
  std::vector<Revocation> revoked_;
  std::shared_ptr<std::map<std::string, engine::trust::SigningKey>> keys_;
};

}  // namespace tests
