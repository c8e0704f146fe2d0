#include "engine/trust/key_file.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <boost/json/serialize.hpp>

#include "engine/base/ensure.hpp"
#include "engine/trust/files.hpp"
#include "engine/trust/object_reader.hpp"
#include "engine/trust/strict_json.hpp"

namespace engine::trust {
namespace {

namespace json = boost::json;

constexpr std::string_view kFormat = "tocsin-key-1";
constexpr std::size_t kFileMax = 16 * 1024;
constexpr std::size_t kCiphertext =
    crypto_sign_SEEDBYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES;

// A file asks for its own cost; beyond these it is a trap, not a key.
constexpr std::int64_t kPassesMax = 32;
constexpr std::int64_t kMemoryMax = std::int64_t{2} << 30;

/// Everything of a key file but the encrypted seed.
struct Header {
  KeyFile::Label label;
  std::int64_t passes = 0;
  std::int64_t memory_bytes = 0;
  Octets<crypto_pwhash_SALTBYTES> salt{};
  Octets<crypto_aead_xchacha20poly1305_ietf_NPUBBYTES> nonce{};
};

json::object header_json(const Header& header) {
  return {{"format", json::string(kFormat)},
          {"holder", header.label.holder},
          {"keyid", to_hex(view(key_id(header.label.public_key)))},
          {"public", to_base64(view(header.label.public_key))},
          {"kdf",
           {{"name", "argon2id"},
            {"passes", header.passes},
            {"memory_bytes", header.memory_bytes},
            {"salt", to_base64(view(header.salt))}}},
          {"cipher", {{"name", "xchacha20-poly1305"}, {"nonce", to_base64(view(header.nonce))}}}};
}

/// What the cipher authenticates beside the seed: the header on one line, members in this order.
/// So nobody gives a key another holder or a cheaper passphrase unseen.
Bytes associated_data(const Header& header) { return json::serialize(header_json(header)); }

template <std::size_t N>
Octets<N> octets(ObjectReader& reader, std::string_view key) {
  const auto bytes = from_base64(reader.text(key));
  const auto exact = bytes ? exactly<N>(*bytes) : std::nullopt;
  if (!exact) reader.fail(key, fmt::format("must be padded base64 of {} octets", N));
  return exact.value_or(Octets<N>{});
}

void expect(ObjectReader& reader, std::string_view key, std::string_view text) {
  if (reader.text(key) != text) reader.fail(key, fmt::format("must be \"{}\"", text));
}

struct Parsed {
  Header header;
  Octets<kCiphertext> seed_encrypted{};
};

Result<Parsed> parse(const std::filesystem::path& file, BytesView bytes) {
  const auto value = parse_strict_json(bytes);
  if (!value) {
    return Failure{fmt::format("{} is no key file. {}", file.string(), value.error().what)};
  }
  std::string fault;
  Parsed parsed;
  Header& header = parsed.header;
  ObjectReader reader(*value, "", fault);
  expect(reader, "format", kFormat);
  header.label.holder = reader.text("holder");
  header.label.public_key = octets<32>(reader, "public");
  if (!acceptable(header.label.public_key)) reader.fail("public", "is no sound Ed25519 key");
  expect(reader, "keyid", to_hex(view(key_id(header.label.public_key))));
  ObjectReader kdf = reader.object("kdf");
  expect(kdf, "name", "argon2id");
  header.passes = kdf.integer("passes", crypto_pwhash_OPSLIMIT_MIN, kPassesMax);
  header.memory_bytes = kdf.integer("memory_bytes", crypto_pwhash_MEMLIMIT_MIN, kMemoryMax);
  header.salt = octets<crypto_pwhash_SALTBYTES>(kdf, "salt");
  ObjectReader cipher = reader.object("cipher");
  expect(cipher, "name", "xchacha20-poly1305");
  header.nonce = octets<crypto_aead_xchacha20poly1305_ietf_NPUBBYTES>(cipher, "nonce");
  parsed.seed_encrypted = octets<kCiphertext>(reader, "seed_encrypted");
  if (!fault.empty()) {
    return Failure{fmt::format("{} is no sound key file: its {}.", file.string(), fault)};
  }
  return parsed;
}

/// Argon2id: the passphrase becomes the key of the cipher.
Result<SecretBytes> derive(const SecretBytes& passphrase, const Header& header) {
  if (passphrase.size() == 0) {
    return Failure{"The passphrase is empty; give the one that protects this key."};
  }
  SecretBytes key(crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
  const int failed = crypto_pwhash(
      key.data(), key.size(), reinterpret_cast<const char*>(passphrase.data()), passphrase.size(),
      header.salt.data(), static_cast<unsigned long long>(header.passes),
      static_cast<std::size_t>(header.memory_bytes), crypto_pwhash_ALG_ARGON2ID13);
  if (failed != 0) {
    return Failure{fmt::format("There is not enough memory to try the passphrase; free {} MiB.",
                               header.memory_bytes >> 20)};
  }
  return key;
}

Header new_header(const SigningKey& key, std::string_view holder, KeyStrength strength) {
  Header header;
  header.label = {std::string(holder), key.public_key()};
  const bool sensitive = strength == KeyStrength::sensitive;
  header.passes = sensitive ? crypto_pwhash_OPSLIMIT_MODERATE : crypto_pwhash_OPSLIMIT_INTERACTIVE;
  header.memory_bytes =
      sensitive ? crypto_pwhash_MEMLIMIT_MODERATE : crypto_pwhash_MEMLIMIT_INTERACTIVE;
  randombytes_buf(header.salt.data(), header.salt.size());
  randombytes_buf(header.nonce.data(), header.nonce.size());
  return header;
}

}  // namespace

Result<void> KeyFile::write(const std::filesystem::path& file, const SigningKey& key,
                            std::string_view holder, const SecretBytes& passphrase,
                            KeyStrength strength) {
  const Header header = new_header(key, holder, strength);
  const auto cipher_key = derive(passphrase, header);
  if (!cipher_key) return cipher_key.error();
  const Bytes associated = associated_data(header);
  Octets<kCiphertext> encrypted{};
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      encrypted.data(), nullptr, key.seed_.data(), key.seed_.size(),
      reinterpret_cast<const unsigned char*>(associated.data()), associated.size(), nullptr,
      header.nonce.data(), cipher_key->data());
  json::object object = header_json(header);
  object["seed_encrypted"] = to_base64(view(encrypted));
  const Bytes text = json::serialize(object) + "\n";
  // What we could not read back is not written either: a holder's name of 2,000 octets, say.
  if (const auto readable = parse(file, text); !readable) return readable.error();
  const auto written = create_file(file, text, 0600);
  if (!written) return Failure{written.error().what};
  return {};
}

Result<KeyFile::Label> KeyFile::read_label(const std::filesystem::path& file) {
  const auto contents = read_file(file, kFileMax);
  if (!contents) return contents.error();
  auto parsed = parse(file, contents->bytes);
  if (!parsed) return parsed.error();
  return std::move(parsed->header.label);
}

Result<SigningKey> KeyFile::open(const std::filesystem::path& file, const SecretBytes& passphrase) {
  const auto contents = read_private(file, kFileMax);
  if (!contents) return contents.error();
  const auto parsed = parse(file, *contents);
  if (!parsed) return parsed.error();
  const Header& header = parsed->header;
  const auto cipher_key = derive(passphrase, header);
  if (!cipher_key) return cipher_key.error();
  const Bytes associated = associated_data(header);
  SecretBytes seed(crypto_sign_SEEDBYTES);
  const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
      seed.data(), nullptr, nullptr, parsed->seed_encrypted.data(), parsed->seed_encrypted.size(),
      reinterpret_cast<const unsigned char*>(associated.data()), associated.size(),
      header.nonce.data(), cipher_key->data());
  if (failed != 0) {
    return Failure{
        fmt::format("The passphrase is not that of {}, or the file was changed; try "
                    "again, or take your copy of it.",
                    file.string())};
  }
  SecretBytes expanded(crypto_sign_SECRETKEYBYTES);
  PublicKey public_key{};
  ENSURE(crypto_sign_seed_keypair(public_key.data(), expanded.data(), seed.data()) == 0);
  if (public_key != header.label.public_key) {
    return Failure{
        fmt::format("{} holds another key than it says; make a new one.", file.string())};
  }
  return SigningKey(std::move(seed), public_key);
}

}  // namespace engine::trust
