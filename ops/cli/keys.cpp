#include "ops/cli/keys.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <filesystem>

#include "engine/trust/strict_json.hpp"
#include "ops/cli/files.hpp"
#include "ops/cli/passphrase.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace trust = engine::trust;
namespace json = boost::json;

namespace {

std::optional<std::string> member(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(json::string_view(name.data(), name.size()));
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

/// Reads {"keyid","public","holder"}; nothing if the text is something else.
std::optional<trust::Key> public_key_of(std::string_view text) {
  const auto value = trust::parse_strict_json(text);
  if (!value || !value->is_object()) return std::nullopt;
  const auto& object = value->get_object();
  const auto keyid = member(object, "keyid");
  const auto encoded = member(object, "public");
  const auto holder = member(object, "holder");
  if (!keyid || !encoded || !holder || holder->empty()) return std::nullopt;
  const auto octets = engine::from_base64(*encoded);
  if (!octets) return std::nullopt;
  const auto public_key = engine::exactly<32>(*octets);
  if (!public_key || !trust::acceptable(*public_key)) return std::nullopt;
  trust::Key key{trust::key_id(*public_key), *public_key, *holder};
  if (engine::to_hex(engine::view(key.keyid)) != *keyid) return std::nullopt;
  return key;
}

Outcome<void> readable(const std::string& file) {
  std::error_code error;
  if (std::filesystem::is_regular_file(file, error)) return {};
  return trouble(Exit::usage, fmt::format("there is no key file {}", visible(file)),
                 "make one with: tocsin key new --holder NAME --out FILE");
}

}  // namespace

Outcome<trust::Key> read_public_key(const std::string& file) {
  if (auto there = readable(file); !there) return there.error();
  const auto label = trust::KeyFile::read_label(file);
  if (label) return trust::Key{trust::key_id(label->public_key), label->public_key, label->holder};
  const auto text = read_file(file, 64 << 10);
  if (!text) return text.error();
  if (const auto key = public_key_of(*text)) return *key;
  return trouble(Exit::refused, label.error().what,
                 "a key file comes from tocsin key new, its public half from "
                 "tocsin key show --json");
}

Outcome<trust::SigningKey> unlock(const std::string& file, std::optional<int> descriptor) {
  if (auto there = readable(file); !there) return there.error();
  const auto label = trust::KeyFile::read_label(file);
  if (!label) {
    return refused(label.error(), "signing needs the key file itself, as tocsin key new wrote it");
  }
  const auto secret = passphrase(
      descriptor, fmt::format("Passphrase of {} ({}): ", visible(file), visible(label->holder)));
  if (!secret) return secret.error();
  auto key = trust::KeyFile::open(file, *secret);
  if (!key) return refused(key.error());
  return std::move(*key);
}

std::string public_key_json(const trust::Key& key) {
  return visible_json(json::serialize(json::object{
      {"keyid", engine::to_hex(engine::view(key.keyid))},
      {"public", engine::to_base64(engine::view(key.public_key))},
      {"holder", key.holder},
  }));
}

Outcome<engine::KeyId> parse_key_id(std::string_view text) {
  if (const auto octets = engine::from_hex(text)) {
    if (const auto keyid = engine::exactly<32>(*octets)) return *keyid;
  }
  return trouble(Exit::usage, fmt::format("'{}' is not a key id", visible(text)),
                 "a key id is 64 lower-case hexadecimal digits, as tocsin key show prints it");
}

std::string short_id(const engine::KeyId& keyid) {
  return engine::to_hex(engine::view(keyid)).substr(0, 16);
}

}  // namespace ops::cli
