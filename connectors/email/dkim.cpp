#include "connectors/email/dkim.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>

#include "connectors/email/address.hpp"
#include "engine/base/bytes.hpp"
#include "engine/base/ensure.hpp"

namespace connectors::email {

using engine::Bytes;
using engine::Failure;
using engine::Octets;
using engine::Result;

namespace {

/// What is signed where it is there, and once more, so that nobody adds another.
constexpr auto kSigned = std::to_array<std::string_view>(
    {"From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version",
     "Content-Type", "Content-Language", "Auto-Submitted", "List-Unsubscribe",
     "List-Unsubscribe-Post", "Reply-To", "Cc", "Sender"});

constexpr std::size_t kSelectorBytes = 63;
constexpr std::size_t kFoldAt = 72;

struct FreeBio {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
struct FreeKey {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_space(char c) { return c == ' ' || c == '\t'; }

bool same_name(std::string_view one, std::string_view other) {
  return one.size() == other.size() &&
         std::equal(one.begin(), one.end(), other.begin(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

Octets<32> sha256(std::string_view bytes) {
  Octets<32> hash{};
  ENSURE(EVP_Digest(bytes.data(), bytes.size(), hash.data(), nullptr, EVP_sha256(), nullptr) == 1);
  return hash;
}

/// A line without its white space at the end, every run within it one space.
std::string relaxed_line(std::string_view line) {
  std::string out;
  bool space = false;
  for (const char c : line) {
    if (is_space(c)) {
      space = true;
      continue;
    }
    if (space) out += ' ';
    space = false;
    out += c;
  }
  return out;
}

/// The header's fields, each with its folded lines and without the last CRLF.
std::vector<std::string_view> fields_of(std::string_view header) {
  std::vector<std::string_view> fields;
  std::size_t begin = 0;
  while (begin < header.size()) {
    std::size_t end = header.find("\r\n", begin);
    while (end != std::string_view::npos && end + 2 < header.size() && is_space(header[end + 2])) {
      end = header.find("\r\n", end + 2);
    }
    if (end == std::string_view::npos) end = header.size();
    fields.push_back(header.substr(begin, end - begin));
    begin = end + 2;
  }
  return fields;
}

std::string_view name_of(std::string_view field) { return field.substr(0, field.find(':')); }

/// The names for h=, and the fields that they stand for: of several the last first, as RFC 6376
/// reads them.
struct Chosen {
  std::string names;
  std::string content;
};
Chosen choose(std::string_view header) {
  const auto fields = fields_of(header);
  Chosen chosen;
  const auto name = [&](std::string_view text) {
    if (!chosen.names.empty()) chosen.names += ':';
    chosen.names += text;
  };
  for (const std::string_view wanted : kSigned) {
    for (auto field = fields.rbegin(); field != fields.rend(); ++field) {
      if (!same_name(name_of(*field), wanted)) continue;
      chosen.content += relaxed_header(*field) + "\r\n";
      name(wanted);
    }
    name(wanted);
  }
  return chosen;
}

/// `DKIM-Signature: …`, broken into lines between tags, and within h= behind its colons.
std::string folded_tags(const std::vector<std::string>& tags) {
  std::string out = "DKIM-Signature:";
  std::size_t column = out.size();
  const auto put = [&](std::string_view piece) {
    if (column + piece.size() > kFoldAt) {
      out += "\r\n ";
      column = 1;
    }
    out += piece;
    column += piece.size();
  };
  for (std::size_t i = 0; i < tags.size(); ++i) {
    const std::string tag = " " + tags[i] + (i + 1 < tags.size() ? ";" : "");
    std::string_view rest = tag;
    while (!rest.empty()) {
      const std::size_t colon = tags[i].starts_with("h=") ? rest.find(':') : rest.npos;
      const std::size_t size = colon == rest.npos ? rest.size() : colon + 1;
      put(rest.substr(0, size));
      rest.remove_prefix(size);
    }
  }
  return out;
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kSelectorBytes &&
         std::all_of(label.begin(), label.end(), [](char c) {
           return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

/// Never asks anybody for a passphrase.
int no_passphrase(char*, int, int, void*) { return 0; }

}  // namespace

struct Signer::Key {
  std::unique_ptr<EVP_PKEY, FreeKey> pkey;
  bool ed25519 = false;

  /// Over the SHA-256 of the content (RFC 8463) or over the content by SHA-256 and PKCS #1.
  Bytes sign(std::string_view content) const {
    const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
    ENSURE(context != nullptr);
    const EVP_MD* digest = ed25519 ? nullptr : EVP_sha256();
    ENSURE(EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, pkey.get()) == 1);
    const Octets<32> hash = sha256(content);
    const std::string_view signed_octets = ed25519 ? engine::view(hash) : content;
    const auto* data = reinterpret_cast<const unsigned char*>(signed_octets.data());
    std::size_t size = 0;
    ENSURE(EVP_DigestSign(context.get(), nullptr, &size, data, signed_octets.size()) == 1);
    Bytes signature(size, '\0');
    ENSURE(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                          data, signed_octets.size()) == 1);
    signature.resize(size);
    return signature;
  }
};

Signer::Signer(std::string domain, std::string selector, std::shared_ptr<const Key> key)
    : domain_(std::move(domain)), selector_(std::move(selector)), key_(std::move(key)) {}

Result<Signer> Signer::open(std::string_view domain, std::string_view selector,
                            std::string_view pem) {
  if (!check_address("a@" + std::string(domain))) {
    return Failure{"The domain of a DKIM key is the name of a domain."};
  }
  if (!is_label(selector)) {
    return Failure{"The selector of a DKIM key is 1 to 63 letters, digits and hyphens."};
  }
  auto key = std::make_shared<Key>();
  const std::unique_ptr<BIO, FreeBio> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(std::min<std::size_t>(pem.size(), 1U << 20U))));
  ENSURE(bio != nullptr);
  key->pkey.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  if (!key->pkey) return Failure{"This is no private key in PEM without a passphrase."};
  key->ed25519 = EVP_PKEY_get_base_id(key->pkey.get()) == EVP_PKEY_ED25519;
  if (!key->ed25519) {
    const int bits = EVP_PKEY_get_bits(key->pkey.get());
    if (EVP_PKEY_get_base_id(key->pkey.get()) != EVP_PKEY_RSA || bits < kRsaBitsMin ||
        bits > kRsaBitsMax) {
      return Failure{"A DKIM key is Ed25519, or RSA of 2048 to 4096 bits."};
    }
  }
  return Signer(std::string(domain), std::string(selector), std::move(key));
}

std::string Signer::dns_record() const {
  if (key_->ed25519) {
    Octets<32> octets{};
    std::size_t size = octets.size();
    ENSURE(EVP_PKEY_get_raw_public_key(key_->pkey.get(), octets.data(), &size) == 1);
    return "v=DKIM1; k=ed25519; p=" + engine::to_base64(engine::view(octets));
  }
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key_->pkey.get(), &der);
  ENSURE(size > 0);
  const std::string text =
      engine::to_base64({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  return "v=DKIM1; k=rsa; p=" + text;
}

std::string Signer::sign(std::string_view message, engine::Time now) const {
  const std::size_t end = message.find("\r\n\r\n");
  ENSURE(end != std::string_view::npos);
  const Chosen chosen = choose(message.substr(0, end + 2));
  const Octets<32> body = sha256(relaxed_body(message.substr(end + 4)));
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  std::vector<std::string> tags = {
      "v=1",
      std::string("a=") + (key_->ed25519 ? "ed25519-sha256" : "rsa-sha256"),
      "c=relaxed/relaxed",
      "d=" + domain_,
      "s=" + selector_,
      "t=" + std::to_string(seconds),
      "h=" + chosen.names,
      "bh=" + engine::to_base64(engine::view(body)),
      "b="};
  // What is signed is the field as it will stand there, with nothing behind `b=`, and no CRLF.
  // Folding within the value of b= does not count, so the rest may not depend on its length.
  const std::string unsigned_field = folded_tags(tags);
  const Bytes signature = key_->sign(chosen.content + relaxed_header(unsigned_field));
  std::string field = unsigned_field;
  const std::string text = engine::to_base64(signature);
  for (std::size_t at = 0; at < text.size(); at += kFoldAt) {
    field += "\r\n " + text.substr(at, kFoldAt);
  }
  return field + "\r\n";
}

std::string with_signatures(std::string_view message, const std::vector<Signer>& signers,
                            engine::Time now) {
  std::string signed_message;
  for (const Signer& signer : signers) signed_message += signer.sign(message, now);
  return signed_message += message;
}

std::string relaxed_header(std::string_view field) {
  std::string unfolded;
  for (const char c : field) {
    if (c != '\r' && c != '\n') unfolded += c;
  }
  const std::size_t colon = unfolded.find(':');
  std::string name = relaxed_line(std::string_view(unfolded).substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(), lower);
  if (colon == std::string::npos) return name;
  std::string value = relaxed_line(std::string_view(unfolded).substr(colon + 1));
  if (value.starts_with(' ')) value.erase(0, 1);
  return name + ":" + value;
}

std::string relaxed_body(std::string_view body) {
  std::string out;
  std::size_t kept = 0;  // up to the last line that is not empty
  while (!body.empty()) {
    const std::size_t end = body.find("\r\n");
    const std::string line = relaxed_line(body.substr(0, end));
    out += line + "\r\n";
    if (!line.empty()) kept = out.size();
    body.remove_prefix(end == std::string_view::npos ? body.size() : end + 2);
  }
  out.resize(kept);
  return out;
}

}  // namespace connectors::email
