#include "engine/sealing.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>

#include "engine/trust/files.hpp"
#include "tests/unit/trust/temp_dir.hpp"

using namespace engine;
using namespace engine::trust;

namespace {

struct Crypto {
  Crypto() { REQUIRE(start_crypto()); }
};

std::string text_of(const std::optional<Opened>& opened) {
  return opened ? std::string(opened->view()) : "(closed)";
}

}  // namespace

TEST_CASE_FIXTURE(Crypto, "what was sealed opens under its key and in its context alone") {
  const SealingKey key = SealingKey::draw(), other = SealingKey::draw();
  const Bytes sealed = key.seal("+447700900123", "acme contacts");
  CHECK(sealed.find("7700") == std::string::npos);
  CHECK(text_of(key.open(sealed, "acme contacts")) == "+447700900123");
  CHECK(text_of(key.open(sealed, "acme sites")) == "(closed)");
  CHECK(text_of(key.open(sealed, "")) == "(closed)");
  CHECK(text_of(other.open(sealed, "acme contacts")) == "(closed)");
  CHECK(text_of(key.open(key.seal("", "nothing"), "nothing")).empty());
  CHECK(key.seal("+447700900123", "acme contacts") != sealed);
}

TEST_CASE_FIXTURE(Crypto, "no changed bit and no piece of what was sealed opens") {
  const SealingKey key = SealingKey::draw();
  const Bytes sealed = key.seal("mail@example.org", "context");
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes changed = sealed;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    CHECK(text_of(key.open(changed, "context")) == "(closed)");
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    CHECK(text_of(key.open(BytesView(sealed).substr(0, size), "context")) == "(closed)");
  }
}

TEST_CASE_FIXTURE(Crypto, "a wrapped key is the same key again where it was wrapped") {
  const WrappingKey wrapping = WrappingKey::draw(), other = WrappingKey::draw();
  const SealingKey key = SealingKey::draw();
  const Bytes sealed = key.seal("plain", "context");
  const Bytes wrapped = wrapping.wrap(key, "acme");
  const auto again = wrapping.unwrap(wrapped, "acme");
  REQUIRE(again);
  CHECK(text_of(again->open(sealed, "context")) == "plain");
  CHECK_FALSE(wrapping.unwrap(wrapped, "bolt"));
  CHECK_FALSE(other.unwrap(wrapped, "acme"));
  CHECK_FALSE(wrapping.unwrap(BytesView(wrapped).substr(1), "acme"));
  CHECK(wrapping.made(wrapping.mark()));
  CHECK_FALSE(other.made(wrapping.mark()));
  CHECK_FALSE(wrapping.made(""));
  CHECK_FALSE(wrapping.made(wrapped));
}

TEST_CASE_FIXTURE(Crypto, "the wrapping key lies in a file of its own that nobody else may read") {
  const tests::TempDir folder;
  const auto file = folder / "tocsin.key";
  const WrappingKey key = WrappingKey::draw();
  REQUIRE(key.write(file).has_value());
  struct stat about {};
  REQUIRE(::stat(file.c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
  CHECK(tests::contents(file).size() == 68);
  const auto read = WrappingKey::read(file);
  REQUIRE(read.has_value());
  CHECK(read->made(key.mark()));
  CHECK_FALSE(WrappingKey::draw().write(file).has_value());  // it is there already
  CHECK(WrappingKey::read(file)->made(key.mark()));
  REQUIRE(::chmod(file.c_str(), 0640) == 0);
  const auto open_to_others = WrappingKey::read(file);
  REQUIRE_FALSE(open_to_others.has_value());
  CHECK(open_to_others.error().what.find("chmod 600") != std::string::npos);
}

TEST_CASE_FIXTURE(Crypto, "a file that holds no whole key is refused") {
  const tests::TempDir folder;
  const auto file = folder / "tocsin.key";
  REQUIRE(WrappingKey::draw().write(file).has_value());
  const std::string sound = tests::contents(file);
  const auto takes = [&](const std::string& text) {
    tests::put(file, text);
    return WrappingKey::read(file).has_value();
  };
  CHECK(takes(sound));
  CHECK(takes(sound.substr(0, sound.size() - 1)));  // an editor's work
  CHECK(takes(sound.substr(0, sound.size() - 1) + "\r\n"));
  CHECK_FALSE(takes(""));
  CHECK_FALSE(takes("\n"));
  CHECK_FALSE(takes("tocsin-directory-key-1 \n"));
  CHECK_FALSE(takes(sound.substr(0, sound.size() - 6) + "\n"));
  CHECK_FALSE(takes(sound + "more"));
  CHECK_FALSE(takes("x" + sound.substr(1)));
  CHECK_FALSE(takes(sound.substr(0, 30) + "!" + sound.substr(31)));
  CHECK_FALSE(WrappingKey::read(folder / "nothing").has_value());
}

TEST_CASE_FIXTURE(Crypto, "what is wiped holds nothing any more") {
  std::string text(100, 'x');
  const char* const at = text.data();
  wipe(text);
  CHECK(text.empty());
  REQUIRE(text.capacity() >= 100);  // so it is the same memory
  CHECK(std::count(at, at + 100, '\0') == 100);
}

TEST_CASE_FIXTURE(Crypto, "a key that is shared is 32 octets in base64 in a file of its owner") {
  const tests::TempDir dir;
  const auto written = [&](std::string_view text, mode_t mode = 0600) {
    const auto file = dir.path() / "shared.key";
    std::filesystem::remove(file);
    REQUIRE(create_file(file, text, mode).has_value());
    return SharedKey::read(file);
  };
  const std::string base64 = std::string(42, 'q') + "A=";
  const auto key = written(base64 + "\n"), same = written(base64),
             other = written("A" + base64.substr(1));
  REQUIRE((key.has_value() && same.has_value() && other.has_value()));
  const Bytes sealed = key->seal("+447700900123", "context");
  CHECK(sealed.find("7700") == std::string::npos);
  CHECK(text_of(same->open(sealed, "context")) == "+447700900123");
  CHECK(text_of(same->open(sealed, "other")) == "(closed)");
  CHECK(text_of(other->open(sealed, "context")) == "(closed)");
  for (const auto& wrong :
       {base64.substr(4), base64 + base64, base64 + " x", std::string("short")}) {
    const auto refused = written(wrong);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().what.find("openssl rand -base64 32") != std::string::npos);
  }
  CHECK_FALSE(written(base64, 0644).has_value());
}
