// The directory on a disk that fails: a token that was handed out signs in ever after, one that was
// revoked never again, an organisation has the name it was given last, an erased one stays erased.
// What had no answer is one or the other, and stays what it was found to be.
#include <array>
#include <cerrno>

#include "engine/directory.hpp"
#include "engine/trust/signature.hpp"
#include "tests/faults/keeper.hpp"
#include "tests/support/manual_clock.hpp"

using namespace tests;
using engine::Directory;
using engine::Secret;

namespace {

constexpr std::size_t kOrganisations = 6;
constexpr std::size_t kTokensMax = 3000;
constexpr std::size_t kTextMax = 64;

enum class Standing : std::uint8_t { unused, issued, in_doubt, revoked };

struct Token {
  std::array<char, kTextMax> text{};
  std::atomic<std::size_t> organisation{0};
  std::atomic<Standing> standing{Standing::unused};
};

struct Named {
  std::atomic<std::uint64_t> told{0}, yes{0};  // versions of its name
};

struct DirectoryWitness : KeeperWitness {
  std::array<Token, kTokensMax> tokens;
  std::atomic<std::size_t> issued{0};
  std::array<Named, kOrganisations> organisations;
};

std::string key_of(std::size_t organisation) { return "o" + std::to_string(organisation); }

class DirectoryKeeper final : public Keeper {
 public:
  DirectoryKeeper(const std::filesystem::path& folder, std::uint64_t seed,
                  DirectoryWitness& witness)
      : Keeper(folder, seed, witness), witness_(witness) {
    options_.directory = directory();
    options_.trial = trial();
    promised(engine::trust::start_crypto(), "no libsodium");
  }

  std::string try_open() override {
    directory_.reset();
    auto opened = Directory::open(options_, clock_);
    if (!opened) return opened.error().what;
    directory_ = *std::move(opened);
    fresh_ = true;
    return "";
  }

  bool change() override {
    fresh_ = false;
    const std::size_t organisation = below(kOrganisations);
    if (!directory_->find(key_of(organisation)) || below(4) == 0) return put(organisation);
    switch (below(6)) {
      case 0:
        return revoke();
      case 1:
        return below(4) == 0 ? erase(organisation) : revoke();
      case 2:
        return accept(organisation);
      default:
        return issue(organisation);
    }
  }

  void check() override {
    for (std::size_t i = 0; i < witness_.issued; ++i) check_token(i);
    for (std::size_t i = 0; i < kOrganisations; ++i) {
      const auto found = directory_->find(key_of(i));
      Named& named = witness_.organisations[i];
      const std::uint64_t version = found ? std::stoull(found->name) : 0;
      promised(named.yes <= version && version <= named.told,
               key_of(i) + " has name " + std::to_string(version) + ", was told " +
                   std::to_string(named.yes));
      if (fresh_) named.yes = version;
    }
  }

  bool writable() const override { return directory_->writable(); }
  bool full() const override { return directory_->full(); }

 private:
  bool heard(const engine::Result<void>& done) {
    ++(done ? witness_.yes : witness_.refused);
    if (!done) promised(done.error().what.size() > 20, "no word of what to do");
    return done.has_value();
  }

  bool put(std::size_t i) {
    Named& named = witness_.organisations[i];
    engine::Organisation made;
    made.key = key_of(i);
    made.name = std::to_string(++named.told) + std::string(100, '.');
    if (!heard(directory_->put(made))) return false;
    named.yes = named.told.load();
    return true;
  }

