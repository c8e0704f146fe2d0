#include "engine/trust/trust_payload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/subject.hpp"
#include "engine/trust/object_reader.hpp"
#include "engine/trust/strict_json.hpp"

namespace engine::trust {
namespace {

constexpr std::int64_t kVersionMax = (std::int64_t{1} << 53) - 1;  // what a browser counts exactly
constexpr int kHoldersMax = 8;  // an alert's envelope has no room for more signatures
constexpr int kRatePerHourMax = 1'000'000;

/// Without what CAP forbids in a sender.
bool is_sender(std::string_view text) {
  return text.find_first_of(" ,<&") == std::string_view::npos;
}

/// A system's name is a CAP code in every alert and a word in every shell.
bool is_system(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

bool is_area(std::string_view text) {
  if (text == "*") return true;
  return text.size() == 9 && text[0] >= 'A' && text[0] <= 'Z' &&
         std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

template <class Keys>
std::size_t distinct_holders(const Keys& keys) {
  std::set<std::string> holders;
  for (const Key& key : keys) holders.insert(key.holder);
  return holders.size();
}

/// Unknown is what an alert may say, not what an authority may be given.
bool may_stand(cap::Severity severity) { return severity != cap::Severity::unknown; }
/// System and Draft are never admitted, whoever signs them.
bool may_stand(cap::Status status) {
  return status != cap::Status::system && status != cap::Status::draft;
}
bool may_stand(cap::Category) { return true; }
bool may_stand(cap::Scope) { return true; }

template <class Enum>
std::optional<Enum> word(std::string_view text) {
  const auto value = cap::from_text<Enum>(text);
  return value && may_stand(*value) ? value : std::nullopt;
}

template <class Enum>
Enum choice(ObjectReader& reader, std::string_view key, std::string_view example) {
  const std::string text = reader.text(key);
  if (reader.failed()) return {};
  const auto value = word<Enum>(text);
  if (!value) reader.fail(key, fmt::format("is no word for this; write such as {}", example));
  return value.value_or(Enum{});
}

/// The array of CAP's words at `key`, each handed to `take`; at least one.
template <class Enum, class Take>
void choices(ObjectReader& reader, std::string_view key, std::string_view example, Take take) {
  bool any = false;
  reader.each_text(key, [&](const std::string& text) {
    const auto value = word<Enum>(text);
    if (value) take(*value);
    if (!value)
      reader.fail(key, fmt::format("has a word that is none for this; write such as {}", example));
    any = true;
  });
  if (!any) reader.fail(key, "is empty; name at least one");
}

class PayloadReader {
 public:
  Result<TrustDocument> read(const boost::json::value& value) {
    ObjectReader reader(value, "", fault_);
    read_heading(reader);
    read_roots(reader);
    if (reader.has("revocation")) {
      reader.each_object("revocation", [this](ObjectReader key) {
        document_.revocation_keys.push_back(read_key(key));
      });
    }
    reader.each_object("senders", [this](ObjectReader sender) { read_sender(sender); });
    if (reader.has("revoked")) {
      reader.each_object("revoked", [this](ObjectReader entry) { read_revoked(entry); });
    }
    if (reader.has("log")) read_log(reader.object("log"));
    check_roots_stand(reader);
    if (!fault_.empty()) return Failure{"The trust document's " + fault_ + "."};
    return std::move(document_);
  }

 private:
  void read_heading(ObjectReader& reader) {
    document_.system = reader.text("system");
    if (!is_system(document_.system)) {
      reader.fail("system", "must be of letters, digits, '.', '_' and '-' alone");
    }
    const std::string kind = reader.text("kind");
    if (kind != "live" && kind != "exercise") {
      reader.fail("kind", "must be \"live\" or \"exercise\"");
    }
    document_.kind = kind == "live" ? SystemKind::live : SystemKind::exercise;
    document_.version = static_cast<std::uint64_t>(reader.integer("version", 1, kVersionMax));
    document_.issued = reader.time("issued");
    document_.expires = reader.time("expires");
    if (document_.issued >= document_.expires) {
      reader.fail("expires", "is not after issued; write a later time");
    }
  }

  void read_roots(ObjectReader& reader) {
    ObjectReader root = reader.object("root");
    root.each_object("keys",
                     [this](ObjectReader key) { document_.root_keys.push_back(read_key(key)); });
    const auto holders = static_cast<std::int64_t>(distinct_holders(document_.root_keys));
    if (holders == 0) root.fail("keys", "is empty; name at least one root key");
    document_.root_threshold = static_cast<int>(root.integer("threshold", 1, 1000));
    if (document_.root_threshold > holders) {
      root.fail("threshold", fmt::format("asks for more holders than root.keys has; write {} or "
                                         "less",
                                         holders));
    }
  }

  /// The three members every key has but its holder.
  void read_key_pair(ObjectReader& reader, KeyId& keyid, PublicKey& public_key) {
    const std::string id = reader.text("keyid");
    const std::string key = reader.text("public");
    if (reader.failed()) return;
    const auto key_octets = from_base64(key);
    const auto exact = key_octets ? exactly<32>(*key_octets) : std::nullopt;
    if (!exact) return reader.fail("public", "must be padded base64 of 32 octets");
    if (!acceptable(*exact)) {
      return reader.fail("public", "is no sound Ed25519 key; make a new one");
    }
    public_key = *exact;
    keyid = key_id(public_key);
    const std::string true_id = to_hex(view(keyid));
    if (id != true_id) {
      return reader.fail("keyid",
                         fmt::format("is not the SHA-256 of its public key; write {}", true_id));
    }
    if (!keys_seen_.insert(keyid).second) {
      reader.fail("keyid", "stands in this document already; give each duty a key of its own");
    }
  }

  Key read_key(ObjectReader& reader) {
    Key key;
    read_key_pair(reader, key.keyid, key.public_key);
    key.holder = reader.text("holder");
    return key;
  }

  void read_sender(ObjectReader& reader) {
    Sender sender;
    sender.sender = reader.text("sender");
    if (!is_sender(sender.sender)) {
      reader.fail("sender", "has a space, a comma, '<' or '&', which CAP forbids; remove it");
    }
    const auto [other, unused] = tokens_.emplace(subject_token(sender.sender), sender.sender);
    if (!unused) {
      reader.fail("sender", fmt::format("is the same name in a NATS subject as {}; change one",
                                        other->second));
    }
    sender.name = reader.text("name");
    reader.each_object("officers", [&](ObjectReader officer) {
      sender.officers.push_back(read_officer(officer));
    });
    read_authority(reader.object("authority"), sender.authority);
    if (reader.has("approvals")) {
      reader.each_object("approvals", [&](ObjectReader rule) {
        sender.approvals.push_back({choice<cap::Status>(rule, "status", "\"Actual\""),
                                    choice<cap::Severity>(rule, "severity_at_least", "\"Severe\""),
                                    static_cast<int>(rule.integer("holders", 1, kHoldersMax))});
      });
    }
    if (reader.has("rate_per_hour")) {
      sender.rate_per_hour = static_cast<int>(reader.integer("rate_per_hour", 1, kRatePerHourMax));
    }
    document_.senders.push_back(std::move(sender));
  }

  Officer read_officer(ObjectReader& reader) {
    Officer officer;
    officer.key = read_key(reader);
    reader.each_text("duties", [&](const std::string& duty) {
      if (duty == "originate") {
        officer.duties.originate = true;
      } else if (duty == "approve") {
        officer.duties.approve = true;
      } else if (duty == "cancel") {
        officer.duties.cancel = true;
      } else {
        reader.fail("duties", "has an unknown word; write originate, approve or cancel");
      }
    });
    if (!officer.duties.originate && !officer.duties.approve && !officer.duties.cancel) {
      reader.fail("duties", "is empty; write originate, approve or cancel");
    }
    officer.not_before = reader.time("not_before");
    officer.not_after = reader.time("not_after");
    if (officer.not_before >= officer.not_after) {
      reader.fail("not_after", "is not after not_before; write a later time");
    }
    return officer;
  }

  static void read_authority(ObjectReader reader, Authority& authority) {
    reader.each_text("areas", [&](const std::string& area) {
      if (!is_area(area)) {
        reader.fail("areas", "has what is no GSS code; write such as \"E12000007\", or \"*\"");
      }
      authority.areas.push_back(area);
    });
    if (authority.areas.empty()) reader.fail("areas", "is empty; name a GSS code, or \"*\"");
    choices<cap::Category>(reader, "categories", "\"Safety\"", [&](cap::Category category) {
      authority.categories =
          static_cast<cap::CategorySet>(authority.categories | cap::bit(category));
    });
    authority.max_severity = choice<cap::Severity>(reader, "max_severity", "\"Extreme\"");
    choices<cap::Status>(reader, "statuses", "\"Exercise\"",
                         [&](cap::Status status) { authority.statuses.insert(status); });
    choices<cap::Scope>(reader, "scopes", "\"Public\"",
                        [&](cap::Scope scope) { authority.scopes.insert(scope); });
  }

  void read_revoked(ObjectReader& reader) {
    Revoked entry;
    const auto octets = from_hex(reader.text("keyid"));
    const auto keyid = octets ? exactly<32>(*octets) : std::nullopt;
    if (!keyid) return reader.fail("keyid", "must be 64 lower-case hexadecimal digits");
    entry.keyid = *keyid;
    entry.since = reader.time("since");
    entry.reason = reader.note("reason");
    const auto same = [&](const Revoked& other) { return other.keyid == entry.keyid; };
    if (std::any_of(document_.revoked.begin(), document_.revoked.end(), same)) {
      reader.fail("keyid", "is revoked twice; keep the earlier entry");
    }
    document_.revoked.push_back(std::move(entry));
  }

  void read_log(ObjectReader reader) {
    LogKey log;
    log.origin = reader.text("origin");
    read_key_pair(reader, log.keyid, log.public_key);
    document_.log = std::move(log);
  }

  /// A root that is revoked signs nothing, so the document may not count on it.
  void check_roots_stand(ObjectReader& reader) {
    for (const Key& key : document_.root_keys) {
      if (document_.revocation_of(key.keyid) != nullptr) {
        reader.fail("root.keys",
                    fmt::format("has {}, which is revoked; take it out", to_hex(view(key.keyid))));
      }
    }
  }

  TrustDocument document_;
  std::string fault_;
  std::set<KeyId> keys_seen_;
  std::map<std::string, std::string> tokens_;  // of NATS subjects: the sender that has it
};

}  // namespace

Result<TrustDocument> read_payload(BytesView payload) {
  const auto value = parse_strict_json(payload);
  if (!value) return Failure{"The trust document cannot be read. " + value.error().what};
  return PayloadReader().read(*value);
}

}  // namespace engine::trust
