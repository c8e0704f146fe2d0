#include "engine/member.hpp"

#include <doctest/doctest.h>

#include "engine/filter.hpp"

using namespace engine;

namespace {

const cap::Audience kPublic{cap::Scope::public_, {}};
const cap::Audience kRetailAndTransport{cap::Scope::restricted, {"retail", "transport"}};
const cap::Audience kAcme{cap::Scope::private_, {"acme", "bolt"}};
const cap::Audience kNobodyNamed{cap::Scope::restricted, {}};
const cap::Audience kEmptyName{cap::Scope::private_, {""}};

struct Reader {
  const char* who;
  Member member;
};
const Reader kReaders[] = {
    {"anybody", {}},
    {"groups without a name", {"", {"retail"}}},
    {"acme", {"acme", {}}},
    {"acme of retail", {"acme", {"retail"}}},
    {"other of health", {"other", {"health"}}},
    {"retail by name", {"retail", {}}},
    {"other of acme", {"other", {"acme"}}},
};

cap::Outline outline_for(const std::vector<cap::Audience>& audiences) {
  cap::Outline outline;
  outline.audience = audiences.front();
  for (const auto& audience : audiences) {
    cap::Reach reach;
    reach.audience = audience;
    reach.status = cap::Status::exercise;
    outline.reaches.push_back(reach);
  }
  return outline;
}

}  // namespace

TEST_CASE("an audience is for those it names and no others") {
  struct Row {
    cap::Audience audience;
    std::vector<const char*> who;
  };
  const Row rows[] = {
      {kPublic,
       {"anybody", "groups without a name", "acme", "acme of retail", "other of health",
        "retail by name", "other of acme"}},
      {kRetailAndTransport, {"groups without a name", "acme of retail"}},
      {kAcme, {"acme", "acme of retail"}},
      {kNobodyNamed, {}},
      {kEmptyName, {}},
  };
  for (const Row& row : rows) {
    std::vector<const char*> who;
    for (const Reader& reader : kReaders) {
      if (is_for(row.audience, reader.member)) who.push_back(reader.who);
    }
    CHECK(who == row.who);
  }
}

TEST_CASE("one reach that is for a reader lets it read and its filter match") {
  const Member acme{"acme", {}}, stranger{"stranger", {}};
  const cap::Outline both = outline_for({kRetailAndTransport, kAcme});
  CHECK(may_read(both, acme));
  CHECK_FALSE(may_read(both, stranger));
  CHECK_FALSE(may_read(both, {}));
  const auto filter = [](const Member& member) {
    return std::get<Filter>(Filter::parse({}, cap::Status::exercise, Places::builtin(), member));
  };
  CHECK(filter(acme).matches(both));
  CHECK_FALSE(filter(stranger).matches(both));
  CHECK_FALSE(filter({}).matches(both));
  CHECK(filter(acme).key() != filter(stranger).key());
  CHECK(filter(acme).member() == acme);
}

TEST_CASE("a document without reaches is read by its own audience") {
  cap::Outline outline;
  outline.msg_type = cap::MsgType::cancel;
  outline.audience = kAcme;
  CHECK(may_read(outline, {"acme", {}}));
  CHECK_FALSE(may_read(outline, {}));
  outline.msg_type = cap::MsgType::ack;
  CHECK_FALSE(may_read(outline, {"acme", {}}));
}

TEST_CASE("a Cancel is read by those who were told and not by its own audience") {
  cap::Outline cancel = outline_for({kAcme});
  cancel.msg_type = cap::MsgType::cancel;
  cancel.audience = kPublic;
  CHECK(may_read(cancel, {"acme", {}}));
  CHECK_FALSE(may_read(cancel, {}));
}
