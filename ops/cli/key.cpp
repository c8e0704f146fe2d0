// tocsin key new, tocsin key show.
#include <fmt/format.h>

#include "engine/trust/key_file.hpp"
#include "ops/cli/commands.hpp"
#include "ops/cli/keys.hpp"
#include "ops/cli/passphrase.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace trust = engine::trust;

namespace {

constexpr std::size_t kPassphraseLong = 12;

void show(Session& session, const trust::Key& key) {
  session.terminal->out(fmt::format("holder  {}\nkeyid   {}\npublic  {}", visible(key.holder),
                                    engine::to_hex(engine::view(key.keyid)),
                                    engine::to_base64(engine::view(key.public_key))));
}

}  // namespace

Outcome<Exit> key_new(Session& session, const KeyNew& options) {
  if (visible(options.holder) != options.holder ||
      options.holder.find_first_not_of(' ') == std::string::npos) {
    return trouble(Exit::usage, "the holder's name is blank or has characters nobody sees",
                   "give the person's name as others know it: --holder \"Anna Reed\"");
  }
  const auto secret = new_passphrase(options.passphrase_fd);
  if (!secret) return secret.error();
  if (secret->size() < kPassphraseLong) {
    session.terminal->warn("a passphrase this short can be guessed by whoever steals the file");
  }
  const auto strength = options.strength == "interactive" ? trust::KeyStrength::interactive
                                                          : trust::KeyStrength::sensitive;
  const trust::SigningKey key = trust::SigningKey::generate();
  const auto written = trust::KeyFile::write(options.out, key, options.holder, *secret, strength);
  if (!written) return refused(written.error(), "choose another --out; a key is never overwritten");
  session.terminal->say(fmt::format(
      "{} holds the key. Keep a copy where fire and theft do not reach both; without the file or\n"
      "the passphrase nobody can bring it back. Hand out its public half only:\n"
      "  tocsin key show {} --json",
      visible(options.out), visible(options.out)));
  show(session, {key.keyid(), key.public_key(), options.holder});
  return Exit::done;
}

Outcome<Exit> key_show(Session& session, const KeyShow& options) {
  const auto key = read_public_key(options.file);
  if (!key) return key.error();
  if (options.form == Form::json) {
    session.terminal->out(public_key_json(*key));
  } else {
    show(session, *key);
  }
  return Exit::done;
}

}  // namespace ops::cli
