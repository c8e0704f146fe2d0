#include "engine/sealing.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <utility>

#include "engine/base/ensure.hpp"
#include "engine/trust/files.hpp"

namespace engine::trust {
namespace {

// What is sealed: an octet that says how, the nonce, the ciphertext, the tag.
constexpr char kFormat = 1;
constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kKey = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;

constexpr std::string_view kFileLabel = "tocsin-directory-key-1 ";
constexpr std::size_t kFileMax = 4096;
constexpr std::string_view kMarkContext = "tocsin directory key";

const unsigned char* octets_of(BytesView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

Bytes seal_under(const std::uint8_t* key, BytesView plain, BytesView context) {
  Bytes sealed(1 + kNonce + plain.size() + kTag, '\0');
  sealed[0] = kFormat;
  auto* const nonce = reinterpret_cast<unsigned char*>(sealed.data()) + 1;
  randombytes_buf(nonce, kNonce);
  crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + kNonce, nullptr, octets_of(plain),
                                             plain.size(), octets_of(context), context.size(),
                                             nullptr, nonce, key);
  return sealed;
}

std::optional<Opened> open_under(const std::uint8_t* key, BytesView sealed, BytesView context) {
  if (sealed.size() < 1 + kNonce + kTag || sealed[0] != kFormat) return std::nullopt;
  const unsigned char* const nonce = octets_of(sealed) + 1;
  const std::size_t size = sealed.size() - 1 - kNonce;
  Opened opened(size - kTag);
  const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
      reinterpret_cast<unsigned char*>(opened.data()), nullptr, nullptr, nonce + kNonce, size,
      octets_of(context), context.size(), nonce, key);
  if (failed != 0) return std::nullopt;
  return opened;
}

/// Whether that text is base64 of a key, and nothing else.
bool read_key(std::string_view text, SecretBytes& into) {
  std::size_t size = 0;
  const char* end = nullptr;
  return sodium_base642bin(into.data(), into.size(), text.data(), text.size(), nullptr, &size, &end,
                           sodium_base64_VARIANT_ORIGINAL) == 0 &&
         size == kKey && end == text.data() + text.size();
}

}  // namespace

Opened::Opened(std::size_t size) : octets_(std::make_unique<char[]>(size)), size_(size) {}
Opened::Opened(Opened&& other) noexcept
    : octets_(std::move(other.octets_)), size_(std::exchange(other.size_, 0)) {}
Opened& Opened::operator=(Opened&& other) noexcept {
  std::swap(octets_, other.octets_);
  std::swap(size_, other.size_);
  return *this;
}
Opened::~Opened() {
  if (octets_) sodium_memzero(octets_.get(), size_);
}

void wipe(std::string& text) noexcept {
  text.resize(text.capacity());  // allocates nothing
  sodium_memzero(text.data(), text.size());
  text.clear();
}

SealingKey SealingKey::draw() {
  SealingKey key;
  randombytes_buf(key.octets_.data(), key.octets_.size());
  return key;
}

SealingKey::SealingKey(SealingKey&& other) noexcept : octets_(other.octets_) {
  sodium_memzero(other.octets_.data(), other.octets_.size());
}

SealingKey::~SealingKey() { sodium_memzero(octets_.data(), octets_.size()); }

Bytes SealingKey::seal(BytesView plain, BytesView context) const {
  return seal_under(octets_.data(), plain, context);
}

std::optional<Opened> SealingKey::open(BytesView sealed, BytesView context) const {
  return open_under(octets_.data(), sealed, context);
}

WrappingKey WrappingKey::draw() {
  SecretBytes octets(kKey);
  randombytes_buf(octets.data(), octets.size());
  return WrappingKey(std::move(octets));
}

Result<WrappingKey> WrappingKey::read(const std::filesystem::path& file) {
  auto contents = read_private(file, kFileMax);
  if (!contents) return contents.error();
  std::string& text = *contents;
  SecretBytes octets(kKey);
  const std::string_view line(text.data(), text.find_last_not_of("\r\n") + 1);
  const bool sound =
      line.starts_with(kFileLabel) && read_key(line.substr(kFileLabel.size()), octets);
  wipe(text);
  if (!sound) {
    return Failure{fmt::format("{} is no directory key; put the right file there.", file.string())};
  }
  return WrappingKey(std::move(octets));
}

Result<void> WrappingKey::write(const std::filesystem::path& file) const {
  // Room for the zero that libsodium writes behind it.
  std::string text(kFileLabel.size() + sodium_base64_ENCODED_LEN(kKey, 1), '\0');
  text.replace(0, kFileLabel.size(), kFileLabel);
  sodium_bin2base64(text.data() + kFileLabel.size(), text.size() - kFileLabel.size(),
                    octets_.data(), octets_.size(), sodium_base64_VARIANT_ORIGINAL);
  text.back() = '\n';
  const auto written = create_file(file, text, 0600);
  wipe(text);
  if (!written) return Failure{written.error().what};
  return {};
}

Bytes WrappingKey::wrap(const SealingKey& key, BytesView context) const {
  return seal_under(octets_.data(), view(key.octets_), context);
}

std::optional<SealingKey> WrappingKey::unwrap(BytesView wrapped, BytesView context) const {
  const auto opened = open_under(octets_.data(), wrapped, context);
  if (!opened || opened->view().size() != kKey) return std::nullopt;
  SealingKey key;
  std::copy(opened->view().begin(), opened->view().end(), key.octets_.begin());
  return key;
}

Octets<32> WrappingKey::keyed_hash(BytesView purpose, BytesView text) const {
  const auto hash = [](unsigned char* into, BytesView of, const void* key) {
    const auto* octets = reinterpret_cast<const unsigned char*>(of.data());
    crypto_generichash(into, kKey, octets, of.size(), static_cast<const unsigned char*>(key), kKey);
  };
  static_assert(kKey == crypto_generichash_BYTES && kKey == crypto_generichash_KEYBYTES);
  Octets<32> key{}, made{};
  hash(key.data(), Bytes("tocsin directory hash 1 ") + Bytes(purpose), octets_.data());
  hash(made.data(), text, key.data());
  sodium_memzero(key.data(), key.size());
  return made;
}

Result<SharedKey> SharedKey::read(const std::filesystem::path& file) {
  auto text = read_secret(file);
  if (!text) return text.error();
  SecretBytes octets(kKey);
  const bool sound = read_key(*text, octets);
  wipe(*text);
  if (sound) return SharedKey(std::move(octets));
  return Failure{fmt::format(
      "{} is not base64 of 32 octets. Draw a key with: openssl rand -base64 32", file.string())};
}

Bytes SharedKey::seal(BytesView plain, BytesView context) const {
  return seal_under(octets_.data(), plain, context);
}

std::optional<Opened> SharedKey::open(BytesView sealed, BytesView context) const {
  return open_under(octets_.data(), sealed, context);
}

Bytes WrappingKey::mark() const { return seal_under(octets_.data(), {}, kMarkContext); }

bool WrappingKey::made(BytesView mark) const {
  const auto opened = open_under(octets_.data(), mark, kMarkContext);
  return opened && opened->view().empty();
}

}  // namespace engine::trust
