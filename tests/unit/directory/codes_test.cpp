#include "engine/directory/codes.hpp"

#include <set>

#include "engine/directory/limits.hpp"
#include "tests/unit/directory/profile_world.hpp"

using namespace engine;
using namespace tests;
using std::chrono::minutes;

namespace {

const std::string kPhone = "+447700900123", kOther = "+447700900999";

std::string wrong_for(const std::string& code) { return code == "000000" ? "000001" : "000000"; }

struct Asked : ProfileWorld {
  Asked() {
    Organisation acme;
    acme.key = "acme";
    REQUIRE(directory->put(acme).has_value());
  }
  std::string draw(const std::string& phone = kPhone) {
    const auto code = directory->draw_code("acme", Way::sms, phone);
    return code ? code->value_or("") : "";
  }
  CodeTried type(const std::string& code, const std::string& phone = kPhone) {
    return directory->confirm("acme", Way::sms, phone, code).value();
  }
};

}  // namespace

TEST_CASE("a code has six digits and is another one each time") {
  REQUIRE(trust::start_crypto());
  std::set<std::string> codes;
  for (int i = 0; i < 100; ++i) {
    const std::string code = draw_code();
    CHECK(code.size() == 6);
    CHECK(code.find_first_not_of("0123456789") == std::string::npos);
    codes.insert(code);
  }
  CHECK(codes.size() > 95);
}

TEST_CASE("a code that comes back makes its address a contact that is confirmed") {
  Asked world;
  const std::string code = world.draw();
  REQUIRE(world.open() == "");
  CHECK(world.type(wrong_for(code)) == CodeTried::wrong);
  CHECK(world.type(code, kOther) == CodeTried::over);
  CHECK(world.profile("acme").contacts.empty());
  CHECK(world.type(code) == CodeTried::right);
  CHECK(world.type(code) == CodeTried::over);  // once
  const Contact kept = world.profile("acme").contacts.at(0);
  CHECK(kept.address == kPhone);
  CHECK(kept.consents);
  CHECK(kept.confirmed == world.clock.now());
  CHECK(kept.number == 1);
  // Who left, or was thought dead, comes back by the same way.
  REQUIRE(world.directory->leave("acme", 1).has_value());
  REQUIRE(mark_dead(*world.directory, "acme", 1).has_value());
  CHECK_FALSE(world.profile("acme").contacts[0].consents);
  CHECK(world.type(world.draw()) == CodeTried::right);
  CHECK(world.profile("acme").contacts.size() == 1);
  CHECK(world.profile("acme").contacts[0].consents);
  CHECK_FALSE(world.profile("acme").contacts[0].dead);
  CHECK(world.number("acme", 0) == 1);
  REQUIRE(world.put(registration("bolt", {contact(Way::sms, kOther)})) == "");
  CHECK(world.number("bolt", 0) == 2);
}

TEST_CASE("a code counts for limits::kCodeLife and only the last one that was sent there") {
  Asked world;
  const std::string first = world.draw();
  world.clock.advance(limits::kCodeLife - std::chrono::milliseconds{1});
  CHECK(world.type(wrong_for(first)) == CodeTried::wrong);
  world.clock.advance(std::chrono::milliseconds{1});
  CHECK(world.type(first) == CodeTried::over);
  const std::string second = world.draw();
  std::string third = world.draw();
  if (third == second) third = world.draw();
  CHECK(world.type(second) == CodeTried::wrong);
  CHECK(world.type(third) == CodeTried::right);
}

TEST_CASE("limits::kCodeTries wrong codes and the right one does not count any more") {
  for (const std::uint8_t wrong : {limits::kCodeTries, static_cast<std::uint8_t>(4)}) {
    Asked world;
    const std::string code = world.draw();
    for (std::uint8_t i = 0; i < wrong; ++i) {
      CHECK(world.type(wrong_for(code)) == CodeTried::wrong);
      REQUIRE(world.open() == "");
    }
    CHECK(world.type(code) == (wrong < limits::kCodeTries ? CodeTried::right : CodeTried::over));
  }
}

TEST_CASE("limits::kCodesAnHour codes are sent in an hour and then one more as time goes") {
  Asked world;
  for (std::size_t i = 0; i < limits::kCodesAnHour; ++i) {
    CHECK(world.draw().size() == 6);
    world.clock.advance(minutes{1});
  }
  CHECK(world.draw(kOther).empty());
  world.clock.advance(minutes{60 - static_cast<int>(limits::kCodesAnHour)});
  CHECK(world.draw(kOther).size() == 6);
  CHECK(world.draw(kOther).empty());
}

TEST_CASE("no code is drawn for what is no address, and none is in the folder") {
  Asked world;
  CHECK(world.draw("07700900123").empty());
  CHECK_FALSE(world.directory->draw_code("nobody", Way::sms, kPhone).has_value());
  REQUIRE_FALSE(world.draw().empty());
  CHECK_FALSE(world.holds(kPhone.substr(1)));
  CHECK(world.directory->confirm("nobody", Way::sms, kPhone, "123456").value() == CodeTried::over);
}

TEST_CASE("what is kept of codes is read again as it was") {
  REQUIRE(trust::start_crypto());
  std::vector<SentCode> codes = {sent_code(Way::sms, kPhone, "123456", Time{minutes{5}}),
                                 sent_code(Way::email, "a@b.org", "654321", Time{minutes{6}})};
  codes[1].tries = 3;
  std::vector<SentCode> read;
  CHECK(decode_codes(encode(codes), read));
  CHECK(read == codes);
  const Bytes bytes = encode(codes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    std::vector<SentCode> piece;
    CHECK_FALSE(decode_codes(BytesView(bytes).substr(0, size), piece));
  }
}