  bool keep(std::size_t organisation, const engine::Result<Secret>& secret) {
    if (!heard(secret ? engine::Result<void>{} : engine::Result<void>{secret.error()}))
      return false;
    Token& token = witness_.tokens[witness_.issued];
    secret->text.copy(token.text.data(), kTextMax - 1);
    token.organisation = organisation;
    token.standing = Standing::issued;
    ++witness_.issued;
    return true;
  }
  bool issue(std::size_t i) {
    if (directory_->credentials_of(key_of(i)).size() > 20 || witness_.issued + 1 >= kTokensMax) {
      return put(i);
    }
    return keep(i, directory_->issue(key_of(i), Secret::Kind::token));
  }
  bool accept(std::size_t i) {
    if (directory_->credentials_of(key_of(i)).size() > 20 || witness_.issued + 1 >= kTokensMax) {
      return put(i);
    }
    const auto invitation = directory_->issue(key_of(i), Secret::Kind::invitation);
    if (!invitation) return heard(invitation.error());
    const auto token = directory_->accept(invitation->text);
    if (!keep(i, token)) return false;
    promised(!directory_->accept(invitation->text), "an invitation was taken twice");
    return true;
  }

  bool revoke() {
    const std::size_t issued = witness_.issued;
    for (std::size_t tries = 0; issued > 0 && tries < 10; ++tries) {
      Token& token = witness_.tokens[below(issued)];
      if (token.standing != Standing::issued) continue;
      token.standing = Standing::in_doubt;
      if (!heard(directory_->revoke(token.text.data()))) return false;
      token.standing = Standing::revoked;
      return true;
    }
    return put(0);
  }

  bool erase(std::size_t i) {
    const auto mine = [&](Standing from, Standing to) {
      for (std::size_t t = 0; t < witness_.issued; ++t) {
        Token& token = witness_.tokens[t];
        if (token.organisation == i && token.standing == from) token.standing = to;
      }
    };
    Named& named = witness_.organisations[i];
    mine(Standing::issued, Standing::in_doubt);
    named.yes = 0;  // it may be gone
    const auto erased = directory_->erase(key_of(i));
    if (!heard(erased ? engine::Result<void>{} : engine::Result<void>{erased.error()}))
      return false;
    mine(Standing::in_doubt, Standing::revoked);
    promised(!directory_->find(key_of(i)), "an erased organisation is there");
    named.told = 0;
    return true;
  }

  /// What was in doubt is settled by what is found, once another process has opened it.
  void check_token(std::size_t i) {
    Token& token = witness_.tokens[i];
    const auto member = directory_->member_of(token.text.data());
    const std::string name = "token " + std::to_string(i);
    switch (token.standing) {
      case Standing::issued:
        promised(member && member->organisation == key_of(token.organisation),
                 name + " was handed out and does not sign in");
        return;
      case Standing::revoked:
        promised(!member, name + " was revoked and signs in");
        return;
      case Standing::in_doubt:
        if (fresh_) token.standing = member ? Standing::issued : Standing::revoked;
        return;
      case Standing::unused:
        return;
    }
  }

  DirectoryWitness& witness_;
  engine::DirectoryOptions options_;
  ManualClock clock_;
  std::unique_ptr<Directory> directory_;
  bool fresh_ = false;  // opened, and not changed yet
};

std::unique_ptr<Keeper> make(const std::filesystem::path& folder, std::uint64_t seed,
                             DirectoryWitness& witness) {
  return std::make_unique<DirectoryKeeper>(folder, seed, witness);
}

}  // namespace

TEST_CASE(
    "After a write or a sync of the directory that failed no change is made until a restart") {
  for (const DiskOp op :
       {DiskOp::write, DiskOp::sync, DiskOp::open, DiskOp::rename, DiskOp::sync_folder}) {
    CAPTURE(std::string(name_of(op)));
    CHECK(fail_each<DirectoryWitness>("directory", {op, 0, EIO}, make) > 0);
  }
}

TEST_CASE("A directory that found the disk full is changed again when there is room") {
  for (const DiskOp op : {DiskOp::write, DiskOp::open, DiskOp::rename}) {
    CAPTURE(std::string(name_of(op)));
    CHECK(fail_each<DirectoryWitness>("directory-full",
                                      {op, 0, ENOSPC, DiskFault::Lasts::until_mended}, make) > 0);
  }
}

TEST_CASE("No loss of power takes a token that was handed out or brings back one revoked") {
  lose_power_again_and_again<DirectoryWitness>("directory",
                                               from_environment("POWER_LOSSES", 500) / 5, make);
}
